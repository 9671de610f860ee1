import Experiments
import JSON
import Testing

@testable import PricingAPI

/// Browsers: widget keys, sessions and where pages come from.
@Suite struct BrowserSessionTests {
    private static let page = "https://shop.example"

    private func shop() async throws -> (Shop, widget: String) {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let made = try await shop.post("/keys", #"{"role":"widget","allowed_origins":["\#(Self.page)"]}"#)
        #expect(made["allowed_origins", "0"]?.string == Self.page)
        return (shop, try #require(made["key"]?.string))
    }

    private func open(
        _ shop: Shop, _ key: String, origin: String?, _ body: String = "{}"
    ) async throws -> Told {
        try await shop.world.call(
            "POST", "/api/v1/sessions", key: key, body, headers: origin.map { [("Origin", $0)] } ?? [])
    }

    private func quote(_ shop: Shop, _ session: String, for shopper: String) async throws -> Told {
        try await shop.world.call(
            "POST", "/api/v1/quotes", key: session, #"{"shopper":"\#(shopper)","product":"sku-1"}"#,
            headers: [("Origin", Self.page)])
    }

    @Test func `a page gets a session for an anonymous shopper, who hears its own price and nothing of others`()
        async throws
    {
        let (shop, widget) = try await shop()
        let opened = try await open(shop, widget, origin: Self.page)
        #expect(opened.status == 201 && opened.header("access-control-allow-origin") == Self.page)
        let session = try #require(opened["session"]?.string)
        let shopper = try #require(opened["shopper"]?.string)
        #expect(shopper.hasPrefix("anon_"))
        let quote = try await quote(shop, session, for: shopper)
        #expect(quote.status == 200 && quote.header("access-control-allow-origin") == Self.page)
        #expect(quote["list_price"] == nil && quote["experiment"] == nil)
        let same = try await shop.world.call(
            "POST", "/api/v1/quotes", key: shop.agent, #"{"shopper":"\#(shopper)","product":"sku-1"}"#)
        #expect(same["price", "amount"] == quote["price", "amount"] && same["experiment", "variant"] != nil)
        let other = try await self.quote(shop, session, for: "somebody")
        #expect(other.status == 403)
        for path in ["/products", "/experiments", "/tenant", "/keys", "/prices/sku-1?shopper=\(shopper)"] {
            #expect(try await shop.world.call("GET", "/api/v1" + path, key: session).status == 403)
        }
        #expect(try await open(shop, session, origin: Self.page).status == 403)
    }

    @Test func `a server vouches for its shopper, and a browser cannot`() async throws {
        let (shop, widget) = try await shop()
        let opened = try await open(shop, shop.agent, origin: nil, #"{"shopper":"ada"}"#)
        #expect(opened.status == 201 && opened["shopper"] == "ada")
        let session = try #require(opened["session"]?.string)
        #expect(
            try await shop.world.call(
                "POST", "/api/v1/quotes", key: session, #"{"shopper":"ada","product":"sku-1"}"#
            ).status == 200)
        #expect(try await open(shop, widget, origin: Self.page, #"{"shopper":"ada"}"#).pointers.count == 1)
    }

    @Test func `pages from elsewhere open nothing`() async throws {
        let (shop, widget) = try await shop()
        #expect(try await open(shop, widget, origin: "https://evil.example")["code"] == "origin_refused")
        #expect(try await open(shop, widget, origin: "null")["code"] == "origin_refused")
        #expect(try await open(shop, widget, origin: nil)["code"] == "origin_missing")
        let session = try #require(try await open(shop, widget, origin: Self.page)["session"]?.string)
        let told = try await shop.world.call(
            "POST", "/api/v1/quotes", key: session, #"{"shopper":"x","product":"sku-1"}"#,
            headers: [("Origin", "https://evil.example")])
        // The page may read why, and no more.
        #expect(told["code"] == "origin_refused" && told["price"] == nil)
        // Pages of this server are of one site with it.
        #expect(try await open(shop, shop.widget, origin: "http://test").status == 201)
        #expect(try await open(shop, shop.widget, origin: "http://elsewhere").status == 403)
    }

    @Test func `behind TLS, a page of this host that came without it opens nothing`() async throws {
        let shop = try await World().tenant()
        func open(_ origin: String, proxied: String?) async throws -> Int {
            try await shop.world.call(
                "POST", "/api/v1/sessions", key: shop.widget, "{}",
                headers: [("Origin", origin)] + (proxied.map { [("X-Forwarded-Proto", $0)] } ?? [])
            ).status
        }
        #expect(try await open("http://test", proxied: nil) == 201)
        #expect(try await open("http://test", proxied: "https") == 403)
        #expect(try await open("https://test", proxied: "https") == 201)
    }

    @Test func `a session begins so many conversations and no more`() async throws {
        let shop = try await World().tenant()
        let opened = try await open(shop, shop.widget, origin: "http://test")
        let session = try #require(opened["session"]?.string)
        var statuses: [Int] = []
        for _ in 0...30 {
            statuses.append(
                try await shop.world.call(
                    "POST", "/api/v1/conversations", key: session, "{}", headers: [("Origin", "http://test")]
                ).status)
        }
        #expect(statuses == [Int](repeating: 201, count: 30) + [429])
    }

    @Test func `a session ends with its time and with its key`() async throws {
        let (shop, widget) = try await shop()
        let opened = try await open(shop, widget, origin: Self.page)
        let session = try #require(opened["session"]?.string)
        let shopper = try #require(opened["shopper"]?.string)
        #expect(try await quote(shop, session, for: shopper).status == 200)
        let keys = try await shop.get("/keys")["data"]?.array ?? []
        let id = try #require(keys.first { $0["allowed_origins"]?.array?.isEmpty == false }?["id"]?.string)
        #expect(try await shop.delete("/keys/\(id)").status == 204)
        #expect(try await quote(shop, session, for: shopper)["code"] == "session_over")
        let second = try #require(try await open(shop, shop.agent, origin: nil)["session"]?.string)
        shop.world.clock.advance(by: .seconds(24 * 3600))
        #expect(try await quote(shop, second, for: "x")["code"] == "session_over")
        #expect(try await quote(shop, "cs_AAAA", for: "x").status == 401)
    }

    @Test func `a browser may ask before it asks, where shoppers may come`() async throws {
        let (shop, _) = try await shop()
        func preflight(_ path: String) async throws -> Told {
            try await shop.world.call(
                "OPTIONS", path,
                headers: [("Origin", Self.page), ("Access-Control-Request-Method", "POST")])
        }
        #expect(try await preflight("/api/v1/quotes").header("access-control-allow-origin") == Self.page)
        #expect(try await preflight("/api/v1/experiments").header("access-control-allow-origin") == nil)
    }

    @Test func `origins are for widget keys, and each that is none is named`() async throws {
        let (shop, _) = try await shop()
        let wrong = try await shop.post(
            "/keys", #"{"role":"agent","allowed_origins":["https://shop.example/path","*"]}"#)
        #expect(wrong.status == 422)
        #expect(
            Set(wrong.pointers) == ["/allowed_origins/0", "/allowed_origins/1"]
                || Set(wrong.pointers) == ["/allowed_origins/0", "/allowed_origins/1", "/allowed_origins"])
        #expect(
            try await shop.post("/keys", #"{"role":"agent","allowed_origins":["https://shop.example"]}"#).status == 422)
    }
}
