internal import Analysis
internal import Experiments

/// Who was given what: each day's new shoppers by variant as bars, and what the weights of the day planned as lines.
enum AllocationPicture {
    private static let left = 44.0
    private static let right = 276.0
    private static let (top, bottom) = (8.0, 148.0)

    static func draw(_ report: Report) -> Picture? {
        guard let history = report.history, let first = history.days.first, let last = history.days.last else {
            return nil
        }
        let totals = history.variants.indices.map { variant in
            history.days.reduce(Int64(0)) { $0 + $1.arrivals[variant] }
        }
        let all = totals.reduce(0, +)
        guard all > 0 else { return nil }
        var canvas = Canvas()
        let days = Double(last.day) - Double(first.day) + 1
        let width = (right - left) / max(1, days)
        let scale = Scale([0, 1], from: bottom, to: top, padding: 0)
        for tick in [0, 0.5, 1] {
            canvas.line(left, scale.place(tick), right, scale.place(tick), "grid")
            canvas.text(tick.percent(digits: 0), left - 6, scale.place(tick) + 4, .end, style: "soft", isSmall: true)
        }
        for day in history.days {
            let sum = day.arrivals.reduce(0, +)
            guard sum > 0 else { continue }
            let x = left + width * (Double(day.day) - Double(first.day))
            var from = 0.0
            for (variant, count) in day.arrivals.enumerated() where count > 0 {
                let share = Double(count) / Double(sum)
                canvas.box(
                    x, scale.place(from + share), max(0.5, width - (width > 4 ? 1 : 0)),
                    max(0.5, scale.place(from) - scale.place(from + share) - 1), "v\(variant % 6)")
                from += share
            }
        }
        plan(report.allocation, from: Double(first.day), until: Double(last.day) + 1, scale, on: &canvas)
        names(history.variants, totals.map { Double($0) / Double(all) }, scale, on: &canvas)
        for (day, text) in DayText.ticks(from: first.day, to: last.day) {
            canvas.pinned(
                text, left + width * (Double(day) - Double(first.day) + 0.5), bottom + 15, style: "soft",
                from: left - 20)
        }
        canvas.text(
            "day of the first price told", (left + right) / 2, bottom + 32, .middle, style: "soft", isSmall: true)
        canvas.height = bottom + 38
        if !report.allocation.isEmpty {
            canvas.line(left, bottom + 46, left + 24, bottom + 46, "axis dash")
            canvas.text("what the weights planned", left + 30, bottom + 50, style: "soft", isSmall: true)
            canvas.height = bottom + 56
        }
        let said = history.variants.enumerated().map { variant, name in
            "\(name): \((Double(totals[variant]) / Double(all)).percent(digits: 2)) of all, \(totals[variant].grouped) shoppers."
        }
        let changes = max(0, report.allocation.count - 1)
        let changed = changes == 0 ? "" : " The weights were changed \(changes == 1 ? "once" : "\(changes) times")."
        return Picture(
            .allocation, title: "Which price new shoppers were given, by day",
            description: said.joined(separator: " ") + changed, canvas, table: table(report, history, totals))
    }

    /// Where each variant's part of the day should end, by the weights in force: a line that steps with them.
    private static func plan(
        _ phases: [AllocationPeriod], from first: Double, until end: Double, _ scale: Scale, on canvas: inout Canvas
    ) {
        func place(_ day: Double) -> Double {
            left + (right - left) * (min(end, max(first, day)) - first) / (end - first)
        }
        let starts = phases.map { Double($0.since.milliseconds) / 86_400_000 }
        for edge in 0..<max(0, (phases.first?.weights.count ?? 0) - 1) {
            var points: [(Double, Double)] = []
            for (index, phase) in phases.enumerated() where !phase.shares.isEmpty {
                let next = index + 1 < starts.count ? starts[index + 1] : end
                guard next > first else { continue }
                let y = scale.place(phase.shares.prefix(edge + 1).reduce(0, +))
                points += [(place(starts[index]), y), (place(next), y)]
            }
            canvas.path(points, "line plain dash")
        }
    }

    /// Names stand where the variant's part of the whole is.
    private static func names(_ names: [String], _ shares: [Double], _ scale: Scale, on canvas: inout Canvas) {
        var from = 0.0
        var lowest = bottom + 14
        for (variant, name) in names.enumerated() {
            let y = min(lowest - 14, scale.place(from + shares[variant] / 2) + 4)
            let label = TextWidth.lines(of: name, ems: 8.4, atMost: 1).first ?? ""
            canvas.box(right + 6, y - 9, 8, 10, "v\(variant % 6)")
            canvas.text(label, right + 19, y, isSmall: true)
            lowest = y
            from += shares[variant]
        }
    }

    /// A row for each set of weights, and one for all.
    private static func table(_ report: Report, _ history: History, _ totals: [Int64]) -> ReportTable {
        func cells(_ counts: [Int64], _ planned: [Double]) -> [String] {
            let sum = counts.reduce(0, +)
            return counts.enumerated().map { variant, count in
                let share = sum > 0 ? (Double(count) / Double(sum)).percent(digits: 1) : "–"
                let plan = planned.isEmpty ? "" : ", planned \(planned[variant].percent(digits: 1))"
                return "\(share) (\(count.grouped))\(plan)"
            }
        }
        // A page has room for so many; JSON has all.
        let most = 6
        let shown = report.allocation.suffix(most)
        let rows = shown.map { phase in
            ReportTable.Row(cells: ["\(DayText.minute(phase.since))"] + cells(phase.shoppers, phase.shares))
        }
        let cut = report.allocation.count - shown.count
        return ReportTable(
            title: "Allocation", head: ["weights since"] + history.variants,
            rows: (rows.count == 1 ? [] : rows)
                + [
                    ReportTable.Row(
                        cells: [rows.count == 1 ? DayText.minute(shown.first?.since) : "all"]
                            + cells(totals, rows.count == 1 ? shown.first?.shares ?? [] : []))
                ],
            notes: ["Of shoppers in the analysis; the CSV has every day."]
                + (cut > 0 ? ["The last \(most) of \(report.allocation.count) sets of weights."] : []))
    }
}
