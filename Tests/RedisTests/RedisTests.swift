import EventLoop
import Redis
import RedisSupport
import Testing

@Suite struct RedisTests {
    /// A client on a loop of its own, which waits as long as a busy machine needs unless the test is about waiting.
    private func withClient(
        _ address: RedisAddress, patience: Duration = .seconds(30), _ body: (RedisClient) async throws -> Void
    ) async throws {
        let loop = try EventLoop(label: "redis-test")
        try loop.start()
        var limits = RedisClient.Limits()
        limits.command = patience
        let client = try RedisClient(address, on: loop, limits: limits)
        do {
            try await body(client)
        } catch {
            client.disconnect()
            await loop.stop()
            throw error
        }
        client.disconnect()
        await loop.stop()
    }

    private func withServer(
        patience: Duration = .seconds(30), _ body: (RedisClient, RedisServer) async throws -> Void
    ) async throws {
        let server = try RedisServer()
        try await withClient(RedisAddress(place: .unix(path: server.socket)), patience: patience) {
            try await body($0, server)
        }
    }

    @Test func `what is set is got, and what is not there is a miss`() async throws {
        try await withServer { (client, _) async throws in
            let odd: [UInt8] = [0, 13, 10, 255, 36, 42]
            #expect(try await client.send(RedisCommand([Array("SET".utf8), Array("k".utf8), odd])) == .status("OK"))
            #expect(try await client.send(RedisCommand("GET", "k")) == .bulk(odd))
            #expect(try await client.send(RedisCommand("GET", "nothing")) == .null)
            #expect(try await client.send(RedisCommand("INCRBY", "n", "-7")) == .integer(-7))
            #expect(
                try await client.send(RedisCommand("MGET", "n", "nothing")) == .array([.bulk(Array("-7".utf8)), .null]))
        }
    }

    @Test func `a refusal is an error of its own, and the connection goes on`() async throws {
        try await withServer { (client, _) async throws in
            _ = try await client.send(RedisCommand("SET", "text", "x"))
            await #expect(throws: RedisError.refused("ERR value is not an integer or out of range")) {
                _ = try await client.send(RedisCommand("INCR", "text"))
            }
            #expect(try await client.send(RedisCommand("GET", "text")).string == "x")
        }
    }

    @Test func `replies find their commands however many are under way`() async throws {
        try await withServer { (client, _) async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<2000 {
                    group.addTask {
                        let text = "value-\(index)" + String(repeating: "x", count: index % 300)
                        return try await client.send(RedisCommand("ECHO", text)).string == text
                    }
                }
                for try await isOwn in group { #expect(isOwn) }
            }
        }
    }

    @Test func `a reply larger than any buffer comes whole`() async throws {
        try await withServer { (client, _) async throws in
            let large = [UInt8](repeating: 7, count: 3_000_000)
            _ = try await client.send(RedisCommand([Array("SET".utf8), Array("large".utf8), large]))
            #expect(try await client.send(RedisCommand("GET", "large")) == .bulk(large))
        }
    }

    @Test func `a server that hangs costs its time and no more, and is asked again when it is back`() async throws {
        try await withServer(patience: .milliseconds(50)) { (client, server) async throws in
            #expect(await comesBack(client))
            server.freeze()
            var outcomes: [RedisError] = []
            for _ in 0..<20 {
                do throws(RedisError) {
                    _ = try await client.send(RedisCommand("PING"))
                } catch {
                    outcomes.append(error)
                }
            }
            #expect(outcomes.count == 20)
            // On a busy machine the connection may be given up before the fifth.
            #expect(outcomes.prefix(5).allSatisfy { $0 == .timedOut || $0 == .lost })
            // From then on only one at a time tries whether it is back, on a busy machine more often than not; the others
            // do not wait.
            #expect(outcomes.dropFirst(5).count { if case .unavailable = $0 { true } else { false } } >= 3)
            server.thaw()
            #expect(await comesBack(client))
        }
    }

    @Test func `a server that dies is an outage, told at once`() async throws {
        let server = try RedisServer()
        let path = server.socket
        try await withClient(RedisAddress(place: .unix(path: path))) { (client) async throws in
            _ = try await client.send(RedisCommand("PING"))
            server.crash()
            await #expect(throws: RedisError.self) { _ = try await client.send(RedisCommand("PING")) }
        }
    }

    @Test func `who is not let in hears why, and the password opens`() async throws {
        let server = try RedisServer(["--requirepass", "open sesame"])
        let place = RedisAddress.Place.unix(path: server.socket)
        try await withClient(RedisAddress(place: place, password: "wrong")) { (client) async throws in
            for _ in 0..<20 {
                await #expect(throws: RedisError.self) { _ = try await client.send(RedisCommand("PING")) }
            }
            let error = await #expect(throws: RedisError.self) { _ = try await client.send(RedisCommand("PING")) }
            guard case .unavailable = error else {
                Issue.record("asked of a server that lets nobody in: \(String(describing: error))")
                return
            }
        }
        try await withClient(RedisAddress(place: place, password: "open sesame")) { (client) async throws in
            let stats = try await client.send(RedisCommand("INFO", "stats")).bytes ?? []
            let connections = String(decoding: stats, as: UTF8.self).split(separator: "\r\n")
                .first { $0.hasPrefix("total_connections_received:") }?.split(separator: ":").last.flatMap { Int($0) }
            #expect(try #require(connections) < 12, "whoever is not let in does not knock each time")
        }
        try await withClient(RedisAddress(place: place, password: "open sesame", database: 3)) {
            (client) async throws in
            _ = try await client.send(RedisCommand("SET", "k", "v"))
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(1))
        }
        try await withClient(RedisAddress(place: place, password: "open sesame")) { (client) async throws in
            #expect(try await client.send(RedisCommand("DBSIZE")) == .integer(0))
        }
    }

    @Test func `addresses are read, and show no password`() throws {
        let plain = try RedisAddress("redis://cache")
        #expect(plain.places == [.tcp(host: "cache", port: 6379)] && plain.database == 0)
        let full = try RedisAddress("redis://user:pa:ss@[::1]:7000/4")
        #expect(full.places == [.tcp(host: "::1", port: 7000)] && full.database == 4)
        #expect(full.description == "redis://user:***@[::1]:7000/4")
        #expect(try RedisAddress("unix:/run/redis.sock").places == [.unix(path: "/run/redis.sock")])
        let cluster = try RedisAddress("redis-cluster://:secret@a:7000,[::1]:7001,c")
        #expect(cluster.isCluster && !full.isCluster)
        #expect(
            cluster.places == [.tcp(host: "a", port: 7000), .tcp(host: "::1", port: 7001), .tcp(host: "c", port: 6379)])
        #expect(cluster.description == "redis-cluster://:***@a:7000,[::1]:7001,c:6379")
        for wrong in [
            "cache:6379", "redis://", "redis://h:x", "redis://h:0", "redis://h/x", "unix:", "redis://h/-1",
            "redis://a,b", "redis-cluster://", "redis-cluster://a,", "redis-cluster://a,b:x", "redis-cluster://a/1",
        ] {
            #expect(throws: RedisAddress.Fault.self) { _ = try RedisAddress(wrong) }
        }
    }

    /// Asks until there is an answer; bounded.
    private func comesBack(_ client: RedisClient) async -> Bool {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if (try? await client.send(RedisCommand("PING"))) == .status("PONG") { return true }
            await Task.yield()
        }
        return false
    }
}
