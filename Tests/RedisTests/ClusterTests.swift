import EventLoop
import Redis
import RedisSupport
import Testing

/// Starts a cluster for a suite, which ends with it.
struct ClusterTrait: SuiteTrait, TestScoping {
    @TaskLocal static var current: RedisClusterServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let cluster = try RedisClusterServer()
        defer { cluster.end() }
        try await Self.$current.withValue(cluster) { try await function() }
    }
}

extension Trait where Self == ClusterTrait {
    static var cluster: ClusterTrait { ClusterTrait() }
}

extension RedisClusterServer {
    func place(_ index: Int) -> RedisAddress.Place { .tcp(host: "127.0.0.1", port: ports[index]) }

    var address: RedisAddress { RedisAddress(cluster: [place(0), place(3)]) }
}

/// Clients on a loop of their own, which wait as long as a busy machine needs unless told otherwise.
final class Clients: Sendable {
    let loop: EventLoop

    init() throws {
        loop = try EventLoop(label: "cluster-test")
        try loop.start()
    }

    func make(_ address: RedisAddress, patience: Duration = .seconds(30)) throws -> RedisClient {
        var limits = RedisClient.Limits()
        limits.command = patience
        return try RedisClient(address, on: loop, limits: limits)
    }

    /// A client of one node of a cluster, which follows nothing.
    func direct(_ place: RedisAddress.Place) throws -> RedisClient { try make(RedisAddress(place: place)) }
}

extension RedisClient {
    /// Whether the one server behind it is a master.
    fileprivate var isMaster: Bool {
        get async throws { try await send(RedisCommand("ROLE")).elements?.first?.string == "master" }
    }
}

/// A node that tells what it is.
struct Master {
    let identity: String
    let place: RedisAddress.Place
    let client: RedisClient

    /// How often it answered with an error of a kind.
    func errors(_ kind: String) async throws -> Int {
        let text = try await client.send(RedisCommand("INFO", "errorstats")).string ?? ""
        guard let line = text.split(separator: "\r\n").first(where: { $0.hasPrefix("errorstat_\(kind):count=") })
        else { return 0 }
        return line.split(separator: "=").last.flatMap { Int($0) } ?? 0
    }
}

extension RedisClusterServer {
    /// Clients of those who are replicas now.
    func replicas(_ clients: Clients) async throws -> [RedisClient] {
        var replicas: [RedisClient] = []
        for index in ports.indices {
            let node = try clients.direct(place(index))
            if !(try await node.isMaster) { replicas.append(node) }
        }
        return replicas
    }

    /// The master of a slot, and another one.
    func masters(of slot: HashSlot, _ clients: Clients) async throws -> (owner: Master, other: Master) {
        var owner: Master?
        var other: Master?
        let ranges = try await clients.direct(place(0)).send(RedisCommand("CLUSTER", "SLOTS")).elements ?? []
        for range in ranges.compactMap(\.elements) {
            let node = try #require(range[2].elements)
            let place = RedisAddress.Place.tcp(
                host: try #require(node[0].string), port: Int(try #require(node[1].integer)))
            let master = Master(
                identity: try #require(node[2].string), place: place, client: try clients.direct(place))
            let first = try #require(range[0].integer)
            let last = try #require(range[1].integer)
            if (first...last).contains(Int64(slot.number)) { owner = master } else { other = master }
        }
        return (try #require(owner), try #require(other))
    }
}

@Suite(.cluster) struct ClusterTests {
    @Test func `a thousand keys lie with all masters and are read back`() async throws {
        let cluster = try #require(ClusterTrait.current)
        let clients = try Clients()
        let client = try clients.make(cluster.address)
        let places = try await withThrowingTaskGroup(of: Int.self) { group in
            for index in 0..<1000 {
                group.addTask {
                    let key = "{spread-\(index)}:k"
                    let kept = try await client.send(RedisCommand("SET", key, "value-\(index)"))
                    let read = try await client.send(RedisCommand("GET", key))
                    #expect(kept == .status("OK") && read.string == "value-\(index)")
                    return HashSlot(ofKey: Array(key.utf8)).number
                }
            }
            return try await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }
        var kept = 0
        for index in 0..<6 {
            let node = try clients.direct(cluster.place(index))
            guard try await node.isMaster else { continue }
            let own = try await node.send(RedisCommand("KEYS", "{spread-*}:k")).elements?.count ?? 0
            #expect(own > 200)
            kept += own
        }
        #expect(kept == 1000 && places.count > 900)
        await clients.loop.stop()
    }

    @Test func `keys of several slots are refused, and of one are answered`() async throws {
        let cluster = try #require(ClusterTrait.current)
        let clients = try Clients()
        let client = try clients.make(cluster.address)
        await #expect(throws: RedisError.refused("CROSSSLOT Keys in request don't hash to the same slot")) {
            _ = try await client.send(RedisCommand("MGET", "several-a", "several-b"))
        }
        _ = try await client.send(RedisCommand("MSET", "{one}:a", "1", "{one}:b", "2"))
        #expect(
            try await client.send(RedisCommand("MGET", "{one}:a", "{one}:b"))
                == .array([.bulk(Array("1".utf8)), .bulk(Array("2".utf8))]))
        #expect(try await client.send(RedisCommand("PING")) == .status("PONG"))
        await #expect(throws: RedisError.refused("ERR value is not an integer or out of range")) {
            _ = try await client.send(RedisCommand("INCRBY", "{one}:a", "x"))
        }
        await clients.loop.stop()
    }

    @Test func `the rate limit is exact on a cluster`() async throws {
        let cluster = try #require(ClusterTrait.current)
        try await RateLimitCheck.isExact(at: cluster.address)
    }

    @Test func `a slot that moves while commands run is followed without an error`() async throws {
        let cluster = try #require(ClusterTrait.current)
        let clients = try Clients()
        let slot = HashSlot(ofKey: Array("moving".utf8))
        let number = String(slot.number)
        let (source, target) = try await cluster.masters(of: slot, clients)
        let client = try clients.make(cluster.address)
        for index in 0..<100 { _ = try await client.send(RedisCommand("SET", "{moving}:\(index)", "0")) }

        let (stop, stopping) = AsyncStream<Void>.makeStream()
        let counting = Task {
            // What is told that it was done was done, once: the counters add up in the end.
            try await withThrowingTaskGroup(of: Int.self) { group in
                for worker in 0..<8 {
                    group.addTask {
                        var done = 0
                        while !Task.isCancelled {
                            _ = try await client.send(RedisCommand("INCR", "{moving}:\((worker * 13 + done) % 100)"))
                            done += 1
                        }
                        return done
                    }
                }
                for await _ in stop { break }
                group.cancelAll()
                return try await group.reduce(0, +)
            }
        }

        _ = try await target.client.send(RedisCommand("CLUSTER", "SETSLOT", number, "IMPORTING", source.identity))
        _ = try await source.client.send(RedisCommand("CLUSTER", "SETSLOT", number, "MIGRATING", target.identity))
        guard case .tcp(let host, let port) = target.place else { return }
        while let keys = try await source.client.send(RedisCommand("CLUSTER", "GETKEYSINSLOT", number, "10")).elements,
            !keys.isEmpty
        {
            let words = ["MIGRATE", host, String(port), "", "0", "60000", "KEYS"].map { Array($0.utf8) }
            _ = try await source.client.send(RedisCommand(words + keys.compactMap(\.bytes)))
        }
        // All of it is there, and the slot is still the source's: whoever asks is sent on for this once.
        let asks = try await source.errors("ASK")
        _ = try await client.send(RedisCommand("GET", "{moving}:0"))
        #expect(try await client.send(RedisCommand("SET", "{moving}:new", "1")) == .status("OK"))
        #expect(try await source.errors("ASK") >= asks + 2)

        _ = try await target.client.send(RedisCommand("CLUSTER", "SETSLOT", number, "NODE", target.identity))
        _ = try await source.client.send(RedisCommand("CLUSTER", "SETSLOT", number, "NODE", target.identity))
        #expect(try await client.send(RedisCommand("GET", "{moving}:new")).string == "1")
        #expect(try await source.errors("MOVED") > 0)

        stopping.finish()
        let done = try await counting.value
        var sum = 0
        for index in 0..<100 {
            sum += Int(try await client.send(RedisCommand("GET", "{moving}:\(index)")).string ?? "") ?? 0
        }
        #expect(sum == done && done > 0)
        // The map is right again: nobody is sent on any more.
        let moves = try await source.errors("MOVED")
        _ = try await client.send(RedisCommand("GET", "{moving}:new"))
        #expect(try await source.errors("MOVED") == moves)
        await clients.loop.stop()
    }
}

@Suite struct ClusterOutageTests {
    @Test func `seeds where nobody listens are an outage, and so is a server that is no cluster`() async throws {
        let clients = try Clients()
        // Port 1 is nobody's.
        let client = try clients.make(
            RedisAddress(cluster: [.tcp(host: "127.0.0.1", port: 1), .tcp(host: "localhost", port: 1)]))
        for _ in 0..<20 { await expectOutage(client) }
        let server = try RedisServer()
        let lone = try clients.make(RedisAddress(cluster: [.unix(path: server.socket)]))
        for _ in 0..<3 { await expectOutage(lone) }
        server.crash()
        await clients.loop.stop()
    }

    private func expectOutage(_ client: RedisClient) async {
        do throws(RedisError) {
            let value = try await client.send(RedisCommand("GET", "k"))
            Issue.record("got \(value)")
        } catch {
            guard case .unavailable = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func `a master that is killed is replaced, and without anybody there is an outage`() async throws {
        let cluster = try RedisClusterServer()
        let clients = try Clients()
        let slot = HashSlot(ofKey: Array("victim".utf8))
        let (victim, _) = try await cluster.masters(of: slot, clients)
        // As impatient as the product.
        let client = try clients.make(cluster.address, patience: .milliseconds(50))
        let patient = try clients.make(cluster.address)
        #expect(try await patient.send(RedisCommand("SET", "{victim}:k", "v")) == .status("OK"))

        let heirs = try await cluster.replicas(clients)
        #expect(heirs.count == 3)

        guard case .tcp(_, let port) = victim.place else { return }
        cluster.crash(port)
        let killed = ContinuousClock.now
        let election = Task {
            while ContinuousClock.now < killed + .seconds(30) {
                for heir in heirs where try await heir.isMaster { return ContinuousClock.now - killed }
                try await Task.sleep(for: .milliseconds(5))
            }
            return .seconds(30)
        }
        var failures = 0
        var answer: RedisValue?
        while answer == nil, ContinuousClock.now < killed + .seconds(30) {
            answer = try? await client.send(RedisCommand("SET", "{victim}:after", "v"))
            if answer == nil { failures += 1 }
            // As often as a shop might ask.
            try await Task.sleep(for: .milliseconds(5))
        }
        let gap = ContinuousClock.now - killed
        print("Redis Cluster: a master killed, another elected after \(try await election.value), answers after \(gap)")
        #expect(answer == .status("OK") && failures > 0)
        // The other client has yet to hear of it, from a node that perhaps has yet to.
        var read: RedisValue?
        while read == nil, ContinuousClock.now < killed + .seconds(60) {
            read = try? await patient.send(RedisCommand("GET", "{victim}:after"))
        }
        #expect(read?.string == "v")

        cluster.end()
        var outcomes: [RedisError] = []
        for _ in 0..<40 {
            do throws(RedisError) {
                _ = try await client.send(RedisCommand("GET", "{victim}:k"))
            } catch {
                outcomes.append(error)
            }
        }
        #expect(outcomes.count == 40)
        #expect(outcomes.dropFirst(10).allSatisfy { if case .unavailable = $0 { true } else { false } })
        await clients.loop.stop()
    }
}
