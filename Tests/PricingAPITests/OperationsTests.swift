import Crypto
import EventLoop
import HTTPServer
import JSON
@testable import PricingAPI
import Testing

@Suite struct OperationsTests {
    @Test func `a key that was taken away opens nothing, on connections that have used it either`() async throws {
        let world = try await World()
        let shop = try await world.tenant()
        let made = try await shop.post("/keys", #"{"name":"till","role":"analyst"}"#)
        let (id, key) = (try #require(made["id"]?.string), try #require(made["key"]?.string))
        let text = "GET /api/v1/products HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer \(key)\r\n\r\n"
        let head = try Request(parsing: Array(text.utf8)).head
        let request = Request(head: head.with(world.api.reading(of: head)), body: [], remoteAddress: .unknown)
        func status() async -> Int { await world.api.respond(to: request, on: world.loop).response().status }
        #expect(await status() == 200)
        #expect(try await shop.delete("/keys/\(id)").status == 204)
        #expect(await status() == 401)
    }

    @Test func `every route takes as much as is read of strangers`() async throws {
        let routes = try await World().api.router.routes
        #expect(routes.allSatisfy { $0.bodyLimit >= PricingAPI.strangersBody } && !routes.isEmpty)
    }

    @Test func `health says what runs, readiness whether to come`() async throws {
        let world = try await World()
        let health = try await world.call("GET", "/health")
        #expect(health["status"] == "ok")
        #expect(health["version"] == "1.2.3")
        #expect(health["timestamp"] == "2026-09-21T14:13:20Z")
        #expect(try await world.call("GET", "/ready").status == 200)
        world.api.beginDraining()
        let draining = try await world.call("GET", "/ready")
        #expect(draining.status == 503)
        #expect(draining["status"] == "draining")
        #expect(draining["checks", "store"] == "ok")
        #expect(try await world.call("GET", "/health").status == 200)
    }

    @Test func `every answer has a request id and is kept by nobody`() async throws {
        let world = try await World { $0.strictTransportSecurity = true }
        let made = try await world.call("GET", "/health")
        #expect(made.header("x-request-id")?.hasPrefix("req_") == true)
        #expect(try await world.call("GET", "/health").header("x-request-id") != made.header("x-request-id"))
        let given = try await world.call("GET", "/nothing", headers: [("X-Request-Id", "mine-1")])
        #expect(given.header("x-request-id") == "mine-1")
        #expect(given["request_id"] == "mine-1")
        let odd = try await world.call("GET", "/health", headers: [("X-Request-Id", "two words")])
        #expect(odd.header("x-request-id")?.hasPrefix("req_") == true)
        for told in [made, given] {
            #expect(told.header("x-content-type-options") == "nosniff")
            #expect(told.header("cache-control") == "no-store")
            #expect(told.header("strict-transport-security") != nil)
        }
    }

    @Test func `HEAD goes where GET goes, OPTIONS and 405 say what is there`() async throws {
        let world = try await World { $0.allowedOrigins = ["https://shop.example"] }
        #expect(try await world.call("HEAD", "/health").status == 200)
        let options = try await world.call("OPTIONS", "/api/v1/tenant")
        #expect(options.status == 204)
        #expect(options.header("allow") == "GET, HEAD, PATCH, OPTIONS")
        #expect(options.header("access-control-allow-origin") == nil)
        #expect(try await world.call("OPTIONS", "/nothing").status == 404)
        #expect(try await world.call("OPTIONS", "*").status == 204)
        let preflight = try await world.call(
            "OPTIONS", "/api/v1/quotes",
            headers: [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")])
        #expect(preflight.header("access-control-allow-origin") == "https://shop.example")
        #expect(preflight.header("access-control-allow-methods") == "POST, OPTIONS")
        let stranger = try await world.call("GET", "/health", headers: [("Origin", "https://evil.example")])
        #expect(stranger.header("access-control-allow-origin") == nil)
        #expect(try await world.call("DELETE", "/health").header("allow") == "GET, HEAD, OPTIONS")
    }

    @Test func `metrics count by route, reason and outcome, and tell nobody's names or keys`() async throws {
        let world = try await World {
            $0.gauges = { [Gauge(name: "cournot_open_connections", help: "Open connections.", value: 3)] }
        }
        let shop = try await world.tenant("Canary")
        _ = try await shop.running()
        for _ in 0..<3 { _ = try await shop.quote("canary-shopper") }
        _ = try await shop.post("/events", "[{}]")
        _ = try await shop.get("/products/sku-1")
        let text = try await world.call("GET", "/metrics").text
        for line in [
            #"cournot_http_requests_total{method="POST",route="/api/v1/quotes",status="2xx"} 3"#,
            #"cournot_http_request_duration_seconds_count{method="POST",route="/api/v1/quotes"} 3"#,
            #"cournot_http_request_duration_seconds_bucket{method="POST",route="/api/v1/quotes",le="+Inf"} 3"#,
            #"cournot_quotes_total{reason="sticky"} 2"#, #"cournot_quotes_total{reason="split"} 1"#,
            #"cournot_events_total{outcome="rejected"} 1"#, #"cournot_build_info{version="1.2.3"} 1"#,
            "cournot_open_connections 3.0", "cournot_tenants 1",
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        for secret in ["canary", "Canary", "sku-1", "ck_"] { #expect(!text.contains(secret)) }
    }

    @Test func `metrics with a key of their own are for who bears it, and for the operator`() async throws {
        let key = "metrics-0123456789abcdef0123456789"
        let world = try await World { $0.metricsKey = Secret(key) }
        let shop = try await world.tenant()
        #expect(try await world.call("GET", "/metrics").status == 401)
        #expect(try await world.call("GET", "/metrics", key: shop.merchant).status == 401)
        for bearer in [key, World.operatorKey] {
            let told = try await world.call("GET", "/metrics", key: bearer)
            #expect(told.status == 200 && told.text.contains("cournot_tenants 1"))
        }
    }

    @Test func `a page is served under a strict policy and read again only when it changed`() async throws {
        let page = APIConfiguration.Page(contentType: "text/html; charset=utf-8", bytes: Array("<p>Hello".utf8))
        let none = APIConfiguration.Page(
            contentType: "text/html; charset=utf-8", bytes: Array("<p>None".utf8), status: 404)
        let world = try await World { $0.pages = ["/demo": page, "/demo/{rest...}": none] }
        let told = try await world.call("GET", "/demo")
        #expect(told.text == "<p>Hello")
        #expect(told.header("content-type") == "text/html; charset=utf-8")
        #expect(told.header("content-security-policy")?.contains("default-src 'self'") == true)
        let tag = try #require(told.header("etag"))
        #expect(try await world.call("GET", "/demo", headers: [("If-None-Match", tag)]).status == 304)
        for path in ["/demo/nonsense", "/demo/one/two/three"] {
            let told = try await world.call("GET", path)
            #expect(told.status == 404 && told.text == "<p>None")
            #expect(told.header("content-security-policy")?.contains("default-src 'self'") == true)
            #expect(try await world.call("POST", path, "{}").header("content-type") == "application/problem+json")
        }
        #expect(try await world.call("GET", "/demos").header("content-type") == "application/problem+json")
    }

    @Test func `a sample size is the one of the textbook`() async throws {
        let shop = try await World().tenant()
        let told = try await shop.post(
            "/power", #"{"baseline_rate":0.2,"minimum_effect":0.25,"daily_visitors":1000,"variants":2}"#)
        // Two-sided, alpha 0.05, power 0.8, 20% against 25%, unpooled: 7.8489 × (0.16 + 0.1875) ÷ 0.0025 = 1,090.99…
        #expect(told["per_arm"] == 1091)
        #expect(told["total"] == 2182)
        #expect(told["days"] == 3)
        let back = try await shop.post("/power", #"{"baseline_rate":0.2,"daily_visitors":1091,"days":2}"#)
        #expect(back["per_arm"] == 1091)
        #expect(abs((back["detectable_effect"]?.double ?? 0) - 0.25) < 1e-3)
    }

    @Test func `a sample size follows how the experiment will be read`() async throws {
        let shop = try await World().tenant()
        func perArm(_ more: String) async throws -> Double {
            let told = try await shop.post("/power", #"{"baseline_rate":0.2,"minimum_effect":0.25"# + more + "}")
            return try #require(told["per_arm"]?.double, "\(told.text)")
        }
        // Five looks of O'Brien and Fleming's spending take 2.5% more than one, Pocock's more than that; any time the most.
        #expect(try await perArm(#","method":"group_sequential""#) == 1118)
        let pocock = try await perArm(#","method":"group_sequential","looks":5,"spending":"pocock""#)
        let anyTime = try await perArm(#","method":"sequential""#)
        #expect(pocock > 1118 && pocock < anyTime)
        // A covariate that explains a third of the variance saves a third of the shoppers.
        #expect(try await perArm(#","variance_explained":0.3333"#) == 728)
        let refused = try await shop.post(
            "/power", #"{"baseline_rate":0.2,"minimum_effect":0.25,"method":"often","looks":1,"variance_explained":1}"#)
        #expect(refused.status == 422)
        #expect(refused.pointers == ["/looks", "/method", "/variance_explained"])
    }

    @Test func `the body limit is the route's, and small for who bears no key`() async throws {
        let world = try await World()
        let key = try await world.tenant().agent
        func limit(_ path: String, _ key: String) throws -> Int {
            let text = "POST \(path) HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\n\r\n"
            return world.api.bodyLimit(for: try Request(parsing: Array(text.utf8)).head)
        }
        func limit(_ path: String) throws -> Int { try limit(path, key) }
        #expect(try limit("/api/v1/events", "ck_stranger") == 4096)
        #expect(try limit("/api/v1/tenants", World.operatorKey) == 1 << 20)
        #expect(try limit("/api/v1/quotes") == 1 << 20)
        #expect(try limit("/api/v1/events") == 8 << 20)
        #expect(try limit("/api/v1/products/import?x=1") == 8 << 20)
        #expect(try limit("/nothing") == 1 << 20)
        let problem = Told(world.api.problem(status: 413, code: "body_too_large", detail: "Too large."))
        #expect(problem.status == 413)
        #expect(problem["code"] == "body_too_large")
        #expect(problem["request_id"]?.string == problem.header("x-request-id"))
    }
}
