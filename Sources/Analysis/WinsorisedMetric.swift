internal import Stats

/// A metric whose largest amounts are pulled in to one cap for all variants, which is of all their shoppers together.
struct WinsorisedMetric {
    let cap: Int64
    let metric: MetricInput
    /// By variant: how many shoppers' amounts were pulled in.
    let changed: [Int64]

    /// Nil where amounts are not counted by size, or not those of all shoppers: then nobody knows which are the largest.
    ///
    /// - Parameter share: of shoppers, from the least amount up, whose amounts stay as they are.
    init?(_ metric: MetricInput, of units: Int64, keeping share: Double) throws(StatsError) {
        guard metric.kind != .ratio, let spreads = metric.spreads else { return nil }
        var all = ValueHistogram()
        for spread in spreads.joined() { all = try all.merging(spread) }
        guard all.count == units, units > 0 else { return nil }
        let cap = try all.cap(keeping: share)
        var capped = metric
        var changed = spreads.map { _ in Int64(0) }
        for (arm, strata) in spreads.enumerated() {
            for (stratum, spread) in strata.enumerated() {
                let (moments, pulled) = try spread.capped(at: cap)
                capped.samples[arm][stratum] = Sample(moments)
                changed[arm] += pulled
            }
        }
        self.cap = cap
        self.metric = capped
        self.changed = changed
    }
}
