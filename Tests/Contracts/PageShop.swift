import AgentRuntime
import Experiments
import Synchronization
import Testing

/// A provider that makes something which can be paid once, keeps no keys of requests, and loses answers.
final class PageProvider: PaymentProvider {
    struct State {
        /// What was made, by name: nil until it is paid.
        var made: [String: Money?] = [:]
        var ended: Set<String> = []
        /// What is due, by name.
        var due: [String: Money] = [:]
        var refunded: [String: Money] = [:]
        /// What went back, or is contested, without having been asked for, by payment.
        var returned: [String: [ProviderReturn]] = [:]
        var isMute = false
        /// Whether what is made is paid as soon as it is asked for, as with a card that is known.
        var paysAtOnce = false
    }

    let name = "page"
    let state = Mutex(State())

    func open(_ request: ChargeRequest) async -> OpeningOutcome {
        state.withLock { state in
            let reference = "page-\(state.made.count)-\(request.key)"
            state.made[reference] = .some(nil)
            state.due[reference] = request.amount
            return state.isMute
                ? .unknown : .opened(PaymentOpening(reference: reference, url: "https://pay.test/\(reference)"))
        }
    }

    func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        guard let reference = request.opening?.reference else { return .unknown }
        if state.withLock({ $0.paysAtOnce }) { pay(reference) }
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    func find(_ request: ChargeRequest) async -> ChargeFinding {
        state.withLock { state in
            guard let reference = request.opening?.reference else { return .absent }
            if state.isMute { return .known(.unknown) }
            if let amount = state.made[reference] ?? nil {
                return .known(.paid(reference: "paid-\(reference)", amount: amount))
            }
            if state.ended.contains(reference) { return .known(.declined(.abandoned)) }
            return .known(.waiting(url: "https://pay.test/\(reference)"))
        }
    }

    func withdraw(_ request: ChargeRequest) async -> ChargeOutcome {
        if let reference = request.opening?.reference {
            state.withLock { state in
                if state.made[reference] == .some(nil) { _ = state.ended.insert(reference) }
            }
        }
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    func refund(_ request: RefundRequest) async -> RefundOutcome {
        state.withLock { state in
            if state.isMute { return .unknown }
            state.refunded[request.key] = request.amount
            return .succeeded(reference: "back-\(request.key)")
        }
    }

    func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? {
        let told = state.withLock { $0.isMute ? nil : $0.returned[payment] ?? [] }
        // An answer takes its time: what it says may have turned when it is kept.
        await Task.yield()
        return told
    }

    func hear(_ message: ProviderMessage) async -> ProviderHint {
        let words = String(decoding: message.body, as: UTF8.self).split(separator: " ").map(String.init)
        guard words.count == 4, let tenant = TenantID(words[0]), let checkout = CheckoutID(words[1]) else {
            return .nothing
        }
        if words[2] == "returned" { return .returned(tenant: tenant, checkout: checkout) }
        return .payment(tenant: tenant, checkout: checkout, key: words[2], reference: words[3])
    }

    /// The buyer pays.
    func pay(_ reference: String, _ amount: Money? = nil) {
        state.withLock { state in
            guard state.made[reference] == .some(nil), !state.ended.contains(reference) else { return }
            state.made[reference] = .some(amount ?? state.due[reference])
        }
    }

    var paid: [String] { state.withLock { $0.made.filter { $0.value != nil }.map(\.key) } }
}

/// A world that sells by a page, with what it is asked of in each test.
struct PageShop {
    let world: World
    let experiment: ExperimentID
    let service: CheckoutService
    let provider: PageProvider
    let alarms: Alarms

    final class Alarms: Sendable {
        let heard = Mutex<[String]>([])
    }

    static func with(_ engine: Engine, _ body: (PageShop) async throws -> Void) async throws {
        try await World.with(engine) { world, experiment in
            let (provider, alarms) = (PageProvider(), Alarms())
            let service = try world.selling(by: provider) { sentence in
                alarms.heard.withLock { $0.append(sentence) }
            }
            try await body(
                PageShop(world: world, experiment: experiment, service: service, provider: provider, alarms: alarms))
        }
    }

    func checkout(_ shopper: String) async throws -> Checkout {
        try await world.checkout(shopper, with: service)
    }

    func complete(_ checkout: Checkout) async throws -> Completion {
        try await service.complete(checkout.id, totalsHash: checkout.totalsHash, in: try world.snapshot)
    }

    /// Begins to pay.
    func begun(_ shopper: String) async throws -> (checkout: Checkout, reference: String) {
        let made = try await checkout(shopper)
        guard case .pending(let paying) = try await complete(made), let opening = paying.opening else {
            throw CheckoutError.notFound
        }
        return (paying, opening.reference)
    }

    func message(_ checkout: Checkout, _ reference: String, key: String? = nil) -> ProviderMessage {
        ProviderMessage(
            headers: [],
            body: Array("\(world.tenant) \(checkout.id) \(key ?? checkout.attemptKey) \(reference)".utf8),
            receivedAt: world.clock.now())
    }

    func orders() async throws -> [Order] {
        try await service.orders(before: nil, limit: 100, in: try world.snapshot)
    }

    func counted() async throws -> Int64 {
        try await world.counted(experiment).orders
    }

    /// What the world counts as paid, less what went back.
    func revenue() async throws -> Int128 { try await world.counted(experiment).revenue }
}
