import Glibc
import Stats

/// What the protocol does not ask for and the library offers.
enum Beyond {
    /// B1: a regression looked at after every ten units.
    static func regression(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(4000)
        let counts = try await simulate(runs, seed: 301, as: Counts.self) { generator, counts in
            var treatment: [Double] = []
            var covariate: [Double] = []
            var outcome: [Double] = []
            for unit in 1...300 {
                let x = generator.normal()
                treatment.append(generator.uniform() < 0.5 ? 1 : 0)
                covariate.append(x)
                outcome.append(0.8 * x + generator.normal())
                guard unit >= 20, unit % 10 == 0 else { continue }
                let fit = try AnytimeRegression(
                    treatment: treatment, covariates: [covariate], outcome: outcome, phi: 10)
                if try fit.p() <= 0.05 {
                    counts.add(0)
                    return
                }
            }
        }
        return [.errorRate("anytime-valid regression, every ten of 300", counts[0], of: runs, atMost: 0.05)]
    }

    /// B2: estimates after a group-sequential stop, at an effect that is found half of the time.
    static func stopped(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(4000)
        let fractions = [0.25, 0.5, 0.75, 1]
        let design = try GroupSequentialDesign(
            .wangTsiatis(delta: 0.25), alpha: 0.05, sides: 2, infoFractions: fractions)
        let drift = 2.0
        let tally = try await simulate(runs, seed: 302, as: Both<Counts, Means>.self) { generator, tally in
            var sum = 0.0
            var before = 0.0
            for (k, t) in fractions.enumerated() {
                sum += drift * (t - before) + (t - before).squareRoot() * generator.normal()
                before = t
                let z = sum / t.squareRoot()
                guard abs(z) > design.criticalZ[k] || k == fractions.count - 1 else { continue }
                let result = try StagewiseResult(design, look: k, z: z, alpha: 0.05)
                if result.driftInterval.contains(drift) { tally.first.add(0) }
                if result.medianDrift > drift { tally.first.add(1) }
                let naive = z / t.squareRoot()
                if abs(naive - drift) <= 1.96 / t.squareRoot() { tally.first.add(2) }
                if naive > drift { tally.first.add(3) }
                tally.second.add(0, naive)
                break
            }
        }
        func share(_ index: Int) -> Double { Double(tally.first[index]) / Double(runs) }
        return [
            .calibrated("stage-wise 95% interval", tally.first[0], of: runs, to: 0.95),
            .calibrated("median-unbiased estimate lies above the truth", tally.first[1], of: runs, to: 0.5),
            .within("naive 95% interval covers", share(2), 0.94...0.96, kind: .shown),
            .within("naive estimate, mean over the true 2", tally.second.mean(0) / drift, 0.98...1.02, kind: .shown),
        ]
    }

    /// B3: one arm's mean from a bandit of two equal arms, ten shoppers a batch.
    static func adaptive(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(2000)
        let tally = try await simulate(runs, seed: 303, as: Both<Counts, Means>.self) { generator, tally in
            var wins = [1.0, 1]
            var losses = [1.0, 1]
            var arm = AdaptiveMean()
            for _ in 0..<60 {
                let rates = (0..<2).map { Beta(wins[$0], losses[$0]) }
                let better = BetaComparison(rates[1], rates[0]).probabilityBBeatsA
                let plan = try BatchPlan(.thompson, probabilityBest: [better, 1 - better], floor: 0.1, newcomers: 10)
                for _ in 0..<10 {
                    let k = generator.uniform() < plan.weights[0] ? 0 : 1
                    let outcome = generator.uniform() < 0.3 ? 1.0 : 0
                    wins[k] += outcome
                    losses[k] += 1 - outcome
                    try arm.add(probability: plan.weights[0], outcome: k == 0 ? outcome : nil)
                }
            }
            let n = wins[0] + losses[0] - 2
            let plain = (wins[0] - 1) / n
            if abs(plain - 0.3) <= 1.96 * (plain * (1 - plain) / n).squareRoot() { tally.first.add(1) }
            if try arm.interval(alpha: 0.05).contains(0.3) { tally.first.add(0) }
            tally.second.add(0, try arm.estimate)
            tally.second.add(1, plain)
        }
        func share(_ index: Int) -> Double { Double(tally.first[index]) / Double(runs) }
        return [
            .within("weighted scores: 95% interval covers, of \(runs)", share(0), 0.93...0.97),
            .within("weighted scores, mean of the true 0.3", tally.second.mean(0), 0.29...0.31),
            .within("plain mean: 95% interval covers", share(1), 0.93...0.97, kind: .shown),
            .within("plain mean, mean of the true 0.3", tally.second.mean(1), 0.29...0.31, kind: .shown),
        ]
    }

    /// B4: a plan with advice to stop for futility.
    static func futility(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(200_000)
        let fractions = [0.25, 0.5, 0.75, 1]
        let design = try FutilityDesign(
            efficacy: .obrienFleming(sides: 1), futility: .hwangShihDeCani(gamma: -2), alpha: 0.025, beta: 0.1,
            infoFractions: fractions)
        var verdicts: [Verdict] = []
        for (index, drift) in [design.drift, 0].enumerated() {
            let tally = try await simulate(runs, seed: 304 + UInt64(index), as: Both<Counts, Means>.self) {
                generator, tally in
                var sum = 0.0
                var before = 0.0
                var lowered = false
                for (k, t) in fractions.enumerated() {
                    sum += drift * (t - before) + (t - before).squareRoot() * generator.normal()
                    before = t
                    let z = sum / t.squareRoot()
                    if z > design.upperZ[k] {
                        if !lowered {
                            tally.first.add(0)
                            tally.second.add(0, t * design.inflationFactor)
                        }
                        tally.first.add(1)
                        return
                    }
                    if z <= design.lowerZ[k], !lowered {
                        lowered = true
                        tally.second.add(0, t * design.inflationFactor)
                    }
                }
            }
            if index == 0 {
                verdicts.append(.calibrated("power with the advice followed", tally.first[0], of: runs, to: 0.9))
                verdicts.append(
                    .close(
                        "expected information under the effect", tally.second.mean(0),
                        to: design.expectedInfoRatioH1, error: tally.second.error(0), within: 3))
            } else {
                verdicts.append(.calibrated("size with the advice ignored", tally.first[1], of: runs, to: 0.025))
                verdicts.append(
                    .close(
                        "expected information under none", tally.second.mean(0), to: design.expectedInfoRatioH0,
                        error: tally.second.error(0), within: 3))
            }
        }
        return verdicts
    }
}
