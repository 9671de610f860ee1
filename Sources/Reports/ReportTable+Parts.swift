internal import Analysis
internal import Experiments

/// The tables of guardrails, segments and phases.
extension ReportTable {
    /// What must not fall; none where nothing was declared.
    static func guardrails(_ report: Report) -> [ReportTable] {
        guard !report.guardrails.isEmpty else { return [] }
        let level = (1 - report.alpha).plainPercent
        return [
            ReportTable(
                title: "What must not fall",
                head: ["metric", "variant", "may fall by", "against \(report.control)", "\(level) interval", "state"],
                rows: report.guardrails.flatMap { guardrail in
                    guardrail.variants.map { variant in
                        Row(cells: [
                            guardrail.metric.asWords, variant.name, guardrail.maxDrop.percent(),
                            variant.relative.map { $0.signedPercent(digits: 2) } ?? "–",
                            Words.relative(variant.interval),
                            words(variant.state),
                        ])
                    }
                },
                notes: [
                    "A guardrail holds when its whole interval lies above the limit, and is broken when it lies below: shown either way, not assumed. A price is shipped only where all hold."
                ])
        ]
    }

    private static func words(_ state: GuardrailReport.State) -> String {
        switch state {
        case .holds: "✓ holds"
        case .open: "… not shown yet"
        case .broken: "✕ broken"
        }
    }

    static func parts(_ report: Report) -> [ReportTable] {
        guard let metric = report.metrics.first else { return [] }
        var tables = report.segments.map { segment in
            ReportTable(
                title: "\(segment.metric.asWords.capitalisedFirst) by \(segment.attribute)",
                head: head(segment.attribute, report),
                rows: segment.values.flatMap { rows($0.name, $0.part, metric, report) },
                notes: segment.warnings + notes(segment.heterogeneity, among: "segments")
                    + [
                        "The error rate is shared by \(segment.comparisons) comparisons within segments (Bonferroni). “Likely” pulls each difference towards that of all."
                    ])
        }
        if let phases = report.phases {
            let rows = phases.phases.enumerated().flatMap { number, phase in
                let split = phase.weights.map(String.init).joined(separator: ":")
                let day = phase.startedAt.map { " from \("\($0)".prefix(10))" } ?? ""
                return self.rows("\(number + 1)\(day), \(split)", phase.part, metric, report)
            }
            let ratios = phases.phases.enumerated().compactMap { number, phase in
                phase.sampleRatioPValue.map { "\(number + 1): p = \($0.probabilityText)" }
            }
            tables.append(
                ReportTable(
                    title: "\(phases.metric.asWords.capitalisedFirst) by phase", head: head("phase, weights", report),
                    rows: rows,
                    notes: notes(phases.heterogeneity, among: "phases")
                        + bandit(report) + ["Sample ratio of each phase: \(ratios.joined(separator: "; "))."]))
        }
        if let looks = report.plannedLooks { tables.append(ReportTable(of: looks, in: report, metric)) }
        return tables
    }

    private init(of looks: PlannedLooks, in report: Report, _ metric: MetricReport) {
        let words = Words(currency: report.currency, kind: metric.kind)
        let level = (1 - report.alpha).plainPercent
        self.init(
            title: "Planned looks at \(looks.metric.asWords)",
            head: ["look", "variant", "n", "difference from \(report.control)", "\(level) interval", "z", "bound"],
            rows: looks.looks.flatMap { look in
                let readings = looks.comparisons.compactMap { comparison in
                    comparison.readings.first { $0.look == look.number }.map { (comparison.variant, $0) }
                }
                let first = "\(look.number), \(look.state.rawValue)"
                guard !readings.isEmpty else {
                    return [Row(cells: [first, "", "of \(look.shoppers.grouped)", "–", "–", "–", "–"])]
                }
                return readings.map { variant, reading in
                    Row(cells: [
                        first, variant, look.n?.grouped ?? "–", words.difference(reading.difference),
                        words.differences(reading.interval), reading.z.rounded(digits: 3),
                        look.boundary?.rounded(digits: 3) ?? "–",
                    ])
                }
            },
            notes: looks.comparisons.compactMap { comparison in
                guard let p = comparison.pValue, let estimate = comparison.estimate else { return nil }
                let place = comparison.stoppedAt.map { "stopped at look \($0)" } ?? "reached the last look"
                return
                    "“\(comparison.variant)” \(place): p = \(p.probabilityText), difference \(words.difference(estimate)) (median-unbiased, \(words.differences(comparison.interval)))."
            } + [
                "A look is the shoppers who had come by the end of the day on which its share of the target was reached, read once their attribution window is over."
            ])
    }

    private static func head(_ first: String, _ report: Report) -> [String] {
        let level = (1 - report.alpha).plainPercent
        return [
            first, "variant", "n", "estimate", "difference from \(report.control)", "\(level) interval", "p", "likely",
        ]
    }

    private static func rows(
        _ name: String, _ part: PartReport, _ metric: MetricReport, _ report: Report
    ) -> [Row] {
        let words = Words(currency: report.currency, kind: metric.kind)
        return part.variants.map { variant in
            let comparison = part.comparisons.first { $0.variant == variant.name }
            let estimate = comparison?.estimate
            let isFixed = report.method == .fixed
            let interval = isFixed ? estimate?.fixedInterval : estimate?.confidenceSequence
            let p = isFixed ? estimate?.fixedPValue : estimate?.alwaysValidPValue
            let last =
                comparison == nil
                ? ["", "", "", ""]
                : [
                    estimate.map { words.difference($0.difference) } ?? "–", words.differences(interval),
                    p?.probabilityText ?? "–", comparison?.shrunk.map(words.difference) ?? "–",
                ]
            return Row(
                cells: [name, variant.name, variant.n.grouped, variant.estimate.map(words.number) ?? "–"] + last)
        }
    }

    private static func bandit(_ report: Report) -> [String] {
        guard let bandit = report.bandit else { return [] }
        return [
            "Weights follow what is learned (\(bandit.rule.rawValue), every \(bandit.everyHours) hours), no variant below \(bandit.floor.percent()); each set of weights is compared within itself, so that estimates stay right."
        ]
    }

    private static func notes(_ tests: [Heterogeneity?], among parts: String) -> [String] {
        tests.compactMap(\.self).map {
            "Whether “\($0.variant)” differs among \(parts): Q = \($0.q.rounded(digits: 2)) on \($0.degreesOfFreedom.rounded(digits: 0)) degrees of freedom, p = \($0.pValue.probabilityText) for one look; I² = \($0.iSquared.percent(digits: 0))."
        }
    }
}
