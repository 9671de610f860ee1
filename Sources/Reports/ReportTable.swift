internal import Analysis
internal import Experiments

/// A report as the lines people read: the same for terminals and pages.
struct ReportTable {
    struct Row {
        var cells: [String]
    }

    let title: String
    let head: [String]
    let rows: [Row]
    /// Sentences beneath it.
    var notes: [String] = []

    init(title: String, head: [String], rows: [Row], notes: [String] = []) {
        self.title = title
        self.head = head
        self.rows = rows
        self.notes = notes
    }

    /// A table for each metric, then demand's.
    static func all(of report: Report) -> [ReportTable] {
        report.metrics.map { Self(of: $0, in: report) } + (report.demand.map { [Self(of: $0, in: report)] } ?? [])
            + guardrails(report) + beside(report) + parts(report)
            + (report.distribution.map { [Self(of: $0, in: report)] } ?? [])
    }

    init(of metric: MetricReport, in report: Report) {
        let words = Words(currency: report.currency, kind: metric.kind)
        let level = (1 - report.alpha).plainPercent
        title = metric.name.asWords.capitalisedFirst + (metric.isPrimary ? " (decides)" : "")
        let isFixed = report.method == .fixed
        let head =
            [
                "variant", "n", "estimate", "\(level) interval", "likely best", "against \(report.control)",
                "\(level) interval", "relative", "\(level) interval",
            ] + (isFixed ? ["z or t"] : []) + ["p", "likely better"]
        self.head = head
        rows = metric.variants.map { variant in
            let first = [
                variant.name, variant.n.grouped, words.value(variant), words.interval(variant.interval),
                words.probability(variant.probabilityBest),
            ]
            guard let comparison = metric.comparisons.first(where: { $0.variant == variant.name }) else {
                return Row(cells: first + head.dropFirst(first.count).map { _ in "" })
            }
            let fixed = comparison.fixedHorizon
            let against = [
                words.difference(comparison),
                words.differences(isFixed ? fixed?.interval : comparison.confidenceSequence),
                comparison.relative.map { $0.signedPercent(digits: 2) } ?? "–",
                Words.relative(isFixed ? fixed?.relativeInterval : comparison.relativeConfidenceSequence),
            ]
            let p = isFixed ? fixed?.adjustedPValue : comparison.alwaysValidPValue
            return Row(
                cells: first + against + (isFixed ? [fixed?.statistic.rounded(digits: 4) ?? "–"] : [])
                    + [p?.probabilityText ?? "–", words.probability(comparison.probabilityBetter)])
        }
        var notes: [String] = []
        for comparison in metric.comparisons {
            for warning in comparison.warnings where !notes.contains(warning) { notes.append(warning) }
        }
        for absent in metric.variants.flatMap(\.absent) + metric.comparisons.flatMap(\.absent) {
            let note = absent.reason.sentence
            if !absent.reason.isUnasked, !notes.contains(note) { notes.append(note) }
        }
        if metric.comparisons.contains(where: { Deciding.isLostInRatio($0, in: report) }) {
            notes.append(Self.ratioNote)
        }
        self.notes = notes
    }

    private static let ratioNote =
        "A difference that is told from zero need not be relative to control, whose own value is uncertain too: the difference decides."

    private init(of demand: DemandReport, in report: Report) {
        let currency = report.currency
        title = "Demand"
        let what = demand.unitCost == nil ? "revenue" : "profit"
        let words = Words(currency: currency, kind: .money)
        head = ["price", "n", "conversions", "rate", "\(what) per visitor"]
        rows = demand.points.map { point in
            Row(cells: [
                Money(amount: point.price, currency: currency).display, point.n.grouped, point.conversions.grouped,
                (Double(point.conversions) / Double(point.n)).percent(digits: 2),
                demand.earned(point).map { words.number($0.mean) } ?? "–",
            ])
        }
        notes = demand.elasticityNotes(currency)
        for (what, best) in [("Revenue", demand.revenueOptimal), ("Profit", demand.profitOptimal)] {
            guard let best else { continue }
            notes.append("\(what)-optimal price: \(best.said(currency)).")
        }
        notes += [Self.reach(ofDemandIn: report)] + demand.warnings
    }

    /// What the intervals of demand promise, whatever those of differences do.
    static func reach(ofDemandIn report: Report) -> String {
        let level = (1 - report.alpha).plainPercent
        return "Intervals of demand, elasticities and best prices hold at \(level) for one look"
            + (report.method == .fixed ? "." : ", not at every look as those of differences do.")
    }
}

extension DemandReport {
    /// A sentence for each elasticity.
    func elasticityNotes(_ currency: Currency) -> [String] {
        elasticities.map { elasticity in
            let place = elasticity.price.map { " at \(currency.display(minorUnits: $0))" } ?? ""
            let interval = elasticity.interval.map { " (\($0.said { $0.rounded(digits: 2 + $1) }))" } ?? ""
            return "Elasticity, \(elasticity.model)\(place): \(elasticity.value.rounded(digits: 2))\(interval)."
        }
    }
}

extension DemandReport.Optimum {
    /// The price, with its interval where there is one: `$12.50 ($11.00 to $14.20)`.
    func said(_ currency: Currency) -> String {
        let reach = interval.map { " (\($0.said { currency.display(minorUnits: $0, extraDigits: $1) }))" }
        return currency.display(minorUnits: price) + (reach ?? "")
    }
}

/// How a metric's numbers are said.
struct Words {
    let currency: Currency
    let kind: MetricReport.Kind

    func number(_ value: Double) -> String { kind.number(value, in: currency) }

    func difference(_ value: Double) -> String { kind.difference(value, in: currency) }

    func differences(_ interval: ConfidenceInterval?) -> String {
        interval.map { $0.said { kind.difference($0, in: currency, more: $1) } } ?? "–"
    }

    /// The estimate; the bounds where there is none.
    func value(_ variant: VariantEstimate) -> String {
        if let estimate = variant.estimate { return number(estimate) }
        return variant.bounds.map { "between " + $0.said(joint: " and ") { kind.number($0, in: currency, more: $1) } }
            ?? "–"
    }

    /// The difference; the bounds where there is none.
    func difference(_ comparison: Comparison) -> String {
        if let difference = comparison.difference { return self.difference(difference) }
        return comparison.bounds.map {
            "between " + $0.said(joint: " and ") { kind.difference($0, in: currency, more: $1) }
        } ?? "–"
    }

    /// What one shopper has: whole, unlike a mean.
    func amount(_ value: Int64) -> String {
        kind == .money ? Money(amount: value, currency: currency).display : value.grouped
    }

    func interval(_ interval: ConfidenceInterval?) -> String {
        interval.map { $0.said { kind.number($0, in: currency, more: $1) } } ?? "–"
    }

    func probability(_ value: Double?) -> String {
        guard let value else { return "–" }
        if value > 0.999_99 { return ">99.999%" }
        if value < 0.000_01 { return "<0.001%" }
        return value.percent(digits: value > 0.999 || value < 0.001 ? 3 : 1)
    }

    static func relative(_ interval: ConfidenceInterval?) -> String {
        interval.map { $0.said { $0.signedPercent(digits: 1 + $1) } } ?? "–"
    }
}
