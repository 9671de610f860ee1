internal import Analysis
internal import Experiments

/// The confidence sequence after every day, and the line of no difference: the day it is left behind decides.
enum HistoryPicture {
    private static let left = 66.0
    private static let panel = 78.0

    static func draw(_ report: Report) -> Picture? {
        guard let history = report.history, let first = history.days.first, let last = history.days.last,
            let metric = report.metrics.first
        else { return nil }
        let label = TickLabel(metric.kind, report.currency)
        let words = Words(currency: report.currency, kind: metric.kind)
        let xs = Scale([Double(first.day), Double(last.day)], from: left, to: Canvas.end - 4, padding: 0)
        var canvas = Canvas()
        var top = 22.0
        var sentences: [String] = []
        var drawn = 0
        for (place, name) in history.comparisons.enumerated() {
            let found = history.days.map { day in
                day.differences.indices.contains(place) ? day.differences[place].map { (day.day, $0) } : nil
            }
            let points = found.compactMap(\.self)
            guard let final = points.last?.1 else { continue }
            drawn += 1
            let ys = scale(points.map(\.1), from: top + panel, to: top)
            func inside(_ value: Double) -> Double { min(top + panel, max(top, ys.place(value))) }
            canvas.text(name, 2, top - 7, style: "strong", isSmall: true)
            let (ticks, step) = ys.ticks(about: 4)
            for tick in ticks {
                canvas.line(left, ys.place(tick), Canvas.end, ys.place(tick), "grid")
                canvas.text(
                    label.text(tick, step: step), left - 6, ys.place(tick) + 4, .end, style: "soft", isSmall: true)
            }
            canvas.line(left, inside(0), Canvas.end, inside(0), "axis")
            let cleared = points.first { $0.1.interval.lower > 0 || $0.1.interval.upper < 0 }
            let side = cleared.map { $0.1.interval.lower > 0 ? "better" : "worse" }
            for run in found.split(whereSeparator: { $0 == nil }) {
                let run = run.compactMap(\.self).map { (xs.place(Double($0.0)), $0.1) }
                // One day is no line.
                if run.count == 1, let (x, only) = run.first {
                    let style = points.count == 1 ? side ?? "plain" : "plain"
                    canvas.upright(
                        [only.interval.upper, only.interval.lower].map(ys.place), at: x, top: top, bottom: top + panel,
                        "line \(style)")
                    canvas.mark(.diamond, x, inside(only.difference), radius: 4.5, "hollow \(style)")
                    continue
                }
                canvas.band(
                    run.map { ($0.0, inside($0.1.interval.upper)) }, run.map { ($0.0, inside($0.1.interval.lower)) },
                    "area")
                for end in [run.map { ($0.0, $0.1.interval.upper) }, run.map { ($0.0, $0.1.interval.lower) }] {
                    // Only where it is on paper: an edge drawn along the frame would be a lie.
                    let seen = end.filter { $0.1 >= ys.lower && $0.1 <= ys.upper }
                    canvas.path(seen.map { ($0.0, ys.place($0.1)) }, "line dash")
                }
                canvas.path(run.map { ($0.0, inside($0.1.difference)) }, "line plain")
            }
            // Beside one day alone the mark would stand on the end of its interval.
            if let (day, _) = cleared, let side, points.count > 1 {
                canvas.mark(.triangle, xs.place(Double(day)), inside(0), radius: 5, "fill \(side)")
            }
            let state =
                cleared.map { "\($0.1.interval.lower > 0 ? "above" : "below") zero since \(DayText.short($0.0))" }
                ?? "zero is still inside"
            canvas.text(state, Canvas.end, top - 7, .end, style: "soft", isSmall: true)
            sentences.append(
                "\(name): \(words.difference(final.difference)), interval \(words.differences(final.interval)), \(state)."
            )
            top += panel + 30
        }
        guard drawn > 0 else { return nil }
        let bottom = top - 30
        for (day, text) in DayText.ticks(from: first.day, to: last.day) {
            canvas.pinned(text, xs.place(Double(day)), bottom + 15, style: "soft", from: left - 20)
        }
        canvas.text(
            "shoppers who came until this day", (left + Canvas.end) / 2, bottom + 32, .middle, style: "soft",
            isSmall: true)
        canvas.height = bottom + 38
        return Picture(
            .history, title: "How the difference from “\(report.control)” settled: \(metric.name.asWords)",
            description: sentences.joined(separator: " "), canvas,
            table: table(history, words, report))
    }

    /// The first days' intervals are as wide as the unknown: the later two thirds decide how tall the picture is.
    private static func scale(_ points: [History.Difference], from start: Double, to end: Double) -> Scale {
        let later = points.dropFirst(points.count / 3)
        return Scale(
            later.flatMap { [$0.interval.lower, $0.interval.upper, $0.difference] } + [0], from: start, to: end)
    }

    private static func table(_ history: History, _ words: Words, _ report: Report) -> ReportTable {
        // A page has room for so many; CSV and JSON have every day.
        let most = 4
        let count = history.days.count
        let places = count <= most ? Array(0..<count) : (0..<most).map { $0 * (count - 1) / (most - 1) }
        return ReportTable(
            title: "Interval by day", head: ["until"] + history.comparisons,
            rows: places.map { place in
                let day = history.days[place]
                return ReportTable.Row(
                    cells: [DayText.iso(day.day)]
                        + day.differences.map { found in
                            found.map { words.differences($0.interval) } ?? "–"
                        })
            },
            notes: [
                "Intervals of the difference. A shopper counts on the day of the first exposure, with all that was bought since."
            ] + (count > most ? ["\(most) of \(count) days; the CSV has all."] : []))
    }
}

/// Days as people write them, in UTC.
enum DayText {
    static func iso(_ day: Int32) -> String {
        String(Timestamp(milliseconds: Int64(day) * 86_400_000).description.prefix(10))
    }

    /// `2026-11-03 14:05 UTC`; a dash for no time.
    static func minute(_ time: Timestamp?) -> String {
        time.map { String($0.description.prefix(16)).replacing("T", with: " ") + " UTC" } ?? "–"
    }

    /// `3 Nov`
    static func short(_ day: Int32) -> String {
        let parts = iso(day).split(separator: "-")
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 3, let month = Int(parts[1]), let date = Int(parts[2]), names.indices.contains(month - 1)
        else { return iso(day) }
        return "\(date) \(names[month - 1])"
    }

    /// About five of them, days, weeks or months of four weeks apart.
    static func ticks(from first: Int32, to last: Int32) -> [(Int32, String)] {
        let span = Int(last) - Int(first)
        guard span > 0 else { return [(first, short(first))] }
        let step = [1, 2, 7, 14, 28, 56, 112, 364].first { span / $0 <= 4 } ?? (span / 4)
        return stride(from: Int(first), through: Int(last), by: max(1, step)).map { day in
            (Int32(clamping: day), short(Int32(clamping: day)))
        }
    }
}
