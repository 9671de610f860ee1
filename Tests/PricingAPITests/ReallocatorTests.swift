import Experiments
import JSON
import PricingAPI
import Testing

/// Weights that follow what is learned, through the whole server.
@Suite struct ReallocatorTests {
    @Test func `weights move when they are due, once, with an audit row and a phase`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        try #require(try await shop.post("/products", Shop.product).status == 201)
        let body = """
            {"name":"Bandit","products":["sku-1"],"analysis":{"bandit":{"rule":"thompson","floor":0.2}},"variants":[\
            {"name":"control","price":{"amount":1999,"currency":"USD"}},\
            {"name":"higher","price":{"amount":2499,"currency":"USD"}}]}
            """
        let made = try await shop.post("/experiments", body)
        #expect(made.status == 201)
        #expect(made["analysis", "bandit", "floor"] == 0.2 && made["analysis", "bandit", "every_hours"] == 24)
        let id = try #require(made["id"]?.string)
        try #require(try await shop.post("/experiments/\(id)/start").status == 200)
        // At the dearer price nearly everybody buys, at the other hardly anybody.
        for n in 0..<80 {
            let quote = try await shop.quote("s-\(n)")
            let isDear = quote["price", "amount"] == 2499
            guard isDear ? n % 10 != 1 : n % 10 < 2 else { continue }
            let event = """
                [{"id":"e-\(n)","type":"conversion","shopper":"s-\(n)","timestamp":"\(world.clock.now())",\
                "quote":"\(quote["id"]?.string ?? "")","order":"o-\(n)"}]
                """
            #expect(try await shop.post("/events", event).status == 200)
        }
        let tenant = try #require(TenantID(shop.id))
        let reallocator = Reallocator(world.service)
        #expect(try await reallocator.run(tenant) == 0, "not before a day has passed")
        world.clock.advance(by: .seconds(86_400))
        #expect(try await reallocator.run(tenant) == 1)
        #expect(try await reallocator.run(tenant) == 0)
        let experiment = try await shop.get("/experiments/\(id)")
        #expect(experiment["variants", "0", "weight"] == 2000 && experiment["variants", "1", "weight"] == 8000)
        let audit = try await shop.get("/audit?limit=1")
        #expect(audit["data", "0", "action"] == "experiment.reallocate" && audit["data", "0", "actor"] == "bandit")
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report["allocation", "1", "weights", "1"] == 8000 && report["bandit", "rule"] == "thompson")
    }
}
