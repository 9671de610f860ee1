internal import Storage

/// Says how a transfer gets on: at most a line a second.
struct TransferMeter {
    private var line = ProgressLine(every: .seconds(1))
    private var phase: TransferProgress.Phase?
    private var begun = ContinuousClock.now

    mutating func show(_ progress: TransferProgress) {
        if phase != progress.phase {
            phase = progress.phase
            begun = .now
        }
        let elapsed = ContinuousClock.now - begun
        line.show(Self.text(progress, after: elapsed))
    }

    mutating func finish() { line.finish() }

    /// `copying offers: 120000 of 480000, 41000/s, 9 s left`
    static func text(_ progress: TransferProgress, after elapsed: Duration) -> String {
        let seconds = Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) / 1e18
        var text = "\(progress.phase.rawValue) \(progress.subject): \(progress.done) of \(progress.total)"
        let done = progress.done - progress.before
        if seconds > 0.5, done > 0 {
            let rate = Double(done) / seconds
            let left = Double(max(0, progress.total - progress.done)) / rate
            text += ", \(Int64(rate))/s, \(Int64(left.rounded(.up))) s left"
        }
        return text
    }
}
