internal import Analysis
internal import Experiments

/// Whether each variant received the shoppers its weights promise.
enum SampleRatioPicture {
    static func draw(_ report: Report) -> Picture? {
        let ratio = report.dataQuality.sampleRatio
        let names = report.metrics.first?.variants.map(\.name) ?? []
        let total = ratio.observed.reduce(0, +)
        guard total > 0, names.count == ratio.observed.count, names.count == ratio.expected.count else { return nil }
        let whole = Double(total)
        let observed = ratio.observed.map { Double($0) / whole }
        let expected = ratio.expected.map { $0 / whole }
        var canvas = Canvas()
        let scale = Scale(observed + expected + [0], from: Canvas.rowStart, to: Canvas.end, padding: 0)
        let top = 4.0
        let bottom = top + 42 * Double(names.count)
        canvas.horizontalAxis(scale, .share(signed: false), title: "share of shoppers", top: top, bottom: bottom)
        var rows: [ReportTable.Row] = []
        for (place, name) in names.enumerated() {
            let middle = top + 42 * Double(place) + 28
            canvas.rowName(name, middle: middle - 5)
            canvas.box(
                scale.place(0), middle - 7, scale.place(observed[place]) - scale.place(0), 14,
                ratio.alarm ? "fill worse" : "fill")
            let x = scale.place(expected[place])
            canvas.line(x, middle - 11, x, middle + 11, "axis")
            canvas.text(
                "\(observed[place].percent(digits: 2)), planned \(expected[place].percent(digits: 2))",
                Canvas.rowStart, middle - 12, isSmall: true)
            rows.append(
                ReportTable.Row(cells: [
                    name, ratio.observed[place].grouped, Int64(ratio.expected[place].rounded()).grouped,
                    observed[place].percent(digits: 2), expected[place].percent(digits: 2),
                ]))
        }
        let p = report.method == .sequential ? ratio.alwaysValidPValue : ratio.pValue
        let verdict =
            (ratio.alarm ? "Alarm: not the planned split" : "As planned")
            + (p.map { " (p = \($0.probabilityText))" } ?? "")
        canvas.text(
            verdict, (Canvas.rowStart + Canvas.end) / 2, bottom + 50, .middle, style: "strong", isSmall: true)
        canvas.height = bottom + 56
        return Picture(
            .sampleRatio, title: "Were shoppers split as planned?",
            description: "\(verdict). "
                + rows.map { "\($0.cells[0]): \($0.cells[3]), planned \($0.cells[4])." }
                .joined(separator: " "),
            canvas,
            table: ReportTable(
                title: "Sample ratio", head: ["variant", "counted", "planned", "share", "planned share"], rows: rows,
                notes: ["Rule: \(ratio.rule)."]))
    }
}
