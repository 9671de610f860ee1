import AgentRuntime
import Experiments
import Synchronization
import Testing

/// A provider that counts what it took, and can lose its voice.
final class CountingProvider: PaymentProvider {
    struct State {
        var charged: [String: Money] = [:]
        var refunded: [String: Money] = [:]
        var asked = 0
        /// Answers are lost, though what was asked is done.
        var isMute = false
        /// Charges never arrive.
        var isGone = false
        var refusesRefunds = false
        /// What it takes in place of what is due.
        var takes: Money?
    }

    let name = "counting"
    let state = Mutex(State())

    func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        state.withLock { state in
            state.asked += 1
            if state.isGone { return .unknown }
            if request.payment == "no" { return .declined(Decline(code: "no", detail: "No.")) }
            let amount = state.charged[request.key] ?? state.takes ?? request.amount
            state.charged[request.key] = amount
            return state.isMute ? .unknown : .paid(reference: "pay-\(request.key)", amount: amount)
        }
    }

    func find(_ request: ChargeRequest) async -> ChargeFinding {
        state.withLock { state in
            if state.isMute { return .known(.unknown) }
            let key = request.key
            return state.charged[key].map { .known(.paid(reference: "pay-\(key)", amount: $0)) } ?? .absent
        }
    }

    func refund(_ request: RefundRequest) async -> RefundOutcome {
        state.withLock { state in
            if state.refusesRefunds { return .refused(Decline(code: "no", detail: "No.")) }
            state.refunded[request.key] = request.amount
            return state.isMute ? .unknown : .succeeded(reference: "back-\(request.key)")
        }
    }
}

/// Passes on, and lets something happen before it does.
final class SlowProvider: PaymentProvider {
    let name = "counting"
    let inner: CountingProvider
    let meanwhile = Mutex<@Sendable () async -> Void>({})

    init(_ inner: CountingProvider) { self.inner = inner }

    func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        await meanwhile.withLock { $0 }()
        return await inner.charge(request)
    }
    func find(_ request: ChargeRequest) async -> ChargeFinding { await inner.find(request) }
    func refund(_ request: RefundRequest) async -> RefundOutcome { await inner.refund(request) }
}

extension World {
    /// The engine's checkouts and orders.
    var checkouts: any CheckoutStore {
        get throws { try #require(service.store as? any CheckoutStore) }
    }

    /// Checkouts of this world, paid by `provider`; by the test provider where none is named.
    func selling(
        by provider: (any PaymentProvider)? = nil, tax: any TaxCalculator = FixedRates(),
        alarm: @escaping @Sendable (String) -> Void = { _ in }
    ) throws -> CheckoutService {
        let store = try checkouts
        return CheckoutService(
            pricing: service, store: store, providers: [provider ?? TestProvider(ledger: store, clock: clock)],
            tax: tax, alarm: alarm)
    }

    /// A checkout of what a shopper is quoted.
    func checkout(
        _ shopper: String = "s-1", quantity: Int64 = 1, with selling: CheckoutService
    ) async throws -> Checkout {
        let quote = try await quote(shopper)
        return try await selling.create(
            CheckoutDraft(lines: [.init(quote: quote.id.description, quantity: quantity)]), in: try snapshot)
    }

    /// Orders of all shoppers, and gross less refunds, from counts that agree with the events.
    func counted(_ experiment: ExperimentID) async throws -> (orders: Int64, revenue: Int128) {
        let sums = try await sums(experiment).values
        return (sums.reduce(0) { $0 + $1.orders }, sums.reduce(0) { $0 + $1.revenue.sum })
    }
}
