/// Tries at a decision while the configuration moves under it: as many as it takes, until whoever asked has waited for
/// so long that it had better be told to come again.
struct Tries {
    private var left = 200
    private let began: Timestamp

    /// Milliseconds after which no other try is begun.
    private static let patience: Int64 = 2000

    init(at now: Timestamp) { began = now }

    mutating func another(at now: Timestamp) -> Bool {
        left -= 1
        return left >= 0 && now.milliseconds - began.milliseconds <= Self.patience
    }
}
