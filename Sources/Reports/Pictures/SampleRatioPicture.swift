internal import Analysis
internal import Experiments
internal import Stats

/// Whether each variant received the shoppers its weights promise: how many more or fewer, beside what chance does.
enum SampleRatioPicture {
    private struct Row {
        var name: String
        var observed: Int64
        var expected: Double
        /// Relative to what was planned.
        var excess: Double
        /// The excess that chance alone stays within.
        var chance: Double
    }

    static func draw(_ report: Report) -> Picture? {
        let ratio = report.dataQuality.sampleRatio
        let names = report.metrics.first?.variants.map(\.name) ?? []
        let total = ratio.observed.reduce(0, +)
        guard total > 0, names.count == ratio.observed.count, names.count == ratio.expected.count else { return nil }
        // The level of the alarm, by which one variant alone would be judged.
        let level = report.method != .fixed ? 0.999 : 0.99
        let z = Normal.upperQuantile((1 - level) / 2)
        let rows = names.indices.compactMap { place -> Row? in
            let expected = ratio.expected[place]
            guard expected > 0 else { return nil }
            let share = min(1, expected / Double(total))
            return Row(
                name: names[place], observed: ratio.observed[place], expected: expected,
                excess: Double(ratio.observed[place]) / expected - 1, chance: z * ((1 - share) / expected).squareRoot())
        }
        var canvas = Canvas()
        let ends = rows.flatMap { [$0.excess, $0.chance, -$0.chance] }
        let scale = Scale(ends + [0], from: Canvas.rowStart, to: Canvas.end)
        let top = 24.0
        let bottom = top + 44 * Double(rows.count)
        canvas.pinned(
            "shaded: what chance does in \(level.plainPercent) of such splits", scale.place(0), top - 9,
            style: "soft", from: Canvas.rowStart)
        canvas.horizontalAxis(
            scale, .share(signed: true), title: "shoppers more or fewer than planned", top: top, bottom: bottom)
        for (place, row) in rows.enumerated() {
            let middle = top + 44 * Double(place) + 29
            canvas.rowName(row.name, middle: middle - 5)
            let left = scale.place(-row.chance)
            canvas.box(left, middle - 8, scale.place(row.chance) - left, 16, "rope")
        }
        canvas.line(scale.place(0), top, scale.place(0), bottom, "axis")
        for (place, row) in rows.enumerated() {
            let middle = top + 44 * Double(place) + 29
            let isOutside = abs(row.excess) > row.chance
            canvas.mark(
                isOutside ? .diamond : .circle, scale.place(row.excess), middle, radius: 4.5,
                ratio.alarm ? "fill worse" : "fill")
            canvas.pinned(
                "\(row.observed.grouped) of \(Int64(row.expected.rounded()).grouped)", scale.place(row.excess),
                middle - 13, from: Canvas.rowStart)
        }
        let verdict =
            (ratio.alarm ? "Alarm: not the planned split" : "As planned")
            + (ratio.decidingText(report.method).map { " (\($0))" } ?? "")
        canvas.text(
            verdict, (Canvas.rowStart + Canvas.end) / 2, bottom + 50, .middle, style: "strong", isSmall: true)
        canvas.height = bottom + 56
        func share(_ count: Double) -> String { (count / Double(total)).percent(digits: 2) }
        let cells = rows.map { row in
            [
                row.name, row.observed.grouped, Int64(row.expected.rounded()).grouped, share(Double(row.observed)),
                share(row.expected),
            ]
        }
        return Picture(
            .sampleRatio, title: "Were shoppers split as planned?",
            description: "\(verdict). "
                + cells.map { "\($0[0]): \($0[1]) shoppers, planned \($0[2])." }.joined(separator: " "),
            canvas,
            table: ReportTable(
                title: "Sample ratio", head: ["variant", "counted", "planned", "share", "planned share"],
                rows: cells.map { ReportTable.Row(cells: $0) }, notes: ["Alarm when \(ratio.rule)."]))
    }
}

extension DataQuality.SampleRatio {
    /// The p-value that the alarm goes by: of one look under a fixed plan, else of every look.
    func decidingText(_ method: AnalysisPlan.Method) -> String? {
        method == .fixed
            ? pValue.map { "p = \($0.probabilityText)" }
            : alwaysValidPValue.map { "p = \($0.probabilityText) at every look" }
    }
}
