import JSON
import Testing

@testable import PricingAPI

@Suite struct OpenFeatureTests {
    private static let path = "/ofrep/v1/evaluate/flags"
    private static let ada = #"{"context":{"targetingKey":"ada","country":"DE"}}"#

    private func shop() async throws -> Shop {
        let shop = try await World().tenant()
        _ = try await shop.running()
        return shop
    }

    private func evaluate(
        _ shop: Shop, _ flag: String?, _ body: String = ada, key: String? = nil, headers: [(String, String)] = []
    ) async throws -> Told {
        try await shop.world.call(
            "POST", flag.map { Self.path + "/" + $0 } ?? Self.path, key: key ?? shop.agent, body, headers: headers)
    }

    @Test func `each form of the flag says the price that the quote says`() async throws {
        let shop = try await shop()
        let major = try await evaluate(shop, "price.sku-1")
        let quote = try await shop.quote("ada")
        let amount = try #require(quote["price", "amount"]?.int64)
        #expect(major.status == 200)
        #expect(major["value"]?.double == Double(amount) / 100)
        #expect(major["reason"] == "SPLIT")
        #expect(major["variant"] == quote["experiment", "variant"])
        #expect(major["metadata", "experiment"] == quote["experiment", "id"])
        #expect(major["metadata", "quote"] == quote["id"])
        #expect(major["metadata", "reason"] == "split")
        #expect(quote["experiment", "reason"] == "sticky")
        #expect(quote["state"] == "quoted")
        #expect(try await evaluate(shop, "price.sku-1.minor")["value"]?.int64 == amount)
        #expect(try await evaluate(shop, "price.sku-1.quote")["value"] == quote.json)
    }

    @Test(arguments: [("USD", "10.0", 1000), ("JPY", "1500.0", 1500), ("BHD", "1.25", 1250)])
    func `a whole price in major units is written with a fraction`(currency: String, text: String, amount: Int)
        async throws
    {
        let shop = try await World().tenant()
        let product = #"{"sku":"x","title":"X","list_price":{"amount":\#(amount),"currency":"\#(currency)"}}"#
        #expect(try await shop.post("/products", product).status == 201)
        let told = try await evaluate(shop, "price.x")
        #expect(told.text.contains(#""value":\#(text),"#))
        #expect(told["reason"] == "STATIC")
        #expect(told["variant"] == "list_price")
        #expect(told["metadata", "currency"]?.string == currency)
    }

    @Test func `of overlapping keys the longest SKU is meant`() async throws {
        let shop = try await World().tenant()
        for (sku, amount) in [("a.b", 100), ("a.b.minor", 300), ("a.b.minor.quote", 500)] {
            let product = #"{"sku":"\#(sku)","title":"X","list_price":{"amount":\#(amount),"currency":"USD"}}"#
            #expect(try await shop.post("/products", product).status == 201)
        }
        for (flag, value) in [
            ("price.a.b", "1.0"), ("price.a.b.minor", "3.0"), ("price.a.b.minor.minor", "300"),
            ("price.a.b.minor.quote", "5.0"), ("price.a.b.minor.quote.minor", "500"),
        ] {
            #expect(try await evaluate(shop, flag).text.contains(#""value":\#(value),"#), "\(flag)")
        }
        #expect(try await evaluate(shop, "price.a.b.quote")["value", "product"] == "a.b")
    }

    @Test(arguments: [
        ("price.sku-1", "{", 400, "PARSE_ERROR"), ("price.sku-1", "[]", 400, "PARSE_ERROR"),
        ("price.sku-1", #"{"context":{"a":1,"a":2}}"#, 400, "PARSE_ERROR"),
        ("price.sku-1", "{}", 400, "TARGETING_KEY_MISSING"),
        ("price.sku-1", #"{"context":null}"#, 400, "TARGETING_KEY_MISSING"),
        ("price.sku-1", #"{"context":{}}"#, 400, "TARGETING_KEY_MISSING"),
        ("price.sku-1", #"{"context":{"targetingKey":""}}"#, 400, "TARGETING_KEY_MISSING"),
        ("price.sku-1", #"{"context":[]}"#, 400, "INVALID_CONTEXT"),
        ("price.sku-1", #"{"context":{"targetingKey":7}}"#, 400, "INVALID_CONTEXT"),
        ("price.sku-1", #"{"context":{"targetingKey":"\n"}}"#, 400, "INVALID_CONTEXT"),
        ("price.none", ada, 404, "FLAG_NOT_FOUND"), ("price.sku-1.major", ada, 404, "FLAG_NOT_FOUND"),
        ("prices.sku-1", ada, 404, "FLAG_NOT_FOUND"), ("price.", ada, 404, "FLAG_NOT_FOUND"),
    ])
    func `what is wrong is said in the protocol's words`(flag: String, body: String, status: Int, code: String)
        async throws
    {
        let told = try await evaluate(try await shop(), flag, body)
        #expect(told.status == status)
        #expect(told["errorCode"]?.string == code)
        #expect(told["key"]?.string == flag)
        #expect(told["errorDetails"]?.string?.isEmpty == false)
    }

    @Test func `a key that may not is refused, and an unknown member is not`() async throws {
        let shop = try await shop()
        for (key, status) in [("ck_stranger", 401), (shop.widget, 403), (shop.analyst, 403)] {
            let told = try await evaluate(shop, "price.sku-1", key: key)
            #expect(told.status == status)
            #expect(told["errorCode"] == "GENERAL")
            #expect((told.header("www-authenticate") != nil) == (status == 401))
        }
        let newer = #"{"context":{"targetingKey":"ada"},"sdk":"x"}"#
        #expect(try await evaluate(shop, "price.sku-1?later=1", newer).status == 200)
    }

    @Test func `when the client heard of a change is checked and changes nothing`() async throws {
        let shop = try await shop()
        for (time, status) in [("1771622898", 200), ("2026-02-20T21:28:18Z", 200), ("soon", 400), ("", 400)] {
            let told = try await shop.world.call(
                "POST", Self.path + "?flagConfigEtag=x&flagConfigLastModified=\(time)", key: shop.agent, Self.ada)
            #expect(told.status == status)
            if status == 400 { #expect(told["errorCode"] == "INVALID_CONTEXT") }
        }
    }

    @Test func `all flags at once assign and expose nobody`() async throws {
        let shop = try await shop()
        let other = #"{"sku":"plain","title":"X","list_price":{"amount":100,"currency":"USD"}}"#
        #expect(try await shop.post("/products", other).status == 201)
        let all = try await evaluate(shop, nil)
        #expect(all.status == 200)
        #expect(
            all["flags"]?.array?.map { $0["key"]?.string } == [
                "price.sku-1", "price.sku-1.minor", "price.sku-1.quote",
            ])
        let quote = try #require(all["flags", "2", "value"])
        #expect(quote["state"] == "evaluated")
        let told = try await shop.quote("ada")
        #expect(told["price"] == quote["price"])
        #expect(told["experiment", "reason"] == "sticky")
    }

    @Test func `the tag of all flags depends on the context, the configuration and the time`() async throws {
        let shop = try await shop()
        let first = try await evaluate(shop, nil)
        let tag = try #require(first.header("etag"))
        func again(_ body: String = Self.ada) async throws -> Told {
            try await evaluate(shop, nil, body, headers: [("If-None-Match", tag)])
        }
        let known = try await again()
        #expect(known.status == 304)
        #expect(known.bytes.isEmpty)
        #expect(known.header("etag") == tag)
        #expect(try await again(#"{"context":{"targetingKey":"ben","country":"DE"}}"#).status == 200)
        #expect(try await again(#"{"context":{"targetingKey":"ada","country":"FR"}}"#).status == 200)
        shop.world.clock.advance(by: .seconds(16 * 60))
        #expect(try await again().status == 200)
        shop.world.clock.advance(by: .seconds(-16 * 60))
        #expect(try await again().status == 304)
        #expect(try await shop.patch("/products/sku-1", #"{"title":"Cup"}"#).status == 200)
        #expect(try await again().status == 200)
    }
}
