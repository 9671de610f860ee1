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
        var encoder = Encoder(report: report, writer: JSONWriter(layout: pretty ? .pretty : .compact))
        encoder.root(engineVersion: engineVersion)
        return encoder.writer.bytes + (pretty ? [UInt8(ascii: "\n")] : [])
    }
}

private struct Encoder {
    let report: Report
    var writer: JSONWriter

    mutating func root(engineVersion: String) {
        writer.beginObject()
        writer.field("schema_version", ReportJSON.schemaVersion)
        writer.field("experiment", report.subject)
        writer.field("name", report.name)
        optional("configuration_version", report.configurationVersion.map(Int64.init))
        optional("as_of", report.asOf?.description)
        writer.field("input_hash", report.inputHash.hex)
        writer.field("engine_version", engineVersion)
        writer.field("status", report.status.rawValue)
        writer.field("method", report.method.rawValue)
        writer.field("alpha", report.alpha)
        writer.field("minimum_effect", report.minimumEffect)
        writer.field("currency", report.currency.code)
        writer.field("control", report.control)
        recommendation(report.recommendation)
        quality(report.dataQuality)
        writer.key("metrics")
        writer.beginArray()
        for metric in report.metrics { self.metric(metric) }
        writer.endArray()
        writer.key("demand")
        if let demand = report.demand { self.demand(demand) } else { writer.null() }
        writer.key("history")
        if let history = report.history { self.history(history) } else { writer.null() }
        writer.endObject()
    }

    // MARK: Parts

    private mutating func recommendation(_ value: Recommendation) {
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

    private mutating func quality(_ value: DataQuality) {
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

    private mutating func metric(_ metric: MetricReport) {
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

    private mutating func variant(_ value: VariantEstimate, _ kind: MetricReport.Kind) {
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

    private mutating func comparison(_ value: Comparison, _ kind: MetricReport.Kind) {
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

    private mutating func beliefs(_ value: Comparison) {
        writer.key("posterior")
        if let posterior = value.posterior {
            writer.beginObject()
            writer.field("mean", posterior.mean)
            writer.field("standard_deviation", posterior.standardDeviation)
            writer.endObject()
        } else {
            writer.null()
        }
        writer.key("equivalence")
        if let equivalence = value.equivalence {
            writer.beginObject()
            writer.field("lower", equivalence.lower)
            writer.field("upper", equivalence.upper)
            writer.field("probability", equivalence.probability)
            writer.endObject()
        } else {
            writer.null()
        }
    }

    private mutating func history(_ value: History) {
        writer.beginObject()
        writer.field("metric", value.metric)
        strings("variants", value.variants)
        strings("comparisons", value.comparisons)
        writer.key("days")
        writer.beginArray()
        for day in value.days {
            writer.beginObject()
            writer.field("date", DayText.iso(day.day))
            writer.key("arrivals")
            writer.beginArray()
            for count in day.arrivals { writer.int(count) }
            writer.endArray()
            writer.key("differences")
            writer.beginArray()
            for difference in day.differences {
                guard let difference else {
                    writer.null()
                    continue
                }
                writer.beginObject()
                writer.field("difference", difference.difference)
                interval("confidence_sequence", difference.interval)
                writer.endObject()
            }
            writer.endArray()
            writer.endObject()
        }
        writer.endArray()
        writer.key("drift")
        writer.beginArray()
        for drift in value.drift {
            guard let drift else {
                writer.null()
                continue
            }
            writer.beginObject()
            writer.field("early", drift.early)
            writer.field("late", drift.late)
            writer.field("p_value", drift.pValue)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
    }

    private mutating func demand(_ value: DemandReport) {
        writer.beginObject()
        writer.field("model", "logit")
        writer.field("currency", report.currency.code)
        writer.key("points")
        writer.beginArray()
        for point in value.points {
            writer.beginObject()
            writer.key("price")
            writer.beginObject()
            writer.field("amount", point.price)
            writer.field("currency", report.currency.code)
            writer.field("display", Money(amount: point.price, currency: report.currency).display)
            writer.endObject()
            writer.field("n", point.n)
            writer.field("conversions", point.conversions)
            writer.field("rate", Double(point.conversions) / Double(point.n))
            interval("interval", point.interval)
            optional("falling_rate", point.fallingRate)
            writer.endObject()
        }
        writer.endArray()
        writer.key("curve")
        writer.beginArray()
        for point in value.curve {
            writer.beginObject()
            writer.field("price", point.price)
            writer.field("rate", point.rate)
            interval("interval", point.interval)
            writer.field("tested", point.isTested)
            writer.endObject()
        }
        writer.endArray()
        optional("intercept", value.intercept)
        optional("slope", value.slope)
        writer.key("elasticities")
        writer.beginArray()
        for elasticity in value.elasticities {
            writer.beginObject()
            writer.field("model", elasticity.model)
            optional("at", elasticity.price)
            writer.field("value", elasticity.value)
            interval("interval", elasticity.interval)
            writer.endObject()
        }
        writer.endArray()
        optimum("revenue_optimal_price", value.revenueOptimal)
        optimum("profit_optimal_price", value.profitOptimal)
        optional("unit_cost", value.unitCost)
        strings("warnings", value.warnings)
        writer.endObject()
    }

    private mutating func optimum(_ key: StaticString, _ value: DemandReport.Optimum?) {
        writer.key(key)
        guard let value else { return writer.null() }
        writer.beginObject()
        money(value.price)
        interval("interval", value.interval)
        writer.field("extrapolated", value.isExtrapolated)
        writer.endObject()
    }

    // MARK: Values

    /// The members of an amount that need not be whole minor units.
    private mutating func money(_ minorUnits: Double) {
        writer.field("amount", minorUnits)
        writer.field("currency", report.currency.code)
        writer.field("display", report.currency.display(minorUnits: minorUnits))
    }

    private func perVisitor(_ minorUnits: Double) -> String {
        report.currency.display(minorUnits: minorUnits, extraDigits: 1)
    }

    private mutating func interval(_ key: StaticString, _ value: ConfidenceInterval?) {
        writer.key(key)
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("lower", value.lower)
        writer.field("upper", value.upper)
        writer.field("level", value.level)
        writer.endObject()
    }

    /// What is certain without any estimate has no level.
    private mutating func bounds(_ value: ConfidenceInterval?) {
        writer.key("bounds")
        guard let value else { return writer.null() }
        writer.beginObject()
        writer.field("lower", value.lower)
        writer.field("upper", value.upper)
        writer.endObject()
    }

    private mutating func absent(_ list: [Absent]) {
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

    private mutating func strings(_ key: StaticString, _ values: [String]) {
        writer.key(key)
        writer.beginArray()
        for value in values { writer.string(value) }
        writer.endArray()
    }

    private mutating func optional(_ key: StaticString, _ value: Double?) {
        writer.key(key)
        if let value { writer.double(value) } else { writer.null() }
    }

    private mutating func optional(_ key: StaticString, _ value: Int64?) {
        writer.key(key)
        if let value { writer.int(value) } else { writer.null() }
    }

    private mutating func optional(_ key: StaticString, _ value: String?) {
        writer.key(key)
        if let value { writer.string(value) } else { writer.null() }
    }
}
