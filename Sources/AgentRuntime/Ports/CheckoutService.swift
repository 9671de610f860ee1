public import Experiments

/// A checkout as it is asked for.
public struct CheckoutDraft: Sendable {
    public struct Line: Sendable {
        /// A quote's id or its token: the only source of a price.
        public var quote: String
        public var quantity: Int64

        public init(quote: String, quantity: Int64 = 1) {
            self.quote = quote
            self.quantity = quantity
        }
    }

    public var lines: [Line]
    public var buyer: Buyer?
    /// By name; nil for the first there is.
    public var provider: String?
    /// Where the shopper is, as far as is known beside what the buyer says.
    public var place = ShopperPlace.unknown
    /// In which the shopper is spoken to, as a BCP 47 tag; nil where nobody said.
    public var language: String?

    public init(lines: [Line], buyer: Buyer? = nil, provider: String? = nil) {
        self.lines = lines
        self.buyer = buyer
        self.provider = provider
    }
}

/// What became of an attempt to pay.
public enum Completion: Sendable, Equatable {
    case completed(Checkout, Order)
    /// Nothing was paid; the checkout is open again.
    case declined(Checkout, Decline)
    /// The provider does not know yet. Ask again: nothing is paid twice.
    case pending(Checkout)
}

/// From quotes to orders, for every door of the house.
///
/// The rule it keeps: **claimed before charged.** A provider takes only after the claim that rests on it is durable, with
/// the name of what may be paid, and always under the claim's key; what it says becomes order, sale and completed checkout in one transaction. Whoever
/// comes later to what a crash left behind asks the provider by the same name and finishes it.
public final class CheckoutService: Sendable {
    let pricing: PricingService
    let store: any CheckoutStore
    /// The first is used where none is named.
    let providers: [any PaymentProvider]
    /// Says what is added to prices, or contained in them.
    public let tax: any TaxCalculator
    let alarm: @Sendable (String) -> Void

    /// How often a step is tried while others step between.
    static let tries = 32
    /// How many of a tenant's are asked after at a time: above what waits for transfers, which takes days.
    static let mostUnfinished = 5000

    /// - Parameters:
    ///   - store: of the same database as the prices.
    ///   - providers: empty where nothing is sold.
    ///   - alarm: hears, in a sentence, of money that had to be given back at once.
    public init(
        pricing: PricingService, store: any CheckoutStore, providers: [any PaymentProvider],
        tax: any TaxCalculator = FixedRates(),
        alarm: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.pricing = pricing
        self.store = store
        self.providers = providers
        self.tax = tax
        self.alarm = alarm
    }

    /// The names of the providers there are.
    public var providerNames: [String] { providers.map(\.name) }

    // MARK: Making and reading

    /// Makes a checkout of live quotes of one shopper.
    ///
    /// - Parameter reply: made of the checkout and kept with it, for whoever repeats the request.
    public func create(
        _ draft: CheckoutDraft, in snapshot: TenantSnapshot,
        reply: @Sendable (Checkout) -> SavedReply? = { _ in nil }
    ) async throws(CheckoutError) -> Checkout {
        let now = pricing.clock.now()
        var faults = Faults()
        draft.buyer?.validate(into: &faults)
        let wanted = draft.provider ?? snapshot.tenant.payments.provider
        let named = wanted.map { name in providers.first { $0.name == name } } ?? providers.first
        guard !providers.isEmpty else { throw .noProvider }
        if named == nil {
            faults.add("/provider", "Here there is " + providerNames.joined(separator: ", ") + ".")
        }
        if !(1...Checkout.mostLines).contains(draft.lines.count) {
            faults.add("/lines", "A checkout has 1 to \(Checkout.mostLines) lines.")
            throw .invalid(faults)
        }
        let read = try await lines(of: draft, in: snapshot, at: now, &faults)
        guard faults.isEmpty else { throw .invalid(faults) }
        guard read.expired.isEmpty else { throw .quotesExpired(read.expired) }
        guard let first = read.quotes.first, let provider = named else { throw .noProvider }
        let checkout = try Checkout(
            id: pricing.identifiers.next(at: now), subject: first.sealed.subject, lines: read.lines,
            currency: first.sealed.price.currency, buyer: draft.buyer, provider: provider.name, at: now)
        // Whoever is shown a checkout has heard its prices.
        let heard = read.quotes.filter { $0.quote.state == .evaluated }.map { Self.exposure(to: $0.sealed, at: now) }
        let kept = try await commit(
            CheckoutCommit(
                checkout: checkout, events: heard + Self.beginnings(of: checkout, read.quotes.map(\.sealed), at: now),
                reply: reply(checkout)), in: snapshot, at: now)
        guard case .kept = kept else { throw .store(.unavailable("the checkout's id was taken")) }
        return checkout
    }

    /// A checkout, finished as far as its provider can say, with its order once there is one.
    public func read(
        _ id: CheckoutID, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) -> (checkout: Checkout, order: Order?) {
        let checkout = try await resolved(id, in: snapshot)
        guard case .completed(let order, _) = checkout.state else {
            return (checkout.seen(at: pricing.clock.now()), nil)
        }
        return (checkout, try await stored(order, of: snapshot.tenant.id))
    }

    /// Gives a checkout up. Given up before, it is returned as it is.
    public func cancel(_ id: CheckoutID, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Checkout {
        for _ in 0..<Self.tries {
            let checkout = try await resolved(id, in: snapshot)
            let now = pricing.clock.now()
            if try await withdrawn(checkout, in: snapshot) { continue }
            let next = try checkout.seen(at: now).canceled(at: now)
            if next.revision == checkout.revision { return next }
            if case .kept = try await commit(CheckoutCommit(checkout: next), in: snapshot, at: now) { return next }
        }
        throw Self.contended
    }

    public func order(_ id: OrderID, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Order {
        let order = try await stored(id, of: snapshot.tenant.id)
        return order.isUnfinished ? try await settleRefunds(of: order, in: snapshot) : order
    }

    /// Orders, newest first, older than one.
    public func orders(
        before: OrderID?, limit: Int, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) -> [Order] {
        do throws(StoreError) {
            return try await store.orders(in: snapshot.tenant.id, before: before, limit: limit)
        } catch {
            throw .store(error)
        }
    }

    /// Finishes what a crash or a silent provider left behind: call for each tenant at the start and now and then.
    public func finish(_ tenant: TenantID) async throws(CheckoutError) {
        guard let snapshot = pricing.snapshot(of: tenant) else { return }
        let left: (checkouts: [CheckoutID], orders: [OrderID])
        do throws(StoreError) {
            left = try await store.unfinished(in: tenant, limit: Self.mostUnfinished)
        } catch {
            throw .store(error)
        }
        for id in left.checkouts { _ = try await resolved(id, in: snapshot) }
        for id in left.orders { _ = try await order(id, in: snapshot) }
    }

    // MARK: The store

    static let contended = CheckoutError.store(.unavailable("the checkout changes faster than it can be decided on"))

    func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(CheckoutError) -> CheckoutCommitted {
        do throws(StoreError) {
            return try await pricing.onNewest(snapshot) { snapshot throws(StoreError) in
                try await store.commit(commit, in: snapshot, at: now)
            }
        } catch {
            throw .store(error)
        }
    }

    func stored(_ id: CheckoutID, of tenant: TenantID) async throws(CheckoutError) -> Checkout {
        let found: Checkout?
        do throws(StoreError) { found = try await store.checkout(id, in: tenant) } catch { throw .store(error) }
        guard let found else { throw .notFound }
        return found
    }

    func stored(_ id: OrderID, of tenant: TenantID) async throws(CheckoutError) -> Order {
        let found: Order?
        do throws(StoreError) { found = try await store.order(id, in: tenant) } catch { throw .store(error) }
        guard let found else { throw .notFound }
        return found
    }

    func provider(_ name: String) throws(CheckoutError) -> any PaymentProvider {
        guard let found = providers.first(where: { $0.name == name }) else { throw .noProvider }
        return found
    }
}
