/// Tries at a decision while the configuration moves under it: as many as it takes, until whoever asked has waited for
/// so long that it had better be told to come again. However long the first took, there are a few.
struct Tries {
    private var begun = 0
    private let since: Timestamp

    private static let least = 3
    private static let most = 200
    /// Milliseconds after which no other try is begun.
    private let patience: Int64

    init(at now: Timestamp, for patience: Int64 = 2000) {
        since = now
        self.patience = patience
    }

    mutating func another(at now: Timestamp) -> Bool {
        defer { begun += 1 }
        return begun < Self.least || begun < Self.most && now.milliseconds - since.milliseconds <= patience
    }
}
