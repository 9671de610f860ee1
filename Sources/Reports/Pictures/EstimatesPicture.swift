internal import Analysis
internal import Experiments

/// One metric by variant, each with its interval; where costs are missing, the bounds.
enum EstimatesPicture {
    /// A metric by name; nil where it is the primary one, which has its picture.
    static func draw(_ name: PictureName, _ metric: Metric, _ report: Report) -> Picture? {
        report.metrics.first { $0.name == metric.rawValue }.flatMap { draw(name, $0, report) }
    }

    static func draw(_ name: PictureName, _ metric: MetricReport, _ report: Report) -> Picture? {
        let variants = metric.variants.filter { $0.estimate != nil || $0.bounds != nil }
        guard !variants.isEmpty else { return nil }
        let words = Words(currency: report.currency, kind: metric.kind)
        let ends = variants.flatMap { variant in
            let interval = variant.interval ?? variant.bounds
            return [variant.estimate, interval?.lower, interval?.upper].compactMap(\.self)
        }
        var canvas = Canvas()
        let scale = Scale(ends, from: Canvas.rowStart, to: Canvas.end)
        let top = 4.0
        let bottom = top + 44 * Double(variants.count)
        canvas.horizontalAxis(
            scale, TickLabel(metric.kind, report.currency), title: metric.name.asWords, top: top, bottom: bottom)
        if let control = variants.first(where: { $0.name == report.control })?.estimate {
            canvas.line(scale.place(control), top, scale.place(control), bottom, "axis dots")
        }
        for (place, variant) in variants.enumerated() {
            let middle = top + 44 * Double(place) + 28
            let isControl = variant.name == report.control
            canvas.rowName(
                variant.name, middle: middle - 4, note: isControl && variant.name != "control" ? "control" : nil)
            if let interval = variant.interval ?? variant.bounds {
                canvas.whisker(
                    scale.place(interval.lower), scale.place(interval.upper), at: middle,
                    variant.estimate == nil ? "line dash" : "line")
            }
            guard let estimate = variant.estimate else {
                canvas.pinned(
                    words.value(variant), (Canvas.rowStart + Canvas.end) / 2, middle - 12, from: Canvas.rowStart)
                continue
            }
            canvas.mark(
                isControl ? .square : .circle, scale.place(estimate), middle, radius: 4.5, isControl ? "hollow" : "fill"
            )
            canvas.pinned(words.number(estimate), scale.place(estimate), middle - 12, from: Canvas.rowStart)
        }
        canvas.height = bottom + 38
        let level = (1 - report.alpha).plainPercent
        let rows = variants.map { variant in
            [variant.name, variant.n.grouped, words.value(variant), words.interval(variant.interval)]
        }
        return Picture(
            name, title: "\(metric.name.asWords.capitalisedFirst) by variant",
            description: rows.map { "\($0[0]): \($0[2]), \(level) interval \($0[3]), \($0[1]) shoppers." }
                .joined(separator: " "),
            canvas,
            table: ReportTable(
                title: metric.name.asWords, head: ["variant", "n", "estimate", "\(level) interval"],
                rows: rows.map { ReportTable.Row(cells: $0) }))
    }
}

extension String {
    var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
