internal import Analysis
internal import Experiments
internal import Stats

/// What is believed of each difference from control: its posterior density, the part in favour filled.
enum PosteriorPicture {
    private static let rowHeight = 66.0
    private static let steps = 64

    static func draw(_ report: Report) -> Picture? {
        guard let metric = report.metrics.first else { return nil }
        let rows = metric.comparisons.compactMap { comparison in
            comparison.posterior.flatMap { law in law.standardDeviation > 0 ? (comparison, law) : nil }
        }
        guard !rows.isEmpty else { return nil }
        let words = Words(currency: report.currency, kind: metric.kind)
        let ends = rows.flatMap { [$1.mean - 3.5 * $1.standardDeviation, $1.mean + 3.5 * $1.standardDeviation] }
        let isTrusted = !report.dataQuality.sampleRatio.alarm
        var canvas = Canvas()
        let scale = Scale(ends + [0], from: Canvas.rowStart, to: Canvas.end, padding: 0.02)
        let top = 4.0
        let bottom = top + rowHeight * Double(rows.count)
        canvas.horizontalAxis(
            scale, TickLabel(metric.kind, report.currency),
            title: "\(metric.name.asWords), difference from “\(report.control)”", top: top, bottom: bottom)
        for (place, (comparison, law)) in rows.enumerated() {
            let base = top + rowHeight * Double(place + 1) - 4
            canvas.rowName(comparison.variant, middle: base - 20)
            func outline(from lower: Double, to upper: Double) -> [(Double, Double)] {
                guard lower < upper else { return [] }
                return (0...steps).map { step in
                    let x = lower + (upper - lower) * Double(step) / Double(steps)
                    let height = Normal.density((x - law.mean) / law.standardDeviation) / Normal.density(0)
                    return (scale.place(x), base - 42 * height)
                }
            }
            let (left, right) = (law.mean - 3.5 * law.standardDeviation, law.mean + 3.5 * law.standardDeviation)
            for (lower, upper, style) in [
                (left, min(0, right), isTrusted ? "area worse" : "rope"),
                (max(0, left), right, isTrusted ? "fill better" : "rope"),
            ] where lower < upper {
                let curve = outline(from: lower, to: upper)
                canvas.path(
                    [(scale.place(lower), base)] + curve + [(scale.place(upper), base)], closed: true, style)
            }
            canvas.path(outline(from: left, to: right), "line plain")
            canvas.line(Canvas.rowStart, base, Canvas.end, base, "axis")
            canvas.pinned(
                isTrusted ? "\(words.probability(comparison.probabilityBetter)) better" : "not to be trusted",
                scale.place(law.mean), base - 47,
                from: Canvas.rowStart)
        }
        canvas.line(scale.place(0), top, scale.place(0), bottom, "axis")
        canvas.height = bottom + 38
        let said = rows.map { comparison, law in
            [
                comparison.variant, words.difference(law.mean), words.number(law.standardDeviation),
                words.probability(comparison.probabilityBetter), words.probability(comparison.equivalence?.probability),
                comparison.expectedLoss.map(words.number) ?? "–",
            ]
        }
        return Picture(
            .posterior, title: "What is believed of the difference on \(metric.name.asWords)",
            description: said.map { "\($0[0]): mean \($0[1]), \($0[3]) likely better than \(report.control)." }
                .joined(separator: " "),
            canvas,
            table: ReportTable(
                title: "Posterior of the difference",
                head: ["variant", "mean", "sd", "better", "practically none", "expected loss"],
                rows: said.map { ReportTable.Row(cells: $0) },
                notes: ["Densities are drawn as normal laws with the posterior's mean and spread."]))
    }
}
