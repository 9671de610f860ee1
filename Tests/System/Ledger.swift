import JSON
import Synchronization

/// What clients were told, and so may rely on.
final class Ledger: Sendable {
    struct Entries {
        /// Prices told to shoppers, in minor units.
        var prices: [String: Int64] = [:]
        /// Sales whose answer came.
        var acknowledged: [String: JSONValue] = [:]
        /// Sales that were sent; whether they were counted is not known.
        var unanswered: [String: JSONValue] = [:]
        /// Shoppers who heard two prices: nobody, ever.
        var contradictions: [String] = []
        var answers = 0
    }

    private let entries = Mutex(Entries())

    var now: Entries { entries.withLock { $0 } }

    /// A price was told. Returns how many answers came in all.
    func told(_ shopper: String, _ price: Int64) -> Int {
        entries.withLock { entries in
            if let before = entries.prices[shopper], before != price {
                entries.contradictions.append("\(shopper) heard \(before) and then \(price)")
            }
            entries.prices[shopper] = price
            entries.answers += 1
            return entries.answers
        }
    }

    /// Sales are about to be sent.
    func sending(_ sales: [(shopper: String, event: JSONValue)]) {
        entries.withLock { entries in
            for sale in sales { entries.unanswered[sale.shopper] = sale.event }
        }
    }

    /// Their answer came.
    func answered(_ sales: [(shopper: String, event: JSONValue)]) -> Int {
        entries.withLock { entries in
            for sale in sales {
                entries.unanswered[sale.shopper] = nil
                entries.acknowledged[sale.shopper] = sale.event
            }
            entries.answers += 1
            return entries.answers
        }
    }
}
