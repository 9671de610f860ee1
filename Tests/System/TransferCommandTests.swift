import Glibc
import JSON
import PostgresSupport
import Testing

/// `cournot transfer` as people run it: beside servers, killed, and again.
@Suite struct TransferCommandTests {
    /// A shop that served some shoppers; what they were told, and a batch of sales. Its server is stopped.
    private func served(in scratch: Scratch, shoppers: Int) throws -> (Shop, [String: Int64], [JSONValue]) {
        let server = try RunningCournot(in: scratch)
        let shop = try Shop(in: scratch, port: server.port)
        var client = try HTTPClient(port: server.port)
        var told: [String: Int64] = [:]
        var sales: [JSONValue] = []
        for number in 0..<shoppers {
            let shopper = "shopper-\(number)"
            let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper))
            told[shopper] = try #require(quote.json["price"]?["amount"]?.int64)
            guard number % 2 == 0, let id = quote.json["id"]?.string, let time = quote.json["issued_at"]?.string else {
                continue
            }
            sales.append(shop.sale(shopper, quote: id, at: time))
        }
        let answer = try client.post("/api/v1/events", key: shop.agent, .array(sales))
        #expect(answer.json["accepted"]?.int64 == Int64(sales.count), "\(answer.text)")

        let refused = try Program.run(["transfer", "--from", "sqlite:cournot.db", "--to", "sqlite:b.db"], in: scratch)
        #expect(refused.code == 1)
        #expect(refused.errors.contains("a server or another transfer is running on this database; stop it first"))
        server.process.send(SIGTERM)
        #expect(server.process.wait() == 0)
        return (shop, told, sales)
    }

    /// Starts a transfer and ends it with `kill -9` as soon as it says how far it is.
    private func killed(_ arguments: [String], in scratch: Scratch) throws -> Int32 {
        let pipe = "\(scratch.path)/progress"
        _ = unsafe unlink(pipe)
        let made = unsafe mkfifo(pipe, 0o600)
        try #require(made == 0)
        // Open for both, so that neither side waits for the other.
        let end = unsafe open(pipe, O_RDWR | O_CLOEXEC)
        try #require(end >= 0)
        defer { close(end) }
        let process = try ChildProcess(Program.path, arguments, directory: scratch.path, errors: pipe)
        var byte: UInt8 = 0
        while unsafe read(end, &byte, 1) == 1, byte != UInt8(ascii: "\n") {}
        process.send(SIGKILL)
        return process.wait()
    }

    @Test func `killed again and again a transfer goes on, and shoppers hear the same prices from its target`()
        async throws
    {
        let address = try await PostgresServer.shared().database()
        try await blocking {
            let scratch = try Scratch()
            let (shop, told, sales) = try served(in: scratch, shoppers: 300)
            let arguments = ["transfer", "--from", "sqlite:cournot.db", "--to", address, "--batch-rows"]
            for round in 0..<5 { #expect(try killed(arguments + ["\(1 + round)"], in: scratch) == 128 + SIGKILL) }

            let done = try Program.run(arguments + ["100", "--json"], in: scratch)
            #expect(done.code == 0, "\(done.errors)")
            let report = try JSONValue(parsing: Array(done.output.utf8))
            #expect(report["verified"]?.bool == true)
            let tables = report["tables"]?.array ?? []
            let rows = tables.reduce(0) { $0 + ($1["rows"]?.int64 ?? 0) }
            #expect((1..<rows).contains(report["copied"]?.int64 ?? 0), "earlier runs had copied some of \(rows)")
            #expect(report["recounted"]?.int64 == 1 && report["audit_chains"]?.int64 == 1)
            #expect(tables.first { $0["name"]?.string == "events" }?["rows"]?.int64 == Int64(sales.count))
            #expect(done.errors.hasPrefix("copying "), "\(done.errors)")

            let again = try Program.run(["transfer", "--from", "sqlite:cournot.db", "--to", address], in: scratch)
            #expect(again.code == 0, "\(again.errors)")
            #expect(again.output.contains("\n0 rows copied for 1 tenants; 1 audit chains intact"))

            let server = try RunningCournot(["--database", address], in: scratch)
            var client = try HTTPClient(port: server.port)
            for (shopper, price) in told {
                let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper))
                #expect(quote.json["price"]?["amount"]?.int64 == price, "\(shopper): \(quote.text)")
            }
            let known = try client.post("/api/v1/events", key: shop.agent, .array(sales))
            #expect(known.json["duplicates"]?.int64 == Int64(sales.count), "\(known.text)")
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 0)
        }
    }

    @Test func `what differs is named, and the exit code says so`() async throws {
        try await blocking {
            let scratch = try Scratch()
            _ = try Program.run(["tenant", "create", "--name", "One", "--database", "sqlite:a.db"], in: scratch)
            let same = ["transfer", "--from", "sqlite:a.db", "--to"]
            #expect(try Program.run(same + ["sqlite:b.db"], in: scratch).code == 0)
            #expect(try Program.run(same + ["sqlite:b.db", "--verify-only"], in: scratch).code == 0)
            _ = try Program.run(["tenant", "create", "--name", "Two", "--database", "sqlite:b.db"], in: scratch)
            let differing = try Program.run(same + ["sqlite:b.db", "--verify-only"], in: scratch)
            #expect(differing.code == 1)
            #expect(differing.errors.contains("the two databases differ: api_keys: ten_"), "\(differing.errors)")
            #expect(differing.errors.contains("is on the target only"))
            _ = try Program.run(["tenant", "create", "--name", "Three", "--database", "sqlite:c.db"], in: scratch)
            let occupied = try Program.run(same + ["sqlite:c.db"], in: scratch)
            #expect(occupied.code == 1)
            #expect(occupied.errors.contains("the target is not empty"))
            let twice = try Program.run(same + ["sqlite:a.db"], in: scratch)
            #expect(twice.code == 2)
            #expect(twice.errors.contains("--from and --to are the same database"))
            #expect(try Program.run(["transfer", "--from", "memory", "--to", "sqlite:d.db"], in: scratch).code == 2)
            let missing = try Program.run(
                ["transfer", "--from", "sqlite:/nowhere/a.db", "--to", "sqlite:d.db"], in: scratch)
            #expect(missing.code == 1)
        }
    }
}
