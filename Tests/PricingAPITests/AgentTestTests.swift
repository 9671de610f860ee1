import AgentRuntime
import Experiments
import JSON
import Testing

@testable import PricingAPI

/// The agent rehearsed on a tenant's own catalogue.
@Suite struct AgentTestTests {
    private func shop(sells: Bool = true, products: Bool = true) async throws -> Shop {
        let shop = try await World(sells: sells).tenant()
        guard products else { return shop }
        _ = try await shop.running()
        for (sku, title) in [("sku-2", "Tea kettle"), ("sku-3", "Reading lamp"), ("sku-4", "Wooden spoon")] {
            let body = #"{"sku":"\#(sku)","title":"\#(title)","list_price":{"amount":4500,"currency":"USD"}}"#
            try #require(try await shop.post("/products", body).status == 201)
        }
        return shop
    }

    private func results(_ told: Told, _ result: String) -> [JSONValue] {
        (told["results"]?.array ?? []).filter { $0["result"]?.string == result }
    }

    @Test func `a shop in order passes in every language, and nothing of it is the tenant's`() async throws {
        let shop = try await shop()
        #expect(try await shop.get("/agent")["last_test"] == .null)
        let told = try await shop.post("/agent/test")
        #expect(told.status == 200 && told["passed"] == true, "\(results(told, "failed"))")
        #expect(told["scenes"] == 32 && told["results"]?.array?.count == 32)
        for language in ["en", "de", "es", "fr"] {
            let scenes = (told["results"]?.array ?? []).filter { $0["language"]?.string == language }
            #expect(
                scenes.compactMap { $0["scene"]?.string }
                    == ["greeting", "find", "find", "find", "price", "discount", "checkout", "handoff"])
        }
        let price = try #require(told["results"]?.array?.first { $0["scene"] == "price" })
        #expect(price["product"] == "sku-1" && price["said"]?.array?.count == 5)
        // No conversation, no exposure, no order.
        #expect(try await shop.get("/conversations")["data"]?.array?.isEmpty == true)
        #expect(try await shop.get("/orders")["data"]?.array?.isEmpty == true)
        let experiments = try await shop.get("/experiments")["data"]?.array ?? []
        let id = try #require(experiments.first?["id"]?.string)
        let report = try await shop.get("/experiments/\(id)/report?watch=true")
        let observed = report["data_quality", "sample_ratio", "observed"]?.array ?? []
        #expect(observed.compactMap(\.int64).reduce(0, +) == 0)
        #expect(try await shop.get("/audit")["data", "0", "action"] == "agent.test")
    }

    @Test func `what the last test came to stands with the settings, and whether it was of these`() async throws {
        let shop = try await shop()
        _ = try await shop.post("/agent/test")
        let read = try await shop.get("/agent")
        #expect(read["last_test", "passed"] == true && read["last_test", "of_these_settings"] == true)
        // What was read may be sent back as it is.
        let same = try await shop.world.call("PUT", "/api/v1/agent", key: shop.merchant, read.text)
        #expect(same.status == 200 && same["last_test", "of_these_settings"] == true)
        let changed = try await shop.world.call("PUT", "/api/v1/agent", key: shop.merchant, #"{"name":"Ada"}"#)
        #expect(changed["last_test", "passed"] == true && changed["last_test", "of_these_settings"] == false)
    }

    @Test func `a product that its own title does not find fails, with why and what was said`() async throws {
        let shop = try await shop()
        // Four of one name: three are shown.
        for number in 1...4 {
            let body = #"{"sku":"z-\#(number)","title":"Blue vase","list_price":{"amount":900,"currency":"USD"}}"#
            try #require(try await shop.post("/products", body).status == 201)
        }
        let told = try await shop.post("/agent/test")
        let failed = results(told, "failed")
        #expect(told.status == 200 && told["passed"] == false && !failed.isEmpty)
        #expect(failed.allSatisfy { $0["why"]?.string?.isEmpty == false && $0["said"]?.array?.isEmpty == false })
        #expect(try await shop.get("/agent")["last_test", "passed"] == false)
    }

    @Test func `without products it fails, and without payments the checkout is skipped`() async throws {
        let empty = try await shop(products: false).post("/agent/test")
        #expect(empty["passed"] == false)
        #expect(results(empty, "failed").allSatisfy { $0["why"]?.string?.contains("catalogue") == true })
        let told = try await shop(sells: false).post("/agent/test")
        #expect(
            told["passed"] == true
                && results(told, "skipped").map { $0["scene"] } == [
                    .string("checkout"), .string("checkout"), .string("checkout"), .string("checkout"),
                ])
    }

    @Test func `settings are rehearsed: greeting, disclosure, contact, languages`() async throws {
        let shop = try await shop()
        let settings = """
            {"name":"Ada","greeting":"Welcome to the mug house.","disclosure":"A machine answers here.",\
            "operator_contact":"help@shop.example","languages":["de"],"tone":"formal"}
            """
        let put = try await shop.world.call("PUT", "/api/v1/agent", key: shop.merchant, settings)
        try #require(put.status == 200, "\(put.text)")
        let told = try await shop.post("/agent/test")
        #expect(told["passed"] == true && told["scenes"] == 8, "\(results(told, "failed"))")
        let greeting = told["results", "0", "said", "0", "text"]?.string ?? ""
        #expect(greeting.contains("Welcome to the mug house.") && greeting.contains("A machine answers here."))
    }

    @Test func `only a merchant tests, and only where there is a stage`() async throws {
        let shop = try await shop()
        #expect(try await shop.world.call("POST", "/api/v1/agent/test", key: shop.agent).status == 403)
        let bare = try await World { $0.rehearsalStore = nil }.tenant()
        #expect(try await bare.post("/agent/test")["code"] == "rehearsal_off")
    }
}
