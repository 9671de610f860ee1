import AgentRuntime
import Experiments
import Testing

/// A clock that stands still.
struct StillClock: WallClock {
    static let time = Timestamp(milliseconds: 1_790_000_000_000)
    func now() -> Timestamp { Self.time }
}

/// Requests as checkouts make them.
enum Requests {
    static let tenant = TenantID("ten_000000000000000000000000000000a1")
    static let checkout = CheckoutID("chk_000000000000000000000000000000b2")

    static func charge(
        _ amount: Int64 = 1999, _ currency: String = "USD", payment: String? = nil, opening: PaymentOpening? = nil,
        returnURL: String? = nil, lines: [ChargeRequest.Line] = [], taxOnTop: Int64 = 0,
        settings: PaymentSettings = .standard, mayFinish: Bool = true
    ) throws -> ChargeRequest {
        ChargeRequest(
            tenant: try #require(tenant), checkout: try #require(checkout), key: "\(try #require(checkout))-1",
            amount: Money(amount: amount, currency: try #require(Currency(currency))), lines: lines,
            taxOnTop: taxOnTop, payment: payment, opening: opening, returnURL: returnURL, settings: settings,
            mayFinish: mayFinish)
    }

    static func refund(
        _ payment: String, _ amount: Int64, _ currency: String = "USD", key: String = "ref_1"
    ) throws -> RefundRequest {
        RefundRequest(
            tenant: try #require(tenant), checkout: try #require(checkout), payment: payment, key: key,
            amount: Money(amount: amount, currency: try #require(Currency(currency))))
    }
}
