internal import Crypto
public import Analysis
internal import Experiments

/// A report as a page: static, without script, that reads on a phone and prints on two pages. Everything that came from
/// outside is escaped. It is whole in itself: saved to a file it looks the same.
///
/// First what to do, how sure that is, what being wrong costs and what comes next; then pictures, each with its numbers
/// beneath; then every metric; last how it was made.
public enum ReportHTML {
    /// What the page may do, for its `Content-Security-Policy`: show itself with its own style, and nothing else.
    public static let contentSecurityPolicy =
        "default-src 'none'; style-src 'sha256-\(Base64.text(SHA256.hash(Array(PageStyle.css.utf8)).bytes))'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    public static func encode(_ report: Report, engineVersion: String) -> [UInt8] {
        var page = Markup()
        page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        page.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n")
        page.raw("<meta name=\"color-scheme\" content=\"light dark\">\n")
        page.element("title", "Report: \(report.name)")
        page.raw("<style>\(PageStyle.css)</style></head>\n<body><main>\n")
        head(of: report, into: &page)
        advice(of: report, into: &page)
        warnings(of: report, into: &page)
        pictures(of: report, into: &page)
        metrics(of: report, into: &page)
        method(of: report, engineVersion, into: &page)
        page.raw("</main></body></html>\n")
        return page.bytes
    }

    // MARK: What to do

    private static func head(of report: Report, into page: inout Markup) {
        page.raw("<header>")
        page.element("h1", report.name + (report.segment.map { " — \($0.attribute): \($0.value)" } ?? ""))
        let shoppers = report.dataQuality.sampleRatio.observed.reduce(0, +).grouped
        let variants = report.metrics.first?.variants.count ?? 0
        page.raw("<p class=\"meta\">")
        page.text("\(report.status.rawValue.capitalisedFirst) · \(shoppers) shoppers · \(variants) variants")
        if let asOf = report.asOf {
            page.raw(" · as of <time datetime=\"\(asOf)\">")
            page.text(String("\(asOf)".prefix(16)).replacing("T", with: " ") + " UTC")
            page.raw("</time>")
        }
        page.raw("</p></header>\n")
    }

    private static func advice(of report: Report, into page: inout Markup) {
        let advice = report.recommendation
        page.raw("<section class=\"advice \(advice.action.rawValue)\" aria-label=\"Recommendation\">\n")
        page.element("p class=\"badge\"", badge(advice.action))
        page.element("p class=\"say\"", advice.sentence)
        page.raw("<dl>")
        var facts: [(String, String)] = []
        if let certainty = advice.certainty { facts.append(("How sure", certainty)) }
        if let cost = advice.costOfBeingWrong, !report.dataQuality.sampleRatio.alarm {
            let amount = report.currency.display(minorUnits: cost.perThousandVisitors)
            facts.append(
                (
                    "If it is wrong",
                    "Choosing “\(cost.choice)” where another price is better costs \(amount) of \(cost.metric.asWords.replacing(" per visitor", with: "")) on average per 1,000 visitors."
                ))
        }
        facts.append(("What next", advice.nextStep))
        for (term, words) in facts {
            page.raw("<div>")
            page.element("dt", term)
            page.element("dd", words)
            page.raw("</div>")
        }
        page.raw("</dl></section>\n")
    }

    private static func badge(_ action: Recommendation.Action) -> String {
        switch action {
        case .ship: "✓ Ship"
        case .stop: "✕ Stop"
        case .continue: "… Keep going"
        case .inconclusive: "! No decision"
        }
    }

    private static func warnings(of report: Report, into page: inout Markup) {
        var notes = report.dataQuality.warnings
        for comparison in report.metrics.first?.comparisons ?? [] {
            for warning in comparison.warnings where !notes.contains(warning) { notes.append(warning) }
        }
        notes += report.demand?.warnings ?? []
        guard !notes.isEmpty else { return }
        page.raw("<section class=\"warnings\"><h2>Before you rely on it</h2>\n")
        list(notes, into: &page)
        page.raw("</section>\n")
    }

    // MARK: Pictures

    private static func pictures(of report: Report, into page: inout Markup) {
        let pictures = self.pictures(of: report)
        guard !pictures.isEmpty else { return }
        page.raw("<section><h2>What was seen</h2>\n<div class=\"pictures\">\n")
        for picture in pictures {
            page.raw("<figure><figcaption>")
            page.text(picture.title)
            page.raw("</figcaption>\n")
            picture.embed(into: &page)
            page.raw("<details\(picture.isInMetricTables ? " class=\"again\"" : "")><summary>Numbers</summary>\n")
            table(picture.table, hasCaption: false, into: &page)
            page.raw("</details></figure>\n")
        }
        page.raw("</div></section>\n")
    }

    /// Those there are, each metric once.
    private static func pictures(of report: Report) -> [Picture] {
        let primary = report.metrics.first?.name
        // Where the split is wrong, that is the first thing to see.
        let isAlarmed = report.dataQuality.sampleRatio.alarm
        let names = PictureName.allCases.filter { !isAlarmed || $0 != .sampleRatio }
        return ((isAlarmed ? [.sampleRatio] : []) + names).compactMap { name in
            // The primary metric has its picture already.
            if name == .conversion, primary == Metric.conversionRate.rawValue { return nil }
            if name == .revenue, primary == Metric.revenuePerVisitor.rawValue { return nil }
            return Picture(name, of: report)
        }
    }

    // MARK: Numbers

    private static func metrics(of report: Report, into page: inout Markup) {
        page.raw("<section class=\"metrics\"><h2>Every metric</h2>\n")
        for metric in report.metrics {
            page.raw("<div class=\"metric\">")
            table(ReportTable(of: metric, in: report), hasCaption: true, into: &page)
            page.raw("</div>\n")
        }
        for guardrail in ReportTable.guardrails(report) {
            page.raw("<div class=\"metric\">")
            table(guardrail, hasCaption: true, into: &page)
            page.raw("</div>\n")
        }
        let more =
            ReportTable.beside(report) + ReportTable.parts(report)
            + (report.distribution.map { [ReportTable(of: $0, in: report)] } ?? [])
        let isOpen = more.map(\.rows.count).reduce(0, +) <= mostOpenRows
        for one in more {
            page.raw("<details class=\"more\"\(isOpen ? " open" : "")><summary>")
            page.text(one.title)
            page.raw("</summary>\n")
            table(one, hasCaption: false, into: &page)
            page.raw("</details>\n")
        }
        page.raw("</section>\n")
    }

    /// So many rows beyond the metrics' own are open from the start: what is open is printed, on two pages.
    private static let mostOpenRows = 40

    private static func table(_ table: ReportTable, hasCaption: Bool, into page: inout Markup) {
        // A table wider than a phone is scrolled, by keyboard too.
        page.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
        page.text(table.title)
        page.raw("\"><table>")
        page.element(hasCaption ? "caption" : "caption class=\"heard\"", table.title)
        page.raw("<thead><tr>")
        for cell in table.head { page.element("th scope=\"col\"", cell) }
        page.raw("</tr></thead>\n<tbody>")
        for row in table.rows {
            page.raw("<tr>")
            for (column, cell) in row.cells.enumerated() {
                guard column > 0 else {
                    page.element("th scope=\"row\"", cell)
                    continue
                }
                // An interval may be on two lines, each of its ends on one.
                page.element(
                    cell.contains(" to ") ? "td class=\"range\"" : "td",
                    cell.replacing(" to ", with: " to\u{A0}").replacing(" pp", with: "\u{A0}pp"))
            }
            page.raw("</tr>\n")
        }
        page.raw("</tbody></table></div>\n")
        list(table.notes, into: &page)
    }

    private static func list(_ notes: [String], into page: inout Markup) {
        guard !notes.isEmpty else { return }
        page.raw("<ul>")
        for note in notes { page.element("li", note) }
        page.raw("</ul>\n")
    }

    // MARK: How it was made

    /// The methods by their names; docs/STATISTICS.md has their formulas.
    private static func methods(of report: Report) -> String {
        func names(_ all: [String]) -> String {
            var once: [String] = []
            for name in all where !once.contains(name) { once.append(name) }
            return once.map { methodNames[$0] ?? $0.asWords }.joined(separator: " and ")
        }
        let variants = report.metrics.flatMap(\.variants)
        let tests = report.metrics.flatMap(\.comparisons).compactMap(\.fixedHorizon?.test)
        let differences = report.method == .fixed ? names(tests) : methodNames["asymptotic_confidence_sequence"] ?? ""
        return "Methods: variants by \(names(variants.map(\.intervalMethod)))"
            + (differences.isEmpty ? "" : ", differences by \(differences), relative ones by the delta method")
            + ", beliefs by \(names(variants.map(\.posterior))) posteriors."
    }

    private static let methodNames = [
        "beta_binomial_confidence_sequence": "beta-binomial confidence sequences",
        "asymptotic_confidence_sequence": "asymptotic confidence sequences", "wilson": "Wilson’s interval",
        "student_t": "Student’s t", "pooled_z": "the pooled z test and Newcombe’s interval", "welch_t": "Welch’s t",
        "stratified_t": "post-stratified t",
    ]

    private static func method(of report: Report, _ engineVersion: String, into page: inout Markup) {
        let level = (1 - report.alpha).plainPercent
        let method =
            switch report.method {
            case .sequential: "Intervals are confidence sequences: at \(level) they hold however often one looks."
            case .groupSequential:
                "Intervals are confidence sequences: at \(level) they hold however often one looks; planned looks decide, by bounds that share the error rate."
            case .fixed: "Intervals hold at \(level) for one look, at the planned end."
            }
        let comparisons = report.metrics.first?.comparisons.first?.comparisons ?? 1
        let shared =
            comparisons > 1 ? " The error rate is shared by \(comparisons) comparisons (Bonferroni)." : ""
        let advice = report.recommendation
        let quality = report.dataQuality
        page.raw("<footer><h2>How it was made</h2>\n<p>")
        page.text(
            "\(method)\(shared) p-values hold likewise. Each metric has an error rate of its own: the one that decides and "
                + "the guardrails are acted on, so of many others one may stand out by chance. What is likely is said by "
                + "posterior probabilities, which are corrected for nothing. \(methods(of: report)) A shopper counts once, from the first price told. "
                + "Rule: \(advice.rule.sentence)")
        page.raw("</p>\n<p>")
        if let maturity = quality.maturity {
            page.text("Attribution window over for \(maturity.percent()) of shoppers. ")
        }
        if let coverage = quality.costCoverage {
            page.text("Unit costs known for \(coverage.percent()) of buyers. ")
        }
        page.text("Left out for seeing two variants: \(quality.multipleExposure.grouped). ")
        page.text("Experiment \(report.subject)")
        if let version = report.configurationVersion { page.text(", configuration \(version)") }
        page.text(". Engine \(engineVersion). The same input gives the same page. Input ")
        page.raw("<code>\(report.inputHash.hex)</code>.</p></footer>\n")
    }
}
