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
        ledger: any CheckoutStore, clock: any WallClock, trouble: @escaping @Sendable (String) -> Void
    ) throws(CommandFailure) -> [any PaymentProvider] {
        let send = try sender()
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

    /// Asks over HTTP; where nobody has to be asked there is no client.
    private func sender() throws(CommandFailure) -> ProviderWire.Send {
        guard stripe != nil || razorpay != nil || payPal != nil else {
            return { _ throws(HTTPClientError) in throw .unreachable("no provider is asked here") }
        }
        let client: HTTPClient
        do throws(HTTPClientError) {
            client = try HTTPClient()
        } catch {
            throw CommandFailure("\(Setting.payments.rawValue): \(error)")
        }
        return { request throws(HTTPClientError) in
            let reply = try await client.send(request)
            return (reply.status, reply.body)
        }
    }
}
