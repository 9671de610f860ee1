internal import Stats
internal import Experiments

/// Reads the primary metric within segments and phases.
struct PartsAnalysis {
    let input: AnalysisInput

    private var others: [Int] { input.arms.indices.filter { $0 != input.control } }

    // MARK: Phases

    /// Nil unless shoppers came in two phases or more.
    static func phases(_ input: AnalysisInput) throws(AnalysisError) -> PhasesReport? {
        let used = input.phases.filter { $0.metric.samples.joined().contains { $0.units > 0 } }
        guard used.count > 1 else { return nil }
        do throws(StatsError) { return try PartsAnalysis(input: input).phases(used) } catch {
            throw .inconsistent("phases: \(error)")
        }
    }

    private func phases(_ used: [PhaseInput]) throws(StatsError) -> PhasesReport {
        let reader = EffectReader(input)
        var phases: [PhaseReport] = []
        for phase in used {
            let observed = phase.metric.samples.map { Double($0.reduce(0) { $0 + $1.units }) }
            // Whoever came where nobody should have is impossible under the weights.
            let isStray = zip(observed, phase.weights).contains { $0 > 0 && $1 == 0 }
            let isTestable = phase.weights.count { $0 > 0 } >= 2
            let ratio =
                isStray
                ? 0
                : isTestable
                    ? try SampleRatioTest(observed: observed, weights: phase.weights.map(Double.init)).p : nil
            phases.append(
                PhaseReport(
                    startedAt: phase.startedAt, weights: phase.weights, sampleRatioPValue: ratio,
                    part: try part(phase.metric, reader)))
        }
        return PhasesReport(
            metric: used[0].metric.name, phases: phases,
            heterogeneity: try heterogeneity(of: phases.map(\.part), tests: others.count))
    }

    // MARK: Segments

    static func segments(_ input: AnalysisInput) throws(AnalysisError) -> [SegmentReport] {
        do throws(StatsError) { return try PartsAnalysis(input: input).segments() } catch {
            throw .inconsistent("segments: \(error)")
        }
    }

    private func segments() throws(StatsError) -> [SegmentReport] {
        let tests = input.segments.count * others.count
        let comparisons = max(1, input.segments.reduce(0) { $0 + $1.values.count } * others.count)
        let reader = EffectReader(input, comparisons: comparisons)
        var out: [SegmentReport] = []
        for segment in input.segments {
            var parts: [PartReport] = []
            for value in segment.values { parts.append(try part(value.metric, reader)) }
            try shrink(&parts)
            let counted = parts.reduce(Int64(0)) { $0 + $1.variants.reduce(0) { $0 + $1.n } }
            let metric = segment.values.first?.metric.name ?? input.metrics.first?.name ?? ""
            let heterogeneity = try heterogeneity(of: parts, tests: tests)
            out.append(
                SegmentReport(
                    attribute: segment.attribute, metric: metric,
                    values: zip(segment.values, parts).map { SegmentReport.Value(name: $0.name, part: $1) },
                    comparisons: comparisons, heterogeneity: heterogeneity,
                    warnings: warnings(segment, parts, counted, heterogeneity)))
        }
        return out
    }

    /// Each difference pulled towards their common mean, by Paule and Mandel's variance between them.
    private func shrink(_ parts: inout [PartReport]) throws(StatsError) {
        for place in others.indices {
            let known = parts.indices.filter { parts[$0].comparisons[place].estimate != nil }
            let estimates = known.compactMap { parts[$0].comparisons[place].estimate }
            guard estimates.count > 1 else { continue }
            let group = try EstimateGroup(
                estimates.map(\.difference), standardErrors: estimates.map(\.standardError))
            let shrunk = try group.shrunk(tau: group.tauSquaredPauleMandel.squareRoot())
            for (index, value) in zip(known, shrunk.estimates) { parts[index].comparisons[place].shrunk = value }
        }
    }

    private func warnings(
        _ segment: SegmentInput, _ parts: [PartReport], _ counted: Int64, _ heterogeneity: [Heterogeneity?]
    ) -> [String] {
        var out: [String] = []
        if counted < input.units {
            out.append(
                "\((input.units - counted).grouped) shoppers were first exposed before segments were counted; they are in none."
            )
        }
        let untold =
            zip(segment.values, parts).first { $0.0.name == "not told" }
            .map { $0.1.variants.reduce(Int64(0)) { $0 + $1.n } } ?? 0
        if counted > 0, Double(untold) / Double(counted) > 0.05 {
            out.append(
                "Of \((Double(untold) / Double(counted)).percent(digits: 0)) of shoppers “\(segment.attribute)” was not told with the first quote."
            )
        }
        let small = zip(segment.values, parts).filter { pair in
            pair.1.variants.contains { $0.n > 0 && $0.n < Self.fewestShoppers }
        }.map { "“\($0.0.name)”" }
        if !small.isEmpty {
            out.append(
                "Fewer than \(Self.fewestShoppers) shoppers of a variant in \(small.joined(separator: ", ")): rough.")
        }
        if !heterogeneity.contains(where: { ($0?.pValue ?? 1) < input.plan.alpha }) {
            out.append(
                "Nothing shows that the difference is another in one segment than in the next: go by that of all shoppers."
            )
        }
        return out
    }

    private static let fewestShoppers: Int64 = 100

    // MARK: Both

    private func part(_ metric: MetricInput, _ reader: EffectReader) throws(StatsError) -> PartReport {
        var variants: [PartReport.Variant] = []
        for variant in input.arms.indices {
            let mean = metric.unknown(of: variant) == 0 ? try metric.mean(of: variant)?.mean : nil
            variants.append(
                PartReport.Variant(name: input.arms[variant].name, n: metric.units(of: variant), estimate: mean))
        }
        var comparisons: [PartReport.Comparison] = []
        for variant in others {
            comparisons.append(
                PartReport.Comparison(
                    variant: input.arms[variant].name, against: input.arms[input.control].name,
                    estimate: try reader.estimate(of: metric, variant, against: input.control)))
        }
        return PartReport(variants: variants, comparisons: comparisons)
    }

    private func heterogeneity(of parts: [PartReport], tests: Int) throws(StatsError) -> [Heterogeneity?] {
        var out: [Heterogeneity?] = []
        for place in others.indices {
            let estimates = parts.compactMap { $0.comparisons[place].estimate }
            guard estimates.count > 1 else {
                out.append(nil)
                continue
            }
            let group = try EstimateGroup(
                estimates.map(\.difference), standardErrors: estimates.map(\.standardError))
            out.append(
                Heterogeneity(
                    variant: input.arms[others[place]].name, against: input.arms[input.control].name, q: group.q,
                    degreesOfFreedom: group.degreesOfFreedom, pValue: min(1, group.p * Double(max(1, tests))),
                    iSquared: group.iSquared))
        }
        return out
    }
}
