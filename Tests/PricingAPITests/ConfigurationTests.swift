import Experiments
import JSON
import Testing

@Suite struct ConfigurationTests {
    @Test func `another tenant's things answer byte for byte like absent ones`() async throws {
        let world = try await World()
        let mine = try await world.tenant("Mine")
        let theirs = try await world.tenant("Theirs")
        let foreign = try await theirs.draft()
        let quote = try #require(try await theirs.quote("s")["id"]?.string)
        let key = try #require(try await theirs.post("/keys", #"{"role":"agent"}"#)["id"]?.string)
        let pairs: [(String, String, String, String?)] = [
            ("GET", "/experiments/\(foreign)", "/experiments/exp_0192f0c1a0b07000800000000000000a", nil),
            ("PATCH", "/experiments/\(foreign)", "/experiments/exp_0192f0c1a0b07000800000000000000a", "{}"),
            ("POST", "/experiments/\(foreign)/start", "/experiments/exp_0192f0c1a0b07000800000000000000a/start", nil),
            ("GET", "/experiments/\(foreign)/export", "/experiments/exp_0192f0c1a0b07000800000000000000a/export", nil),
            ("GET", "/quotes/\(quote)", "/quotes/quo_0192f0c1a0b07000800000000000000a", nil),
            ("GET", "/products/sku-1", "/products/sku-0", nil),
            ("PATCH", "/products/sku-1", "/products/sku-0", "{}"),
            ("DELETE", "/products/sku-1", "/products/sku-0", nil),
            ("GET", "/prices/sku-1?shopper=s", "/prices/sku-0?shopper=s", nil),
            ("GET", "/keys/\(key)", "/keys/key_0192f0c1a0b07000800000000000000a", nil),
            ("DELETE", "/keys/\(key)", "/keys/key_0192f0c1a0b07000800000000000000a", nil),
        ]
        for (method, foreign, absent, body) in pairs {
            let sent = [("X-Request-Id", "same")]
            let a = try await world.call(method, "/api/v1" + foreign, key: mine.merchant, body, headers: sent)
            let b = try await world.call(method, "/api/v1" + absent, key: mine.merchant, body, headers: sent)
            #expect(a.status == 404)
            #expect(a.bytes == b.bytes, "\(method) \(foreign)")
            #expect(a.headers.map(\.value) == b.headers.map(\.value))
        }
    }

    @Test func `all that is wrong with an experiment is told at once`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.draft()
        let told = try await shop.post(
            "/experiments",
            """
            {"name":"","products":["sku-1","nothing"],"coverage":2,"status":"running","hypotesis":"x",
             "variants":[{"name":"a","price":{"amount":1999,"currency":"USD"},"wieght":1},
                         {"name":"a","price":{"amount":19.99,"currency":"EUR"},"weight":-1}],
             "layer":{"name":"l","range":[1,0]},"ends_at":"tomorrow","analysis":{"alpha":1}}
            """)
        #expect(told.status == 422)
        #expect(
            Set(told.pointers) == [
                "/name", "/products/1", "/coverage", "/status", "/hypotesis", "/variants/0/wieght", "/variants/1/name",
                "/variants/1/price/amount", "/variants/1/price/currency", "/variants/1/weight", "/layer/range",
                "/ends_at", "/analysis/alpha",
            ])
        let hint = told["errors"]?.array?.first { $0["pointer"] == "/variants/0/wieght" }
        #expect(hint?["detail"] == "Unknown key. Did you mean \"weight\"?")
    }

    @Test func `an experiment without products is told to have some, not of the currency that follows from them`()
        async throws
    {
        let shop = try await World().tenant()
        for products in ["[]", #"["nothing"]"#, #"["nothing","nothing"]"#] {
            let told = try await shop.post(
                "/experiments",
                """
                {"name":"a","products":\(products),"variants":[{"name":"a","price":{"amount":1,"currency":"USD"}},
                 {"name":"b","price":{"amount":2,"currency":"USD"}}]}
                """)
            #expect(told.status == 422)
            let pointers = told.pointers
            #expect(!pointers.isEmpty && pointers.allSatisfy { $0.hasPrefix("/products") }, "\(pointers)")
        }
    }

    @Test func `what the state machine forbids names the state`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let allowed: [(String, Int)] = [
            ("pause", 409), ("resume", 409), ("complete", 409), ("archive", 409), ("start", 200), ("start", 409),
            ("resume", 409), ("pause", 200), ("pause", 409), ("resume", 200), ("archive", 409), ("complete", 200),
            ("start", 409), ("pause", 409), ("complete", 409), ("archive", 200), ("archive", 409),
        ]
        var state = "draft"
        for (action, status) in allowed {
            let told = try await shop.post("/experiments/\(id)/\(action)")
            #expect(told.status == status, "\(action) from \(state)")
            if status == 409 {
                #expect(told["code"] == "wrong_state")
                #expect(told["detail"]?.string?.contains(state) == true)
            } else {
                state = try #require(told["status"]?.string)
            }
        }
        #expect(state == "archived")
    }

    @Test func `a patch merges, variants by name, and moves nobody who was assigned`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        var before: [JSONValue?] = []
        for n in 0..<20 { before.append(try await shop.quote("s-\(n)")["price"]) }
        let told = try await shop.patch(
            "/experiments/\(id)",
            #"{"name":"Autumn price","variants":[{"name":"control","weight":1},{"name":"higher","weight":99}]}"#)
        #expect(told.status == 200)
        #expect(told["name"] == "Autumn price")
        #expect(told["variants", "0", "weight"] == 1)
        #expect(told["variants", "1", "price", "amount"] == 2499)
        #expect(told["phases"]?.array?.count == 2)
        for n in 0..<20 { #expect(try await shop.quote("s-\(n)")["price"] == before[n]) }
    }

    @Test func `a patch of what is frozen names it`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let told = try await shop.patch(
            "/experiments/\(id)",
            #"{"variants":[{"name":"higher","price":{"amount":2999,"currency":"USD"}}],"attribution_days":30}"#)
        #expect(told.status == 409)
        #expect(told["code"] == "frozen")
        #expect(Set(told.pointers) == ["/variants", "/attribution_days"])
    }

    @Test func `faults of a patch stand where the patch said them`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let told = try await shop.patch(
            "/experiments/\(id)",
            #"{"variants":[{"name":"higher","weight":"x","wieght":1}],"hypotesis":null,"status":"running"}"#)
        #expect(told.status == 422)
        #expect(
            Set(told.pointers) == ["/variants/0/weight", "/variants/0/wieght", "/hypotesis", "/status"])
    }

    @Test func `a weight of null is a mistake, wherever it is sent, and not the weight of who says nothing`()
        async throws
    {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let told = try await shop.patch(
            "/experiments/\(id)", #"{"variants":[{"name":"higher","weight":null},{"name":"control","metadata":null}]}"#)
        #expect(told.status == 422)
        #expect(told.pointers == ["/variants/0/weight"])
    }

    @Test func `an answer sent back as a patch changes nothing but the version`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let before = try await shop.get("/experiments/\(id)")
        let told = try await shop.patch("/experiments/\(id)", before.text)
        #expect(told.status == 200, "\(told.text)")
        var expected = try #require(try before.json.object)
        expected["version"] = 2
        #expect(try told.json == .object(expected))
        let product = try await shop.get("/products/sku-1")
        #expect(try await shop.patch("/products/sku-1", product.text).bytes == product.bytes)
    }

    @Test func `null in a patch takes away, If-Match keeps from overwriting`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.draft()
        let before = try await shop.get("/products/sku-1")
        let tag = try #require(before.header("etag"))
        #expect(try await shop.get("/products/sku-1", headers: [("If-None-Match", "W/\(tag)")]).status == 304)
        let changed = try await shop.patch("/products/sku-1", #"{"unit_cost":null}"#, headers: [("If-Match", tag)])
        #expect(changed.status == 200)
        #expect(changed["unit_cost"] == .null)
        #expect(changed.header("etag") != tag)
        let late = try await shop.patch("/products/sku-1", #"{"title":"Cup"}"#, headers: [("If-Match", tag)])
        #expect(late.status == 412)
        #expect(try await shop.get("/products/sku-1")["title"] == "Mug")
    }

    @Test func `a draft said anew has what was said and nothing else; a started one keeps what is fixed`() async throws
    {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let tag = try #require(try await shop.get("/experiments/\(id)").header("etag"))
        func put(_ body: String, _ headers: [(String, String)] = []) async throws -> Told {
            try await shop.world.call("PUT", "/api/v1/experiments/\(id)", key: shop.merchant, body, headers: headers)
        }
        let other = #"""
            {"name":"Other","products":["sku-1"],"variants":[\#
            {"name":"low","price":{"amount":1799,"currency":"USD"}},\#
            {"name":"lower","price":{"amount":1599,"currency":"USD"},"weight":3}]}
            """#
        let told = try await put(other, [("If-Match", tag)])
        #expect(told.status == 200 && told["version"] == 2 && told["name"] == "Other")
        #expect(told["variants"]?.array?.compactMap { $0["name"]?.string } == ["low", "lower"])
        #expect(told["variants", "0", "weight"] == 1 && told["coverage"] == 1)
        #expect(told["hypothesis"] == "")
        #expect(try await put(other, [("If-Match", tag)]).status == 412)
        let wrong = try await put(#"{"name":"","products":["sku-1"],"variants":[]}"#)
        #expect(wrong.status == 422 && wrong["errors"]?.array?.isEmpty == false)
        #expect(try await put(#"{"status":"running"}"#)["errors", "0", "pointer"] == "/status")
        #expect(try await shop.get("/experiments/\(id)").bytes == told.bytes)
        #expect(try await shop.post("/experiments/\(id)/start").status == 200)
        #expect(try await put(other.replacing("1799", with: "1700"))["code"] == "frozen")
        #expect(try await put(other.replacing("Other", with: "Renamed"))["name"] == "Renamed")
        let analyst = try await shop.world.call("PUT", "/api/v1/experiments/\(id)", key: shop.analyst, other)
        #expect(analyst.status == 403)
    }

    @Test func `a product under test keeps what its experiment needs`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        #expect(try await shop.delete("/products/sku-1")["code"] == "product_in_experiment")
        let told = try await shop.patch("/products/sku-1", #"{"ceiling":{"amount":2000,"currency":"USD"}}"#)
        #expect(told.status == 409)
        #expect(told["code"] == "product_in_experiment")
    }

    @Test func `a product whose sales are still counted stays, and a quote outlives its product`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        let quote = try await shop.quote("s-1")
        #expect(try await shop.post("/experiments/\(id)/complete").status == 200)
        #expect(try await shop.delete("/products/sku-1")["code"] == "product_in_experiment")
        #expect(try await shop.post("/experiments/\(id)/archive").status == 200)
        #expect(try await shop.delete("/products/sku-1").status == 204)
        let read = try await shop.get("/quotes/\(try #require(quote["id"]?.string))")
        #expect(read.status == 200)
        #expect(read["price"] == quote["price"])
        #expect(read["token"] == quote["token"])
    }

    @Test func `an experiment that has ended is not opened again`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let id = try await shop.running()
        func end(in seconds: Int64) async throws -> Told {
            let time = world.clock.now().advanced(by: .seconds(seconds))
            return try await shop.patch("/experiments/\(id)", #"{"ends_at":"\#(time)"}"#)
        }
        #expect(try await end(in: -60).status == 422)
        #expect(try await end(in: 60).status == 200)
        #expect(try await end(in: 90).status == 200)
        world.clock.advance(by: .seconds(120))
        #expect(try await end(in: 60)["code"] == "frozen")
        #expect(try await shop.patch("/experiments/\(id)", #"{"name":"Summer"}"#).status == 200)
    }

    @Test func `two spellings that look the same are two products`() async throws {
        let shop = try await World().tenant()
        for sku in ["caf\u{e9}", "cafe\u{301}"] {
            let product = Shop.product.replacingOccurrences(of: "sku-1", with: sku)
            #expect(try await shop.post("/products", product).status == 201)
        }
        #expect(try await shop.get("/products")["data"]?.array?.count == 2)
        #expect(try await shop.delete("/products/cafe%CC%81").status == 204)
        #expect(try await shop.get("/products/caf%C3%A9").status == 200)
    }

    @Test func `a condition on what knows no conditions is refused, not overlooked`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let told = try await shop.post("/experiments/\(id)/start", headers: [("If-Match", "\"x\"")])
        #expect(told.status == 412)
        #expect(try await shop.get("/experiments/\(id)")["status"] == "draft")
    }

    @Test func `an expired key does not count as a way back in`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let soon = Timestamp(milliseconds: world.clock.now().milliseconds + 60_000)
        let made = try await shop.post("/keys", #"{"role":"merchant","expires_at":"\#(soon)"}"#)
        #expect(made.status == 201)
        world.clock.advance(by: .seconds(120))
        let keys = try await shop.get("/keys")["data"]?.array ?? []
        let lasting = keys.filter { key in key["role"]?.string == "merchant" && key["expires_at"] == .null }
        let own = try #require(lasting.first?["id"]?.string)
        #expect(try await shop.delete("/keys/\(own)")["code"] == "last_merchant_key")
    }

    @Test func `lists come in pages that together are the whole`() async throws {
        let shop = try await World().tenant()
        for n in 10..<17 {
            let product = Shop.product.replacingOccurrences(of: "sku-1", with: "sku-\(n)")
            #expect(try await shop.post("/products", product).status == 201)
        }
        var skus: [String] = []
        var path: String? = "/products?limit=3"
        while let next = path {
            let page = try await shop.get(next)
            skus += (page["data"]?.array ?? []).compactMap { $0["sku"]?.string }
            path = page["next_cursor"]?.string.map { "/products?limit=3&cursor=\($0)" }
        }
        #expect(skus == (10..<17).map { "sku-\($0)" })
        #expect(try await shop.get("/products?cursor=AA")["code"] == "invalid_parameter", "a control character")
        let audit = try await shop.get("/audit?limit=200")
        #expect(audit["data"]?.array?.count == 8)
        #expect(audit["data", "0", "action"] == "product.create")
        #expect(audit["data", "7", "action"] == "tenant.create")
    }

    @Test func `SKUs that look the same are paged in one order, and a page more leaves none out`() async throws {
        let shop = try await World().tenant()
        // "é" in one code point and in two, and what bytes put between them.
        let skus = ["cafe\u{301}", "caf\u{e9}", "caff", "cafz", "caf\u{e9}s", "\u{1f451}"]
        for sku in skus {
            let product = Shop.product.replacingOccurrences(of: "sku-1", with: sku)
            #expect(try await shop.post("/products", product).status == 201)
        }
        var found: [String] = []
        var path: String? = "/products?limit=1"
        while let next = path, found.count < 10 {
            let page = try await shop.get(next)
            found += (page["data"]?.array ?? []).compactMap { $0["sku"]?.string }
            path = page["next_cursor"]?.string.map { "/products?limit=1&cursor=\($0)" }
        }
        #expect(found.map { Array($0.utf8) } == skus.map { Array($0.utf8) }.sorted { $0.lexicographicallyPrecedes($1) })
    }

    @Test func `a key works until it is removed, expires, or comes from elsewhere`() async throws {
        let shop = try await World().tenant()
        let made = try await shop.post("/keys", #"{"role":"merchant","expires_at":"2026-09-21T15:00:00Z"}"#)
        let key = try #require(made["key"]?.string)
        let world = shop.world
        #expect(try await world.call("GET", "/api/v1/tenant", key: key).status == 200)
        #expect(try await world.call("GET", "/api/v1/tenant", headers: [("X-API-Key", key)]).status == 200)
        world.clock.advance(by: .seconds(3600))
        #expect(try await world.call("GET", "/api/v1/tenant", key: key).status == 401)
        let bound = try await shop.post("/keys", #"{"role":"agent","allowed_addresses":["10.0.0.0/8"]}"#)
        #expect(
            try await world.call("POST", "/api/v1/events", key: try #require(bound["key"]?.string), "[]").status == 401)
        let listed = try await shop.get("/keys")
        #expect(listed["data"]?.array?.count == 6)
        #expect(!listed.text.contains("ck_"))
        #expect(try await shop.delete("/keys/\(try #require(made["id"]?.string))").status == 204)
        let own = try #require(listed["data"]?.array?.first { $0["role"] == "merchant" }?["id"]?.string)
        #expect(try await shop.delete("/keys/\(own)")["code"] == "last_merchant_key")
    }
}
