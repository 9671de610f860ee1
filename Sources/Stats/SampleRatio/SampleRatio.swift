import Glibc

/// Whether the arms received the shoppers their weights promise.
public struct SampleRatioTest: Sendable, Equatable {
    public let chiSquare: Double
    public let degreesOfFreedom: Double
    public let p: Double
    /// The likelihood-ratio statistic and its tail.
    public let g: Double
    public let pG: Double

    /// Pearson's χ² with (arms of positive weight − 1) degrees of freedom. A shopper in an arm of weight zero is
    /// impossible under the weights: p = 0 exactly.
    ///
    /// - Throws: `invalid` for negative counts or weights, `insufficient` below two arms of positive weight or without
    ///   a shopper.
    public init(observed: [Double], weights: [Double]) throws(StatsError) {
        try Require.sameLength(observed.count, weights.count, "observed, weights")
        for count in observed { try Require.nonNegative(count, "observed") }
        for weight in weights { try Require.nonNegative(weight, "weights") }
        let positive = weights.filter { $0 > 0 }
        guard !positive.isEmpty else { throw .invalid("a weight must be positive") }
        guard positive.count >= 2 else { throw .insufficient("a ratio needs two arms of positive weight") }
        let total = observed.reduce(0, +)
        guard total > 0 else { throw .insufficient("no shopper was counted") }
        var weightSum = CompensatedSum()
        for weight in weights { weightSum.add(weight) }
        degreesOfFreedom = Double(positive.count - 1)
        if zip(observed, weights).contains(where: { $0 > 0 && $1 == 0 }) {
            (chiSquare, p, g, pG) = (.infinity, 0, .infinity, 0)
            return
        }
        var chi = CompensatedSum()
        var likelihood = CompensatedSum()
        for (count, weight) in zip(observed, weights) where weight > 0 {
            let expected = total * (weight / weightSum.value)
            // count · Σw − total · w, whose large parts cancel, from the exact products.
            let own = Elementary.twoProduct(count, weightSum.high)
            let fair = Elementary.twoProduct(total, weight)
            let d = ((own.high - fair.high) + (own.low - fair.low + count * weightSum.low)) / weightSum.value
            chi.add(d * d / expected)
            likelihood.add(2 * Elementary.deviance(count, expected, difference: d))
        }
        chiSquare = chi.value
        g = max(0, likelihood.value)
        let law = ChiSquare(degreesOfFreedom: degreesOfFreedom)
        p = law.upperTail(of: chiSquare)
        pG = law.upperTail(of: g)
    }
}

/// The sequential test of the sample ratio: valid however often it is looked at.
///
/// Lindon & Malek (2022), "Anytime-valid inference for multinomial count data", eq. 5: the Bayes factor of
/// Dirichlet(concentration · θ₀) against θ₀; by Ville's inequality its inverse's running minimum is a p-value at every
/// look. In logarithms throughout, so a million shoppers do not overflow it.
public struct SequentialSampleRatio: Sendable, Equatable, Codable {
    private let theta: [Double]
    private let concentration: Double
    private var highest: Double
    /// The counts seen so far.
    public private(set) var counts: [Double]

    /// - Parameters:
    ///   - weights: of the arms, not negative, two of them positive; they need not sum to one.
    ///   - concentration: the prior's weight in shoppers; the default is the one the calibration was measured with.
    public init(weights: [Double], concentration: Double = 100) throws(StatsError) {
        for weight in weights { try Require.nonNegative(weight, "weights") }
        try Require.positive(concentration, "concentration")
        guard weights.count(where: { $0 > 0 }) >= 2 else {
            throw .insufficient("a ratio needs two arms of positive weight")
        }
        let total = weights.reduce(0, +)
        theta = weights.map { $0 / total }
        self.concentration = concentration
        highest = 0
        counts = weights.map { _ in 0 }
    }

    /// Counts one batch and looks.
    public mutating func add(_ batch: [Double]) throws(StatsError) {
        try Require.sameLength(batch.count, counts.count, "batch, weights")
        for count in batch { try Require.nonNegative(count, "counts") }
        for (i, count) in batch.enumerated() { counts[i] += count }
        highest = max(highest, logBayesFactor)
    }

    /// Everything counted here and there, as one state that goes on: for shards that are brought together.
    ///
    /// The counts merge exactly, in any order. The highest evidence of either part alone does not carry over, since the
    /// larger of two is no evidence at that level: the merged state starts from the evidence it has together.
    public func merging(_ other: SequentialSampleRatio) throws(StatsError) -> SequentialSampleRatio {
        guard theta == other.theta, concentration == other.concentration else {
            throw .invalid("only monitors of the same weights and concentration merge")
        }
        var result = self
        for (i, count) in other.counts.enumerated() { result.counts[i] += count }
        result.highest = max(0, result.logBayesFactor)
        return result
    }

    /// A saved state, checked: `DecodingError` when no monitor could have written it.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        theta = try values.decode([Double].self, forKey: .theta)
        concentration = try values.decode(Double.self, forKey: .concentration)
        highest = try values.decode(Double.self, forKey: .highest)
        counts = try values.decode([Double].self, forKey: .counts)
        guard theta.count == counts.count, theta.count(where: { $0 > 0 }) >= 2, concentration > 0,
            theta.allSatisfy({ $0 >= 0 && $0 <= 1 }), counts.allSatisfy({ $0 >= 0 && $0.isFinite }), highest >= 0
        else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: values.codingPath, debugDescription: "no monitor has this state"))
        }
    }

    private enum CodingKeys: String, CodingKey { case theta, concentration, highest, counts }

    /// log of the Bayes factor at the present counts; +∞ once an arm of weight zero has a shopper.
    public var logBayesFactor: Double {
        let n = counts.reduce(0, +)
        // log [Γ(A)/Γ(A+n)] + Σ log [Γ(a_i+n_i)/Γ(a_i)] − Σ n_i log θ_i. Each rise is n log n − n + a small excess;
        // the large parts meet in Σ n_i log(n_i / nθ_i), a sum of deviances, so that 1e12 shoppers cancel nothing.
        var sum = CompensatedSum()
        for (count, share) in zip(counts, theta) {
            if share == 0 {
                if count > 0 { return .infinity }
                continue
            }
            sum.add(Self.excess(concentration * share, count))
            sum.add(Elementary.deviance(count, n * share, difference: count - n * share))
        }
        sum.add(-Self.excess(concentration, n))
        return sum.value
    }

    /// log Γ(a + n) − log Γ(a) − n log n + n.
    private static func excess(_ a: Double, _ n: Double) -> Double {
        if n == 0 { return 0 }
        if n < 50 { return GammaFunctions.logGammaRise(a, by: n) - n * log(n) + n }
        let total = a + n
        return (a - 0.5) * log(total) + n * log1p(a / n) - a + Elementary.halfLogTwoPi
            + GammaFunctions.stirlingError(total) - GammaFunctions.logGamma(a)
    }

    /// The p-value at this look and all before it.
    public var p: Double { exp(-highest) }

    /// 1/BayesFactor at the present counts alone, at most 1.
    public var currentP: Double { min(1, exp(-logBayesFactor)) }
}

extension Binomial {
    /// P of all outcomes whose mass is at most (1 + 1e−7) times that of the observed one.
    public static func twoSidedTest(_ data: Proportion, probability p: Double) throws(StatsError) -> Double {
        try Require.probability(p, "p")
        let x = data.successes
        let n = data.trials
        guard x == x.rounded(), n == n.rounded() else { throw .invalid("an exact test needs whole counts") }
        guard n > 0 else { throw .insufficient("no shopper was counted") }
        let law = Binomial(trials: n, probability: p)
        let limit = law.logMass(x) + 1e-7
        let mode = min(n, ((n + 1) * p).rounded(.down))
        if law.logMass(mode) <= limit { return 1 }
        // On the other side of the mode the masses fall: halve for the first outcome rare enough.
        var inside = mode
        var outside = x < mode ? n + 1 : -1
        while abs(outside - inside) > 1 {
            let middle = (0.5 * (inside + outside)).rounded(.down)
            if law.logMass(middle) <= limit { outside = middle } else { inside = middle }
        }
        if x < mode {
            return min(1, law.lowerTail(of: x) + (outside > n ? 0 : law.upperTail(of: outside - 1)))
        }
        return min(1, law.upperTail(of: x - 1) + (outside < 0 ? 0 : law.lowerTail(of: outside)))
    }
}
