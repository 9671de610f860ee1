/// Count, sum and sum of squares of whole numbers (money in minor units, items), kept exactly.
///
/// Integers add in any order to the same bits, so a report rebuilt from its events, from shards or from days is the
/// same report; and n Σx² − (Σx)² is formed exactly before anything is rounded, so the variance never cancels.
public struct ExactMoments: Sendable, Equatable, Hashable {
    public private(set) var count: Int64
    public private(set) var sum: Int128
    public private(set) var sumOfSquares: Int128

    public init() {
        count = 0
        sum = 0
        sumOfSquares = 0
    }

    /// From stored sums. `StatsError.invalid` when no data could have them (a negative count or sum of squares,
    /// (Σx)² > n Σx²).
    public init(count: Int64, sum: Int128, sumOfSquares: Int128) throws(StatsError) {
        self.count = count
        self.sum = sum
        self.sumOfSquares = sumOfSquares
        guard count >= 0, sumOfSquares >= 0 else { throw .invalid("counts and sums of squares are never negative") }
        guard scaledDeviation != nil else { throw .invalid("these sums belong to no data: (Σx)² exceeds n Σx²") }
        if count == 0, sumOfSquares != 0 { throw .invalid("no observations have no sum") }
    }

    /// `n` trials of which `successes` are 1 and the rest 0.
    public init(trials: Int64, successes: Int64) throws(StatsError) {
        guard successes >= 0, successes <= trials else { throw .invalid("need 0 <= successes <= trials") }
        count = trials
        sum = Int128(successes)
        sumOfSquares = Int128(successes)
    }

    /// Adds one observation, `times` over. `StatsError.overflow` leaves the value as it was.
    public mutating func add(_ x: Int64, times: Int64 = 1) throws(StatsError) {
        precondition(times >= 0, "an observation cannot be added a negative number of times")
        let wide = Int128(x)
        let repeats = Int128(times)
        let square = wide * wide
        self = try combined(
            count: times, sum: wide.multipliedReportingOverflow(by: repeats),
            sumOfSquares: square.multipliedReportingOverflow(by: repeats), subtract: false)
    }

    /// Takes one observation back: the exact inverse of `add`, for a refund or an erased shopper.
    public mutating func remove(_ x: Int64) throws(StatsError) {
        let wide = Int128(x)
        self = try combined(count: 1, sum: (wide, false), sumOfSquares: (wide * wide, false), subtract: true)
    }

    public func merging(_ other: ExactMoments) throws(StatsError) -> ExactMoments {
        try combined(
            count: other.count, sum: (other.sum, false), sumOfSquares: (other.sumOfSquares, false), subtract: false)
    }

    /// What remains when a part is taken out. `invalid` when `other` cannot have been a part.
    public func subtracting(_ other: ExactMoments) throws(StatsError) -> ExactMoments {
        try combined(
            count: other.count, sum: (other.sum, false), sumOfSquares: (other.sumOfSquares, false), subtract: true)
    }

    /// What is left without a part of it: the exact inverse of `merging`.
    public func removing(_ part: ExactMoments) throws(StatsError) -> ExactMoments {
        try combined(
            count: part.count, sum: (part.sum, false), sumOfSquares: (part.sumOfSquares, false), subtract: true)
    }

    private func combined(
        count otherCount: Int64, sum otherSum: (partialValue: Int128, overflow: Bool),
        sumOfSquares otherSquares: (partialValue: Int128, overflow: Bool), subtract: Bool
    ) throws(StatsError) -> ExactMoments {
        let (n, o1) =
            subtract ? count.subtractingReportingOverflow(otherCount) : count.addingReportingOverflow(otherCount)
        let (s, o2) =
            subtract
            ? sum.subtractingReportingOverflow(otherSum.partialValue)
            : sum.addingReportingOverflow(otherSum.partialValue)
        let (q, o3) =
            subtract
            ? sumOfSquares.subtractingReportingOverflow(otherSquares.partialValue)
            : sumOfSquares.addingReportingOverflow(otherSquares.partialValue)
        guard !o1, !o2, !o3, !otherSum.overflow, !otherSquares.overflow else {
            throw .overflow("an exact sum left its 128 bits")
        }
        // What two sets of data sum to, a set of data does; what is left of one has to be looked at.
        return subtract
            ? try ExactMoments(count: n, sum: s, sumOfSquares: q)
            : ExactMoments(ofData: n, sum: s, sumOfSquares: q)
    }

    private init(ofData count: Int64, sum: Int128, sumOfSquares: Int128) {
        self.count = count
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    /// The mean, correctly rounded to within one unit in the last place.
    public var mean: Double {
        get throws(StatsError) {
            guard count > 0 else { throw .insufficient("a mean needs an observation") }
            // Split off the whole part: the quotient of two rounded numbers would round three times.
            let n = Int128(count)
            let whole = sum / n
            let rest = sum - whole * n
            return Double(nearest: whole) + Double(nearest: rest) / Double(count)
        }
    }

    /// The sample variance, denominator n − 1: [n Σx² − (Σx)²] / [n (n − 1)], the numerator exact.
    public var variance: Double {
        get throws(StatsError) {
            guard count >= 2 else { throw .insufficient("a variance needs two observations") }
            return (scaledDeviation ?? 0) / Double(count) / Double(count - 1)
        }
    }

    /// n Σx² − (Σx)², exact in 256 bits and then rounded once; nil when it is negative.
    private var scaledDeviation: Double? {
        let left = UInt128(count.magnitude).multipliedFullWidth(by: sumOfSquares.magnitude)
        let right = sum.magnitude.multipliedFullWidth(by: sum.magnitude)
        let (low, borrow) = left.low.subtractingReportingOverflow(right.low)
        let (high, negative) = left.high.subtractingReportingOverflow(right.high)
        let (final, negativeToo) = high.subtractingReportingOverflow(borrow ? 1 : 0)
        guard !negative, !negativeToo else { return nil }
        if final == 0 { return Double(nearest: low) }
        // Keep the top 128 bits, the last one sticky, so that the conversion rounds once.
        let shift = UInt128(final.leadingZeroBitCount)
        let top = shift == 0 ? final : (final << shift) | (low >> (128 - shift))
        let lost = shift == 0 ? low : low << shift
        return Double(nearest: lost == 0 ? top : top | 1)
            * Double(sign: .plus, exponent: 128 - Int(shift), significand: 1)
    }

    /// The same moments as real numbers, scaled by `unit` (0.01 for cents): what the estimators take.
    ///
    /// - Parameter unit: the worth of one integer step, > 0.
    public func moments(unit: Double = 1) throws(StatsError) -> Moments {
        guard count > 0 else { return Moments() }
        let n = Double(count)
        return Moments(
            count: n, mean: try mean * unit,
            sumOfSquaredDeviations: (scaledDeviation ?? 0) / n * unit * unit)
    }
}

/// Two whole-numbered quantities of one unit of analysis (numerator and denominator of a ratio, outcome and
/// pre-exposure covariate): both exact moments and the exact sum of products.
public struct ExactPairMoments: Sendable, Equatable, Hashable {
    public private(set) var first: ExactMoments
    public private(set) var second: ExactMoments
    public private(set) var sumOfProducts: Int128

    public init() {
        first = ExactMoments()
        second = ExactMoments()
        sumOfProducts = 0
    }

    /// From stored sums. The counts must agree.
    public init(first: ExactMoments, second: ExactMoments, sumOfProducts: Int128) throws(StatsError) {
        guard first.count == second.count else { throw .invalid("both halves of a pair have the same count") }
        self.first = first
        self.second = second
        self.sumOfProducts = sumOfProducts
    }

    public var count: Int64 { first.count }

    public mutating func add(_ x: Int64, _ y: Int64) throws(StatsError) {
        var first = first
        var second = second
        try first.add(x)
        try second.add(y)
        let (products, overflow) = sumOfProducts.addingReportingOverflow(Int128(x) * Int128(y))
        guard !overflow else { throw .overflow("an exact sum left its 128 bits") }
        (self.first, self.second, sumOfProducts) = (first, second, products)
    }

    public func merging(_ other: ExactPairMoments) throws(StatsError) -> ExactPairMoments {
        let (products, overflow) = sumOfProducts.addingReportingOverflow(other.sumOfProducts)
        guard !overflow else { throw .overflow("an exact sum left its 128 bits") }
        return try ExactPairMoments(
            first: try first.merging(other.first), second: try second.merging(other.second), sumOfProducts: products)
    }

    /// The sample covariance, denominator n − 1: [n Σxy − Σx Σy] / [n (n − 1)], the numerator exact.
    public var covariance: Double {
        get throws(StatsError) {
            guard count >= 2 else { throw .insufficient("a covariance needs two observations") }
            let n = Double(count)
            return scaledCovariance / n / (n - 1)
        }
    }

    private var scaledCovariance: Double {
        let left = UInt128(count.magnitude).multipliedFullWidth(by: sumOfProducts.magnitude)
        let right = first.sum.magnitude.multipliedFullWidth(by: second.sum.magnitude)
        let leftNegative = sumOfProducts < 0
        let rightNegative = (first.sum < 0) != (second.sum < 0)
        if leftNegative != rightNegative {
            // Same sign once subtracted: no cancellation.
            let total = wide(left) + wide(right)
            return leftNegative ? -total : total
        }
        let leftIsLarger = left.high != right.high ? left.high > right.high : left.low >= right.low
        let (big, small) = leftIsLarger ? (left, right) : (right, left)
        let (low, borrow) = big.low.subtractingReportingOverflow(small.low)
        let high = big.high &- small.high &- (borrow ? 1 : 0)
        let magnitude = wide((high, low))
        return leftIsLarger != leftNegative ? magnitude : -magnitude
    }

    private func wide(_ value: (high: UInt128, low: UInt128)) -> Double {
        Double(nearest: value.high) * 0x1p128 + Double(nearest: value.low)
    }
}
