internal import Stats
internal import Experiments

/// A mean over shoppers who were assigned under different weights, with the variance of the estimate.
///
/// Post-stratification (Miratrix, Sekhon & Yu 2013, eq. 2): θ = Σ_h W_h ȳ_h and Var θ = Σ_h W_h² s²_h / n_h, with W_h
/// the stratum's share of all shoppers compared. Pooling instead would compare variants whose shoppers came at
/// different times (Simpson's paradox). With one stratum it is the plain mean.
struct StratifiedMean: Equatable {
    /// Shoppers used.
    let count: Int64
    let mean: Double
    /// Nil when a stratum's variance is not known, which takes two shoppers.
    let variance: Double?

    /// - Parameters:
    ///   - samples: by stratum.
    ///   - shares: by stratum; what each weighs. Strata that weigh nothing or have no shopper are left out.
    /// - Returns: nil without shoppers.
    init?(_ samples: [Sample], shares: [Double]) throws(StatsError) {
        let used = samples.indices.filter { samples[$0].moments.count > 0 && shares[$0] > 0 }
        guard let first = used.first else { return nil }
        count = used.reduce(0) { $0 + samples[$1].moments.count }
        if used.count == 1 {
            let moments = samples[first].moments
            mean = try moments.mean
            variance = moments.count >= 2 ? try moments.variance / Double(moments.count) : nil
            return
        }
        let whole = used.reduce(0) { $0 + shares[$1] }
        var mean = 0.0
        var variance: Double? = 0
        for h in used {
            let share = shares[h] / whole
            let moments = samples[h].moments
            mean += share * (try moments.mean)
            if moments.count >= 2, let sum = variance {
                variance = sum + share * share * (try moments.variance) / Double(moments.count)
            } else {
                variance = nil
            }
        }
        self.mean = mean
        self.variance = variance
    }

    var standardError: Double? { variance?.squareRoot() }

    /// As Stats' comparisons take it: `variance / count` is the variance of the estimate.
    func summary() throws(StatsError) -> ArmSummary? {
        guard let variance else { return nil }
        return try ArmSummary(count: Double(count), mean: mean, variance: variance * Double(count))
    }
}

extension MetricInput {
    private var strata: Int { samples.first?.count ?? 0 }

    /// All shoppers of the given variants, by stratum.
    private func sizes(of variants: [Int]) -> [Double] {
        (0..<strata).map { h in Double(variants.reduce(Int64(0)) { $0 + samples[$1][h].units }) }
    }

    /// One variant on its own: each stratum weighs what it has of all variants' shoppers. A stratum in which the variant
    /// has one shopper only is left out where others have more.
    func mean(of variant: Int) throws(StatsError) -> StratifiedMean? {
        let own = samples[variant]
        let shares = zip(own, sizes(of: Array(samples.indices))).map { $0.moments.count >= 2 ? $1 : 0 }
        if shares.contains(where: { $0 > 0 }) { return try StratifiedMean(own, shares: shares) }
        return try StratifiedMean(own, shares: own.map { Double($0.moments.count) })
    }

    /// Two variants to be compared: strata in which both have two shoppers or more, weighing what the two have in them.
    func means(of pair: (Int, Int)) throws(StatsError) -> (StratifiedMean, StratifiedMean)? {
        let sizes = sizes(of: weighsByAll ? Array(samples.indices) : [pair.0, pair.1])
        let shares = (0..<strata).map { h in
            samples[pair.0][h].moments.count >= 2 && samples[pair.1][h].moments.count >= 2 ? sizes[h] : 0
        }
        guard let first = try StratifiedMean(samples[pair.0], shares: shares),
            let second = try StratifiedMean(samples[pair.1], shares: shares)
        else { return nil }
        return (first, second)
    }

    /// Whether more than one stratum has shoppers of the given variants.
    func isStratified(_ variants: [Int]) -> Bool { sizes(of: variants).count { $0 > 0 } > 1 }

    func units(of variant: Int) -> Int64 { samples[variant].reduce(0) { $0 + $1.units } }

    func unknown(of variant: Int) -> Int64 { samples[variant].reduce(0) { $0 + $1.unknown } }

    /// The sum over shoppers; nil where part of it is not known.
    func total(of variant: Int) -> Int128? {
        unknown(of: variant) > 0 ? nil : samples[variant].reduce(0) { $0 &+ $1.moments.sum }
    }

    /// The least and the most the mean can be.
    func bounds(of variant: Int) -> (lower: Double, upper: Double)? {
        guard hasBounds else { return nil }
        let sizes = sizes(of: Array(samples.indices))
        let used = (0..<strata).filter { samples[variant][$0].units > 0 }
        let whole = used.reduce(0) { $0 + sizes[$1] }
        guard whole > 0 else { return nil }
        var (lower, upper) = (0.0, 0.0)
        for h in used {
            let sample = samples[variant][h]
            let share = sizes[h] / whole / Double(sample.units)
            lower += share * Double(sample.moments.sum &+ sample.atLeast)
            upper += share * Double(sample.moments.sum &+ sample.atMost)
        }
        return (lower, upper)
    }
}
