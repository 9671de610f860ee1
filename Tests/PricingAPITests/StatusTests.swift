import Experiments
import HTTPServer
import JSON
import PricingAPI
import Storage
import Testing

/// A row of the table of statuses: what is asked, by whom, and what is answered.
struct StatusCase: Sendable, CustomTestStringConvertible {
    enum Bearer: Sendable {
        case nobody, stranger, merchant, agent, analyst, widget, `operator`
    }

    let ask: String
    let by: Bearer
    var body: String?
    var type = "application/json"
    var headers: [(String, String)] = []
    let status: Int
    let code: String

    var testDescription: String { "\(ask) \(by) → \(status) \(code)" }

    init(
        _ ask: String, by: Bearer = .merchant, sending body: String? = nil, type: String = "application/json",
        headers: [(String, String)] = [], _ status: Int, _ code: String
    ) {
        self.ask = ask
        self.by = by
        self.body = body
        self.type = type
        self.headers = headers
        self.status = status
        self.code = code
    }
}

@Suite struct StatusTests {
    static let absent = "exp_0192f0c1a0b07000800000000000000a"

    static let cases: [StatusCase] = [
        // 400: not JSON
        StatusCase("POST /api/v1/quotes", sending: "{\"shopper\":", 400, "malformed_json"),
        StatusCase("POST /api/v1/quotes", sending: "", 400, "malformed_json"),
        StatusCase("POST /api/v1/products", sending: "{\"a\":\"\u{1}\"}", 400, "malformed_json"),
        StatusCase("PATCH /api/v1/tenant", sending: "{]", 400, "malformed_json"),
        StatusCase("POST /api/v1/products/import", sending: "sku,\"title\n", type: "text/csv", 400, "malformed_csv"),
        StatusCase(
            "POST /api/v1/products", sending: Shop.product,
            headers: [("Idempotency-Key", String(repeating: "k", count: 256))],
            400, "idempotency_key_invalid"),
        // 401: who are you
        StatusCase("GET /api/v1/tenant", by: .nobody, 401, "unauthorized"),
        StatusCase("GET /api/v1/tenant", by: .stranger, 401, "unauthorized"),
        StatusCase("POST /api/v1/quotes", by: .nobody, sending: "{}", 401, "unauthorized"),
        StatusCase("POST /api/v1/tenants", by: .stranger, sending: #"{"name":"x"}"#, 401, "unauthorized"),
        // 403: not yours to do
        StatusCase("POST /api/v1/tenants", sending: #"{"name":"x"}"#, 403, "forbidden"),
        StatusCase("GET /api/v1/tenant", by: .operator, 403, "forbidden"),
        StatusCase("GET /api/v1/keys", by: .agent, 403, "forbidden"),
        StatusCase("GET /api/v1/experiments", by: .agent, 403, "forbidden"),
        StatusCase("POST /api/v1/quotes", by: .analyst, sending: "{}", 403, "forbidden"),
        StatusCase("POST /api/v1/quotes", by: .widget, sending: "{}", 403, "forbidden"),
        StatusCase("POST /api/v1/experiments", by: .analyst, sending: "{}", 403, "forbidden"),
        // 404: not there
        StatusCase("GET /api/v1/nothing", 404, "not_found"),
        StatusCase("GET /", by: .nobody, 404, "not_found"),
        StatusCase("GET /api/v1/experiments/\(absent)", 404, "not_found"),
        StatusCase("GET /api/v1/experiments/exp_x", by: .analyst, 404, "not_found"),
        StatusCase("POST /api/v1/experiments/\(absent)/start", 404, "not_found"),
        StatusCase("PATCH /api/v1/experiments/\(absent)", sending: "{}", 404, "not_found"),
        StatusCase("GET /api/v1/products/nothing", 404, "not_found"),
        StatusCase("DELETE /api/v1/products/nothing", 404, "not_found"),
        StatusCase("GET /api/v1/prices/nothing?shopper=s", 404, "not_found"),
        StatusCase("GET /api/v1/quotes/quo_x", 404, "not_found"),
        StatusCase("DELETE /api/v1/keys/key_x", 404, "not_found"),
        StatusCase("POST /api/v1/quotes", sending: #"{"shopper":"s","product":"no"}"#, 404, "product_not_found"),
        // 405
        StatusCase("PUT /api/v1/tenant", sending: "{}", 405, "method_not_allowed"),
        StatusCase("DELETE /api/v1/quotes", 405, "method_not_allowed"),
        // 409: wrong state or conflicting repeat
        StatusCase("POST /api/v1/products", sending: Shop.product, 409, "product_exists"),
        // 412
        StatusCase(
            "PATCH /api/v1/tenant", sending: "{}", headers: [("If-Match", "\"old\"")], 412, "precondition_failed"),
        // 415
        StatusCase(
            "POST /api/v1/quotes", sending: "shopper=s", type: "application/x-www-form-urlencoded", 415,
            "unsupported_media_type"
        ),
        StatusCase("POST /api/v1/events", sending: "a,b", type: "text/csv", 415, "unsupported_media_type"),
        StatusCase("POST /api/v1/products/import", sending: "<x/>", type: "text/xml", 415, "unsupported_media_type"),
        // 422: understood but wrong
        StatusCase("POST /api/v1/tenants", by: .operator, sending: "{}", 422, "invalid"),
        StatusCase("POST /api/v1/keys", sending: #"{"role":"operator"}"#, 422, "invalid"),
        StatusCase("POST /api/v1/events", sending: "{}", 422, "invalid"),
        StatusCase("POST /api/v1/identities", sending: #"{"shoppers":["a"]}"#, 422, "invalid"),
        StatusCase("GET /api/v1/products?limit=201", 422, "invalid_parameter"),
        StatusCase("GET /api/v1/products?cursor=%21", 422, "invalid_parameter"),
        StatusCase("GET /api/v1/products?limt=2", 422, "invalid_parameter"),
        StatusCase("GET /api/v1/prices/sku-1", 422, "invalid_parameter"),
        StatusCase("GET /api/v1/experiments?status=odd", 422, "invalid_parameter"),
        StatusCase(
            "POST /api/v1/power", sending: #"{"baseline_rate":0.9,"minimum_effect":0.5}"#, 422, "not_computable"),
        StatusCase("POST /api/v1/power", sending: #"{"baseline_rate":2}"#, 422, "invalid"),
        StatusCase("PATCH /api/v1/tenant", sending: #"{"plan":"gold"}"#, 422, "invalid"),
    ]

    @Test(arguments: cases) func `each mistake has its status`(row: StatusCase) async throws {
        let world = try await World()
        let shop = try await world.tenant()
        _ = try await shop.draft()
        let key: String? =
            switch row.by {
            case .nobody: nil
            case .stranger: "ck_stranger"
            case .merchant: shop.merchant
            case .agent: shop.agent
            case .analyst: shop.analyst
            case .widget: shop.widget
            case .operator: World.operatorKey
            }
        let parts = row.ask.split(separator: " ").map(String.init)
        let told = try await world.call(parts[0], parts[1], key: key, row.body, type: row.type, headers: row.headers)
        #expect(told.status == row.status)
        #expect(told["code"]?.string == row.code)
        #expect(told["status"]?.int64 == Int64(row.status))
        #expect(told.header("content-type") == "application/problem+json")
        #expect(told["request_id"]?.string == told.header("x-request-id"))
        #expect((told.header("www-authenticate") != nil) == (row.status == 401))
        #expect((told.header("allow") != nil) == (row.status == 405))
    }

    @Test(arguments: [
        (StoreError.full, 507, "storage_full"), (.broken("disk"), 503, "storage_broken"),
        (.unavailable("busy"), 503, "storage_unavailable"), (.corrupt("row"), 500, "storage_corrupt"),
    ])
    func `what the store cannot do is said without its secrets`(error: StoreError, status: Int, code: String)
        async throws
    {
        let store = FailingStore()
        let world = try await World(store: store)
        let shop = try await world.tenant()
        _ = try await shop.running()
        store.fail(with: error)
        for told in [
            try await shop.quote("new"),
            try await shop.post("/products", Shop.product.replacingOccurrences(of: "sku-1", with: "sku-2")),
            try await shop.post("/events", "[]"), try await shop.get("/audit"),
        ] {
            #expect(told.status == status)
            #expect(told["code"]?.string == code)
            #expect((told.header("retry-after") != nil) == (status == 503))
            #expect(!told.text.contains("disk") && !told.text.contains("busy"))
        }
        #expect(try await shop.world.call("GET", "/ready").status == 503)
        #expect(try await shop.world.call("GET", "/health").status == 200)
    }

    @Test func `a shopper this process knows is answered while the store is down`() async throws {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        _ = try await shop.running()
        let before = try await shop.quote("s-1")
        store.fail(with: .unavailable("down"))
        let after = try await shop.quote("s-1")
        #expect(after.status == 200)
        #expect(after["price"] == before["price"])
    }

    @Test func `with the store out of reach strangers hear the list price, and every answer says that it is degraded`()
        async throws
    {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        _ = try await shop.running()
        let known = try await shop.quote("s-1")
        #expect(known.header("x-degraded") == nil)
        store.fail(with: .unreachable("gone"))
        let stranger = try await shop.quote("s-2")
        #expect(stranger.status == 200 && stranger.header("x-degraded") == "db")
        #expect(stranger["experiment"]?["reason"]?.string == "fallback" && stranger["price"] == stranger["list_price"])
        #expect(stranger["experiment"]?["variant"]?.string == nil)
        let again = try await shop.quote("s-1")
        #expect(again["price"] == known["price"] && again.header("x-degraded") == "db")
        let events = try await shop.post("/events", "[]")
        #expect(events.status == 503 && events.header("retry-after") == "1")
        store.fail(with: nil)
        #expect(try await shop.quote("s-2").header("x-degraded") == nil)
        #expect(try await shop.quote("s-1").header("x-degraded") == nil)
    }
}
