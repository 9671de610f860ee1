internal import CSV
internal import Crypto
public import Analysis
internal import Experiments

/// A report as tidy comma-separated values: one row a number. Names that a spreadsheet would run are defused.
///
///     metric,variant,against,quantity,value,lower,upper,level,method
///
/// Money is in minor units of the currency in the row `report,,,currency`. A number that is not there is an empty
/// field, with the reason in `method`; so are warnings, whose words stand there.
public enum ReportCSV {
    public static func encode(_ report: Report, engineVersion: String) -> [UInt8] {
        var sheet = ReportSheet()
        for name in ["metric", "variant", "against", "quantity", "value", "lower", "upper", "level", "method"] {
            sheet.writer.text(name)
        }
        sheet.writer.endRecord()
        let about: [(String, String)] = [
            ("experiment", report.subject), ("name", report.name), ("as_of", report.asOf?.description ?? ""),
            ("input_hash", report.inputHash.hex), ("engine_version", engineVersion), ("status", report.status.rawValue),
            ("recommendation", report.recommendation.action.rawValue),
            ("recommended_variant", report.recommendation.variant ?? ""), ("rule", report.recommendation.rule.rawValue),
            ("sentence", report.recommendation.sentence), ("next_step", report.recommendation.nextStep),
            ("method", report.method.rawValue), ("control", report.control), ("currency", report.currency.code),
        ]
        for (quantity, text) in about { sheet.fact(quantity, text) }
        if let segment = report.segment { sheet.fact("segment", "\(segment)") }
        for (quantity, number) in [
            ("alpha", report.alpha), ("minimum_effect", report.minimumEffect),
            ("more_shoppers", report.recommendation.moreShoppers.map(Double.init)),
        ] {
            sheet.row("report", "", "", quantity, number, nil, "")
        }
        quality(of: report, into: &sheet)
        for metric in report.metrics { self.metric(metric, in: report, into: &sheet) }
        if let demand = report.demand { self.demand(demand, into: &sheet) }
        if let distribution = report.distribution { self.distribution(distribution, into: &sheet) }
        guardrails(of: report, into: &sheet)
        parts(of: report, into: &sheet)
        if let looks = report.plannedLooks { plannedLooks(looks, into: &sheet) }
        if let history = report.history { self.history(history, report, into: &sheet) }
        funnel(of: report, into: &sheet)
        return sheet.writer.bytes
    }

    private static func quality(of report: Report, into sheet: inout ReportSheet) {
        let quality = report.dataQuality
        let ratio = quality.sampleRatio
        for (place, variant) in (report.metrics.first?.variants ?? []).enumerated() {
            sheet.row("data_quality", variant.name, "", "observed", Double(ratio.observed[place]), nil, "")
            sheet.row("data_quality", variant.name, "", "expected", ratio.expected[place], nil, "")
        }
        sheet.row("data_quality", "", "", "sample_ratio_p", ratio.pValue, nil, "chi_square")
        sheet.row(
            "data_quality", "", "", "sample_ratio_always_valid_p", ratio.alwaysValidPValue, nil, "dirichlet_multinomial"
        )
        sheet.row("data_quality", "", "", "sample_ratio_alarm", ratio.alarm ? 1 : 0, nil, ratio.rule)
        sheet.row("data_quality", "", "", "multiple_exposure", Double(quality.multipleExposure), nil, "")
        sheet.row("data_quality", "", "", "maturity", quality.maturity, nil, "")
        sheet.row("data_quality", "", "", "cost_coverage", quality.costCoverage, nil, "")
        for warning in quality.warnings { sheet.warning("data_quality", "", warning) }
    }

    private static func metric(_ metric: MetricReport, in report: Report, into sheet: inout ReportSheet) {
        for variant in metric.variants {
            func put(_ quantity: String, _ value: Double?, _ interval: ConfidenceInterval?, _ method: String) {
                let reason = variant.absent.first { $0.field == quantity }?.reason.rawValue
                sheet.row(
                    metric.name, variant.name, "", quantity, value, interval, value == nil ? reason ?? "" : method)
            }
            put("n", Double(variant.n), nil, "")
            put("estimate", variant.estimate, variant.interval, variant.intervalMethod)
            put("posterior_mean", variant.posteriorMean, variant.credibleInterval, variant.posterior)
            put("probability_best", variant.probabilityBest, nil, variant.posterior)
            put("expected_loss", variant.expectedLoss, nil, variant.posterior)
            if let bounds = variant.bounds {
                sheet.row(metric.name, variant.name, "", "bounds", nil, bounds, "missing_cost")
            }
        }
        for comparison in metric.comparisons {
            func put(_ quantity: String, _ value: Double?, _ interval: ConfidenceInterval?, _ method: String) {
                let reason = comparison.absent.first { $0.field == quantity }?.reason.rawValue
                sheet.row(
                    metric.name, comparison.variant, comparison.against, quantity, value, interval,
                    value == nil ? reason ?? "" : method)
            }
            put("difference", comparison.difference, comparison.confidenceSequence, "confidence_sequence")
            put("relative", comparison.relative, comparison.relativeConfidenceSequence, "confidence_sequence")
            put("always_valid_p_value", comparison.alwaysValidPValue, nil, "bonferroni")
            put("probability_better", comparison.probabilityBetter, nil, "posterior")
            put("expected_loss", comparison.expectedLoss, nil, "posterior")
            if let fixed = comparison.fixedHorizon {
                put("fixed_statistic", fixed.statistic, nil, fixed.test)
                put("fixed_p_value", fixed.pValue, nil, fixed.test)
                put("fixed_difference", comparison.difference, fixed.interval, fixed.test)
                put("fixed_relative", comparison.relative, fixed.relativeInterval, fixed.test)
            }
            if let posterior = comparison.posterior {
                put("posterior_mean", posterior.mean, nil, "posterior")
                put("posterior_standard_deviation", posterior.standardDeviation, nil, "posterior")
            }
            if let region = comparison.equivalence {
                sheet.row(
                    metric.name, comparison.variant, comparison.against, "probability_practically_none",
                    region.probability, nil, "within ± \(region.upper.plainPercent)")
            }
            beside(comparison, metric.name, into: &sheet)
            if let bounds = comparison.bounds {
                sheet.row(
                    metric.name, comparison.variant, comparison.against, "bounds", nil, bounds, "missing_cost")
            }
            for warning in comparison.warnings { sheet.warning(metric.name, comparison.variant, warning) }
        }
    }

    /// The day stands in `method`.
    private static func history(_ history: History, _ report: Report, into sheet: inout ReportSheet) {
        for (name, drift) in zip(history.comparisons, history.drift) {
            guard let drift else { continue }
            for (quantity, value) in [
                ("early_difference", drift.early), ("late_difference", drift.late), ("drift_p_value", drift.pValue),
            ] {
                sheet.row("history", name, report.control, quantity, value, nil, "halves")
            }
        }
        for day in history.days {
            let date = DayText.iso(day.day)
            for (name, count) in zip(history.variants, day.arrivals) {
                sheet.row("history", name, "", "arrivals", Double(count), nil, date)
            }
            for (name, found) in zip(history.comparisons, day.differences) {
                sheet.row(
                    "history", name, report.control, "difference", found?.difference, found?.interval, date)
            }
        }
    }

    private static func funnel(of report: Report, into sheet: inout ReportSheet) {
        for variant in report.funnel?.variants ?? [] {
            for (quantity, count) in [
                ("told", variant.told), ("checkouts", variant.checkouts), ("bought", variant.bought),
                ("orders", variant.orders), ("items", variant.items),
            ] {
                guard let count else { continue }
                sheet.row("funnel", variant.name, "", quantity, Double(count), nil, "")
            }
        }
        // The time stands in `method`.
        let names = report.metrics.first?.variants.map(\.name) ?? []
        for phase in report.allocation {
            for (place, name) in names.enumerated() where phase.weights.indices.contains(place) {
                let since = phase.since.description
                sheet.row("allocation", name, "", "weight", Double(phase.weights[place]), nil, since)
                sheet.row("allocation", name, "", "shoppers", Double(phase.shoppers[place]), nil, since)
            }
        }
    }

    private static func demand(_ demand: DemandReport, into sheet: inout ReportSheet) {
        for point in demand.points {
            let rate = Double(point.conversions) / Double(point.n)
            sheet.row("demand", String(point.price), "", "conversion_rate", rate, point.interval, "observed")
            sheet.row("demand", String(point.price), "", "falling_rate", point.fallingRate, nil, "isotonic")
            for (quantity, earned) in [("revenue_per_visitor", point.revenue), ("profit_per_visitor", point.profit)] {
                sheet.row("demand", String(point.price), "", quantity, earned?.mean, earned?.interval, "observed")
            }
        }
        for point in demand.curve {
            sheet.row(
                "demand", point.price.description, "", "fitted_rate", point.rate, point.interval,
                point.isTested ? "logit" : "extrapolated")
        }
        for elasticity in demand.elasticities {
            sheet.row("demand", "", "", "elasticity", elasticity.value, elasticity.interval, elasticity.model)
        }
        for (quantity, best) in [
            ("revenue_optimal_price", demand.revenueOptimal), ("profit_optimal_price", demand.profitOptimal),
        ] {
            guard let best else { continue }
            sheet.row(
                "demand", "", "", quantity, best.price, best.interval, best.isExtrapolated ? "extrapolated" : "logit")
        }
        sheet.row("demand", "", "", "paid_items_per_buyer", demand.buyer?.paidItems, nil, "observed")
        for warning in demand.warnings { sheet.warning("demand", "", warning) }
    }
}
