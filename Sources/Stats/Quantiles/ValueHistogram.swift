/// Whole-numbered amounts counted in buckets, with each bucket's exact sum and sum of squares: a sketch that adds.
///
/// Sums, and what capping at a bucket's end does to them, are exact. A quantile is off by at most the width of its
/// bucket, and not at all where all amounts in it are the same, as prices are.
public struct ValueHistogram: Sendable, Equatable {
    /// The amounts between two ends, both included.
    public struct Bucket: Sendable, Equatable {
        public let lower: Int64
        public let upper: Int64
        public let moments: ExactMoments

        /// The amount, where all in the bucket have the same; its sums tell.
        public var single: Int64? {
            guard moments.count > 0, let spread = try? moments.variance else {
                return moments.count == 1 ? Int64(exactly: moments.sum) : nil
            }
            return spread == 0 ? Int64(exactly: moments.sum / Int128(moments.count)) : nil
        }
    }

    /// Rising, without one that is empty.
    public let buckets: [Bucket]
    public let count: Int64

    public init() {
        buckets = []
        count = 0
    }

    /// - Throws: `invalid` where ends are in disorder or a bucket's mean lies outside of it.
    public init(_ given: [(bounds: ClosedRange<Int64>, moments: ExactMoments)]) throws(StatsError) {
        var buckets: [Bucket] = []
        var count: Int64 = 0
        for (bounds, moments) in given.sorted(by: { $0.bounds.lowerBound < $1.bounds.lowerBound })
        where moments.count != 0 {
            if let last = buckets.last, bounds.lowerBound <= last.upper {
                throw .invalid("buckets of a histogram overlap")
            }
            let n = Int128(moments.count)
            guard moments.sum >= n * Int128(bounds.lowerBound), moments.sum <= n * Int128(bounds.upperBound) else {
                throw .invalid("amounts lie outside of their bucket")
            }
            buckets.append(Bucket(lower: bounds.lowerBound, upper: bounds.upperBound, moments: moments))
            count += moments.count
        }
        self.buckets = buckets
        self.count = count
    }

    /// Both together. Their buckets must be cut alike.
    public func merging(_ other: ValueHistogram) throws(StatsError) -> ValueHistogram {
        if buckets.isEmpty { return other }
        if other.buckets.isEmpty { return self }
        let (all, overflow) = count.addingReportingOverflow(other.count)
        guard !overflow else { throw .overflow("a histogram's count left its 64 bits") }
        var merged: [Bucket] = []
        merged.reserveCapacity(buckets.count + other.buckets.count)
        var (i, j) = (0, 0)
        while i < buckets.count, j < other.buckets.count {
            let (ours, theirs) = (buckets[i], other.buckets[j])
            if ours.upper < theirs.lower {
                merged.append(ours)
                i += 1
            } else if theirs.upper < ours.lower {
                merged.append(theirs)
                j += 1
            } else {
                guard ours.lower == theirs.lower, ours.upper == theirs.upper else {
                    throw .invalid("buckets of a histogram overlap")
                }
                merged.append(
                    Bucket(lower: ours.lower, upper: ours.upper, moments: try ours.moments.merging(theirs.moments)))
                (i, j) = (i + 1, j + 1)
            }
        }
        merged += buckets[i...]
        merged += other.buckets[j...]
        return ValueHistogram(merged, all)
    }

    /// Without the amounts of 0.
    public var withoutZeros: ValueHistogram {
        let left = buckets.filter { $0.lower != 0 || $0.upper != 0 }
        return ValueHistogram(left, left.reduce(0) { $0 + $1.moments.count })
    }

    private init(_ buckets: [Bucket], _ count: Int64) {
        self.buckets = buckets
        self.count = count
    }

    /// The amount of a rank, 1 being the least; nil for ranks that nobody has. Within a bucket ranks are taken to be
    /// evenly spread.
    public func value(atRank rank: Int64) -> Double? {
        guard rank >= 1 else { return nil }
        var before: Int64 = 0
        for bucket in buckets {
            let n = bucket.moments.count
            if rank <= before + n {
                if let single = bucket.single { return Double(single) }
                let share = (Double(rank - before) - 0.5) / Double(n)
                return Double(bucket.lower) + share * Double(bucket.upper - bucket.lower)
            }
            before += n
        }
        return nil
    }

    /// The least amount that a share `p` of all do not exceed: the inverse of the empirical distribution (type 1 of
    /// Hyndman & Fan 1996).
    public func quantile(_ p: Double) throws(StatsError) -> Double {
        try Require.probability(p, "p")
        guard count > 0, let value = value(atRank: rank(p)) else {
            throw .insufficient("a quantile needs an observation")
        }
        return value
    }

    private func rank(_ p: Double) -> Int64 {
        min(max(1, Int64((p * Double(count)).rounded(.up))), count)
    }

    /// Where amounts are capped so that a share `p` of all keep theirs: the p-quantile itself where its bucket tells, else
    /// the upper end of its bucket.
    public func cap(keeping p: Double) throws(StatsError) -> Int64 {
        try Require.fraction(p, "p")
        var left = rank(p)
        for bucket in buckets {
            left -= bucket.moments.count
            if left <= 0 { return bucket.single ?? bucket.upper }
        }
        throw .insufficient("a cap needs an observation")
    }

    /// The exact moments after amounts above `cap`, which `cap(keeping:)` of a histogram cut alike gave, were pulled in to
    /// it, and how many were.
    public func capped(at cap: Int64) throws(StatsError) -> (moments: ExactMoments, changed: Int64) {
        var moments = ExactMoments()
        var changed: Int64 = 0
        for bucket in buckets {
            if bucket.upper > cap, bucket.single.map({ $0 > cap }) ?? (bucket.lower > cap) {
                try moments.add(cap, times: bucket.moments.count)
                changed += bucket.moments.count
            } else {
                moments = try moments.merging(bucket.moments)
            }
        }
        return (moments, changed)
    }

    /// The largest amount; nil where its bucket does not tell it, or there is none.
    public var largest: Int64? { buckets.last?.single }
}
