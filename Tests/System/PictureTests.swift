import Glibc
import JSON
import Testing

/// Pictures in pixels, as the server and the command draw them, beside a browser's.
@Suite struct PictureTests {
    @Test func `a picture in pixels shows what its SVG shows, and its absence is said`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            func patch(_ path: String, _ body: JSONValue) throws {
                try client.send(HTTPClient.request("PATCH", path, key: shop.merchant, body: body.serialized()))
                #expect(try client.receive().status == 200)
            }
            try patch("/api/v1/products/\(Shop.product)", ["unit_cost": ["amount": 700, "currency": "USD"]])
            for round in 0..<4 {
                var sales: [JSONValue] = []
                for number in 0..<25 {
                    let shopper = "s-\(round)-\(number)"
                    let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper)).json
                    guard number % 4 == round, let id = quote["id"]?.string else { continue }
                    sales.append(shop.sale(shopper, quote: id, at: try #require(quote["issued_at"]?.string)))
                }
                let told = try client.post("/api/v1/events", key: shop.agent, .array(sales))
                #expect(told.status < 300, "\(told.text)")
            }
            try patch(
                "/api/v1/experiments/\(shop.experiment)",
                ["variants": [["name": "control", "weight": 1], ["name": "higher", "weight": 3]]])
            let folder = "\(scratch.path)/pictures"
            _ = unsafe mkdir(folder, 0o755)
            let file = scratch.write("price,n,conversions\n19,1000,100\n24,1000,80\n", to: "test.csv")
            let printed = try PythonClients.run(
                "pictures.py",
                [
                    "http://127.0.0.1:\(server.port)", shop.experiment, shop.merchant, Program.path, file, folder,
                ], with: PythonClients.browser, in: scratch)
            #expect(printed.isEmpty, "\(printed)")
        }
    }
}
