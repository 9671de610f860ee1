internal import Stats
internal import Experiments

/// The tallies as the analysis takes them: by metric, variant and stratum.
struct Tallied {
    private let experiment: CountedExperiment
    private let stratumOfPhase: (Int) -> Int
    private let strata: Int
    private var sums: [Place: Tally] = [:]
    /// Places by series and variant and stratum, so that one metric's are found at once.
    private var places: [Row: [Int32]] = [:]

    private struct Row: Hashable {
        let series: Int32
        let variant: Int
        let stratum: Int
    }

    private struct Place: Hashable {
        let row: Row
        let place: Int32
    }

    init(
        _ tallies: [TallyKey: Tally], of experiment: CountedExperiment, strata: Int,
        stratumOfPhase: @escaping (Int) -> Int
    ) throws(AnalysisError) {
        self.experiment = experiment
        self.strata = strata
        self.stratumOfPhase = stratumOfPhase
        for (key, tally) in tallies {
            guard experiment.variants.indices.contains(key.variant),
                key.phase == 0 || experiment.phases.indices.contains(key.phase)
            else { throw .inconsistent("tallies name a variant or phase that the experiment does not have") }
            let row = Row(series: key.series, variant: key.variant, stratum: stratumOfPhase(key.phase))
            let place = Place(row: row, place: key.place)
            if let known = sums[place] {
                sums[place] = known + tally
            } else {
                sums[place] = tally
                places[row, default: []].append(key.place)
            }
        }
    }

    var isEmpty: Bool { sums.isEmpty }

    private func tally(_ series: Int32, _ place: Int32, _ variant: Int, _ stratum: Int) -> Tally {
        sums[Place(row: Row(series: series, variant: variant, stratum: stratum), place: place)] ?? Tally()
    }

    private func table<Value>(
        _ read: (Int, Int) throws(StatsError) -> Value
    ) throws(StatsError) -> [[Value]] {
        var out: [[Value]] = []
        for variant in experiment.variants.indices {
            var row: [Value] = []
            for stratum in 0..<strata { row.append(try read(variant, stratum)) }
            out.append(row)
        }
        return out
    }

    // MARK: Checkouts

    /// Shoppers who began a checkout, by variant: those of whom it was told, and those who bought without that. Nil where
    /// nobody told of any, or where some shopper was first exposed before checkouts were counted.
    func checkouts(beside totals: [UnitSums]) -> [Int64]? {
        var told: Int64 = 0
        var begun: [Int64] = []
        for (variant, all) in totals.enumerated() {
            let strata = 0..<strata
            let counted = strata.reduce(Int128(0)) { $0 + tally(TallySeries.shoppers, 0, variant, $1).sum }
            guard counted == Int128(all.units) else { return nil }
            let checkouts = strata.reduce(Tally()) { $0 + tally(TallySeries.shoppers, 2, variant, $1) }
            told += checkouts.units
            begun.append(all.converted + Int64(clamping: checkouts.sum))
        }
        return told > 0 ? begun : nil
    }

    // MARK: Spreads

    /// How a metric's amounts are spread; nil for shares, and where a cost is not known.
    func spreads(of metric: Metric) throws(AnalysisError) -> [[ValueHistogram]]? {
        guard !isEmpty, let series = TallySeries.amounts(of: metric) else { return nil }
        do throws(StatsError) {
            return try table { (variant, stratum) throws(StatsError) in
                try spread(series, isProfit: metric == .profitPerVisitor, variant, stratum)
            }
        } catch {
            throw .inconsistent("the amounts of \(metric.rawValue): \(error)")
        }
    }

    private func spread(
        _ series: Int32, isProfit: Bool, _ variant: Int, _ stratum: Int
    ) throws(StatsError) -> ValueHistogram {
        var buckets: [(bounds: ClosedRange<Int64>, moments: ExactMoments)] = []
        var counted: Int64 = 0
        for place in places[Row(series: series, variant: variant, stratum: stratum)] ?? [] {
            let tally = tally(series, place, variant, stratum)
            guard let bounds = ValueBucket.bounds(of: place) else {
                throw .invalid("there is no bucket \(place)")
            }
            buckets.append(
                (bounds, try ExactMoments(count: tally.units, sum: tally.sum, sumOfSquares: tally.sumOfSquares)))
            counted += tally.units
        }
        var shoppers = tally(TallySeries.shoppers, 0, variant, stratum).units
        if isProfit { shoppers -= tally(TallySeries.shoppers, 1, variant, stratum).units }
        guard shoppers >= counted else { throw .invalid("more amounts than shoppers") }
        buckets.append((0...0, try ExactMoments(trials: shoppers - counted, successes: 0)))
        return try ValueHistogram(buckets)
    }

    // MARK: Segments

    /// A metric within each value of the declared segments that has shoppers.
    func segments(by metric: Metric) throws(AnalysisError) -> [SegmentInput] {
        var out: [SegmentInput] = []
        for (number, segment) in experiment.plan.segments.enumerated() {
            var values: [(name: String, metric: MetricInput)] = []
            var code = 0
            while let name = segment.name(of: code) {
                let own = try self.metric(metric, ofSegment: number, code: code)
                if own.samples.joined().contains(where: { $0.units > 0 }) { values.append((name, own)) }
                code += 1
            }
            out.append(SegmentInput(attribute: segment.attribute, values: values))
        }
        return out
    }

    /// A metric of the shoppers of one value of a segment.
    func metric(_ metric: Metric, ofSegment number: Int, code: Int) throws(AnalysisError) -> MetricInput {
        let series = TallySeries.segments + Int32(clamping: number)
        do throws(StatsError) {
            let samples = try table { (variant, stratum) throws(StatsError) in
                try sample(of: metric, series, Int32(clamping: code) * 8, variant, stratum)
            }
            var out = MetricInput(name: metric.rawValue, kind: metric.kind, samples: samples)
            out.hasBounds = false
            return out
        } catch {
            throw .inconsistent("the segment \(experiment.plan.segments[number].attribute): \(error)")
        }
    }

    private func sample(
        of metric: Metric, _ series: Int32, _ first: Int32, _ variant: Int, _ stratum: Int
    ) throws(StatsError) -> Sample {
        let units = tally(series, first, variant, stratum).units
        let unknown = metric == .profitPerVisitor ? tally(series, first + 4, variant, stratum).units : 0
        let sums = tally(series, first + TallySeries.place(of: metric), variant, stratum)
        let known = try ExactMoments(count: units - unknown, sum: sums.sum, sumOfSquares: sums.sumOfSquares)
        return Sample(known, unknown: unknown)
    }

    // MARK: Covariates

    /// Shoppers with a covariate; nil where none has one, and for profit where a cost is not known.
    func covariates(of metric: Metric) throws(AnalysisError) -> [[ExactPairMoments]]? {
        let series = TallySeries.covariate
        let place = TallySeries.place(of: metric)
        guard sums.keys.contains(where: { $0.row.series == series }) else { return nil }
        do throws(StatsError) {
            return try table { (variant, stratum) throws(StatsError) in
                let x = tally(series, 0, variant, stratum)
                let y = tally(series, 1 + place, variant, stratum)
                return try ExactPairMoments(
                    first: ExactMoments(count: x.units, sum: x.sum, sumOfSquares: x.sumOfSquares),
                    second: ExactMoments(count: x.units, sum: y.sum, sumOfSquares: y.sumOfSquares),
                    sumOfProducts: tally(series, 8 + place, variant, stratum).sum)
            }
        } catch {
            throw .inconsistent("the covariate beside \(metric.rawValue): \(error)")
        }
    }
}
