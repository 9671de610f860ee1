internal import Analysis
internal import Experiments

/// Every variant against control on the primary metric: a forest plot, with the region of practical equivalence.
enum DifferencePicture {
    private struct Row {
        var name: String
        var value: Double
        var interval: ConfidenceInterval?
        var better: Double?
        var inside: Double?
        var isTrusted: Bool
        /// Of planned looks: the one that decides.
        var look: Int?

        /// Which side of no difference the whole interval lies on; none while the split itself is wrong.
        var side: (style: String, words: String) {
            guard isTrusted else { return ("plain", "not to be trusted") }
            guard let interval else { return ("plain", "no interval yet") }
            let place = look.map { " at look \($0)" } ?? ""
            if interval.lower > 0 { return ("better", "better" + place) }
            if interval.upper < 0 { return ("worse", "worse" + place) }
            return ("plain", look == nil ? "not settled" : "open" + place)
        }
    }

    static func draw(_ report: Report) -> Picture? {
        guard let metric = report.metrics.first else { return nil }
        // Planned looks decide by the absolute difference of the shoppers of a look.
        let looks = report.plannedLooks?.comparisons ?? []
        // What decides is the absolute difference: where the relative one says less, the bar is of what decides.
        let isRelative =
            looks.isEmpty && metric.comparisons.contains { $0.relative != nil }
            && !metric.comparisons.contains { Deciding.isLostInRatio($0, in: report) }
        let rows = metric.comparisons.compactMap { comparison -> Row? in
            if let look = looks.first(where: { $0.variant == comparison.variant })?.deciding {
                return Row(
                    name: comparison.variant, value: look.difference, interval: look.interval,
                    better: comparison.probabilityBetter, inside: comparison.equivalence?.probability,
                    isTrusted: !report.dataQuality.sampleRatio.alarm, look: look.look)
            }
            guard let value = isRelative ? comparison.relative : comparison.difference else { return nil }
            return Row(
                name: comparison.variant, value: value,
                interval: looks.isEmpty ? Deciding.interval(of: comparison, in: report, relative: isRelative) : nil,
                better: comparison.probabilityBetter, inside: comparison.equivalence?.probability,
                isTrusted: !report.dataQuality.sampleRatio.alarm)
        }
        guard !rows.isEmpty else { return nil }
        let label: TickLabel = isRelative ? .share(signed: true) : TickLabel(metric.kind, report.currency)
        let words = Words(currency: report.currency, kind: metric.kind)
        let what = isRelative ? "relative difference" : "difference"
        func said(_ value: Double, _ more: Int = 0) -> String {
            isRelative
                ? value.signedPercent(digits: 1 + more) : metric.kind.difference(value, in: report.currency, more: more)
        }

        var canvas = Canvas()
        let rope = isRelative ? report.minimumEffect : nil
        let ends = rows.flatMap { [$0.value, $0.interval?.lower ?? $0.value, $0.interval?.upper ?? $0.value] }
        let scale = Scale(ends + [0] + (rope.map { [-$0, $0] } ?? []), from: Canvas.rowStart, to: Canvas.end)
        let top = rope == nil ? 8.0 : 24.0
        let bottom = top + 50 * Double(rows.count)
        if let rope {
            let left = scale.place(-rope)
            canvas.box(left, top, scale.place(rope) - left, bottom - top, "rope")
            canvas.pinned(
                "practically none: ±\(rope.plainPercent)", scale.place(0), top - 8, style: "soft",
                from: Canvas.rowStart)
        }
        canvas.horizontalAxis(
            scale, label, title: "\(metric.name.asWords), \(what) from “\(report.control)”", top: top, bottom: bottom)
        canvas.line(scale.place(0), top, scale.place(0), bottom, "axis")
        for (place, row) in rows.enumerated() {
            let middle = top + 50 * Double(place) + 31
            canvas.rowName(row.name, middle: middle - 4, note: row.side.words)
            if let interval = row.interval {
                canvas.whisker(
                    scale.place(interval.lower), scale.place(interval.upper), at: middle, "line \(row.side.style)")
            }
            let isSettled = row.side.style != "plain"
            canvas.mark(
                .diamond, scale.place(row.value), middle, radius: 4.5,
                "\(isSettled ? "fill" : "hollow") \(row.side.style)")
            let reach = row.interval.map { " (\($0.said(said)))" } ?? ""
            canvas.pinned(
                said(row.value) + reach, scale.place(row.value), middle - 13, from: Canvas.rowStart)
        }
        canvas.height = bottom + 38
        let level = (1 - report.alpha).plainPercent + (looks.isEmpty ? "" : " repeated")
        let sentences = rows.map { row in
            let reach = row.interval.map { ", \(level) interval \($0.said(said))" } ?? ""
            return "\(row.name): \(said(row.value))\(reach), \(row.side.words)."
        }
        let table = ReportTable(
            title: "\(what.capitalisedFirst) from \(report.control)",
            head: ["variant", what, "\(level) interval", "better", "practically none"],
            rows: rows.map { row in
                ReportTable.Row(cells: [
                    row.name, said(row.value), row.interval.map { $0.said(said) } ?? "–",
                    words.probability(row.better), words.probability(row.inside),
                ])
            })
        return Picture(
            .difference, title: "How each variant differs from “\(report.control)” on \(metric.name.asWords)",
            description: sentences.joined(separator: " "), canvas, table: table)
    }
}

/// The interval by which the plan decides.
enum Deciding {
    static func interval(of comparison: Comparison, in report: Report, relative: Bool) -> ConfidenceInterval? {
        switch (report.method, relative) {
        case (.fixed, true): comparison.fixedHorizon?.relativeInterval
        case (.fixed, false): comparison.fixedHorizon?.interval
        case (.sequential, true), (.groupSequential, true): comparison.relativeConfidenceSequence
        case (.sequential, false), (.groupSequential, false): comparison.confidenceSequence
        }
    }

    /// Whether the difference is told from zero and, relative to control, is not: control's own value is uncertain too.
    static func isLostInRatio(_ comparison: Comparison, in report: Report) -> Bool {
        guard let plain = interval(of: comparison, in: report, relative: false),
            let relative = interval(of: comparison, in: report, relative: true)
        else { return false }
        return (plain.lower > 0 || plain.upper < 0) && relative.lower <= 0 && relative.upper >= 0
    }
}

extension String {
    /// The name of a metric as a person says it: `profit per visitor`.
    var asWords: String { String(map { $0 == "_" ? " " : $0 }) }
}
