internal import ProcessIO

/// How long work is getting on: one line that is written over on a terminal, a line now and then anywhere else.
struct ProgressLine: Sendable {
    private let interval: Duration
    private let stream: StandardStream
    private let isTerminal: Bool
    private var lastShown: ContinuousClock.Instant?
    private var width = 0

    /// - Parameter interval: between lines that nobody watches; on a terminal it is a quarter of a second.
    init(every interval: Duration, on stream: StandardStream = .error) {
        self.stream = stream
        isTerminal = stream.isTerminal
        self.interval = isTerminal ? .milliseconds(250) : interval
    }

    /// Shows `text`, unless something was shown just now.
    mutating func show(_ text: @autoclosure () -> String) {
        let now = ContinuousClock.now
        if let lastShown, now - lastShown < interval { return }
        lastShown = now
        let text = text()
        stream.write(isTerminal ? "\r" + text.padded(to: width) : text + "\n")
        width = text.count
    }

    /// Leaves the line as it is, so that others may follow.
    mutating func finish() {
        if isTerminal, width > 0 { stream.write("\n") }
        width = 0
    }
}
