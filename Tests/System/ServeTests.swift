import Glibc
import JSON
import Testing

@Suite(.serialized) struct ServeTests {
    @Test func `a server says that it is well and ready, and ends in order when asked`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            var client = try HTTPClient(port: server.port)
            let health = try client.get("/health")
            #expect(health.status == 200)
            #expect(health.json["status"]?.string == "ok")
            #expect(try client.get("/ready").status == 200)
            #expect(try client.get("/openapi.json").json["openapi"]?.string == "3.1.0")
            #expect(try client.get("/metrics").text.contains("process_resident_memory_bytes"))
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 0)
            let log = scratch.text("log").split(separator: "\n").map {
                (try? JSONValue(parsing: Array($0.utf8))) ?? .null
            }
            #expect(log.map { $0["message"]?.string } == ["started", "stopping", "stopped"])
        }
    }

    @Test func `a second server on the same database says why it will not run`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let second = try Program.run(["serve", "--port", "0"], in: scratch)
            #expect(second.code == 1)
            #expect(second.errors.contains("another server is running on this database"))
            var client = try HTTPClient(port: server.port)
            #expect(try client.get("/ready").status == 200)
        }
    }

    @Test func `readiness is withdrawn before anything is refused`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--shutdown-delay-seconds", "1"], in: scratch)
            var client = try HTTPClient(port: server.port)
            server.process.send(SIGINT)
            while try client.get("/ready").status == 200 {}
            #expect(try client.get("/ready").status == 503)
            #expect(try client.get("/health").status == 200)
            #expect(server.process.wait() == 0)
        }
    }

    @Test func `a request under way is answered before the end, and nobody else is let in`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--loops", "1"], in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            let request = HTTPClient.request(
                "POST", "/api/v1/quotes", key: shop.agent, body: shop.question("slow").serialized())
            try client.send(Array(request.dropLast(10)))
            // One whole exchange on another connection after it: the one loop has seen the half request by then.
            var other = try HTTPClient(port: server.port)
            #expect(try other.get("/health").status == 200)
            server.process.send(SIGTERM)
            while accepts(server.port) {}
            try client.send(Array(request.suffix(10)))
            let answer = try client.receive()
            #expect(answer.status == 200)
            #expect(answer.headers["connection"] == "close")
            #expect(server.process.wait() == 0)
        }
    }

    @Test func `who watches a report is told its end when the server ends`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--loops", "1"], in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var watcher = try HTTPClient(port: server.port)
            try watcher.send(
                HTTPClient.request("GET", "/api/v1/experiments/\(shop.experiment)/live", key: shop.merchant, body: nil))
            // The one loop has begun the stream once it answers what came after it.
            var other = try HTTPClient(port: server.port)
            #expect(try other.get("/health").status == 200)
            server.process.send(SIGTERM)
            let told = try watcher.receive()
            #expect(told.status == 200 && told.headers["content-type"] == "text/event-stream")
            #expect(told.text.hasPrefix("retry: 2000\n\n"))
            #expect(server.process.wait() == 0)
        }
    }

    private func accepts(_ port: Int) -> Bool {
        do throws(HTTPClient.Broken) {
            var client = try HTTPClient(port: port)
            return try client.get("/health").status == 200
        } catch {
            return false
        }
    }

    @Test func `a second signal ends at once`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--shutdown-delay-seconds", "3600"], in: scratch)
            var client = try HTTPClient(port: server.port)
            server.process.send(SIGTERM)
            while try client.get("/ready").status == 200 {}
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 128 + SIGTERM)
        }
    }

    @Test func `a tenant made by another process is known, and a port is taken once`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("ada")).status == 200)
            let elsewhere = try Scratch()
            let second = try Program.run(["serve", "--port", String(server.port)], in: elsewhere)
            #expect(second.code == 1)
            #expect(second.errors.contains("already in use"))
        }
    }

    @Test func `the demo opens a shop with keys that work, and its database goes with it`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--demo", "--rate", "0"], in: scratch)
            var client = try HTTPClient(port: server.port)
            let page = try client.get("/")
            #expect(page.headers["content-type"] == "text/html; charset=utf-8")
            #expect(page.headers["content-security-policy"]?.contains("default-src 'self'") == true)
            for asset in ["/demo/shop.css", "/demo/shop.js", "/demo/icon.svg"] {
                #expect(page.text.contains(asset))
                #expect(try client.get(asset).status == 200)
            }
            let config = try client.get("/demo/config.json").json
            let agent = try #require(config["agent"]?.string)
            let quote = try client.post("/api/v1/quotes", key: agent, ["shopper": "ada", "product": "ember-beans"])
            #expect(quote.json["experiment"]?["id"]?.string == config["experiment"]?.string)
            #expect(try client.get("/demo/keys").text.contains("AGENT=\(agent)\n"))
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 0)
            let left = try ChildProcess("ls", [scratch.path], directory: scratch.path)
            #expect(!left.rest().contains("cournot-demo"))
        }
    }

    @Test func `the demo keeps to loopback, and a kept database keeps its experiment`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let outside = try Program.run(["serve", "--demo", "--host", "0.0.0.0", "--port", "0"], in: scratch)
            #expect(outside.code == 2)
            var experiments: [String?] = []
            for _ in 0..<2 {
                let server = try RunningCournot(["--demo", "--rate", "0", "--database", "sqlite:kept.db"], in: scratch)
                var client = try HTTPClient(port: server.port)
                experiments.append(try client.get("/demo/config.json").json["experiment"]?.string)
                server.process.send(SIGTERM)
                server.process.wait()
            }
            #expect(experiments[0] != nil)
            #expect(experiments[0] == experiments[1])
        }
    }
}
