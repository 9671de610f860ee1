import Stats

/// What a report shows beside the plain difference.
enum Beside {
    /// B5: order statistics that hold a quantile at every look, of amounts that nine shoppers in ten do not spend and the
    /// others spend in one of three prices.
    static func quantiles(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(4000)
        let counts = try await simulate(runs, seed: 305, as: Counts.self) { generator, counts in
            // At or below the true 0.95-quantile lie 95.5% of all amounts, strictly below it 93%.
            var (upTo, below) = (0, 0)
            for n in 1...2000 {
                let u = generator.uniform()
                if u < 0.955 { upTo += 1 }
                if u < 0.93 { below += 1 }
                guard n % 20 == 0 else { continue }
                let ranks = try QuantileSequence.rankInterval(n: n, p: 0.95, alpha: 0.05, tOpt: 1000)
                // X_(lower) is above the quantile, or X_(upper) below it.
                if ranks.lowerRank > upTo || ranks.upperRank <= below {
                    counts.add(0)
                    break
                }
            }
        }
        return [
            .errorRate("0.95-quantile of discrete amounts, every twenty of 2,000", counts[0], of: runs, atMost: 0.05)
        ]
    }

    /// B6: CUPED over two phases of unequal weights and a stratum without a covariate.
    static func cuped(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000)
        let tally = try await simulate(runs, seed: 306, as: Both<Counts, Means>.self) { generator, tally in
            var strata: [(control: Cuped.Arm, treatment: Cuped.Arm)] = []
            for (nc, nt, level) in [(100, 100, 0.0), (40, 160, 3.0)] {
                func arm(_ n: Int, _ effect: Double) throws -> Cuped.Arm {
                    let x = (0..<n).map { _ in generator.normal() }
                    return try Cuped.Arm(
                        covariate: x, outcome: x.map { level + 0.7 * $0 + effect + 0.714 * generator.normal() })
                }
                strata.append((try arm(nc, 0), try arm(nt, 0.2)))
            }
            func plain(_ n: Int, _ effect: Double) -> Cuped.Arm {
                Cuped.Arm(
                    outcome: Moments(of: (0..<n).map { _ in 1 + effect + generator.normal() }),
                    covariate: Moments(count: Double(n), mean: 0, variance: 0), crossDeviation: 0)
            }
            strata.append((plain(50, 0), plain(50, 0.2)))
            let cuped = try Cuped(strata: strata)
            if try cuped.effect(.absolute).interval(alpha: 0.05).contains(0.2) { tally.first.add(0) }
            tally.second.add(0, cuped.varianceReduction)
        }
        return [
            .calibrated("two phases and a stratum without, coverage", tally.first[0], of: runs, to: 0.95),
            .within("variance saved", tally.second.mean(0), 0.3...0.5),
        ]
    }

    /// B7: ten comparisons within segments, none of them true.
    static func segments(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000)
        let counts = try await simulate(runs, seed: 307, as: Counts.self) { generator, counts in
            var effects: [Effect] = []
            for _ in 0..<10 {
                func arm() throws -> ArmSummary {
                    try ArmSummary(Moments(of: (0..<40).map { _ in generator.uniform() < 0.3 ? 1 : 0 }))
                }
                effects.append(try Effect(.absolute, control: arm(), treatment: arm()))
            }
            if effects.contains(where: { $0.p * 10 < 0.05 }) { counts.add(0) }
            let group = try EstimateGroup(effects.map(\.estimate), standardErrors: effects.map(\.standardError))
            if group.p < 0.05 { counts.add(1) }
        }
        return [
            .errorRate("any of ten segments called different", counts[0], of: runs, atMost: 0.05),
            .within("Cochran's Q of ten segments of 40 an arm, size", Double(counts[1]) / Double(runs), 0.035...0.07),
        ]
    }
}
