internal import AgentRuntime
internal import Experiments

/// Costs as rows have them: bounded, so that the sum of all rows there can be has 64 bits.
enum StoredCost {
    /// Picodollars or tokens of one row: a thousand dollars.
    private static let most: Int64 = 1_000_000_000_000_000

    static func kept(_ cost: ModelCost) -> Int64 { kept(cost.picodollars) }

    static func kept(_ count: Int64) -> Int64 { min(max(count, 0), most) }

    /// What a request is counted against: the tenant's day, and the conversation. In the order they are locked in.
    static func scopes(of reservation: ModelReservation) -> [String] {
        ["day \(reservation.day)", "talk \(reservation.conversation)"]
    }

    static func hasRoom(for amount: Int64, beside spent: Int64, in budget: ModelCost) -> Bool {
        let (sum, isTooMuch) = spent.addingReportingOverflow(amount)
        return !isTooMuch && sum <= budget.picodollars
    }
}
