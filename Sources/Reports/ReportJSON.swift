public import Analysis
internal import Experiments
internal import Crypto
internal import JSON

/// A report as JSON: every key of the published contract is there in every report, null where the value is absent, and
/// `absent` beside it says why. The same report gives the same bytes.
///
/// Rates and money are doubles, written as the shortest decimal that reads back; money is in minor units, and what a
/// person may read adds `display`.
public enum ReportJSON {
    /// Of the report's shape, as `docs/openapi.json` describes it. A key that is added keeps it; one that goes or changes
    /// its meaning raises it.
    static let schemaVersion = 1

    /// - Parameters:
    ///   - engineVersion: of the program that counts and reports.
    ///   - pretty: for people; two spaces a level and a newline at the end.
    public static func encode(_ report: Report, engineVersion: String, pretty: Bool = false) -> [UInt8] {
        var encoder = ReportEncoder(report: report, writer: JSONWriter(layout: pretty ? .pretty : .compact))
        encoder.root(engineVersion: engineVersion)
        return encoder.writer.bytes + (pretty ? [UInt8(ascii: "\n")] : [])
    }
}

struct ReportEncoder {
    let report: Report
    var writer: JSONWriter

    mutating func root(engineVersion: String) {
        writer.beginObject()
        writer.field("schema_version", ReportJSON.schemaVersion)
        writer.field("experiment", report.subject)
        writer.field("name", report.name)
        optional("configuration_version", report.configurationVersion.map(Int64.init))
        optional("as_of", report.asOf?.description)
        writer.key("as_of_kept")
        if let isKept = report.isKept { writer.bool(isKept) } else { writer.null() }
        writer.field("input_hash", report.inputHash.hex)
        writer.field("engine_version", engineVersion)
        writer.field("status", report.status.rawValue)
        writer.field("method", report.method.rawValue)
        writer.field("alpha", report.alpha)
        writer.field("minimum_effect", report.minimumEffect)
        writer.field("currency", report.currency.code)
        writer.field("control", report.control)
        if let segment = report.segment {
            writer.key("segment")
            writer.beginObject()
            writer.field("attribute", segment.attribute)
            writer.field("value", segment.value)
            writer.endObject()
        }
        recommendation(report.recommendation)
        quality(report.dataQuality)
        writer.key("metrics")
        writer.beginArray()
        for metric in report.metrics { self.metric(metric) }
        writer.endArray()
        guardrails(report.guardrails)
        writer.key("demand")
        if let demand = report.demand { self.demand(demand) } else { writer.null() }
        writer.key("distribution")
        if let distribution = report.distribution { self.distribution(distribution) } else { writer.null() }
        writer.key("segments")
        segments(report.segments)
        writer.key("phases")
        if let phases = report.phases { self.phases(phases) } else { writer.null() }
        bandit(report.bandit)
        writer.key("planned_looks")
        if let looks = report.plannedLooks { plannedLooks(looks) } else { writer.null() }
        writer.key("history")
        if let history = report.history { self.history(history) } else { writer.null() }
        writer.key("funnel")
        if let funnel = report.funnel { self.funnel(funnel) } else { writer.null() }
        allocation(report.allocation)
        writer.endObject()
    }

    // MARK: Parts

    mutating func recommendation(_ value: Recommendation) {
        writer.key("recommendation")
        writer.beginObject()
        writer.field("action", value.action.rawValue)
        optional("variant", value.variant)
        writer.field("sentence", value.sentence)
        writer.field("rule", value.rule.rawValue)
        writer.field("rule_sentence", value.rule.sentence)
        optional("more_shoppers", value.moreShoppers)
        optional("certainty", value.certainty)
        writer.field("next_step", value.nextStep)
        writer.key("cost_of_being_wrong")
        if let cost = value.costOfBeingWrong {
            writer.beginObject()
            writer.field("choice", cost.choice)
            writer.field("metric", cost.metric)
            writer.field("visitors", 1000)
            money(cost.perThousandVisitors)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.endObject()
    }

    mutating func quality(_ value: DataQuality) {
        writer.key("data_quality")
        writer.beginObject()
        writer.key("sample_ratio")
        writer.beginObject()
        let ratio = value.sampleRatio
        writer.key("observed")
        writer.beginArray()
        for count in ratio.observed { writer.int(count) }
        writer.endArray()
        writer.key("expected")
        writer.beginArray()
        for count in ratio.expected { writer.double(count) }
        writer.endArray()
        optional("p_value", ratio.pValue)
        optional("always_valid_p_value", ratio.alwaysValidPValue)
        writer.field("alarm", ratio.alarm)
        writer.field("rule", ratio.rule)
        absent(ratio.absent)
        writer.endObject()
        writer.field("multiple_exposure", value.multipleExposure)
        optional("maturity", value.maturity)
        optional("cost_coverage", value.costCoverage)
        strings("warnings", value.warnings)
        writer.endObject()
    }

    mutating func metric(_ metric: MetricReport) {
        writer.beginObject()
        writer.field("name", metric.name)
        writer.field("unit", metric.kind.rawValue)
        optional("currency", metric.kind == .money ? report.currency.code : nil)
        writer.field("primary", metric.isPrimary)
        writer.key("variants")
        writer.beginArray()
        for variant in metric.variants { self.variant(variant, metric.kind) }
        writer.endArray()
        writer.key("comparisons")
        writer.beginArray()
        for comparison in metric.comparisons { self.comparison(comparison, metric.kind) }
        writer.endArray()
        writer.endObject()
    }

    mutating func variant(_ value: VariantEstimate, _ kind: MetricReport.Kind) {
        writer.beginObject()
        writer.field("name", value.name)
        writer.field("n", value.n)
        writer.key("total")
        if let total = value.total { writer.int(total) } else { writer.null() }
        optional("estimate", value.estimate)
        if kind == .money { optional("display", value.estimate.map(perVisitor)) }
        optional("standard_error", value.standardError)
        interval("interval", value.interval)
        writer.field("interval_method", value.intervalMethod)
        optional("posterior_mean", value.posteriorMean)
        interval("credible_interval", value.credibleInterval)
        writer.field("posterior", value.posterior)
        optional("probability_best", value.probabilityBest)
        optional("expected_loss", value.expectedLoss)
        bounds(value.bounds)
        optional("coverage", value.coverage)
        absent(value.absent)
        writer.endObject()
    }

    mutating func comparison(_ value: Comparison, _ kind: MetricReport.Kind) {
        writer.beginObject()
        writer.field("variant", value.variant)
        writer.field("against", value.against)
        optional("difference", value.difference)
        if kind == .money { optional("display", value.difference.map(perVisitor)) }
        optional("relative", value.relative)
        interval("confidence_sequence", value.confidenceSequence)
        interval("relative_confidence_sequence", value.relativeConfidenceSequence)
        optional("always_valid_p_value", value.alwaysValidPValue)
        writer.key("fixed_horizon")
        if let fixed = value.fixedHorizon {
            writer.beginObject()
            writer.field("test", fixed.test)
            writer.field("statistic", fixed.statistic)
            writer.field("p_value", fixed.pValue)
            writer.field("adjusted_p_value", fixed.adjustedPValue)
            interval("interval", fixed.interval)
            interval("relative_interval", fixed.relativeInterval)
            writer.endObject()
        } else {
            writer.null()
        }
        optional("probability_better", value.probabilityBetter)
        optional("expected_loss", value.expectedLoss)
        beliefs(value)
        beside(value)
        bounds(value.bounds)
        writer.key("adjustment")
        writer.beginObject()
        writer.field("method", "bonferroni")
        writer.field("comparisons", value.comparisons)
        writer.endObject()
        strings("warnings", value.warnings)
        absent(value.absent)
        writer.endObject()
    }

    // MARK: Values

    /// The members of an amount that need not be whole minor units.
    mutating func money(_ minorUnits: Double) {
        writer.field("amount", minorUnits)
        writer.field("currency", report.currency.code)
        writer.field("display", report.currency.display(minorUnits: minorUnits))
    }

    func perVisitor(_ minorUnits: Double) -> String {
        report.currency.display(minorUnits: minorUnits, extraDigits: 1)
    }

    mutating func interval(_ key: StaticString, _ value: ConfidenceInterval?) {
        writer.key(key)
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("lower", value.lower)
        writer.field("upper", value.upper)
        writer.field("level", value.level)
        writer.endObject()
    }

    /// What is certain without any estimate has no level.
    mutating func bounds(_ value: ConfidenceInterval?) {
        writer.key("bounds")
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("lower", value.lower)
        writer.field("upper", value.upper)
        writer.endObject()
    }

    mutating func absent(_ list: [Absent]) {
        writer.key("absent")
        writer.beginArray()
        for item in list {
            writer.beginObject()
            writer.field("field", item.field)
            writer.field("reason", item.reason.rawValue)
            writer.field("detail", item.reason.sentence)
            writer.endObject()
        }
        writer.endArray()
    }

    mutating func strings(_ key: StaticString, _ values: [String]) {
        writer.key(key)
        writer.beginArray()
        for value in values { writer.string(value) }
        writer.endArray()
    }

    mutating func optional(_ key: StaticString, _ value: Double?) {
        writer.key(key)
        if let value { writer.double(value) } else { writer.null() }
    }

    mutating func optional(_ key: StaticString, _ value: Int64?) {
        writer.key(key)
        if let value { writer.int(value) } else { writer.null() }
    }

    mutating func optional(_ key: StaticString, _ value: String?) {
        writer.key(key)
        if let value { writer.string(value) } else { writer.null() }
    }
}
