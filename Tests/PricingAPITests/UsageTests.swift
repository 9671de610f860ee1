import Experiments
import HTTPServer
import JSON
import PricingAPI
import Storage
import Testing

@Suite struct UsageTests {
    /// An API whose service names so many tenants.
    private func world(naming tenants: Int) async throws -> World {
        try await World(namedTenants: tenants)
    }

    private func samples(_ world: World, _ label: String) async throws -> [String] {
        try await world.call("GET", "/metrics").text.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("cournot_\(label)_") && !$0.hasSuffix(" 0") }
    }

    @Test func `a tenant reads what it used of its month and its limit, and by day`() async throws {
        let world = try await World()
        let shop = try await world.tenant("One")
        _ = try await shop.running()
        var current = try await shop.get("/usage/current")
        #expect(current["limit"] == .null && current["remaining"] == .null && current["assignments"] == 0)
        #expect(try await shop.patch("/tenant", #"{"usage_limit":1}"#).status == 200)
        #expect(try await shop.quote("ada")["experiment", "reason"] == "split")
        let second = try await shop.quote("bea")
        #expect(second["experiment", "reason"] == "usage_limit" && second["experiment", "variant"] == .null)
        current = try await shop.get("/usage/current")
        #expect(
            current.text
                == #"{"from":"2026-09-01","through":"2026-09-30","resets_at":"2026-10-01T00:00:00Z","limit":1,"remaining":0,"assignments":1,"events":0}"#
        )
        #expect(
            try await shop.get("/usage/history").text
                == #"{"from":"2026-08-23","through":"2026-09-21","days":[{"day":"2026-09-21","assignments":1,"events":0}]}"#
        )
        #expect(try await shop.get("/usage/history?from=2026-09-22&through=2026-09-30")["days"]?.array?.isEmpty == true)
        for wrong in ["from=2026-09-22&through=2026-09-21", "from=yesterday", "from=2020-01-01", "day=2026-09-01"] {
            let refused = try await shop.get("/usage/history?\(wrong)")
            #expect(refused["code"] == "invalid_parameter" || refused.status == 400, "\(wrong): \(refused.text)")
        }
    }

    @Test func `what tenants use is counted by plan, whatever door it comes through`() async throws {
        let world = try await world(naming: 0)
        let free = try await world.tenant("One")
        _ = try await free.running()
        for _ in 0..<2 { _ = try await free.quote("ada") }
        let batch = #"{"quotes":[{"shopper":"ada","product":"sku-1"},{"shopper":"ada","product":"none"}]}"#
        _ = try await free.post("/quotes/batch", batch)
        let flag = #"{"context":{"targetingKey":"ada"}}"#
        let evaluated = try await world.call(
            "POST", "/ofrep/v1/evaluate/flags/price.sku-1", key: free.agent, flag)
        #expect(evaluated.status == 200)
        let event =
            #"{"id":"e1","type":"exposure","shopper":"ada","product":"sku-1","timestamp":"2026-09-21T14:13:20Z"}"#
        _ = try await free.post("/events", "[\(event),\(event),{}]")

        let made = try await world.call(
            "POST", "/api/v1/tenants", key: World.operatorKey, #"{"name":"Two","plan":"a \"b\\"}"#)
        let key = try #require(made["keys", "merchant"]?.string)
        _ = try await world.call("POST", "/api/v1/products", key: key, Shop.product)
        let alone = #"{"shopper":"ada","product":"sku-1"}"#
        #expect(try await world.call("POST", "/api/v1/quotes", key: key, alone).status == 200)

        #expect(
            try await samples(world, "plan") == [
                #"cournot_plan_quotes_total{plan="a \"b\\"} 1"#, #"cournot_plan_quotes_total{plan="free"} 4"#,
                #"cournot_plan_events_total{plan="free"} 1"#,
            ])
        #expect(
            try await samples(world, "tenant") == [
                #"cournot_tenant_quotes_total{tenant="other"} 5"#, #"cournot_tenant_events_total{tenant="other"} 1"#,
            ])
    }

    @Test func `tenants are named up to the cap, in the order in which they came, and counted together beyond`()
        async throws
    {
        let world = try await world(naming: 1)
        let first = try await world.tenant("First")
        let others = [try await world.tenant("Second"), try await world.tenant("Third")]
        for shop in [first] + others {
            _ = try await shop.post("/products", Shop.product)
            #expect(try await shop.quote("ada").status == 200)
        }
        for shop in others { #expect(try await shop.quote("ada").status == 200) }
        // A change of configuration makes a new snapshot, which goes on counting where the old one was.
        #expect(try await first.patch("/tenant", #"{"name":"Renamed"}"#).status == 200)
        #expect(try await first.quote("ada").status == 200)
        #expect(
            try await samples(world, "tenant") == [
                #"cournot_tenant_quotes_total{tenant="\#(first.id)"} 2"#,
                #"cournot_tenant_quotes_total{tenant="other"} 4"#,
            ])
    }

    @Test func `a plan called other is no second row of that name`() async throws {
        let world = try await world(naming: 0)
        let made = try await world.call(
            "POST", "/api/v1/tenants", key: World.operatorKey, #"{"name":"Odd","plan":"other"}"#)
        let key = try #require(made["keys", "merchant"]?.string)
        _ = try await world.call("POST", "/api/v1/products", key: key, Shop.product)
        _ = try await world.call("POST", "/api/v1/quotes", key: key, #"{"shopper":"ada","product":"sku-1"}"#)
        let text = try await world.call("GET", "/metrics").text
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("cournot_plan_quotes_total") }
        #expect(rows == [#"cournot_plan_quotes_total{plan="other"} 1"#])
    }

    @Test func `the log's name of a request is its route, never its path`() async throws {
        let world = try await World()
        func name(_ method: String, _ path: String) throws -> String {
            world.api.routeName(of: try Request(parsing: Array("\(method) \(path) HTTP/1.1\r\nHost: t\r\n\r\n".utf8)))
        }
        #expect(try name("POST", "/api/eval/ck_secret") == "/api/eval/{sdk_key}")
        #expect(try name("GET", "/api/v1/products/a-secret-sku?x=ck_secret") == "/api/v1/products/{sku}")
        #expect(try name("HEAD", "/health") == "/health")
        #expect(try name("GET", "/ck_secret") == "none")
        #expect(try name("DELETE", "/api/eval/ck_secret") == "none")
    }
}
