/// A half-open piece of [0, 1): GrowthBook's `BucketRange` ("inRange": start ≤ u < end).
public struct BucketRange: Sendable, Hashable {
    /// The first place inside.
    public let start: Double
    /// The first place after it; a range whose end is not above its start holds nobody.
    public let end: Double

    /// A range as given; nothing is clamped.
    public init(_ start: Double, _ end: Double) {
        self.start = start
        self.end = end
    }

    /// Whether the place is inside. NaN is nowhere.
    public func contains(_ unit: Double) -> Bool {
        unit >= start && unit < end
    }

    /// GrowthBook SDK specification, "getEqualWeights": n times 1/n, nothing for n ≤ 0.
    public static func equalWeights(_ count: Int) -> [Double] {
        count > 0 ? Array(repeating: 1 / Double(count), count: count) : []
    }

    /// GrowthBook SDK specification, "getBucketRange".
    ///
    /// Forgiving as the SDKs are: coverage is clamped to [0, 1]; weights of the wrong number, or whose
    /// sum is not within 0.01 of 1, are replaced by equal ones. ``Allocation`` is the strict form.
    ///
    /// Each range starts where the weights before it end and is shortened by the coverage, so that
    /// raising the coverage enrols more shoppers and moves none.
    public static func ranges(variants: Int, coverage: Double = 1, weights: [Double]? = nil) -> [BucketRange] {
        let coverage = coverage.isNaN ? 0 : min(max(coverage, 0), 1)
        var shares = weights ?? equalWeights(variants)
        let sum = shares.reduce(0, +)
        // Written so that a NaN among the weights is refused too.
        if shares.count != variants || !(sum >= 0.99 && sum <= 1.01) { shares = equalWeights(variants) }
        var cumulative = 0.0
        return shares.map { share in
            let start = cumulative
            // Added one by one, as the SDKs do: 0.1 + 0.2 must err here as it errs there.
            cumulative += share
            return BucketRange(start, start + coverage * share)
        }
    }

    /// GrowthBook SDK specification, "chooseVariation": the first range that holds the place.
    public static func choose(at unit: Double, from ranges: [BucketRange]) -> Int? {
        ranges.firstIndex { $0.contains(unit) }
    }
}
