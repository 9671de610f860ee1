public import Experiments

/// The provider that is always there: takes no money, and remembers each charge in a ledger of its own, so that it
/// behaves through crashes as a real one would.
///
/// | payment | what becomes of it |
/// |---|---|
/// | `tok_ok`, or none | paid |
/// | `tok_declined` | declined: `card_declined` |
/// | `tok_unknown` | paid, but the first answer is lost: only asking again tells |
public struct TestProvider: PaymentProvider {
    public let name = "test"
    private let ledger: any CheckoutStore
    private let clock: any WallClock

    public init(ledger: any CheckoutStore, clock: any WallClock) {
        self.ledger = ledger
        self.clock = clock
    }

    public func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        let token = request.payment ?? "tok_ok"
        let decline: Decline? =
            switch token {
            case "tok_ok", "tok_unknown": nil
            case "tok_declined": Decline(code: "card_declined", detail: "The test card was declined.")
            default:
                Decline(
                    code: "payment_unknown",
                    detail: "The test provider takes tok_ok, tok_declined and tok_unknown.")
            }
        let payment = TestPayment(
            key: request.key, kind: .charge, amount: request.amount, token: String(token.prefix(64)), decline: decline,
            at: clock.now())
        guard let kept = try? await ledger.keep(payment, in: request.tenant) else { return .unknown }
        if kept == payment, token == "tok_unknown" { return .unknown }
        return Self.outcome(of: kept)
    }

    public func find(_ request: ChargeRequest) async -> ChargeFinding {
        do throws(StoreError) {
            return try await ledger.testPayment(request.key, in: request.tenant).map { .known(Self.outcome(of: $0)) }
                ?? .absent
        } catch {
            return .known(.unknown)
        }
    }

    public func refund(_ request: RefundRequest) async -> RefundOutcome {
        let payment = TestPayment(
            key: request.key, kind: .refund, amount: request.amount, token: request.payment, decline: nil,
            at: clock.now())
        guard let kept = try? await ledger.keep(payment, in: request.tenant) else { return .unknown }
        return .succeeded(reference: "test_" + kept.key)
    }

    private static func outcome(of payment: TestPayment) -> ChargeOutcome {
        if let decline = payment.decline { return .declined(decline) }
        return .paid(reference: "test_" + payment.key, amount: payment.amount)
    }
}
