import JSON
import Testing

@testable import PricingAPI

@Suite struct SearchTests {
    private static func shop() async throws -> Shop {
        let shop = try await World().tenant()
        for (sku, title) in [("mug-1", "Blue mug"), ("mug-2", "Red mug"), ("lamp", "Desk lamp")] {
            let body = #"{"sku":"\#(sku)","title":"\#(title)","list_price":{"amount":1999,"currency":"USD"}}"#
            try #require(try await shop.post("/products", body).status == 201)
        }
        return shop
    }

    @Test func `products are found by their words, at the list price`() async throws {
        let shop = try await Self.shop()
        let told = try await shop.get("/products/search?q=red%20mugs")
        #expect(told.status == 200)
        #expect(told["data", "0", "sku"] == "mug-2")
        #expect(told["data", "1", "sku"] == "mug-1")
        #expect(told["data", "0", "list_price", "display"] == "$19.99")
        #expect(told["data", "0", "unit_cost"] == nil)
        #expect(try await shop.get("/products/search?q=mug&limit=1")["data"]?.array?.count == 1)
    }

    @Test func `a search sees what was committed before it, and nothing that is gone`() async throws {
        let shop = try await Self.shop()
        #expect(try await shop.get("/products/search?q=teapot")["data"] == [])
        try #require(try await shop.patch("/products/lamp", #"{"title":"Teapot"}"#).status == 200)
        #expect(try await shop.get("/products/search?q=teapots")["data", "0", "sku"] == "lamp")
        #expect(try await shop.get("/products/search?q=desk%20lamp")["data"] == [])
        try #require(try await shop.delete("/products/lamp").status == 204)
        #expect(try await shop.get("/products/search?q=teapots")["data"] == [])
    }

    @Test func `a list price that changed is told with the next search`() async throws {
        let shop = try await Self.shop()
        #expect(try await shop.get("/products/search?q=lamp")["data", "0", "list_price", "amount"] == 1999)
        let body = #"{"list_price":{"amount":2499,"currency":"USD"}}"#
        try #require(try await shop.patch("/products/lamp", body).status == 200)
        #expect(try await shop.get("/products/search?q=lamp")["data", "0", "list_price", "amount"] == 2499)
    }

    @Test func `merchant, agent and analyst may search, and a widget may not`() async throws {
        let shop = try await Self.shop()
        for key in [shop.merchant, shop.agent, shop.analyst] {
            #expect(try await shop.world.call("GET", "/api/v1/products/search?q=mug", key: key).status == 200)
        }
        #expect(try await shop.world.call("GET", "/api/v1/products/search?q=mug", key: shop.widget).status == 403)
    }

    @Test func `another tenant's products are never found`() async throws {
        let shop = try await Self.shop()
        let other = try await shop.world.tenant("Other")
        #expect(try await other.get("/products/search?q=mug")["data"] == [])
    }

    @Test(arguments: ["", "?q=", "?q=a&limit=0", "?q=a&limit=101", "?q=a&q=b", "?q=a&page=2"])
    func `a search that is not said as the document says is refused`(query: String) async throws {
        let shop = try await World().tenant()
        let told = try await shop.get("/products/search" + query)
        #expect(told.status == 422)
    }

    @Test func `a query has at most a thousand characters`() async throws {
        let shop = try await Self.shop()
        let longest = String(repeating: "x", count: 1000)
        #expect(try await shop.get("/products/search?q=" + longest).status == 200)
        #expect(try await shop.get("/products/search?q=y" + longest).status == 422)
    }
}
