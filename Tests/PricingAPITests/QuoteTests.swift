import JSON
import Testing

@Suite struct QuoteTests {
    @Test func `an answer that comes late does not undo what was told since`() async throws {
        let store = FailingStore()
        let world = try await World(store: store)
        let shop = try await world.tenant()
        #expect(try await shop.post("/products", Shop.product).status == 201)
        let design = Shop.experiment.dropLast() + #","audience":{"country":"DE"}}"#
        let made = try await shop.post("/experiments", String(design))
        let id = try #require(made["id"]?.string)
        #expect(try await shop.post("/experiments/\(id)/start").status == 200)

        // The first question finds no audience and is told the list price; its answer is slow on its way.
        store.hold()
        async let late = shop.quote("s-1")
        while store.waiting == 0 { await Task.yield() }
        let slow = store
        async let enrolled = shop.post(
            "/quotes", #"{"shopper":"s-1","product":"sku-1","attributes":{"country":"DE"}}"#)
        while slow.waiting < 2 { await Task.yield() }
        store.letGo()
        let seated = try await enrolled
        #expect(seated["experiment", "reason"] == "split")
        _ = try await late

        for _ in 0..<3 {
            let again = try await shop.quote("s-1")
            #expect(again["price", "amount"] == seated["price", "amount"])
            #expect(again["experiment", "reason"] == "sticky")
        }
    }

    @Test func `a shopper hears one price, the second time from memory`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let first = try await shop.quote("s-1")
        let second = try await shop.quote("s-1")
        #expect(first.status == 200)
        #expect(first["experiment", "reason"] == "split")
        #expect(second["experiment", "reason"] == "sticky")
        #expect(first["experiment", "id"]?.string == experiment)
        #expect(first["price"] == second["price"])
        #expect(first["id"] == second["id"])
        let amount = try #require(first["price", "amount"]?.int64)
        #expect(first["price", "display"]?.string == (amount == 1999 ? "$19.99" : "$24.99"))
        #expect(first["list_price", "display"] == "$19.99")
        #expect(first["disclosure"] == .null)
    }

    @Test func `a quote can be read back until another tenant asks`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        _ = try await shop.running()
        let quote = try await shop.quote("s-1")
        let id = try #require(quote["id"]?.string)
        let read = try await shop.get("/quotes/\(id)")
        #expect(read.status == 200)
        #expect(read["state"] == "quoted")
        #expect(read["token"] == quote["token"])
        #expect(read["shopper"] == .null)
        let other = try await world.tenant("Other")
        #expect(try await other.get("/quotes/\(id)").status == 404)
    }

    @Test func `a peek says what a quote would say and enrols nobody`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let peek = try await shop.get("/prices/sku-1?shopper=s-9")
        #expect(peek["experiment", "reason"] == "split")
        let quote = try await shop.quote("s-9")
        #expect(quote["experiment", "reason"] == "split")
        #expect(quote["price"] == peek["price"])
        #expect(quote["experiment", "id"]?.string == experiment)
    }

    @Test func `a batch answers each place by itself`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let told = try await shop.post(
            "/quotes/batch",
            #"{"quotes":[{"shopper":"a","product":"sku-1"},{"shopper":"a","product":"nothing"}]}"#)
        #expect(told.status == 200)
        #expect(told["data", "0", "quote", "shopper"] == "a")
        #expect(told["data", "1", "error", "code"] == "product_not_found")
    }

    @Test(arguments: [
        (#"{"shopper":"s"}"#, ["/product"]),
        (#"{"shopper":"","product":"sku-1"}"#, ["/shopper"]),
        (
            #"{"shopper":1,"product":true,"quantity":"x","shoper":"s"}"#,
            ["/shoper", "/shopper", "/product", "/quantity"]
        ),
        (#"{"shopper":"s","product":"sku-1","currency":"EUR"}"#, ["/currency"]),
        (#"{"shopper":"s","product":"sku-1","currency":"XXQ"}"#, ["/currency"]),
        (#"{"shopper":"s","product":"sku-1","quantity":0}"#, ["/quantity"]),
        (#"{"shopper":"s","shopper":"t","product":"sku-1"}"#, ["/shopper"]),
        (#"[]"#, [""]),
    ])
    func `what is wrong with a quote is told at its place`(body: String, pointers: [String]) async throws {
        let shop = try await World().tenant()
        _ = try await shop.draft()
        let told = try await shop.post("/quotes", body)
        #expect(told.status == 422)
        #expect(told.pointers == pointers)
    }
}
