import Glibc
import Stats

/// C19 and C20: conversions that come late, and experiments that switch in time.
enum Time {
    static func delays(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(1000, atLeast: 1000)
        let truth = 0.1
        let tally = try await simulate(runs, seed: 190, as: Both<Sample, Means>.self) { generator, tally in
            var delays: [Double] = []
            var pending: [Double] = []
            for _ in 0..<2000 {
                let elapsed = 10 * generator.uniform()
                let delay = generator.uniform() < truth ? 5 * generator.exponential() : .infinity
                if delay <= elapsed { delays.append(delay) } else { pending.append(elapsed) }
            }
            let data = try DelayedConversions(delays: delays, pending: pending)
            tally.second.add(0, data.naiveRate)
            do {
                let fit = try data.maximumLikelihood()
                tally.first.values.append(fit.p)
                tally.second.add(1, fit.p)
            } catch StatsError.notIdentified {
                // Counted as missing below.
            }
        }
        let estimates = tally.first.values.sorted()
        guard !estimates.isEmpty else { return [] }
        let median = estimates[estimates.count / 2]
        return [
            .within("maximum likelihood, median bias in %, of \(runs)", 100 * (median / truth - 1), -3...3, places: 2),
            .within("… mean bias in %", 100 * (tally.second.mean(1) / truth - 1), -8...8, places: 2),
            .within("… refused as not identified", Double(runs - estimates.count), 0...Double(runs / 100), places: 0),
            .within(
                "conversions so far over exposed, bias in %", 100 * (tally.second.mean(0) / truth - 1),
                -8...8, places: 2, kind: .control),
        ]
    }

    static func switchback(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(10_000, atLeast: 5000)
        let counts = try await simulate(runs, seed: 200, as: Counts.self) { generator, counts in
            let rho = 0.6
            var noise = generator.normal() / (1 - rho * rho).squareRoot()
            var y: [Double] = []
            for _ in 0..<400 {
                y.append(10 + noise)
                noise = rho * noise + generator.normal()
            }
            var blocks = (0..<50).map { $0 < 25 }
            for i in 0..<49 { blocks.swapAt(i, i + Int(generator.uniform() * Double(50 - i))) }
            let test = try SwitchbackTest(outcomes: y, treated: blocks, periodsPerBlock: 8)
            if abs(test.difference) > 1.96 * (try test.autocorrelationError(lags: 16)) { counts.add(0) }
            let treatment = (0..<400).map { blocks[$0 / 8] ? 1.0 : 0 }
            let plain = try LinearRegression(columns: [y.map { _ in 1 }, treatment], y: y).classicErrors()[1]
            if abs(test.difference) > 1.96 * plain { counts.add(1) }
            if try test.randomisationP(draws: 399, using: &generator) <= 0.05 { counts.add(2) }
        }
        func share(_ index: Int) -> Double { Double(counts[index]) / Double(runs) }
        return [
            .within("Newey–West, 16 lags: size, of \(runs)", share(0), 0.03...0.09),
            .within("blocks shuffled, 399 draws: size", share(2), 0.035...0.065),
            .errorRate("periods counted as independent", counts[1], of: runs, atMost: 0.05, kind: .control),
            .within("… so far beyond that the noise must be there", share(1), 0.2...1),
        ]
    }
}
