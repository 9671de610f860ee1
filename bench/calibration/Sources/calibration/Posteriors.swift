import Glibc
import Stats

/// C11 and C12: truths drawn from the prior, so that a posterior's probabilities are frequencies.
enum Posteriors {
    /// What is kept of a comparison of posteriors.
    struct Book: Tally {
        /// Reported probabilities by tenth: how many, how many came true, their sum.
        var counts = [Int](repeating: 0, count: 10)
        var hits = [Int](repeating: 0, count: 10)
        var reported = [Double](repeating: 0, count: 10)
        /// Intervals and those that held the truth, by kind.
        var intervals = Counts()
        var covered = Counts()
        /// Realised less reported loss of the arm chosen.
        var loss = Means()

        mutating func probability(_ p: Double, cameTrue: Bool) {
            let bin = min(9, max(0, Int(p * 10)))
            counts[bin] += 1
            if cameTrue { hits[bin] += 1 }
            reported[bin] += p
        }

        mutating func interval(_ kind: Int, _ holds: Bool) {
            intervals.add(kind)
            if holds { covered.add(kind) }
        }

        mutating func loss(reported: Double, realised: Double) {
            loss.add(0, reported)
            loss.add(1, realised)
            loss.add(2, realised - reported)
        }

        mutating func merge(_ other: Book) {
            for k in 0..<10 {
                counts[k] += other.counts[k]
                hits[k] += other.hits[k]
                reported[k] += other.reported[k]
            }
            intervals.merge(other.intervals)
            covered.merge(other.covered)
            loss.merge(other.loss)
        }

        func verdicts(_ name: String, runs: Int, intervals names: [String], hasLoss: Bool = true) -> [Verdict] {
            var worst = 0.0
            var inside = true
            for k in 0..<10 where counts[k] > 0 {
                let mean = reported[k] / Double(counts[k])
                let band = WilsonBand(hits[k], of: counts[k], z: 3.5)
                if !band.contains(mean) { inside = false }
                let error = max(mean * (1 - mean), 1e-9 / Double(counts[k])) / Double(counts[k])
                let z = (Double(hits[k]) / Double(counts[k]) - mean) / error.squareRoot()
                if abs(z) > abs(worst) { worst = z }
            }
            var result = [
                Verdict(
                    what: "\(name): probability of being better against frequency, \(runs) pairs",
                    observed: "worst of ten bins \(digits(worst, 2)) SE", band: "each within z = 3.5", holds: inside)
            ]
            for (k, kind) in names.enumerated() {
                result.append(.calibrated("\(name): \(kind)", covered[k], of: intervals[k], to: 0.95))
            }
            if hasLoss {
                result.append(
                    .close(
                        "\(name): realised loss of the arm chosen", loss.mean(1), to: loss.mean(0),
                        error: loss.error(2), within: 4))
            }
            return result
        }
    }

    static func betaBinomial(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(100_000)
        let prior = try Beta(prior: 2, 18)
        let book = try await simulate(runs, seed: 11, as: Book.self) { generator, book in
            let truth = (0..<2).map { _ in generator.beta(prior.alpha, prior.beta) }
            let posteriors = try truth.map {
                prior.posterior(
                    after: try Proportion(
                        successes: Double(generator.binomial(trials: 500, probability: $0)), trials: 500))
            }
            let summary = BetaComparison(posteriors[0], posteriors[1]).summary
            book.probability(summary.probabilityBBeatsA, cameTrue: truth[1] > truth[0])
            book.interval(0, try posteriors[0].equalTailed(mass: 0.95).contains(truth[0]))
            book.interval(1, try posteriors[1].highestDensity(mass: 0.95).contains(truth[1]))
            let choosesB = summary.expectedLossChoosingB < summary.expectedLossChoosingA
            book.loss(
                reported: choosesB ? summary.expectedLossChoosingB : summary.expectedLossChoosingA,
                realised: max(0, choosesB ? truth[0] - truth[1] : truth[1] - truth[0]))
        }
        return book.verdicts("Beta-Binomial", runs: runs, intervals: ["95% equal-tailed", "95% highest density"])
    }

    static func others(_ scale: Scale) async throws -> [Verdict] {
        try await gamma(scale) + normal(scale) + hurdle(scale) + profit(scale)
    }

    private static func gamma(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(100_000)
        let book = try await simulate(runs, seed: 120, as: Book.self) { generator, book in
            let truth = (0..<2).map { _ in generator.gamma(shape: 3) / 2 }
            let posteriors = try truth.map {
                try GammaPosterior(
                    priorShape: 3, priorRate: 2, events: Double(generator.poisson(mean: $0 * 40)), exposure: 40)
            }
            book.probability(posteriors[1].probabilityOfExceeding(posteriors[0]), cameTrue: truth[1] > truth[0])
            for k in 0..<2 { book.interval(0, try posteriors[k].equalTailed(mass: 0.95).contains(truth[k])) }
            let losses = [
                posteriors[0].expectedLoss(against: posteriors[1]), posteriors[1].expectedLoss(against: posteriors[0]),
            ]
            let chosen = losses[1] < losses[0] ? 1 : 0
            book.loss(reported: losses[chosen], realised: max(0, truth[1 - chosen] - truth[chosen]))
        }
        return book.verdicts("Gamma-Poisson", runs: runs, intervals: ["95% equal-tailed"])
    }

    private static func normal(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(100_000)
        let prior = try NormalInverseGamma(mean: 10, kappa: 2, shape: 3, scale: 4)
        let book = try await simulate(runs, seed: 121, as: Book.self) { generator, book in
            var truth: [Double] = []
            var posteriors: [NormalInverseGamma] = []
            for _ in 0..<2 {
                let variance = prior.scale / generator.gamma(shape: prior.shape)
                let mean = prior.mean + (variance / prior.kappa).squareRoot() * generator.normal()
                var data = Moments()
                for _ in 0..<30 { data.add(mean + variance.squareRoot() * generator.normal()) }
                truth.append(mean)
                posteriors.append(
                    try prior.posterior(
                        count: data.count, mean: data.mean, sumOfSquaredDeviations: data.sumOfSquaredDeviations))
            }
            book.probability(posteriors[1].probabilityOfExceeding(posteriors[0]), cameTrue: truth[1] > truth[0])
            for k in 0..<2 {
                let interval = Interval(
                    lower: posteriors[k].quantileOfMean(0.025), upper: posteriors[k].quantileOfMean(0.975))
                book.interval(0, interval.contains(truth[k]))
            }
        }
        return book.verdicts("normal mean", runs: runs, intervals: ["95% equal-tailed"], hasLoss: false)
    }

    private static func hurdle(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(1000)
        let share = try Beta(prior: 3, 12)
        let amounts = try NormalInverseGamma(mean: 3, kappa: 2, shape: 4, scale: 3)
        let book = try await simulate(runs, seed: 122, as: Book.self) { generator, book in
            var truth: [Double] = []
            var posteriors: [HurdleLognormal] = []
            for _ in 0..<2 {
                let paying = generator.beta(share.alpha, share.beta)
                let variance = amounts.scale / generator.gamma(shape: amounts.shape)
                let mean = amounts.mean + (variance / amounts.kappa).squareRoot() * generator.normal()
                let payers = generator.binomial(trials: 200, probability: paying)
                var logs = Moments()
                for _ in 0..<payers { logs.add(mean + variance.squareRoot() * generator.normal()) }
                truth.append(paying * exp(mean + variance / 2))
                posteriors.append(
                    HurdleLognormal(
                        payers: share.posterior(after: try Proportion(successes: Double(payers), trials: 200)),
                        logAmounts: try amounts.posterior(
                            count: logs.count, mean: logs.mean, sumOfSquaredDeviations: logs.sumOfSquaredDeviations)))
            }
            book.probability(posteriors[1].probabilityOfExceeding(posteriors[0]), cameTrue: truth[1] > truth[0])
            for k in 0..<2 {
                let ends = posteriors[k].quantiles([0.025, 0.975])
                book.interval(0, Interval(lower: ends[0], upper: ends[1]).contains(truth[k]))
            }
        }
        return book.verdicts("hurdle lognormal revenue", runs: runs, intervals: ["95% quantiles"], hasLoss: false)
    }

    private static func profit(_ scale: Scale) async throws -> [Verdict] {
        let runs = scale.runs(20_000)
        let prior = try Beta(prior: 2, 18)
        let prices = [9.0, 11, 14]
        let book = try await simulate(runs, seed: 123, as: Book.self) { generator, book in
            let rates = prices.map { _ in generator.beta(prior.alpha, prior.beta) }
            let truth = zip(rates, prices).map { $0 * ($1 - 4) }
            var arms: [PricedArm] = []
            for (rate, price) in zip(rates, prices) {
                let data = try Proportion(
                    successes: Double(generator.binomial(trials: 500, probability: rate)), trials: 500)
                arms.append(try PricedArm(rate: prior.posterior(after: data), price: price, unitCost: 4))
            }
            let comparison = try ProfitComparison(arms)
            let best = truth.max() ?? 0
            for k in prices.indices { book.probability(comparison.probability[k], cameTrue: truth[k] == best) }
            let chosen = comparison.expectedLoss.indices.min {
                comparison.expectedLoss[$0] < comparison.expectedLoss[$1]
            }
            if let chosen { book.loss(reported: comparison.expectedLoss[chosen], realised: best - truth[chosen]) }
        }
        return book.verdicts("profit of three prices", runs: runs, intervals: [])
    }
}
