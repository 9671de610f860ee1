/// Why weights or coverage cannot be an ``Allocation``.
public enum AllocationFault: Error, Sendable, Equatable {
    /// There is no variant.
    case noVariants
    /// The weight at this position is below zero.
    case negativeWeight(index: Int)
    /// All weights are zero: nobody could be given a price.
    case noPositiveWeight
    /// The weights' sum does not fit 64 bits.
    case sumTooLarge
    /// Coverage is not a number from 0 to 1.
    case coverageOutOfBounds
    /// New weights must be as many as the old ones.
    case variantCountChanged(from: Int, to: Int)
    /// A stored slice names a variant that is not there, or lies outside [0, 1].
    case malformedSlice(index: Int)
}

/// Which part of [0, 1) belongs to which variant.
///
/// Made from weights alone it is what a GrowthBook SDK makes of the same weights as fractions: the same
/// variant for every id. Cumulative ranges move the least mass when two variants are reweighted. With
/// three or more they do not (an inner boundary shifts by the *sum* of the changes before it); there
/// ``reweighted(_:coverage:)`` starts from what is and moves exactly the minimum.
public struct Allocation: Sendable, Hashable {
    /// A piece of [0, 1) and the variant it belongs to.
    public struct Slice: Sendable, Hashable {
        /// The piece.
        public let range: BucketRange
        /// The variant's position.
        public let variant: Int

        /// A piece for a variant.
        public init(_ range: BucketRange, variant: Int) {
            self.range = range
            self.variant = variant
        }
    }

    /// The pieces, asked in this order. Store these when ``reweighted(_:coverage:)`` has been used.
    public let slices: [Slice]
    /// How many variants there are, those without a piece included.
    public let variants: Int

    /// Cumulative ranges from integer weights.
    ///
    /// - Parameters:
    ///   - weights: any non-negative integers with a positive sum; only their ratio matters.
    ///   - coverage: the share of shoppers enrolled, from 0 to 1.
    public init(weights: [Int], coverage: Double = 1) throws(AllocationFault) {
        let shares = try Self.shares(of: weights)
        guard coverage >= 0, coverage <= 1 else { throw .coverageOutOfBounds }
        self.init(ranges: BucketRange.ranges(variants: shares.count, coverage: coverage, weights: shares))
    }

    /// One range a variant, as in GrowthBook's `ranges`, which override coverage and weights. Where
    /// ranges overlap the first variant wins.
    public init(ranges: [BucketRange]) {
        slices = ranges.enumerated().map { Slice($1, variant: $0) }
        variants = ranges.count
    }

    /// An allocation as it was stored.
    public init(slices: [Slice], variants: Int) throws(AllocationFault) {
        for (index, slice) in slices.enumerated() {
            // An end may pass 1 by the rounding of a floating sum, as it does in the SDKs.
            guard slice.variant >= 0, slice.variant < variants, slice.range.start >= 0, slice.range.end <= 1.01 else {
                throw .malformedSlice(index: index)
            }
        }
        self.slices = slices
        self.variants = variants
    }

    /// The variant at a place, or nil where nobody is enrolled.
    public func variant(at unit: Double) -> Int? {
        for slice in slices where slice.range.contains(unit) { return slice.variant }
        return nil
    }

    /// New weights with the least mass moved: ½ Σ|Δshare|, "not enrolled" counted as a share.
    ///
    /// Every variant keeps as much of what it has as its new share allows; what is released goes to
    /// those that grow. The shares are those of ``init(weights:coverage:)`` to the bucket (1/10,000);
    /// the places are not, so a GrowthBook SDK follows only by being given the slices.
    ///
    /// - Complexity: about 0.1 ms; meant for the moment a merchant changes weights, not for a quote.
    public func reweighted(_ weights: [Int], coverage: Double = 1) throws(AllocationFault) -> Allocation {
        guard weights.count == variants else { throw .variantCountChanged(from: variants, to: weights.count) }
        let goal = try Allocation(weights: weights, coverage: coverage)
        let notEnrolled = variants
        let buckets = HashVersion.v2.buckets
        var owners = owners(of: buckets)
        var room = [Int](repeating: 0, count: variants + 1)
        for owner in goal.owners(of: buckets) { room[owner] += 1 }

        var released: [Int] = []
        for (bucket, owner) in owners.enumerated() {
            if room[owner] > 0 { room[owner] -= 1 } else { released.append(bucket) }
        }
        var heir = 0
        for bucket in released {
            // Released buckets and remaining room are equally many, so an heir is always found.
            while heir < notEnrolled, room[heir] == 0 { heir += 1 }
            room[heir] -= 1
            owners[bucket] = heir
        }
        return Allocation(owners: owners, variants: variants)
    }

    // MARK: -

    private init(owners: [Int], variants: Int) {
        var slices: [Slice] = []
        var start = 0
        while start < owners.count {
            var end = start + 1
            while end < owners.count, owners[end] == owners[start] { end += 1 }
            if owners[start] < variants {
                let range = BucketRange(Double(start) / Double(owners.count), Double(end) / Double(owners.count))
                slices.append(Slice(range, variant: owners[start]))
            }
            start = end
        }
        self.slices = slices
        self.variants = variants
    }

    /// Each bucket's variant; `variants` stands for "not enrolled".
    private func owners(of buckets: Int) -> [Int] {
        (0..<buckets).map { variant(at: Double($0) / Double(buckets)) ?? variants }
    }

    private static func shares(of weights: [Int]) throws(AllocationFault) -> [Double] {
        guard !weights.isEmpty else { throw .noVariants }
        var sum = 0
        for (index, weight) in weights.enumerated() {
            guard weight >= 0 else { throw .negativeWeight(index: index) }
            let (total, overflow) = sum.addingReportingOverflow(weight)
            guard !overflow else { throw .sumTooLarge }
            sum = total
        }
        guard sum > 0 else { throw .noPositiveWeight }
        return weights.map { Double($0) / Double(sum) }
    }
}
