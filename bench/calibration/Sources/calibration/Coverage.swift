import Glibc
import Stats

/// C14 and C15: fixed-horizon intervals.
enum Coverage {
    private static let alpha = 0.05

    static func effects(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000, atLeast: 5000)
        return try await welch(runs) + cuped(runs) + ratio(runs) + lin(runs) + zeroInflated(runs)
    }

    private static func covered(
        _ what: String, _ counts: Counts, _ index: Int, of runs: Int, _ range: ClosedRange<Double>
    ) -> Verdict {
        .within("\(what), of \(runs)", Double(counts[index]) / Double(runs), range)
    }

    private static func welch(_ runs: Int) async throws -> [Verdict] {
        let counts = try await simulate(runs, seed: 140, as: Counts.self) { generator, counts in
            var a = Moments()
            var b = Moments()
            for _ in 0..<200 {
                a.add(10 + 2 * generator.normal())
                b.add(11 + 3 * generator.normal())
            }
            if try WelchTest(a, b).interval(alpha: alpha).contains(1) { counts.add(0) }
        }
        return [covered("Welch, normal, 200 an arm", counts, 0, of: runs, 0.94...0.96)]
    }

    private static func cuped(_ runs: Int) async throws -> [Verdict] {
        let rho = 0.7
        let tally = try await simulate(runs, seed: 141, as: Both<Counts, Means>.self) { generator, tally in
            var arms: [Cuped.Arm] = []
            for shift in [0.0, 0.3] {
                var x: [Double] = []
                var y: [Double] = []
                for _ in 0..<200 {
                    let covariate = generator.normal()
                    x.append(covariate)
                    y.append(5 + shift + rho * covariate + (1 - rho * rho).squareRoot() * generator.normal())
                }
                arms.append(try Cuped.Arm(covariate: x, outcome: y))
            }
            let cuped = try Cuped(control: arms[0], treatment: arms[1])
            let effect = try cuped.effect(.absolute)
            if try effect.interval(alpha: alpha).contains(0.3) { tally.first.add(0) }
            tally.second.add(0, effect.estimate)
            tally.second.add(1, cuped.unadjustedTreatment.mean - cuped.unadjustedControl.mean)
        }
        let share = tally.second.variance(0) / tally.second.variance(1) / (1 - rho * rho)
        return [
            covered("CUPED, correlation 0.7, 200 an arm", tally.first, 0, of: runs, 0.94...0.96),
            .within("CUPED's variance over (1 − ρ²) of the plain one", share, 0.95...1.05),
        ]
    }

    private static func ratio(_ runs: Int) async throws -> [Verdict] {
        let counts = try await simulate(runs, seed: 142, as: Counts.self) { generator, counts in
            func arm(_ p: Double) throws -> ArmSummary {
                var m: [Double] = []
                var d: [Double] = []
                for _ in 0..<200 {
                    let sessions = 1 + generator.poisson(mean: 2)
                    d.append(Double(sessions))
                    m.append(Double(generator.binomial(trials: sessions, probability: p)))
                }
                return try RatioMetric(numerators: m, denominators: d).summary
            }
            let effect = try Effect(.absolute, control: try arm(0.3), treatment: try arm(0.36))
            if try effect.interval(alpha: alpha).contains(0.06) { counts.add(0) }
        }
        return [covered("ratio of sums by the delta method, 200 an arm", counts, 0, of: runs, 0.94...0.96)]
    }

    private static func lin(_ runs: Int) async throws -> [Verdict] {
        let counts = try await simulate(runs, seed: 143, as: Counts.self) { generator, counts in
            var x: [Double] = []
            var y: [Double] = []
            var treated: [Bool] = []
            var effects = 0.0
            for unit in 0..<400 {
                let covariate = generator.normal()
                let own = 0.3 + 0.5 * covariate
                let isTreated = unit % 2 == 1
                effects += own / 400
                x.append(covariate)
                treated.append(isTreated)
                y.append(0.8 * covariate + generator.normal() + (isTreated ? own : 0))
            }
            // The effect to cover is the mean effect on these units, as in Lin's theorem.
            if try LinEstimator(covariates: [x], outcome: y, treated: treated).interval(alpha: alpha).contains(effects)
            {
                counts.add(0)
            }
        }
        return [covered("Lin, slopes that differ, 200 an arm", counts, 0, of: runs, 0.94...0.96)]
    }

    private static func zeroInflated(_ runs: Int) async throws -> [Verdict] {
        let truth = 0.05 * exp(3.5)
        let counts = try await simulate(runs, seed: 144, as: Counts.self) { generator, counts in
            // How many pay, then what they pay: the order of the zeros is nothing to these statistics.
            func arm() -> Moments {
                let payers = generator.binomial(trials: 2000, probability: 0.05)
                var amounts = Moments()
                for _ in 0..<payers { amounts.add(exp(3 + generator.normal())) }
                return amounts.merging(Moments(count: Double(2000 - payers), mean: 0, variance: 0))
            }
            let a = arm()
            let b = arm()
            if try WelchTest(a, b).interval(alpha: alpha).contains(0) { counts.add(0) }
            let error = (try a.variance / a.count).squareRoot()
            let half = StudentT(degreesOfFreedom: a.count - 1).upperQuantile(alpha / 2) * error
            if abs(a.mean - truth) <= half { counts.add(1) }
        }
        return [
            covered("revenue, 5% pay LN(3, 1), 2000 an arm: difference", counts, 0, of: runs, 0.93...0.965),
            covered("the same: one arm's mean", counts, 1, of: runs, 0.91...1),
        ]
    }

    static func lift(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000, atLeast: 5000)
        let n = 200.0
        // A control mean two standard errors from zero, a true lift of a half.
        let control = 2 / n.squareRoot()
        let counts = try await simulate(runs, seed: 150, as: Counts.self) { generator, counts in
            var a = Moments()
            var b = Moments()
            for _ in 0..<Int(n) {
                a.add(control + generator.normal())
                b.add(1.5 * control + generator.normal())
            }
            let fieller = FiellerInterval(
                control: (a.mean, try a.variance / n), treatment: (b.mean, try b.variance / n),
                critical: Normal.upperQuantile(alpha / 2))
            switch fieller {
            case .bounded(let interval):
                if interval.contains(0.5) { counts.add(0) }
            case .unbounded:
                counts.add(0)
                counts.add(1)
            }
            let effect = try Effect(.relative, control: try ArmSummary(a), treatment: try ArmSummary(b))
            if try effect.interval(alpha: alpha).contains(0.5) { counts.add(2) }
        }
        return [
            covered("Fieller covers or says unbounded", counts, 0, of: runs, 0.94...1),
            .within("… says unbounded", Double(counts[1]) / Double(runs), 0...1, kind: .shown),
            .within("delta method covers", Double(counts[2]) / Double(runs), 0.94...1, kind: .shown),
        ]
    }
}
