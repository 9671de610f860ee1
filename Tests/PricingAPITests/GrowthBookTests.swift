import JSON
import Testing

@testable import PricingAPI

@Suite struct GrowthBookTests {
    private static let experiment = """
        {"name":"Three prices","products":["sku-1"],"coverage":0.8,"holdout":0.1,\
        "layer":{"name":"checkout","range":[0,0.9]},"audience":{"country":{"$in":["DE","FR"]}},\
        "price_rules":{"max_spread":null},"variants":[\
        {"name":"control","price":{"amount":1999,"currency":"USD"},"weight":5},\
        {"name":"higher","price":{"amount":2499,"currency":"USD"},"weight":3},\
        {"name":"highest","price":{"amount":2999,"currency":"USD"},"weight":2}]}
        """

    private func features(_ shop: Shop, _ key: String, headers: [(String, String)] = []) async throws -> Told {
        try await shop.world.call("GET", "/api/features/\(key)", headers: headers)
    }

    private func evaluation(_ shop: Shop, _ body: String, key: String? = nil) async throws -> Told {
        try await shop.world.call("POST", "/api/eval/\(key ?? shop.agent)", body)
    }

    @Test func `the payload says the whole of how new shoppers are split`() async throws {
        let shop = try await World().tenant()
        #expect(try await shop.post("/products", Shop.product).status == 201)
        let id = try #require(try await shop.post("/experiments", Self.experiment)["id"]?.string)
        #expect(try await features(shop, shop.agent)["features"]?.object?.isEmpty == true)
        #expect(try await shop.post("/experiments/\(id)/start").status == 200)
        let told = try await features(shop, shop.agent)
        #expect(told["features", "price.sku-1", "defaultValue"]?.double == 19.99)
        let rule = try #require(told["features", "price.sku-1", "rules", "0"])
        #expect(rule["seed"]?.string == id)
        #expect(rule["hashVersion"] == 2)
        #expect(rule["variations"] == [19.99, 24.99, 29.99])
        _ = try await shop.patch("/tenant", #"{"usage_limit":5}"#)
        #expect(
            try await features(shop, shop.agent)["features", "price.sku-1", "rules"]?.array?.isEmpty ?? true,
            "whether there is room within a limit no payload can know")
        _ = try await shop.patch("/tenant", #"{"usage_limit":null}"#)
        #expect(rule["condition"] == ["country": ["$in": ["DE", "FR"]]])
        #expect(
            rule["filters"] == [
                ["attribute": "id", "seed": "__checkout", "hashVersion": 1, "ranges": [[0, 0.9]]],
                ["attribute": "id", "seed": .string("holdout:" + id), "hashVersion": 2, "ranges": [[0.1, 1]]],
            ])
        #expect(rule["ranges"]?.array?.map { $0.array?.first?.double } == [0, 0.5, 0.8])
        #expect(told["features", "price.sku-1.minor", "rules", "0", "variations"] == [1999, 2499, 2999])
        #expect(try await shop.post("/experiments/\(id)/pause").status == 200)
        #expect(try await features(shop, shop.agent)["features", "price.sku-1", "rules"] == [])
    }

    @Test func `the payload may be kept while its tag holds`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let told = try await features(shop, shop.merchant)
        let tag = try #require(told.header("etag"))
        #expect(told.headers.filter { $0.name == "Cache-Control" }.map(\.value) == ["private, no-cache"])
        let known = try await features(shop, shop.merchant, headers: [("If-None-Match", tag)])
        #expect(known.status == 304)
        #expect(known.bytes.isEmpty)
        let weights = #"{"variants":[{"name":"control","weight":1},{"name":"higher","weight":99}]}"#
        #expect(try await shop.patch("/experiments/\(id)", weights).status == 200)
        #expect(try await features(shop, shop.merchant, headers: [("If-None-Match", tag)]).status == 200)
    }

    @Test func `a key that browsers know opens neither door`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        for (key, status) in [(shop.widget, 403), (shop.analyst, 403), ("ck_stranger", 401)] {
            for told in [
                try await features(shop, key), try await evaluation(shop, #"{"attributes":{"id":"a"}}"#, key: key),
            ] {
                #expect(told.status == status)
                #expect(!told.text.contains("24.99"))
                #expect(told.header("content-type") == "application/problem+json")
            }
        }
        #expect(try await features(shop, shop.widget)["detail"]?.string?.contains("agent or merchant key") == true)
    }

    @Test func `remote evaluation knows whom the payload does not, and shows one price`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let quote = try await shop.quote("ada")
        let variant = try #require(quote["experiment", "variant"]?.string)
        let weights = [("control", variant == "control" ? 0 : 1), ("higher", variant == "higher" ? 0 : 1)]
            .map { #"{"name":"\#($0.0)","weight":\#($0.1)}"# }.joined(separator: ",")
        #expect(try await shop.patch("/experiments/\(id)", #"{"variants":[\#(weights)]}"#).status == 200)
        let told = try await evaluation(
            shop,
            #"{"attributes":{"id":"ada"},"forcedVariations":{"\#(id)":0},"forcedFeatures":[["price.sku-1",1]],"url":""}"#
        )
        let rules = try #require(told["features", "price.sku-1.minor", "rules"]?.array)
        #expect(rules.count == 1)
        #expect(rules[0]["force"] == quote["price", "amount"])
        #expect(rules[0]["id"] == quote["id"])
        #expect(rules[0]["tracks"]?.array?.first?["result"]?["key"]?.string == variant)
        #expect(rules[0]["tracks"]?.array?.first?["experiment"]?["variations"]?.array?.count == 1)
    }

    @Test func `remote evaluation assigns and exposes nobody`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let told = try await evaluation(shop, #"{"attributes":{"id":42}}"#)
        let rule = try #require(told["features", "price.sku-1.minor", "rules", "0"])
        let id = try #require(rule["id"]?.string)
        #expect(try await shop.get("/quotes/\(id)")["state"] == "evaluated")
        let quote = try await shop.quote("42")
        #expect(quote["price", "amount"] == rule["force"])
        #expect(quote["experiment", "reason"] == "sticky")
    }

    @Test(arguments: [
        ("{", 400), ("[]", 422), ("{}", 422), (#"{"attributes":{}}"#, 422), (#"{"attributes":{"id":true}}"#, 422),
        (#"{"attributes":{"id":""}}"#, 422), (#"{"attributes":{"id":0}}"#, 422), (#"{"a":1,"a":2}"#, 400),
    ])
    func `without a shopper there is nothing to evaluate`(body: String, status: Int) async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        #expect(try await evaluation(shop, body).status == status)
    }
}
