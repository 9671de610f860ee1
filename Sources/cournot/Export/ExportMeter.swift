/// Says how an export gets on: at most a line a second.
struct ExportMeter {
    private var line = ProgressLine(every: .seconds(1))
    private let before: Int
    private let begun = ContinuousClock.now

    /// - Parameter before: rows that an earlier command had fetched.
    init(before: Int) { self.before = before }

    mutating func show(rows: Int, of total: Int) {
        let text = Self.text(rows: rows, of: total, before: before, after: ContinuousClock.now - begun)
        line.show(text)
    }

    mutating func finish() { line.finish() }

    /// `exporting: 120000 of about 480000, 41000/s, 9 s left`
    static func text(rows: Int, of total: Int, before: Int, after elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        var text = "exporting: \(rows) of about \(max(rows, total))"
        if seconds > 0.5, rows > before {
            let rate = Double(rows - before) / seconds
            text += ", \(Int64(rate))/s, \(Int64((Double(max(0, total - rows)) / rate).rounded(.up))) s left"
        }
        return text
    }
}
