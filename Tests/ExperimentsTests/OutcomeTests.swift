import Experiments
import SeedSupport
import Testing

private let start = Timestamp(milliseconds: 1_790_000_000_000)

@Suite struct OutcomeTests {
    private func experiment() throws -> Experiment {
        let usd = try #require(Currency("USD"))
        let sku = try #require(TenantKey("sku-1"))
        let product = Product(sku: sku, title: "One", listPrice: Money(amount: 1999, currency: usd))
        var draft = ExperimentDraft()
        draft.name = "Spring"
        draft.products = ["sku-1"]
        draft.variants = [.init(name: "control", price: 1999), .init(name: "higher", price: 2499)]
        let design = try ExperimentDesign(validating: draft) { $0 == sku ? product : nil }
        return try Experiment(design, id: IdentifierSource(random: Seeded(1)).next(at: start), at: start)
            .after(.start, at: start)
    }

    private func sale(
        after seconds: Int64, order: String? = nil, paid: Int64? = nil, cost: Int64? = 500, quantity: Int64 = 1,
        currency: String = "USD"
    ) throws -> OutcomeEvent {
        OutcomeEvent(
            kind: .conversion, timestamp: start.advanced(by: .seconds(seconds)), experiment: nil,
            product: TenantKey("sku-1"), quantity: quantity,
            revenue: try paid.map { Money(amount: $0, currency: try #require(Currency(currency))) },
            order: order.flatMap { TenantKey($0) }, unitCost: cost)
    }

    private func refund(_ order: String, _ amount: Int64, after seconds: Int64) throws -> OutcomeEvent {
        OutcomeEvent(
            kind: .refund, timestamp: start.advanced(by: .seconds(seconds)), experiment: nil, product: nil,
            quantity: 1, revenue: Money(amount: amount, currency: try #require(Currency("USD"))),
            order: TenantKey(order), unitCost: nil)
    }

    @Test func `the window opens with the exposure and closes after its days`() throws {
        let experiment = try experiment()
        let days = Int64(experiment.attributionDays) * 86_400
        let events = try [sale(after: -1), sale(after: 0), sale(after: days - 1), sale(after: days)]
        #expect(experiment.outcome(of: events, exposedAt: start, variant: 0).orders == 2)
    }

    @Test func `a sale stamped in whole seconds counts from the second of the exposure`() throws {
        let experiment = try experiment()
        let exposed = start.advanced(by: .milliseconds(730))
        func orders(stampedAfter milliseconds: Int64) throws -> Int64 {
            let sale = OutcomeEvent(
                kind: .conversion, timestamp: start.advanced(by: .milliseconds(milliseconds)), experiment: nil,
                product: TenantKey("sku-1"), quantity: 1, revenue: nil, order: nil, unitCost: nil)
            return experiment.outcome(of: [sale], exposedAt: exposed, variant: 0).orders
        }
        #expect(try orders(stampedAfter: 0) == 1)
        #expect(try orders(stampedAfter: -1000) == 0)
        #expect(try orders(stampedAfter: 729) == 0)
    }

    @Test func `a refund nets what it names, and one of a whole order is shared by what was paid`() throws {
        let experiment = try experiment()
        func line(_ sku: String, _ paid: Int64) throws -> OutcomeEvent {
            OutcomeEvent(
                kind: .conversion, timestamp: start.advanced(by: .seconds(1)), experiment: nil, product: TenantKey(sku),
                quantity: 1, revenue: Money(amount: paid, currency: try #require(Currency("USD"))),
                order: TenantKey("o-1"), unitCost: 0)
        }
        func back(_ sku: String?, _ amount: Int64) throws -> OutcomeEvent {
            OutcomeEvent(
                kind: .refund, timestamp: start.advanced(by: .seconds(2)), experiment: nil,
                product: sku.flatMap { TenantKey($0) }, quantity: 1,
                revenue: Money(amount: amount, currency: try #require(Currency("USD"))), order: TenantKey("o-1"),
                unitCost: nil)
        }
        let lines = try [line("sku-1", 1000), line("teapot", 5000)]
        func refunds(_ refund: OutcomeEvent) -> Int64 {
            experiment.outcome(of: lines + [refund], exposedAt: start, variant: 0).refunds
        }
        #expect(try refunds(back("teapot", 5000)) == 0)
        #expect(try refunds(back("sku-1", 400)) == 400)
        #expect(try refunds(back(nil, 6000)) == 1000)
        #expect(try refunds(back(nil, 601)) == 100)
    }

    @Test func `what is not said to be paid was paid as told`() throws {
        let experiment = try experiment()
        let outcome = experiment.outcome(of: [try sale(after: 1, quantity: 3)], exposedAt: start, variant: 1)
        #expect(outcome.gross == 3 * 2499 && outcome.cost == 1500 && outcome.quantity == 3)
    }

    @Test func `lines of one order are one order, and its refund nets it whenever it comes`() throws {
        let experiment = try experiment()
        let events = try [
            sale(after: 1, order: "o-1", paid: 1999), sale(after: 1, order: "o-1", paid: 1000),
            refund("o-1", 500, after: 40 * 86_400), refund("o-2", 9999, after: 2),
        ]
        let outcome = experiment.outcome(of: events, exposedAt: start, variant: 0)
        #expect(outcome.orders == 1 && outcome.revenue == 2499 && outcome.profit == 1499)
    }

    @Test func `a missing unit cost is never zero`() throws {
        let experiment = try experiment()
        let events = try [sale(after: 1, paid: 2000), sale(after: 2, paid: 3000, cost: nil)]
        let outcome = experiment.outcome(of: events, exposedAt: start, variant: 0)
        #expect(outcome.lacksCost && outcome.grossWithoutCost == 3000)
        var sums = UnitSums()
        sums.count(UnitState(variant: 0, phase: 0, assignedAt: start, exposedAt: start, outcome: outcome), times: 1)
        #expect(sums.profit.sum == 0 && sums.unitsWithoutCost == 1)
        #expect(sums.profitAtMost == 4500 && sums.profitAtLeast == 1500)
    }

    private func checkout(after seconds: Int64, on sku: String = "sku-1") throws -> OutcomeEvent {
        OutcomeEvent(
            kind: .checkout, timestamp: start.advanced(by: .seconds(seconds)), experiment: nil, product: TenantKey(sku),
            quantity: 1, revenue: Money(amount: 9999, currency: try #require(Currency("USD"))), order: TenantKey("o-1"),
            unitCost: 500)
    }

    @Test func `a checkout counts within the window, and adds nothing but that it was begun`() throws {
        let experiment = try experiment()
        let end = Int64(experiment.attributionDays) * 86_400
        func outcome(_ events: OutcomeEvent...) -> UnitOutcome {
            experiment.outcome(of: events, exposedAt: start, variant: 0)
        }
        var begun = UnitOutcome()
        begun.beganCheckout = true
        #expect(try outcome(checkout(after: 0)) == begun && outcome(checkout(after: end - 1)) == begun)
        #expect(try outcome(checkout(after: -2)) == UnitOutcome() && outcome(checkout(after: end)) == UnitOutcome())
        #expect(try outcome(checkout(after: 1, on: "teapot")) == UnitOutcome())
        // Nor does it bear part of a refund, or count as spent before.
        let events = try [sale(after: 2, order: "o-1", paid: 2000), checkout(after: 1, on: "teapot")]
        let refund = try refund("o-1", 1000, after: 3)
        #expect(experiment.outcome(of: events + [refund], exposedAt: start, variant: 0).refunds == 1000)
        let unit = UnitState(variant: 0, phase: 0, assignedAt: start)
        let exposed = experiment.exposing(unit, at: start, after: [try checkout(after: -60)])
        #expect(exposed.traits.covariate == 0 && exposed.countsCheckouts && !exposed.outcome.beganCheckout)
    }

    @Test func `who begins many checkouts can still buy, and nobody begins or buys without end`() throws {
        let many = try (0..<Event.mostCheckouts).map { try checkout(after: Int64($0)) }
        func event(_ type: EventType) -> Event {
            Event(id: Bits128(high: 0, low: 1), type: type, subject: Bits128(high: 0, low: 2), timestamp: start)
        }
        #expect(event(.checkout).refusal(beside: many) == .tooManyCheckouts)
        #expect(event(.checkout).refusal(beside: Array(many.dropLast())) == nil)
        #expect(event(.conversion).refusal(beside: many) == nil)
        let sales = try (0..<Event.mostOutcomes).map { try sale(after: Int64($0)) }
        #expect(event(.refund).refusal(beside: sales + many) == .tooManyOutcomes)
        #expect(event(.refund).refusal(beside: Array(sales.dropLast()) + many) == nil)
        #expect(event(.checkout).refusal(beside: sales) == nil)
        #expect(event(.exposure).refusal(beside: sales + many) == nil)
    }

    @Test func `money of another currency is not counted`() throws {
        let experiment = try experiment()
        let events = try [sale(after: 1, paid: 2000, currency: "EUR")]
        #expect(experiment.outcome(of: events, exposedAt: start, variant: 0) == UnitOutcome())
    }

    @Test func `the order in which events arrive changes nothing`() throws {
        let experiment = try experiment()
        var random = Seeded(9)
        for _ in 0..<200 {
            var events: [OutcomeEvent] = []
            for index in 0..<Int.random(in: 1...8, using: &random) {
                let order = "o-\(Int.random(in: 0...2, using: &random))"
                let when = Int64.random(in: -86_400...20 * 86_400, using: &random)
                if index % 4 == 1 {
                    events.append(try checkout(after: when))
                } else if index % 4 == 3 {
                    events.append(try refund(order, Int64.random(in: 0...500, using: &random), after: when))
                } else {
                    events.append(try sale(after: when, order: order, paid: Int64.random(in: 0...9999, using: &random)))
                }
            }
            let outcome = experiment.outcome(of: events, exposedAt: start, variant: 0)
            #expect(experiment.outcome(of: events.shuffled(using: &random), exposedAt: start, variant: 0) == outcome)
        }
    }

    @Test func `amounts beyond all measure are bounded and nothing overflows`() throws {
        let experiment = try experiment()
        let events = try (0..<50).map { _ in
            try sale(after: 1, paid: Money.largestAmount, cost: Money.largestAmount, quantity: Quote.largestQuantity)
        }
        var sums = UnitSums()
        let outcome = experiment.outcome(of: events, exposedAt: start, variant: 0)
        for _ in 0..<1000 {
            sums.count(UnitState(variant: 0, phase: 0, assignedAt: start, exposedAt: start, outcome: outcome), times: 1)
        }
        #expect(sums.revenue.sumOfSquares > 0)
    }

    @Test func `adding in any order and taking away again gives the same bits`() {
        var random = Seeded(4)
        var parts: [UnitSums] = []
        for _ in 0..<60 {
            var sums = UnitSums()
            for _ in 0..<20 {
                var outcome = UnitOutcome()
                outcome.orders = Int64.random(in: 0...2, using: &random)
                outcome.gross = Int64.random(in: -1_000_000...1_000_000_000, using: &random)
                outcome.lacksCost = Bool.random(using: &random)
                sums.count(
                    UnitState(variant: 0, phase: 0, assignedAt: start, exposedAt: start, outcome: outcome), times: 1)
            }
            parts.append(sums)
        }
        let whole = parts.reduce(UnitSums(), +)
        #expect(parts.shuffled(using: &random).reduce(UnitSums(), +) == whole)
        var emptied = UnitSums()
        let unit = UnitState(variant: 0, phase: 0, assignedAt: start, exposedAt: start)
        emptied.count(unit, times: 1)
        emptied.count(unit, times: -1)
        #expect(emptied == UnitSums())
    }

    @Test func `two stays merged keep the first told price and leave the analysis if both were told`() {
        let early = UnitState(variant: 0, phase: 0, assignedAt: start, exposedAt: start)
        let late = UnitState(
            variant: 1, phase: 0, assignedAt: start, exposedAt: start.advanced(by: .seconds(9)))
        let unseen = UnitState(variant: 1, phase: 0, assignedAt: start.advanced(by: .seconds(-9)))
        #expect(UnitState.merging(early, late).variant == 0)
        #expect(UnitState.merging(late, early) == UnitState.merging(early, late))
        #expect(UnitState.merging(early, late).isExcluded)
        #expect(!UnitState.merging(unseen, early).isExcluded)
        #expect(UnitState.merging(unseen, early).variant == 0)
    }
}
