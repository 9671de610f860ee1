import Glibc

/// How good an arm may yet be: the arm whose bound is highest plays next.
public enum UpperConfidenceIndex {
    /// UCB1 (Auer, Cesa-Bianchi & Fischer 2002): mean + √(2 log t / n), rewards in [0, 1]. +∞ for an arm never played.
    public static func ucb1(_ data: Proportion, round t: Double) throws(StatsError) -> Double {
        guard t >= 1, t.isFinite else { throw .invalid("round must be 1 or more") }
        guard data.trials > 0 else { return .infinity }
        return data.successes / data.trials + (2 * log(t) / data.trials).squareRoot()
    }

    /// KL-UCB (Garivier & Cappé 2011): the largest q with n · kl(mean, q) ≤ log t + c log log t. Its regret on Bernoulli
    /// arms has the smallest constant there is (Lai & Robbins 1985).
    ///
    /// - Parameter c: 3 in the theorem, 0 in practice.
    public static func klUCB(_ data: Proportion, round t: Double, c: Double = 0) throws(StatsError) -> Double {
        guard t >= 1, t.isFinite else { throw .invalid("round must be 1 or more") }
        try Require.nonNegative(c, "c")
        guard data.trials > 0 else { return 1 }
        let p = data.successes / data.trials
        let budget = max(0, log(t) + (c > 0 && t > 1 ? c * max(0, log(log(t))) : 0)) / data.trials
        var (low, high) = (p, 1.0)
        for _ in 0..<100 {
            let middle = 0.5 * (low + high)
            if middle <= low || middle >= high { break }
            if divergence(p, middle) <= budget { low = middle } else { high = middle }
        }
        return low
    }

    /// kl(p, q) of Bernoulli laws.
    private static func divergence(_ p: Double, _ q: Double) -> Double {
        Elementary.deviance(p, q, difference: p - q) + Elementary.deviance(1 - p, 1 - q, difference: q - p)
    }
}
