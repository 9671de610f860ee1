import Glibc
import Stats

/// C18: many comparisons at once.
enum Families {
    static func check(_ scale: Scale) async throws -> [Verdict] {
        try await pValues(scale) + dunnett(scale) + eValues(scale)
    }

    /// Fifty hypotheses, forty of them null, the others three standard errors away.
    private static func pValues(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000)
        let tally = try await simulate(runs, seed: 180, as: Both<Counts, Means>.self) { generator, tally in
            let p = (0..<50).map { k in 2 * Normal.upperTail(of: abs(generator.normal() + (k < 40 ? 0 : 3))) }
            let found = try Adjustment.benjaminiHochberg.adjusted(p, alpha: 0.05).map { $0 <= 0.05 }
            let all = found.count { $0 }
            let wrong = found[..<40].count { $0 }
            tally.second.add(0, all == 0 ? 0 : Double(wrong) / Double(all))
            for (index, method) in [Adjustment.holm, .hommel].enumerated() {
                if try method.adjusted(p, alpha: 0.05)[..<40].contains(where: { $0 <= 0.05 }) { tally.first.add(index) }
            }
        }
        return [
            discovery("Benjamini–Hochberg, 40 of 50 null", tally.second, runs),
            .errorRate("Holm, any wrong rejection", tally.first[0], of: runs, atMost: 0.05),
            .errorRate("Hommel, any wrong rejection", tally.first[1], of: runs, atMost: 0.05),
        ]
    }

    private static func discovery(_ what: String, _ means: Means, _ runs: Int) -> Verdict {
        let low = means.mean(0) - 3 * means.error(0)
        return Verdict(
            what: "\(what), false discoveries", observed: "\(digits(means.mean(0), 4)) of \(runs)",
            band: "≤ 0.05 (lower end \(digits(low, 4)))", holds: low <= 0.05)
    }

    /// Four treatments, one control, nothing true.
    private static func dunnett(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(100_000)
        let critical = try DunnettTest.criticalValue(treatments: 4, alpha: 0.05, correlation: 0.5, twoSided: true)
        let known = try await simulate(runs, seed: 181, as: Counts.self) { generator, counts in
            let control = generator.normal()
            var hit = false
            for _ in 0..<4 where abs(generator.normal() - control) > critical * 2.0.squareRoot() { hit = true }
            if hit { counts.add(0) }
        }
        let few = scale.runs(1000)
        let estimated = try await simulate(few, seed: 182, as: Counts.self) { generator, counts in
            let arms = (0..<5).map { _ in Moments(of: (0..<10).map { _ in generator.normal() }) }
            let test = try DunnettTest(control: arms[0], treatments: Array(arms[1...]))
            if test.p.contains(where: { $0 <= 0.05 }) { counts.add(0) }
        }
        return [
            .calibrated("Dunnett's critical value, four treatments", known[0], of: runs, to: 0.05),
            .calibrated("Dunnett's test, ten an arm", estimated[0], of: few, to: 0.05),
        ]
    }

    private static func eValues(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000)
        let means = try await simulate(runs, seed: 183, as: Both<Means, Counts>.self) { generator, tally in
            // One shared factor of weight 0.9, every other sign turned; the ten alternatives lie four away.
            let shared = generator.normal()
            var values: [(e: Double, isNull: Bool)] = []
            for k in 0..<50 {
                let sign = k % 2 == 0 ? 1.0 : -1
                let z = 0.9.squareRoot() * shared * sign + 0.1.squareRoot() * generator.normal() + (k < 40 ? 0 : 4)
                values.append((exp(3 * z - 4.5), k < 40))
            }
            let rejections = try Adjustment.eValueRejections(values.map(\.e), alpha: 0.05)
            let wrong = values.sorted { $0.e > $1.e }.prefix(rejections).count(where: \.isNull)
            tally.first.add(0, rejections == 0 ? 0 : Double(wrong) / Double(rejections))
            // The dependence that is worst: all null, all the same, 20 with probability 1/20.
            let same = generator.uniform() < 0.05 ? 20.0 : 0
            if try Adjustment.eValueRejections([Double](repeating: same, count: 50), alpha: 0.05) > 0 {
                tally.second.add(0)
            }
        }
        return [
            discovery("e-BH, strong dependence of both signs", means.first, runs),
            .errorRate("e-BH, worst dependence, all null", means.second[0], of: runs, atMost: 0.05),
        ]
    }
}
