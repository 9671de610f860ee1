import Crypto
import Experiments
import HTTPServer
import JSON
import PricingAPI
import Testing

@Suite struct SignatureTests {
    private static let pem = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg0kXhppouCaq8nuT
        NUmETOHB9Z0pPqiPVpic5LOTrn2hRANCAASoY3BYy5lw6rMbDfSntUgBZ9kYduPb
        nFOtgjLiPMYzLPsBb++fMNHKo2rh9mih5Iz9OKkxmD1hLDENILf3wEfT
        -----END PRIVATE KEY-----
        """

    /// The published keys by name.
    private func keys(_ world: World, _ query: String = "") async throws -> [String: ES256.PublicKey] {
        let told = try await world.call("GET", "/.well-known/jwks.json" + query)
        try #require(told.status == 200)
        #expect(told.header("cache-control") == "public, max-age=300")
        var keys: [String: ES256.PublicKey] = [:]
        for key in told["keys"]?.array ?? [] {
            let x = try #require(key["x"]?.string.flatMap { Base64URL.decode($0) })
            let y = try #require(key["y"]?.string.flatMap { Base64URL.decode($0) })
            let name = try #require(key["kid"]?.string)
            keys[name] = ES256.PublicKey(x: x, y: y)
        }
        return keys
    }

    private func claims(_ told: Told, _ keys: [String: ES256.PublicKey]) throws -> JSONValue {
        let name = try #require(told["kid"]?.string)
        let key = try #require(keys[name])
        let text = try #require(told["jws"]?.string)
        let opened = try JWS(compact: text, checkedBy: key)
        #expect(try JSONValue(parsing: opened.header)["kid"] == told["kid"])
        return try JSONValue(parsing: opened.payload)
    }

    @Test func `a signed quote says what the quote says, and nothing of the shopper's id`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let experiment = try await shop.running()
        let quote = try await shop.quote("shopper-with-a-name")
        let id = try #require(quote["id"]?.string)
        let told = try await world.call("GET", "/api/v1/quotes/\(id)/signature", key: shop.agent)
        #expect(told.status == 200)
        let claims = try await claims(told, keys(world))
        #expect(claims["tenant"]?.string == shop.id)
        #expect(claims["quote"]?.string == id)
        #expect(claims["product"] == "sku-1")
        #expect(claims["amount"] == quote["price", "amount"])
        #expect(claims["currency"] == "USD")
        #expect(claims["variant"] == quote["experiment", "variant"])
        #expect(claims["experiment"]?.string == experiment)
        #expect(claims["experiment_version"]?.int64 == 2)
        #expect(claims["quantity"]?["maximum"] == quote["maximum_quantity"])
        #expect(claims["expires_at"] == quote["expires_at"])
        #expect(claims["exp"]?.int64 == (world.clock.now().milliseconds + 30 * 60 * 1000) / 1000)
        #expect(claims["shopper"]?.string?.utf8.count == 32)
        #expect(!String(decoding: claims.serialized(), as: UTF8.self).contains("with-a-name"))
        // Signed anew each time, under another nonce.
        let again = try await shop.get("/quotes/\(id)/signature")
        #expect(try await self.claims(again, keys(world))["nonce"] != claims["nonce"])
    }

    @Test func `an expired quote is not signed, nor another tenant's, nor for who may not quote`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        _ = try await shop.running()
        let id = try #require(try await shop.quote("a")["id"]?.string)
        let other = try await world.tenant("Other")
        #expect(try await other.get("/quotes/\(id)/signature").status == 404)
        #expect(try await shop.get("/quotes/quo_00000000000000000000000000000000/signature").status == 404)
        #expect(try await world.call("GET", "/api/v1/quotes/\(id)/signature", key: shop.widget).status == 403)
        world.clock.advance(by: .seconds(30 * 60))
        let late = try await shop.get("/quotes/\(id)/signature")
        #expect(late.status == 410)
        #expect(late["code"] == "quote_expired")
    }

    @Test func `each tenant has a key of its own, and it stays when another process looks`() async throws {
        let world = try await World()
        let (one, two) = (try await world.tenant(), try await world.tenant("Other"))
        let all = try await keys(world)
        #expect(all.count == 2)
        let own = try await keys(world, "?tenant=\(one.id)")
        #expect(own.count == 1)
        #expect(try await Array(keys(world, "?tenant=\(two.id)").keys) != Array(own.keys))
        let replica = PricingAPI(service: world.service, configuration: APIConfiguration())
        let request = try Request(parsing: Array("GET /.well-known/jwks.json HTTP/1.1\r\nHost: test\r\n\r\n".utf8))
        guard case .later(let work) = replica.respond(to: request, on: world.loop) else {
            Issue.record("keys are made away from the loop")
            return
        }
        #expect(Told(await work()).bytes == (try await world.call("GET", "/.well-known/jwks.json")).bytes)
        #expect(try await world.call("GET", "/.well-known/jwks.json?tenant=ten_0").status == 404)
    }

    @Test func `a key that was set signs, and keys of before stay published`() async throws {
        let former = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEC8EvWFYLEF+hji8/U2YcYuIlSVfY
            FQrB0XLqjfL+i/85tyX0APgGiS9rzGqBsx3cIyq3VOBU/oNm/Z3REasowA==
            -----END PUBLIC KEY-----
            """
        let set = try #require(SigningKeys(pem: Self.pem + "\n" + former))
        let world = try await World { $0.signingKeys = set }
        let shop = try await world.tenant()
        _ = try await shop.running()
        let id = try #require(try await shop.quote("a")["id"]?.string)
        let told = try await shop.get("/quotes/\(id)/signature")
        let published = try await keys(world)
        #expect(published.count == 2)
        #expect(told["kid"]?.string == set.current.publicKey.keyID)
        #expect(try claims(told, published)["quote"]?.string == id)
        // What the tenant's own key signed before can still be checked.
        #expect(try await keys(world, "?tenant=\(shop.id)").count == 3)
        #expect(SigningKeys(pem: former) == nil)
        #expect(SigningKeys(pem: Self.pem + "\n-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----") == nil)
    }
}
