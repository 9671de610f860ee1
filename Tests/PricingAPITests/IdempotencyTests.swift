import Experiments
import JSON
import Testing

@Suite struct IdempotencyTests {
    @Test func `the same key with the same body gives the same answer and makes one thing`() async throws {
        let shop = try await World().tenant()
        let sent = [("Idempotency-Key", "k-1")]
        let first = try await shop.post("/keys", #"{"role":"agent"}"#, headers: sent)
        let second = try await shop.post("/keys", #"{"role":"agent"}"#, headers: sent)
        #expect(first.status == 201)
        #expect(second.status == 201)
        #expect(first.bytes == second.bytes, "with the key that is shown once")
        #expect(first.header("location") == second.header("location"))
        #expect(first.header("etag") == second.header("etag"))
        #expect(first.header("idempotent-replayed") == nil)
        #expect(second.header("idempotent-replayed") == "true")
        #expect(try await shop.get("/keys")["data"]?.array?.count == 5)
    }

    @Test func `the same key with another body or path is a mistake`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.draft()
        let other = try #require(try await shop.post("/experiments", Shop.experiment)["id"]?.string)
        let sent = [("Idempotency-Key", "k-1")]
        #expect(try await shop.post("/keys", #"{"role":"agent"}"#, headers: sent).status == 201)
        let told = try await shop.post("/keys", #"{"role":"widget"}"#, headers: sent)
        #expect(told.status == 422)
        #expect(told["code"] == "idempotency_mismatch")
        #expect(try await shop.post("/experiments/\(id)/start", headers: sent).status == 200)
        #expect(try await shop.post("/experiments/\(id)/start", headers: sent).status == 200)
        #expect(try await shop.post("/experiments/\(other)/start", headers: sent)["code"] == "idempotency_mismatch")
    }

    @Test func `keys belong to a principal and a route, and are forgotten after 72 hours`() async throws {
        let shop = try await World().tenant()
        let sent = [("Idempotency-Key", "k-1")]
        let first = try await shop.post("/keys", #"{"role":"merchant"}"#, headers: sent)
        let merchant = try #require(first["key"]?.string)
        let other = try await shop.world.call(
            "POST", "/api/v1/keys", key: merchant, #"{"role":"merchant"}"#, headers: sent)
        #expect(other["id"] != first["id"])
        #expect(try await shop.post("/products", Shop.product, headers: sent).status == 201)
        shop.world.clock.advance(by: .seconds(73 * 3600))
        let late = try await shop.post("/keys", #"{"role":"merchant"}"#, headers: sent)
        #expect(late.status == 201)
        #expect(late["id"] != first["id"])
    }

    @Test func `a tenant is signed up once`() async throws {
        let world = try await World()
        let sent = [("Idempotency-Key", "signup")]
        let first = try await world.call(
            "POST", "/api/v1/tenants", key: World.operatorKey, #"{"name":"A"}"#, headers: sent)
        let second = try await world.call(
            "POST", "/api/v1/tenants", key: World.operatorKey, #"{"name":"A"}"#, headers: sent)
        #expect(first.status == 201)
        #expect(first.bytes == second.bytes)
        #expect(world.service.tenantCount == 1)
    }

    @Test func `requests at the same moment make one thing`() async throws {
        let shop = try await World().tenant()
        let told = try await withThrowingTaskGroup(of: Told.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    try await shop.post("/keys", #"{"role":"agent"}"#, headers: [("Idempotency-Key", "k-1")])
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(told.allSatisfy { $0.status == 201 || $0["code"] == "idempotency_in_progress" })
        #expect(Set(told.filter { $0.status == 201 }.map(\.text)).count == 1)
        #expect(try await shop.get("/keys")["data"]?.array?.count == 5)
    }

    @Test func `what failed is tried again`() async throws {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        store.fail(with: .full)
        let sent = [("Idempotency-Key", "k-1")]
        #expect(try await shop.post("/products", Shop.product, headers: sent).status == 507)
        store.fail(with: nil)
        #expect(try await shop.post("/products", Shop.product, headers: sent).status == 201)
    }
}
