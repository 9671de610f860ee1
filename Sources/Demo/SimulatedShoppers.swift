public import Experiments
internal import Stats

/// Shoppers who come to the demo shop, look at the product under test, and buy as its demand says. They go through
/// the same service as everybody: quotes, and events with retries. A seed replays their decisions.
public struct SimulatedShoppers: Sendable {
    /// What has happened so far.
    public struct Tally: Sendable, Equatable {
        public var shoppers = 0
        public var sales = 0
        /// Shoppers who came again.
        public var returns = 0
        /// Of these, those who heard another price than before. Always 0.
        public var changedPrices = 0
        /// Sales that were told a second time.
        public var retries = 0
        /// Of these, those that were counted a second time. Always 0.
        public var countedTwice = 0
    }

    /// Why nobody could shop.
    public struct Failure: Error {
        public let detail: String
    }

    /// A share of those who bought tell it twice, as networks make clients do.
    private static let retryShare = 0.1
    /// As many as this many of those who came before come again.
    private static let returnShare = 0.1
    private static let remembered = 512

    public private(set) var tally = Tally()
    private let shop: DemoShop
    private var random: Xoshiro256PlusPlus
    /// Keeps the shoppers of one run from those of another on the same database.
    private let run: String
    private var past: [(shopper: TenantKey, price: Money)] = []

    public init(of shop: DemoShop, seed: UInt64, run: String) {
        self.shop = shop
        self.run = run
        random = Xoshiro256PlusPlus(seed: seed)
    }

    /// `count` new shoppers come, and some come again.
    public mutating func visit(_ count: Int, in service: PricingService) async throws(Failure) {
        guard let snapshot = service.snapshot(of: shop.tenant) else { throw Failure(detail: "the shop is gone") }
        let known =
            past.isEmpty
            ? [] : (0..<Self.returning(count, &random)).compactMap { _ in past.randomElement(using: &random) }
        let new = (0..<count).compactMap { TenantKey("sim-\(run)-\(tally.shoppers + $0)") }
        let quotes = try await ask(known.map(\.shopper) + new, service, snapshot)
        for (before, now) in zip(known, quotes) {
            tally.returns += 1
            if let now, now.price != before.price { tally.changedPrices += 1 }
        }
        var sales: [EventDraft] = []
        for (shopper, quote) in zip(new, quotes.dropFirst(known.count)) {
            let decision = random.uniform()
            tally.shoppers += 1
            guard let quote else { continue }
            remember(shopper, quote.price)
            guard decision < shop.demand.conversionRate(at: quote.price.amount) else { continue }
            sales.append(sale(shopper, quote, at: service.clock.now()))
        }
        try await tell(sales, service, snapshot)
    }

    private static func returning(_ count: Int, _ random: inout Xoshiro256PlusPlus) -> Int {
        (0..<count).reduce(0) { sum, _ in sum + (random.uniform() < returnShare ? 1 : 0) }
    }

    private func ask(
        _ shoppers: [TenantKey], _ service: PricingService, _ snapshot: TenantSnapshot
    ) async throws(Failure) -> [Quote?] {
        let requests = shoppers.map { QuoteRequest(shopper: $0, product: shop.product) }
        do throws(QuoteError) {
            return try await service.quotes(requests, in: snapshot).map { try? $0.get() }
        } catch {
            throw Failure(detail: "no quotes: \(error)")
        }
    }

    private mutating func remember(_ shopper: TenantKey, _ price: Money) {
        if past.count < Self.remembered {
            past.append((shopper, price))
        } else {
            past[Int.random(in: 0..<Self.remembered, using: &random)] = (shopper, price)
        }
    }

    private func sale(_ shopper: TenantKey, _ quote: Quote, at now: Timestamp) -> EventDraft {
        var draft = EventDraft()
        draft.id = "sale-\(shopper)"
        draft.type = EventType.conversion.name
        draft.shopper = shopper.text
        draft.timestamp = now
        draft.quote = quote.id.description
        draft.order = "order-\(shopper)"
        return draft
    }

    private mutating func tell(
        _ sales: [EventDraft], _ service: PricingService, _ snapshot: TenantSnapshot
    ) async throws(Failure) {
        guard !sales.isEmpty else { return }
        let again = sales.filter { _ in random.uniform() < Self.retryShare }
        do throws(StoreError) {
            let outcomes = try await service.ingest(sales, in: snapshot)
            tally.sales += outcomes.count { $0 == .accepted }
            guard !again.isEmpty else { return }
            let repeated = try await service.ingest(again, in: snapshot)
            tally.retries += repeated.count
            tally.countedTwice += repeated.count { $0 == .accepted }
        } catch {
            throw Failure(detail: "no events: \(error)")
        }
    }
}
