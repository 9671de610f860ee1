import AgentRuntime
import Experiments
import JSON
import Testing

@testable import PricingAPI

/// What is told, charged, paid back and counted where sales bear tax.
@Suite struct TaxTests {
    private static let rates =
        #""rates":[{"place":"US","millionths":0},{"place":"US-NY","millionths":88750},{"place":"DE","millionths":190000}],"home":"DE""#

    private func shop(included: Bool) async throws -> Shop {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let told = try await shop.world.call(
            "PUT", "/api/v1/taxes", key: shop.merchant, #"{"included":\#(included),\#(Self.rates)}"#)
        try #require(told.status == 200, "\(told.text)")
        return shop
    }

    private func checkout(_ shop: Shop, _ quantity: Int64, buyer: String?) async throws -> Told {
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let buyer = buyer.map { #","buyer":\#($0)"# } ?? ""
        let told = try await shop.post(
            "/checkouts", #"{"lines":[{"quote":"\#(quote)","quantity":\#(quantity)}]\#(buyer)}"#)
        try #require(told.status == 201, "\(told.text)")
        return told
    }

    @Test(
        arguments: [
            (#"{"country":"US","region":"NY"}"#, 88_750), (#"{"country":"US","region":"TX"}"#, 0),
            (#"{"country":"DE"}"#, 190_000), (nil, 190_000), (#"{"country":"CH"}"#, 0),
        ] as [(String?, Int64)], [true, false])
    func `goods and tax are the total, by where the buyer is`(
        buyer: (String?, Int64), included: Bool
    ) async throws {
        let shop = try await shop(included: included)
        let told = try await checkout(shop, 3, buyer: buyer.0)
        func amount(_ name: String) throws -> Int64 { try #require(told["totals", name, "amount"]?.int64) }
        let price = try #require(told["lines", "0", "unit_price", "amount"]?.int64)
        #expect(try amount("subtotal") == price * 3)
        // To the nearest cent, halves up.
        let whole = included ? 1_000_000 + buyer.1 : 1_000_000
        #expect(try amount("tax") == (2 * price * 3 * buyer.1 + whole) / (2 * whole))
        #expect(try amount("total") == (included ? price * 3 : price * 3 + amount("tax")))
        #expect(told["totals", "tax_included"]?.bool == (included || buyer.1 == 0))
    }

    @Test(arguments: [true, false])
    func
        `what was charged is what was told, in a chat, to an assistant and in the order, and what is the seller's is counted`(
            included: Bool
        ) async throws
    {
        let shop = try await shop(included: included)
        let chat = try await ConversationRouteTests.Chat(
            shop, shopper: "s-1", #","attributes":{"country":"US","region":"NY"}"#)
        let price = try await chat.say("how much is the mug?")
        let words = included ? "Tax is included." : "Tax is added at the checkout."
        #expect(price["text"]?.string?.contains(words) == true, "\(price.text)")
        _ = try await chat.say("I'll take two")
        let told = try await chat.say("yes")
        #expect(told["text"]?.string?.contains("Tax is included.") == true, "\(told.text)")
        let total = try #require(told["amounts", "0", "amount"]?.int64)
        let id = try #require(told["actions", "0", "checkout"]?.string)
        let checkout = try await shop.get("/checkouts/\(id)")
        #expect(checkout["totals", "total", "amount"]?.int64 == total)
        let tax = try #require(checkout["totals", "tax", "amount"]?.int64)
        #expect(tax > 0)
        let hash = try #require(checkout["totals_hash"]?.string)
        let paid = try await shop.post("/checkouts/\(id)/complete", #"{"totals_hash":"\#(hash)"}"#)
        let order = try #require(paid["order", "id"]?.string, "\(paid.text)")
        #expect(paid["order", "totals", "total", "amount"]?.int64 == total)
        #expect(paid["order", "refundable", "amount"]?.int64 == total)

        let tenant = try #require(TenantID(shop.id))
        func revenue() async throws -> Int128 {
            let experiment = try #require(shop.world.service.snapshot(of: tenant)?.experiments.keys.first)
            return try await shop.world.store.units(of: experiment, in: tenant, after: nil, limit: 10)
                .reduce(0) { $0 + Int128($1.unit.outcome.revenue) }
        }
        #expect(try await revenue() == Int128(total - tax))
        // In parts, and all of it.
        let part = try await shop.post(
            "/orders/\(order)/refunds", #"{"amount":{"amount":1001,"currency":"USD"}}"#)
        #expect(part.status == 201, "\(part.text)")
        #expect(try await shop.post("/orders/\(order)/refunds", "{}").status == 201)
        #expect(try await revenue() == 0)
        #expect(try await shop.get("/orders/\(order)")["refunded", "amount"]?.int64 == total)

        let assistant = try await shop.world.call(
            "POST", "/mcp", key: shop.agent,
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_price","arguments":{"shopper":"s-1","product":"sku-1"}}}"#,
            headers: [("Accept", "application/json, text/event-stream")])
        #expect(
            assistant["result", "structuredContent", "tax"]?.string == (included ? "included" : "added"),
            "\(assistant.text)")
    }

    @Test func `what is wrong with rates is said all at once`() async throws {
        let shop = try await World().tenant()
        let told = try await shop.world.call(
            "PUT", "/api/v1/taxes", key: shop.merchant,
            #"{"rates":[{"place":"Germany","millionths":-1},{"place":"DE"}]}"#)
        #expect(told.status == 422)
        #expect(
            Set(told.pointers) == ["/rates/0/place", "/rates/0/millionths", "/rates/1/millionths", "/home"],
            "\(told.text)")
        #expect(try await shop.get("/taxes")["rates"]?.array?.isEmpty == true)
    }
}
