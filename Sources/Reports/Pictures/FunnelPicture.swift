internal import Analysis
internal import Experiments

/// From told a price to bought, by variant.
enum FunnelPicture {
    static func draw(_ report: Report) -> Picture? {
        guard let metric = report.metrics.first(where: { $0.name == Metric.conversionRate.rawValue }) else {
            return nil
        }
        let stages = metric.variants.compactMap { variant in
            variant.total.map { (variant.name, variant.n, Int64(clamping: $0)) }
        }
        guard let most = stages.map(\.1).max(), most > 0 else { return nil }
        var canvas = Canvas()
        let scale = Scale([0, Double(most)], from: Canvas.rowStart, to: Canvas.end, padding: 0)
        var top = 4.0
        var rows: [ReportTable.Row] = []
        for (name, told, bought) in stages {
            canvas.rowName(name, middle: top + 24)
            let rate = told > 0 ? (Double(bought) / Double(told)).percent(digits: 2) : "–"
            for (place, count, words, style) in [
                (0.0, told, "\(told.grouped) told a price", "area"),
                (1.0, bought, "\(bought.grouped) bought (\(rate))", "fill"),
            ] {
                let y = top + 4 + place * 21
                let width = scale.place(Double(count)) - Canvas.rowStart
                canvas.box(Canvas.rowStart, y, max(1, width), 18, style)
                // Beside a short bar, in a long one.
                let fits = width > TextWidth.ems(words) * 11.5 + 12
                canvas.text(
                    words, fits ? Canvas.rowStart + 6 : Canvas.rowStart + width + 6, y + 13,
                    style: fits ? (style == "fill" ? "on" : "bare") : "", isSmall: true)
            }
            top += 54
            rows.append(ReportTable.Row(cells: [name, told.grouped, bought.grouped, rate]))
        }
        let left = report.dataQuality.multipleExposure
        let note = "Left out because they saw two variants: \(left.grouped)"
        canvas.text(note, Canvas.rowStart, top + 10, style: "soft", isSmall: true)
        canvas.height = top + 18
        return Picture(
            .funnel, title: "From told a price to bought",
            description: rows.map { "\($0.cells[0]): \($0.cells[1]) told, \($0.cells[2]) bought, \($0.cells[3])." }
                .joined(separator: " ") + " \(note).",
            canvas,
            table: ReportTable(
                title: "Funnel", head: ["variant", "told a price", "bought", "rate"], rows: rows, notes: [note + "."]))
    }
}
