import Glibc
import JSON
import Testing

/// The chat on a page of somebody else's, in a real browser.
@Suite(.serialized) struct WidgetTests {
    private static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }

    /// Runs a scenario of `Clients/widget.py` against a server with green tea at two prices.
    private func browse(_ scenario: String, paysElsewhere: Bool = false) async throws {
        try await blocking {
            let scratch = try Scratch()
            let till = paysElsewhere ? try LocalStripe.freePort() : 0
            let server = try RunningCournot(
                environment: paysElsewhere
                    ? [
                        "PAYMENTS": "stripe", "STRIPE_SECRET_KEY": "sk_test_1",
                        "STRIPE_API_URL": "http://127.0.0.1:\(till)",
                    ] : [:], in: scratch)
            let created = try Program.run(["tenant", "create", "--name", "Shop", "--json"], in: scratch)
            let keys = try JSONValue(parsing: Array(created.output.utf8))["keys"]
            let merchant = try #require(keys?["merchant"]?.string)
            var client = try HTTPClient(port: server.port)
            while try client.get("/api/v1/tenant", key: merchant).status == 401 {}
            let made = try client.post(
                "/api/v1/products", key: merchant,
                [
                    "sku": "tea.green", "title": "Green tea",
                    "list_price": ["amount": 1200, "currency": "EUR"],
                ])
            #expect(made.status == 201)
            let trial = try client.post(
                "/api/v1/experiments", key: merchant,
                [
                    "name": "Tea", "products": ["tea.green"], "currency": "EUR",
                    "variants": [
                        ["name": "control", "price": ["amount": 1200, "currency": "EUR"], "weight": 1],
                        ["name": "higher", "price": ["amount": 1450, "currency": "EUR"], "weight": 1],
                    ],
                ])
            let id = try #require(try JSONValue(parsing: trial.body)["id"]?.string)
            #expect(try client.post("/api/v1/experiments/\(id)/start", key: merchant, [:]).status == 200)
            let pictures = "\(Self.root)/.build/screenshots"
            _ = unsafe mkdir(pictures, 0o755)
            let printed = try PythonClients.run(
                "widget.py",
                [
                    scenario, "http://127.0.0.1:\(server.port)", merchant, try #require(keys?["agent"]?.string),
                    pictures, String(till),
                ], with: PythonClients.browser, in: scratch)
            #expect(printed.isEmpty, "\(printed)")
        }
    }

    @Test func `a shopper on another site's page hears its price, and pays just that`() async throws {
        try await browse("sale")
    }

    @Test func `what is changed or refused in the chat has no button any more, and is paid once`() async throws {
        try await browse("once")
    }

    @Test func `it speaks over a WebSocket where the page allows one, and over HTTP where not`() async throws {
        try await browse("sockets")
    }

    @Test func `a shopper who pays on the provider's page comes back to the order`() async throws {
        try await browse("elsewhere", paysElsewhere: true)
    }

    @Test func `a page that the key does not name gets no conversation`() async throws { try await browse("doors") }

    @Test func `it is used with the keyboard, named, in contrast, and fits a phone`() async throws {
        try await browse("access")
    }

    @Test func `the script is one file of at most 40,000 bytes that asks for nothing else`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            var client = try HTTPClient(port: server.port)
            let served = try client.get("/widget.js")
            #expect(served.status == 200 && served.headers["content-type"] == "text/javascript; charset=utf-8")
            #expect(served.body.count <= 40_000)
            for word in ["import(", "eval(", "innerHTML", "new Function", "insertAdjacentHTML"] {
                #expect(!served.text.contains(word))
            }
        }
    }
}
