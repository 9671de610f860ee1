internal import AgentRuntime
internal import Experiments
internal import HTTPClient
internal import Providers

/// Who takes money.
struct Payments: CustomStringConvertible {
    enum Provider: String, CaseIterable {
        case stripe, razorpay, paypal
        /// Transfers from bank to bank, which the merchant confirms.
        case bank
        /// The built-in one, which takes none.
        case test
    }

    /// The first is asked where nobody says another.
    var providers: [Provider] = []
    var stripe: Stripe.Configuration?
    var razorpay: Razorpay.Configuration?
    var payPal: PayPal.Configuration?

    var description: String {
        providers.isEmpty ? "none" : providers.map(\.rawValue).joined(separator: ",")
    }

    /// - Parameter trouble: hears of what the operator has to look at.
    func open(
        ledger: any CheckoutStore, clock: any WallClock, client: HTTPClient,
        trouble: @escaping @Sendable (String) -> Void
    ) -> [any PaymentProvider] {
        let send: ProviderWire.Send = { request throws(HTTPClientError) in try await client.send(request) }
        return providers.compactMap { provider in
            switch provider {
            case .stripe: stripe.map { Stripe($0, clock: clock, send: send, trouble: trouble) }
            case .razorpay: razorpay.map { Razorpay($0, send: send, trouble: trouble) }
            case .paypal: payPal.map { PayPal($0, clock: clock, send: send, trouble: trouble) }
            case .bank: BankTransfer()
            case .test: TestProvider(ledger: ledger, clock: clock)
            }
        }
    }
}
