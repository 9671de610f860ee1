import JSON
import Testing

@Suite struct QuoteTests {
    /// Two products in one experiment for shoppers from Germany.
    private func tenantWithAudience(_ world: World) async throws -> (Shop, experiment: String) {
        let shop = try await world.tenant()
        for sku in ["sku-1", "sku-2"] {
            let product = Shop.product.replacingOccurrences(of: "sku-1", with: sku)
            try #require(try await shop.post("/products", product).status == 201)
        }
        let design = Shop.experiment.replacingOccurrences(of: #"["sku-1"]"#, with: #"["sku-1","sku-2"]"#)
        let made = try await shop.post("/experiments", design.dropLast() + #","audience":{"country":"DE"}}"#)
        let id = try #require(made["id"]?.string)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        return (shop, id)
    }

    private func german(_ shop: Shop, _ shopper: String, _ sku: String) async throws -> Told {
        try await shop.post(
            "/quotes", #"{"shopper":"\#(shopper)","product":"\#(sku)","attributes":{"country":"DE"}}"#)
    }

    @Test func `an experiment that took a shopper for one product has it for the others`() async throws {
        let (shop, _) = try await tenantWithAudience(World())
        for shopper in ["a", "b", "c", "d"] {
            #expect(try await shop.quote(shopper)["experiment", "reason"] == "not_in_audience")
            let seated = try await german(shop, shopper, "sku-2")
            #expect(seated["experiment", "reason"] == "split")
            let again = try await shop.quote(shopper)
            #expect(again["experiment", "reason"] == "sticky")
            #expect(again["price", "amount"] == seated["price", "amount"])
            #expect(again["price"] == (try await shop.get("/prices/sku-1?shopper=\(shopper)"))["price"])
        }
    }

    @Test func `what was sold at the list price is no sale of the experiment`() async throws {
        let world = try await World()
        let (shop, id) = try await tenantWithAudience(world)
        let list = try #require(try await shop.quote("a")["id"]?.string)
        _ = try await german(shop, "a", "sku-1")
        world.clock.advance(by: .seconds(1))
        let sale =
            #"{"id":"e-1","type":"conversion","shopper":"a","quote":"\#(list)","timestamp":"\#(world.clock.now())"}"#
        #expect(try await shop.post("/events", "[\(sale)]")["accepted"] == 1)
        let report = try await shop.get("/experiments/\(id)/report")
        let rates = report["metrics"]?.array?.first { $0["name"] == "conversion_rate" }?["variants"]?.array ?? []
        #expect(rates.compactMap { $0["n"]?.int64 }.reduce(0, +) == 1)
        #expect(rates.allSatisfy { $0["estimate"]?.double ?? 0 == 0 })
    }

    @Test func `a shopper who acts on the price of another of its ids leaves the analysis`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let id = try await shop.running()
        func evaluated(_ shopper: String) async throws -> Told {
            try await shop.post("/quotes", #"{"shopper":"\#(shopper)","product":"sku-1","expose":false}"#)
        }
        // One id is told nothing yet; the other hears another variant's price; then they turn out to be one shopper.
        var prices: [String: (shopper: String, quote: String)] = [:]
        for index in 0..<40 {
            let told = try await evaluated("s-\(index)")
            let amount = try #require(told["price", "amount"]?.int64)
            prices["\(amount)"] = ("s-\(index)", try #require(told["id"]?.string))
        }
        let silent = try #require(prices["1999"])
        let heard = try #require(prices["2499"]).shopper
        _ = try await shop.quote(heard)
        #expect(try await shop.post("/identities", #"{"shoppers":["\#(silent.shopper)","\#(heard)"]}"#).status == 200)
        let sale = """
            [{"id":"e-1","type":"conversion","shopper":"\(silent.shopper)","quote":"\(silent.quote)",\
            "timestamp":"\(world.clock.now())"}]
            """
        #expect(try await shop.post("/events", sale)["accepted"] == 1)
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report["data_quality", "multiple_exposure"] == 1)
    }

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
        while store.waiting == 0 { try await Task.sleep(for: .milliseconds(5)) }
        let slow = store
        async let enrolled = shop.post(
            "/quotes", #"{"shopper":"s-1","product":"sku-1","attributes":{"country":"DE"}}"#)
        while slow.waiting < 2 { try await Task.sleep(for: .milliseconds(5)) }
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
