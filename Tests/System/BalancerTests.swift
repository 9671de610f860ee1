import Glibc
import JSON
import PostgresSupport
import RedisSupport
import Synchronization
import Testing

/// The program as it runs in production: replicas on one PostgreSQL and one Redis, behind a balancer.
@Suite(.serialized) struct BalancerTests {
    /// Two replicas and haproxy in front of them.
    private final class Replicas: Sendable {
        private let scratch: [Scratch]
        private let environment: [String: String]
        private let servers: Mutex<[RunningCournot]>
        private let balancer: ChildProcess
        let front: Int
        let shop: Shop

        init(database: String, redis: String, _ more: [String: String] = [:]) throws {
            scratch = [try Scratch(), try Scratch()]
            environment = ["DATABASE_URL": database, "REDIS_URL": "unix:\(redis)"].merging(more) { _, new in new }
            var servers: [RunningCournot] = []
            for place in scratch {
                servers.append(try RunningCournot(["--loops", "1"], environment: environment, in: place))
            }
            front = try Self.freePort()
            let lines = servers.enumerated().map { index, server in
                "    server r\(index) 127.0.0.1:\(server.port) check inter 200ms fall 1 rise 1"
            }
            let file = scratch[0].write(
                """
                defaults
                    mode http
                    timeout connect 1s
                    timeout client 30s
                    timeout server 30s
                    retries 2
                    option redispatch
                listen front
                    bind 127.0.0.1:\(front)
                    balance roundrobin
                    option httpchk GET /ready
                \(lines.joined(separator: "\n"))

                """, to: "haproxy.cfg")
            balancer = try ChildProcess(
                "haproxy", ["-db", "-q", "-f", file], directory: scratch[0].path,
                errors: "\(scratch[0].path)/haproxy.log")
            shop = try Shop(in: scratch[0], port: servers[0].port, environment: environment)
            self.servers = Mutex(servers)
            // The other replica hears of the shop within a second, and the balancer finds both.
            for port in [servers[1].port, front] {
                for _ in 0..<1500 {
                    let told = try? answer(
                        "POST", "/api/v1/quotes", key: shop.agent, shop.question("first"), at: port)
                    if told?.json["experiment"]?["variant"]?.string != nil { break }
                    usleep(20_000)
                }
            }
        }

        var ports: [Int] { servers.withLock { $0.map(\.port) } }

        /// Ends a replica as a failing machine would, and starts it again on its port.
        func crash(_ index: Int) throws {
            let (victim, port) = servers.withLock { ($0[index].process, $0[index].port) }
            victim.send(SIGKILL)
            victim.wait()
            let next = try RunningCournot(
                ["--loops", "1"], environment: environment, port: port, in: scratch[index])
            servers.withLock { $0[index] = next }
        }

        /// A port that nobody has now.
        private static func freePort() throws -> Int {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let code = unsafe withUnsafeMutablePointer(to: &address) { address in
                unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe bind(descriptor, $0, length) == 0 ? getsockname(descriptor, $0, &length) : -1
                }
            }
            guard code == 0 else { throw ChildProcess.NotStarted(path: "bind", code: errno) }
            return Int(UInt16(bigEndian: address.sin_port))
        }

        /// One question on a connection of its own.
        func answer(
            _ method: String, _ path: String, key: String?, _ body: JSONValue?, at port: Int
        ) throws -> HTTPClient.Answer {
            var client = try HTTPClient(port: port)
            try client.send(HTTPClient.request(method, path, key: key, body: body?.serialized()))
            return try client.receive()
        }
    }

    private func withReplicas(
        _ more: [String: String] = [:], _ body: @escaping @Sendable (Replicas, RedisServer) throws -> Void
    ) async throws {
        let database = try await PostgresServer.shared().database(options: "&connections=4")
        let redis = try RedisServer()
        try await blocking { try body(try Replicas(database: database, redis: redis.socket, more), redis) }
    }

    @Test func `behind a balancer a shopper hears one price, whatever is changed, killed and flushed`() async throws {
        try await withReplicas { replicas, redis in
            let shop = replicas.shop
            let heard = Mutex<[String: Set<Int64>]>([:])
            let faults = Mutex<[String]>([])
            let isOver = Atomic(false)
            let askers = 6
            let each = 12
            onThreads(askers + 2) { number in
                switch number {
                case askers:
                    // The merchant cannot decide.
                    var weight = 1
                    while !isOver.load(ordering: .relaxed) {
                        weight = weight % 9 + 1
                        let change: JSONValue = [
                            "variants": [
                                ["name": "control", "weight": .integer(Int64(weight))],
                                ["name": "higher", "weight": .integer(Int64(10 - weight))],
                            ]
                        ]
                        let told = try? replicas.answer(
                            "PATCH", "/api/v1/experiments/\(shop.experiment)", key: shop.merchant, change,
                            at: replicas.front)
                        if let told, told.status != 200, told.status < 500 {
                            faults.withLock { $0.append("PATCH \(told.status): \(told.text)") }
                        }
                        usleep(20_000)
                    }
                case askers + 1:
                    let client = try? ChildProcess(
                        "redis-cli", ["-s", redis.socket, "FLUSHALL"], directory: "/tmp")
                    client?.wait()
                    do {
                        try replicas.crash(1)
                    } catch {
                        faults.withLock { $0.append("\(error)") }
                    }
                    let again = try? ChildProcess("redis-cli", ["-s", redis.socket, "FLUSHALL"], directory: "/tmp")
                    again?.wait()
                default:
                    for round in 0..<10 {
                        for shopper in 0..<each {
                            // Each shopper has two who ask for it at the same time.
                            let name = "s-\(number / 2)-\(shopper)"
                            let ports = replicas.ports + [replicas.front]
                            var status = 0
                            for attempt in 0..<200 where status != 200 {
                                let port = ports[(round + number + shopper + attempt) % ports.count]
                                guard
                                    let told = try? replicas.answer(
                                        "POST", "/api/v1/quotes", key: shop.agent, shop.question(name), at: port)
                                else {
                                    usleep(10_000)
                                    continue
                                }
                                status = told.status
                                guard status == 200 else { continue }
                                let price = told.json["price"]?["amount"]?.int64 ?? -1
                                heard.withLock { _ = $0[name, default: []].insert(price) }
                                if told.json["experiment"]?["reason"]?.string == "fallback" {
                                    faults.withLock { $0.append("\(name) heard the list price of an outage") }
                                }
                            }
                            if status != 200 { faults.withLock { $0.append("\(name) heard nothing: \(status)") } }
                        }
                    }
                    if number == 0 { isOver.store(true, ordering: .relaxed) }
                }
            }
            #expect(faults.withLock { $0 } == [])
            let prices = heard.withLock { $0 }
            #expect(prices.count == askers / 2 * each)
            #expect(prices.values.allSatisfy { $0.count == 1 }, "somebody heard two prices")
            #expect(Set(prices.values.flatMap { $0 }) == [1900, 2400])
            let report = try replicas.answer(
                "GET", "/api/v1/experiments/\(shop.experiment)/report", key: shop.merchant, nil, at: replicas.front)
            #expect(report.status == 200)
            let observed = report.json["data_quality"]?["sample_ratio"]?["observed"]?.array?.compactMap(\.int64)
            #expect(observed?.reduce(0, +) == Int64(prices.count) + 1)
        }
    }

    @Test func `a key's limit is one limit, however many replicas and threads ask`() async throws {
        try await withReplicas(["RATE_LIMIT_PER_MINUTE": "1000", "REPLICAS": "2"]) { replicas, _ in
            let admitted = Atomic<Int>(0)
            let refused = Atomic<Int>(0)
            let started = ContinuousClock.now
            onThreads(64) { number in
                let ports = replicas.ports
                guard var client = try? HTTPClient(port: ports[number % 2]) else { return }
                for _ in 0..<25 {
                    let told = try? client.post(
                        "/api/v1/quotes", key: replicas.shop.agent, replicas.shop.question("ada"))
                    switch told?.status {
                    case 200: admitted.add(1, ordering: .relaxed)
                    case 429: refused.add(1, ordering: .relaxed)
                    default: break
                    }
                }
            }
            // One comes back every 60 ms.
            let flowed = Int((ContinuousClock.now - started) / .milliseconds(60)) + 1
            let count = admitted.load(ordering: .relaxed)
            #expect(count + refused.load(ordering: .relaxed) == 1600)
            // Where the machine is so busy that Redis misses its 50 ms, a replica decides by its half; one that all
            // requests went to has none left then, so that another half is the most that can be added.
            #expect((990...1500 + flowed).contains(count))
        }
    }
}
