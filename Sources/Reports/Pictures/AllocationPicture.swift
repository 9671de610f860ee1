internal import Analysis
internal import Experiments

/// Who was given what: each day's new shoppers by variant.
enum AllocationPicture {
    private static let left = 44.0
    private static let right = 276.0

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
        let (top, bottom) = (8.0, 148.0)
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
        // Names stand where the variant's part of the whole is.
        var from = 0.0
        var lowest = bottom + 14
        for (variant, name) in history.variants.enumerated() {
            let share = Double(totals[variant]) / Double(all)
            let y = min(lowest - 14, scale.place(from + share / 2) + 4)
            let label = TextWidth.lines(of: name, ems: 8.4, atMost: 1).first ?? ""
            canvas.box(right + 6, y - 9, 8, 10, "v\(variant % 6)")
            canvas.text(label, right + 19, y, isSmall: true)
            lowest = y
            from += share
        }
        for (day, text) in DayText.ticks(from: first.day, to: last.day) {
            canvas.pinned(
                text, left + width * (Double(day) - Double(first.day) + 0.5), bottom + 15, style: "soft",
                from: left - 20)
        }
        canvas.text(
            "day of the first price told", (left + right) / 2, bottom + 32, .middle, style: "soft", isSmall: true)
        canvas.height = bottom + 38
        let rows = history.variants.enumerated().map { variant, name in
            [name, totals[variant].grouped, (Double(totals[variant]) / Double(all)).percent(digits: 2)]
        }
        return Picture(
            .allocation, title: "Which price new shoppers were given, by day",
            description: rows.map { "\($0[0]): \($0[2]) of all, \($0[1]) shoppers." }.joined(separator: " "), canvas,
            table: ReportTable(
                title: "Allocation", head: ["variant", "shoppers", "share"],
                rows: rows.map { ReportTable.Row(cells: $0) }, notes: ["The CSV has every day."]))
    }
}
