import Glibc
import JSON
import RedisSupport
import Testing

/// Whatever becomes of the model, the shopper gets an answer by the rules, and the sale can be finished.
@Suite(.serialized) struct ModelFaultTests {
    /// What rules do not understand and leave to a model.
    private static let free = "would your beans survive a trip through the mountains in a backpack, do you reckon?"

    /// - Parameter fault: a path of the faulty server; nil for one that nobody listens for.
    private func sells(despite fault: String?) throws {
        let scratch = try Scratch()
        let faulty = try ChildProcess(
            "python3", [PythonClients.path(of: "model_faults.py")], directory: scratch.path)
        defer {
            faulty.send(SIGTERM)
            faulty.wait()
        }
        let port = try #require(faulty.line().flatMap { Int($0) })
        let closed = try FreePorts.find(1)[0]
        let base = fault.map { "http://127.0.0.1:\(port)/\($0)" } ?? "http://127.0.0.1:\(closed)"
        let server = try RunningCournot(
            environment: [
                "MODELS": "anthropic:m,openai:n", "MODEL_PRICES": "m=1/5,n=1/5", "ANTHROPIC_API_KEY": "k",
                "OPENAI_API_KEY": "k", "ANTHROPIC_BASE_URL": base, "OPENAI_BASE_URL": base + "/v1",
            ], in: scratch)
        let shop = try Shop(in: scratch, port: server.port)
        var client = try HTTPClient(port: server.port)
        let begun = try client.post("/api/v1/conversations", key: shop.agent, ["shopper": "ada"]).json
        let path = "/api/v1/conversations/\(begun["id"]?.string ?? "")"
        func say(_ text: String) throws -> JSONValue {
            let answer = try client.post(path + "/messages", key: shop.agent, ["text": .string(text)])
            try #require(answer.status == 200, "\(answer.text)")
            return answer.json
        }
        let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question("ada")).json
        func isTrue(_ message: JSONValue) -> Bool {
            (message["amounts"]?.array ?? []).allSatisfy { $0["amount"] == quote["price"]?["amount"] }
        }
        // Three times: a model that is down is left out after some.
        for _ in 0..<3 {
            let answer = try say(Self.free)
            #expect(answer["text"]?.string?.isEmpty == false && isTrue(answer), "\(answer)")
            #expect(answer["text"]?.string?.contains("cos") != true || answer["amounts"]?.array?.isEmpty == false)
        }
        #expect(isTrue(try say("I am looking for beans")))
        let price = try say("how much is it?")
        #expect(price["amounts"]?.array?.first?["quote"] == quote["id"], "\(price)")
        #expect(try say("I'll take it")["state"] == "confirming")
        _ = try say("yes")
        // In the middle of the sale too.
        let paying = try say(Self.free)
        #expect(isTrue(paying))
        let checkouts = try client.get(path, key: shop.agent).json
        let id = try #require(checkouts["checkout"]?.string, "\(checkouts)")
        let made = try client.get("/api/v1/checkouts/\(id)", key: shop.agent).json
        let paid = try client.post(
            "/api/v1/checkouts/\(id)/complete", key: shop.agent, ["totals_hash": made["totals_hash"] ?? .null])
        #expect(paid.status == 200, "\(paid.text)")
        #expect(paid.json["order"]?["totals"]?["total"]?["amount"] == quote["price"]?["amount"])
        #expect(isTrue(try say("thanks")))
        let messages = try client.get(path + "/messages?limit=100", key: shop.agent).json["data"]?.array ?? []
        #expect(messages.filter { $0["role"] == "agent" }.allSatisfy(isTrue))
        server.process.send(SIGTERM)
        #expect(server.process.wait() == 0)
        let audit = try Program.run(["agent", "audit"], in: scratch)
        #expect(audit.code == 0, "\(audit.output)\(audit.errors)")
    }

    @Test(arguments: [nil, "mute", "drip", "busy", "cut", "late"] as [String?])
    func `rules answer and the sale ends in an order, whether the model is down, mute, slow, busy or cut off`(
        fault: String?
    ) async throws {
        try await blocking { try sells(despite: fault) }
    }
}
