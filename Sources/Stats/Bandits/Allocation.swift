import Glibc

/// Traffic by how likely each arm is best.
public enum BanditAllocation {
    /// Top-two Thompson sampling (Russo 2020): ψ_k = a_k [β + (1 − β) Σ_{j≠k} a_j/(1 − a_j)], with a from quadrature
    /// rather than draws.
    ///
    /// - Parameters:
    ///   - probability: of being best, summing to one.
    ///   - beta: the leader's share, in [0, 1]; when one arm is surely best the rest is split evenly among the others.
    public static func topTwo(probability a: [Double], beta: Double) throws(StatsError) -> [Double] {
        for value in a { try Require.probability(value, "probBest") }
        try Require.probability(beta, "beta")
        guard !a.isEmpty else { throw .insufficient("need an arm") }
        guard abs(a.reduce(0, +) - 1) < 1e-6 else { throw .invalid("probBest must sum to one") }
        if a.count == 1 { return [1] }
        if let sure = a.firstIndex(of: 1) {
            let rest = (1 - beta) / Double(a.count - 1)
            return a.indices.map { $0 == sure ? beta : rest }
        }
        let odds = a.map { $0 / (1 - $0) }
        let total = odds.reduce(0, +)
        return a.indices.map { a[$0] * (beta + (1 - beta) * (total - odds[$0])) }
    }
}

/// Thompson sampling of Bernoulli arms, simulated: what learning costs.
public struct ThompsonSimulation: Sendable, Equatable {
    public let meanRegret: Double
    /// Monte Carlo standard error of the mean.
    public let standardError: Double

    /// - Parameters:
    ///   - rates: true conversion rates.
    ///   - values: what a conversion brings in each arm.
    ///   - prior: of every arm.
    ///   - batch: shoppers between two updates.
    ///   - topTwo: whether every other shopper, at random, goes to the best of the other arms.
    ///   - runs: repetitions; more make the error smaller.
    public init(
        rates: [Double], values: [Double], horizon: Int, prior: Beta, batch: Int, topTwo: Bool, runs: Int, seed: UInt64
    ) throws(StatsError) {
        for rate in rates { try Require.probability(rate, "means") }
        try Require.sameLength(rates.count, values.count, "means, mult")
        try Require.finite(values, "mult")
        guard rates.count >= 2 else { throw .insufficient("need two arms") }
        guard horizon >= 1, batch >= 1, runs >= 2, horizon <= 100_000 else {
            throw .invalid("horizon, batch and runs must be positive, horizon at most 100000")
        }
        let worth = zip(rates, values).map { $0 * $1 }
        let best = worth.max() ?? 0
        var generator = Xoshiro256PlusPlus(seed: seed)
        var regrets = Moments()
        for _ in 0..<runs {
            var posterior = Posteriors(prior, values: values)
            var pending = posterior
            var regret = 0.0
            for shopper in 0..<horizon {
                var arm = posterior.draw(&generator)
                if topTwo, generator.uniform() >= 0.5 {
                    let leader = arm
                    var tries = 0
                    while arm == leader, tries < Self.challengerTries {
                        arm = posterior.draw(&generator)
                        tries += 1
                    }
                }
                regret += best - worth[arm]
                if generator.uniform() < rates[arm] { pending.alpha[arm] += 1 } else { pending.beta[arm] += 1 }
                if (shopper + 1).isMultiple(of: batch) {
                    if batch == 1 {
                        posterior.alpha[arm] = pending.alpha[arm]
                        posterior.beta[arm] = pending.beta[arm]
                    } else {
                        posterior = pending
                    }
                }
            }
            regrets.add(regret)
        }
        meanRegret = regrets.mean
        standardError = (try regrets.variance / regrets.count).squareRoot()
    }

    /// How often the challenger is drawn again before the leader plays after all.
    private static let challengerTries = 200

    private struct Posteriors {
        var alpha: [Double]
        var beta: [Double]
        let values: [Double]

        init(_ prior: Beta, values: [Double]) {
            alpha = values.map { _ in prior.alpha }
            beta = values.map { _ in prior.beta }
            self.values = values
        }

        /// The arm whose drawn value is largest.
        func draw(_ generator: inout Xoshiro256PlusPlus) -> Int {
            var leader = 0
            var top = -Double.infinity
            for k in values.indices {
                let value = values[k] * generator.beta(alpha[k], beta[k])
                if value > top { (leader, top) = (k, value) }
            }
            return leader
        }
    }
}
