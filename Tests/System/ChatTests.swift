import Glibc
import JSON
import Testing

@Suite(.serialized) struct ChatTests {
    @Test func `the websockets package holds a conversation with the real server, and is told its end`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            let begun = try client.post("/api/v1/conversations", key: shop.agent, [:]).json
            let program = try ChildProcess(
                try PythonClients.interpreter(with: PythonClients.sockets, in: scratch),
                [
                    PythonClients.path(of: "sockets.py"), String(server.port), shop.agent,
                    try #require(begun["id"]?.string), try #require(begun["message"]?["id"]?.string),
                ], directory: scratch.path, errors: "\(scratch.path)/sockets.err")
            let said = program.line()
            #expect(said == "well", "\(said ?? scratch.text("sockets.err"))")
            server.process.send(SIGTERM)
            #expect(program.line() == "1001")
            #expect(program.wait() == 0)
            #expect(server.process.wait() == 0)
        }
    }

    @Test func `a chat with the real server goes from hello to a paid order at the price of POST quotes`() async throws
    {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            for shopper in ["ada", "bob", "eve"] {
                let begun = try client.post(
                    "/api/v1/conversations", key: shop.agent, ["shopper": .string(shopper), "language": "de"])
                try #require(begun.status == 201, "\(begun.text)")
                let path = "/api/v1/conversations/\(begun.json["id"]?.string ?? "")"
                func say(_ text: String, _ client: inout HTTPClient) throws -> JSONValue {
                    let answer = try client.post(path + "/messages", key: shop.agent, ["text": .string(text)])
                    try #require(answer.status == 200, "\(answer.text)")
                    return answer.json
                }
                _ = try say("Hallo, ich suche beans", &client)
                let price = try say("Was kostet das?", &client)
                let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper)).json
                #expect(price["amounts"]?.array?.first?["amount"] == quote["price"]?["amount"])
                #expect(price["amounts"]?.array?.first?["quote"] == quote["id"])
                #expect(try say("Ich nehme es", &client)["state"] == "confirming")
                let paying = try say("ja, gerne", &client)
                let checkout = try #require(paying["actions"]?.array?.first?["checkout"]?.string)
                let made = try client.get("/api/v1/checkouts/\(checkout)", key: shop.agent).json
                #expect(made["totals"]?["total"]?["amount"] == quote["price"]?["amount"])
                let paid = try client.post(
                    "/api/v1/checkouts/\(checkout)/complete", key: shop.agent,
                    ["totals_hash": made["totals_hash"] ?? .null])
                #expect(paid.status == 200, "\(paid.text)")
                #expect(try say("danke", &client)["state"] == "done")
                let stream = HTTPClient.request(
                    "POST", path + "/messages", key: shop.agent, body: Array(#"{"text":"tschüss"}"#.utf8))
                try client.send(
                    Array(
                        String(decoding: stream, as: UTF8.self).replacing(
                            "\r\n\r\n", with: "\r\nAccept: text/event-stream\r\n\r\n", maxReplacements: 1
                        ).utf8))
                let events = try client.receive()
                #expect(events.headers["content-type"] == "text/event-stream")
                #expect(events.text.contains("event: delta\n") && events.text.contains("event: message\n"))
            }
            // Whoever follows a conversation goes on after the message it names, and is told the end with the server's.
            let begun = try client.post("/api/v1/conversations", key: shop.agent, [:]).json
            let path = "/api/v1/conversations/\(begun["id"]?.string ?? "")"
            let greeting = try #require(begun["message"]?["id"]?.string)
            var watcher = try HTTPClient(port: server.port)
            try watcher.send(
                HTTPClient.request("GET", path + "/stream?after=\(greeting)", key: shop.agent, body: nil))
            let answer = try client.post(path + "/messages", key: shop.agent, ["text": "beans"])
            let last = try #require(answer.json["id"]?.string)
            let audit = try Program.run(["agent", "audit", "--json"], in: scratch)
            #expect(audit.code == 0, "\(audit.errors)")
            let counts = try JSONValue(parsing: Array(audit.output.utf8))
            #expect(counts["conversations"] == 4 && counts["unbacked"] == 0)
            #expect((counts["amounts"]?.int64 ?? 0) >= 15)
            let rehearsed = try Program.run(["agent", "test", "--json"], in: scratch)
            #expect(rehearsed.code == 0, "\(rehearsed.errors)\(rehearsed.output)")
            let played = try JSONValue(parsing: Array(rehearsed.output.utf8))["tenants"]?.array ?? []
            #expect(played.count == 1 && played[0]["passed"] == true && played[0]["scenes"] == 24)
            let settings = try client.get("/api/v1/agent", key: shop.merchant).json
            #expect(settings["last_test"] == .null || settings["last_test"]?["passed"] == true)
            #expect(try Program.run(["agent", "test", "--tenant", "ten_no"], in: scratch).code == 2)
            #expect(try client.get("/api/v1/conversations", key: shop.merchant).json["data"]?.array?.count == 4)
            server.process.send(SIGTERM)
            let told = try watcher.receive()
            #expect(told.status == 200 && told.headers["content-type"] == "text/event-stream")
            #expect(told.text.contains("id: \(last)\nevent: message\ndata: {"), "\(told.text)")
            #expect(!told.text.contains("id: \(greeting)\n"))
            #expect(server.process.wait() == 0)
        }
    }
}
