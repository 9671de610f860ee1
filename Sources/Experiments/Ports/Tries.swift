/// Tries at a decision while the configuration moves under it: as many as it takes, until whoever asked has waited for
/// so long that it had better be told to come again. There is always a first.
struct Tries {
    private var begun = 0
    private let since: Timestamp

    private static let most = 200
    /// Milliseconds after which no other try is begun.
    private static let patience: Int64 = 2000

    init(at now: Timestamp) { since = now }

    mutating func another(at now: Timestamp) -> Bool {
        defer { begun += 1 }
        return begun == 0 || begun < Self.most && now.milliseconds - since.milliseconds <= Self.patience
    }
}
