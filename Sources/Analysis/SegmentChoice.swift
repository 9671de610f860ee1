internal import Crypto
public import Experiments
internal import Stats

/// One value of a declared segment.
public struct SegmentChoice: Sendable, Equatable {
    public let attribute: String
    public let value: String

    public init(attribute: String, value: String) {
        self.attribute = attribute
        self.value = value
    }

    /// As somebody asks for it, `attribute:value`; nil for what the plan did not declare.
    public init?(_ text: String, of plan: AnalysisPlan) {
        guard let found = Self.all(of: plan).first(where: { $0.description == text }) else { return nil }
        self = found
    }

    /// All that a plan declares, with `other` and `not told`.
    public static func all(of plan: AnalysisPlan) -> [SegmentChoice] {
        plan.segments.flatMap { segment in
            (0..<segment.values.count + 2).compactMap { code in
                segment.name(of: code).map { SegmentChoice(attribute: segment.attribute, value: $0) }
            }
        }
    }
}

extension SegmentChoice: CustomStringConvertible {
    public var description: String { "\(attribute):\(value)" }
}

extension CountReading {
    /// The shoppers of one value of a segment alone, by variant and stratum: nobody counts them by day or by size. Nil
    /// where the plan does not declare it.
    ///
    /// The error rate is shared with all comparisons within segments, as where the whole report lists them, so that a
    /// difference is judged alike in both.
    func input(within choice: SegmentChoice) throws(AnalysisError) -> AnalysisInput? {
        guard let number = experiment.plan.segments.firstIndex(where: { $0.attribute == choice.attribute }),
            let code = (0..<experiment.plan.segments[number].values.count + 2).first(where: {
                experiment.plan.segments[number].name(of: $0) == choice.value
            })
        else { return nil }
        var input = try input()
        let whole = input
        let tallied = try tallied()
        var metrics: [MetricInput] = []
        for metric in whole.metrics.compactMap({ Metric(rawValue: $0.name) }) {
            var own = try tallied.metric(metric, ofSegment: number, code: code)
            own.weighsByAll = whole.metrics[0].weighsByAll
            metrics.append(own)
        }
        input.metrics = metrics
        input.segment = choice
        input.hash = SHA256.hash(whole.hash.bytes + Array("segment \(choice)".utf8))
        input.family = max(1, whole.segments.reduce(0) { $0 + $1.values.count } * (whole.arms.count - 1))
        input.tuning = whole.pairTuning
        input.targetSampleSize = nil
        if input.plan.method == .groupSequential { input.plan.method = .sequential }
        let bought = metrics.first { $0.name == Metric.conversionRate.rawValue }
        for arm in input.arms.indices {
            input.arms[arm].units = metrics[0].units(of: arm)
            input.arms[arm].conversions = bought?.total(of: arm).map { Int64(clamping: $0) }
            (input.arms[arm].orders, input.arms[arm].checkouts) = (nil, nil)
        }
        for stratum in input.strata.indices {
            input.strata[stratum].arrivals = [input.arms.indices.map { metrics[0].samples[$0][stratum].units }]
        }
        addCosts(to: &input)
        (input.days, input.phases, input.segments, input.allocation) = ([], [], [], [])
        (input.multipleExposure, input.maturity, input.lastMatureDay, input.covariate) = (0, nil, nil, nil)
        input.warnings += warnings(choice, input, whole)
        return input
    }

    private func addCosts(to input: inout AnalysisInput) {
        func total(_ metric: Metric) -> Int128? {
            input.metrics.first { $0.name == metric.rawValue }.flatMap { metric in
                input.arms.indices.reduce(Int128?.some(0)) { sum, arm in
                    sum.flatMap { sum in metric.total(of: arm).map { sum &+ $0 } }
                }
            }
        }
        let buyers = input.arms.reduce(Int64(0)) { $0 + ($1.conversions ?? 0) }
        let unknown =
            input.metrics.first { $0.name == Metric.profitPerVisitor.rawValue }
            .map { metric in input.arms.indices.reduce(Int64(0)) { $0 + metric.unknown(of: $1) } } ?? 0
        input.costCoverage = buyers > 0 ? Double(max(0, buyers - unknown)) / Double(buyers) : nil
        input.unitCost = nil
        if let sold = total(.unitsPerVisitor), sold > 0, let paid = total(.revenuePerVisitor),
            let profit = total(.profitPerVisitor)
        {
            input.unitCost = Double(paid - profit) / Double(sold)
        }
    }

    private func warnings(_ choice: SegmentChoice, _ input: AnalysisInput, _ whole: AnalysisInput) -> [String] {
        var out = [
            "Only the \(input.units.grouped) of \(whole.units.grouped) shoppers whose “\(choice.attribute)” is “\(choice.value)”. Each interval is corrected for the \(input.comparisons) comparisons of all segments. Prices are not given by segment, and of many segments the one that stands out is often chance: go by all shoppers unless segments are shown to differ."
        ]
        let counted = whole.segments.first { $0.attribute == choice.attribute }.map { segment in
            segment.values.reduce(Int64(0)) { sum, value in
                sum + whole.arms.indices.reduce(Int64(0)) { $0 + value.metric.units(of: $1) }
            }
        }
        if let counted, counted < whole.units {
            out.append(
                "\((whole.units - counted).grouped) shoppers were first exposed before segments were counted; they are in none."
            )
        }
        if whole.plan.method == .groupSequential {
            out.append("Planned looks are of all shoppers: within a segment intervals are confidence sequences.")
        }
        return out
    }
}
