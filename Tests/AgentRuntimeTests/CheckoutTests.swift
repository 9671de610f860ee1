import Experiments
import SeedSupport
import Testing

@testable import AgentRuntime

/// Checkouts of quotes that nobody gave.
enum Made {
    static let start = Timestamp(milliseconds: 1_790_000_000_000)

    static func line(
        _ number: UInt64, price: Int64, quantity: Int64, tax: TaxRule = .none, minutes: Int64 = 30
    ) throws -> CheckoutLine {
        let product = try #require(TenantKey("sku-\(number)"))
        return try #require(
            CheckoutLine(
                quote: QuoteID(tail: number, issuedAt: start), product: product,
                title: "Mug", unitPrice: price, quantity: quantity, tax: tax.line(price * quantity),
                expiresAt: start.advanced(by: .seconds(60 * minutes))))
    }

    static func checkout(
        _ lines: [CheckoutLine], currency code: String = "USD", buyer: Buyer? = nil
    ) throws -> Checkout {
        try Checkout(
            id: CheckoutID(bits: Bits128(high: 1, low: 2)), subject: Bits128(high: 3, low: 4), lines: lines,
            currency: try #require(Currency(code)), buyer: buyer, provider: "test", at: start)
    }

    static func checkout() throws -> Checkout { try checkout([line(1, price: 1999, quantity: 2)]) }

    static func order(total: Int64, subtotal: Int64? = nil) throws -> Order {
        let tax = total - (subtotal ?? total)
        let rule = try #require(TaxRule(millionths: tax * 1_000_000 / max(1, subtotal ?? total), isIncluded: false))
        let checkout = try checkout([line(1, price: subtotal ?? total, quantity: 1, tax: rule)])
        #expect(checkout.totals.total == total)
        return Order(checkout, id: OrderID(bits: Bits128(high: 5, low: 6)), paid: "p", at: start)
    }
}

@Suite struct CheckoutTests {
    private static let order = OrderID(bits: Bits128(high: 8, low: 9))
    private static let no = Decline(code: "card_declined", detail: "No.")

    /// Everything that can happen to a checkout.
    private enum Act: CaseIterable { case claim, claimOther, release, decline, complete, cancel, expire }

    private func after(_ act: Act, _ checkout: Checkout, at now: Timestamp) throws(CheckoutError) -> Checkout {
        switch act {
        case .claim: try checkout.claimed(totalsHash: checkout.totalsHash, at: now)
        case .claimOther: try checkout.claimed(totalsHash: String(repeating: "0", count: 64), at: now)
        case .release: try checkout.released()
        case .decline: try checkout.declined(Self.no)
        case .complete: try checkout.completed(by: Self.order, at: now)
        case .cancel: try checkout.canceled(at: now)
        case .expire: try checkout.expired(at: now)
        }
    }

    @Test func `whatever happens in whatever order, the states follow each other as they are written down`() throws {
        let allowed: [Checkout.Status: Set<Checkout.Status>] = [
            .open: [.paying, .canceled, .expired], .paying: [.completed, .open], .completed: [], .canceled: [],
            .expired: [],
        ]
        var random = Seeded(20)
        var reached: Set<Checkout.Status> = []
        for _ in 0..<3000 {
            var checkout = try Made.checkout()
            let first = checkout
            var now = Made.start
            var keys: Set<String> = []
            for _ in 0..<12 {
                now = now.advanced(by: .seconds(Int64.random(in: 0...400, using: &random)))
                let act = Act.allCases.randomElement(using: &random) ?? .claim
                let before = checkout
                do throws(CheckoutError) {
                    checkout = try after(act, before, at: now)
                } catch {
                    #expect(checkout == before, "what is refused changes nothing")
                    continue
                }
                #expect(act != .claimOther, "nobody pays totals that nobody saw")
                if checkout == before {
                    #expect(before.status == .canceled && act == .cancel)
                    continue
                }
                #expect(allowed[before.status]?.contains(checkout.status) == true)
                #expect(checkout.revision == before.revision + 1)
                if checkout.status == .paying { #expect(!checkout.isOver(at: now)) }
                if act == .decline { #expect(keys.insert(before.attemptKey).inserted, "a declined key is used up") }
                if act == .release { #expect(checkout.attemptKey == before.attemptKey) }
                reached.insert(checkout.status)
            }
            #expect(checkout.totalsHash == first.totalsHash && checkout.lines == first.lines)
            #expect(checkout.totals == first.totals && checkout.subject == first.subject)
        }
        #expect(reached == Set(Checkout.Status.allCases))
    }

    @Test func `an open checkout is over five seconds after its first quote ends, and not before`() throws {
        let checkout = try Made.checkout([
            Made.line(1, price: 5, quantity: 1, minutes: 30), Made.line(2, price: 5, quantity: 1, minutes: 16),
        ])
        #expect(checkout.expiresAt == Made.start.advanced(by: .seconds(16 * 60)))
        let last = checkout.expiresAt.advanced(by: .seconds(5))
        #expect(try checkout.claimed(totalsHash: checkout.totalsHash, at: last).status == .paying)
        #expect(checkout.seen(at: last).status == .open)
        let late = last.advanced(by: .milliseconds(1))
        #expect(throws: CheckoutError.expired(at: checkout.expiresAt)) {
            try checkout.claimed(totalsHash: checkout.totalsHash, at: late)
        }
        #expect(checkout.seen(at: late).status == .expired)
        // Who agreed in time is served, however long the provider takes.
        let claimed = try checkout.claimed(totalsHash: checkout.totalsHash, at: last)
        #expect(claimed.seen(at: late.advanced(by: .seconds(9000))).status == .paying)
    }

    @Test func `totals are the sums of their lines, and a line is rounded once`() throws {
        var random = Seeded(4)
        for _ in 0..<2000 {
            let rate = Int64.random(in: 0...1_000_000, using: &random)
            let rule = try #require(TaxRule(millionths: rate, isIncluded: Bool.random(using: &random)))
            let lines = try (1...Int.random(in: 1...100, using: &random)).map { number in
                try Made.line(
                    UInt64(number), price: Int64.random(in: 0...10_000_000, using: &random),
                    quantity: Int64.random(in: 1...10_000, using: &random), tax: rule)
            }
            let totals = try Made.checkout(lines).totals
            #expect(totals.subtotal == lines.reduce(0) { $0 + $1.unitPrice * $1.quantity })
            #expect(totals.tax == lines.reduce(0) { $0 + $1.tax })
            #expect(totals.total == (rule.isIncluded ? totals.subtotal : totals.subtotal + totals.tax))
            #expect(totals.net + totals.tax == totals.total && totals.net == lines.reduce(0) { $0 + $1.net })
            for line in lines {
                let exact =
                    Double(line.subtotal) * Double(rate) / Double(rule.isIncluded ? 1_000_000 + rate : 1_000_000)
                #expect(abs(Double(line.tax) - exact) <= 0.5 + exact * 1e-15)
            }
        }
    }

    @Test(
        arguments: [
            (200_000, true, 11_999, 2000), (190_000, true, 100, 16), (100_000, false, 15, 2), (100_000, false, 14, 1),
            (77_500, false, 1999, 155), (0, false, 1999, 0), (1_000_000, true, 3, 2),
            (200_000, true, 100_000_000_000_000, 16_666_666_666_667),
        ] as [(Int64, Bool, Int64, Int64)])
    func `tax is to the nearest minor unit, halves up`(
        rate: Int64, isIncluded: Bool, amount: Int64, expected: Int64
    ) throws {
        #expect(try #require(TaxRule(millionths: rate, isIncluded: isIncluded)).tax(on: amount) == expected)
    }

    @Test func `a yen has no hundredth and a dinar has thousandths, and both are charged whole`() throws {
        let rule = try #require(TaxRule(millionths: 100_000, isIncluded: false))
        let yen = try Made.checkout([Made.line(1, price: 1999, quantity: 1, tax: rule)], currency: "JPY")
        #expect(yen.totals.charge.display == "¥2,199")
        let dinar = try Made.checkout([Made.line(1, price: 1250, quantity: 3, tax: rule)], currency: "BHD")
        #expect(dinar.totals.charge.display == "BHD 4.125")
    }

    @Test func `what would pass the largest amount is no line and no checkout`() throws {
        let key = try #require(TenantKey("a"))
        func line(_ price: Int64, _ quantity: Int64, _ rule: TaxRule = .none) -> CheckoutLine? {
            CheckoutLine(
                quote: QuoteID(tail: 1, issuedAt: Made.start), product: key, title: "",
                unitPrice: price, quantity: quantity,
                tax: rule.line(price.multipliedReportingOverflow(by: quantity).partialValue), expiresAt: Made.start)
        }
        #expect(line(Money.largestAmount, 1) != nil)
        #expect(line(Money.largestAmount, 2) == nil)
        #expect(line(.max, .max) == nil)
        #expect(line(1, 0) == nil && line(-1, 1) == nil)
        #expect(line(Money.largestAmount, 1, try #require(TaxRule(millionths: 1, isIncluded: false))) == nil)
        let most = try Made.line(1, price: Money.largestAmount, quantity: 1)
        #expect(throws: CheckoutError.self) { try Made.checkout([most, Made.line(2, price: 1, quantity: 1)]) }
        #expect(throws: CheckoutError.self) { try Made.checkout([]) }
        let many = try (1...101).map { try Made.line(UInt64($0), price: 1, quantity: 1) }
        #expect(throws: CheckoutError.self) { try Made.checkout(many) }
        #expect(try Made.checkout(Array(many.dropLast())).totals.total == 100)
        #expect(
            TaxRule(millionths: -1, isIncluded: true) == nil && TaxRule(millionths: 1_000_001, isIncluded: true) == nil)
    }

    @Test func `the hash is of everything the buyer agrees to`() throws {
        let base = [try Made.line(1, price: 100, quantity: 2), try Made.line(2, price: 50, quantity: 1)]
        let tax = try #require(TaxRule(millionths: 100_000, isIncluded: true))
        let variants: [Checkout] = [
            try Made.checkout(base), try Made.checkout(base.reversed()), try Made.checkout([base[0]]),
            try Made.checkout([try Made.line(1, price: 101, quantity: 2), base[1]]),
            try Made.checkout([try Made.line(1, price: 100, quantity: 3), base[1]]),
            try Made.checkout([try Made.line(3, price: 100, quantity: 2), base[1]]),
            try Made.checkout([try Made.line(1, price: 100, quantity: 2, tax: tax), base[1]]),
            try Made.checkout(base, currency: "EUR"), try Made.checkout(base, buyer: Buyer(name: "A")),
            try Made.checkout(base, buyer: Buyer(email: "A")), try Made.checkout(base, buyer: Buyer(name: "AB")),
            try Made.checkout(base, buyer: Buyer(name: "A", country: "DE")),
        ]
        #expect(Set(variants.map(\.totalsHash)).count == variants.count)
        #expect(try Made.checkout(base).totalsHash == variants[0].totalsHash)
        // Frozen: who computes it outside must get the same for ever.
        #expect(variants[0].totalsHash.utf8.count == 64)
    }

    // MARK: Refunds

    @Test func `never more than was paid is paid back, and all of it takes back all of the revenue`() throws {
        var random = Seeded(9)
        let now = Made.start
        for _ in 0..<500 {
            let subtotal = Int64.random(in: 1...5000, using: &random) * 100
            var order = try Made.order(total: subtotal * 119 / 100, subtotal: subtotal)
            var number: UInt64 = 0
            while order.refundable > 0, order.refunds.count < Order.mostRefunds {
                number += 1
                let id = RefundID(bits: Bits128(high: 1, low: number))
                let isLast = order.refunds.count > 60
                let most = order.refundable
                let amount = isLast ? nil : Int64.random(in: 1...max(1, most * 5 / 4), using: &random)
                if let amount, amount > most {
                    #expect(throws: CheckoutError.self) {
                        try order.refunding(amount, id: id, reason: nil, request: nil, at: now)
                    }
                    continue
                }
                order = try order.refunding(amount, id: id, reason: nil, request: nil, at: now)
                let succeeds = isLast || Bool.random(using: &random)
                order = order.settling(
                    id, succeeds ? .succeeded(reference: "r\(number)", at: now) : .failed(Self.no))
                // Now and then one that went comes back.
                if !isLast, Int.random(in: 0..<4, using: &random) == 0 {
                    let money = Money(amount: 1, currency: order.totals.currency)
                    let name = "r\(UInt64.random(in: 1...number, using: &random))"
                    let told = [ProviderReturn(reference: name, amount: money, kind: .undone(Self.no))]
                    order = order.learning(told, at: now) { id }?.order ?? order
                }
                #expect(order.refunded <= order.totals.total)
            }
            let back = order.refunds.filter(\.takes)
            #expect(back.allSatisfy { (0...$0.amount).contains($0.revenue) })
            if order.refundable == 0 {
                #expect(back.reduce(0) { $0 + $1.amount } == order.totals.total)
                #expect(back.reduce(0) { $0 + $1.revenue } == order.totals.subtotal)
                #expect(throws: CheckoutError.self) {
                    try order.refunding(
                        nil, id: RefundID(bits: Bits128(high: 2, low: 0)), reason: nil, request: nil, at: now)
                }
            }
        }
    }

    @Test func `a refund is settled once, and what failed is free again`() throws {
        let order = try Made.order(total: 1000)
        let id = RefundID(bits: Bits128(high: 1, low: 1))
        #expect(throws: CheckoutError.self) {
            try order.refunding(0, id: id, reason: nil, request: nil, at: Made.start)
        }
        #expect(throws: CheckoutError.self) {
            try order.refunding(-1, id: id, reason: nil, request: nil, at: Made.start)
        }
        let asked = try order.refunding(600, id: id, reason: nil, request: nil, at: Made.start)
        #expect(asked.refundable == 400 && asked.isUnfinished)
        let failed = asked.settling(id, .failed(Self.no))
        #expect(failed.refundable == 1000 && !failed.isUnfinished)
        #expect(failed.settling(id, .succeeded(reference: "r", at: Made.start)) == failed)
        #expect(asked.settling(RefundID(bits: Bits128(high: 9, low: 9)), .failed(Self.no)) == asked)
    }
}
