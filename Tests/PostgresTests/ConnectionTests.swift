import EventLoop
import Postgres
import PostgresSupport
import Synchronization
import Testing

@Suite struct ConnectionTests {
    private final class Order: Sendable {
        private let noted = Mutex<[String]>([])
        var lines: [String] { noted.withLock { $0 } }
        func note(_ line: String) { noted.withLock { $0.append(line) } }
    }

    private func connected<Value: Sendable>(
        _ body: @Sendable (PostgresConnection) async throws -> Value
    ) async throws -> Value {
        let server = try await PostgresServer.shared()
        return try await server.superuser(body)
    }

    @Test func `values of every type come back as they were given`() async throws {
        try await connected { connection in
            let rows = try await connection.run(
                [
                    PostgresCommand(
                        "SELECT $1, $2, $3, $4, $5, $6, $7", .int8(.min), .int4(-7), .text("žluť 'x'"),
                        .bytes([0, 255]),
                        .uuid(UInt128(1) << 127 | 5), .optionalInt8(nil), .text("")),
                    PostgresCommand(
                        "SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)", .int8s([1, -2]),
                        .optionalInt8s([nil, 4]), .int4s([5, 6]), .bools([true, false]),
                        .optionalTexts(["a,{}\"", nil]), .bytesArray([[], [9]]), .uuids([1, .max])),
                    PostgresCommand("SELECT count(*) FROM unnest($1)", .uuids([])),
                ], within: .seconds(5))
            #expect(try rows[0].int8(0, 0) == .min)
            #expect(try rows[0].int4(0, 1) == -7)
            #expect(try rows[0].text(0, 2) == "žluť 'x'")
            #expect(try rows[0].bytes(0, 3) == [0, 255])
            #expect(try rows[0].uuid(0, 4) == UInt128(1) << 127 | 5)
            #expect(rows[0].isNull(0, 5))
            #expect(try rows[0].text(0, 6) == "")
            #expect(rows[1].count == 2)
            #expect(try rows[1].int8(1, 0) == -2)
            #expect(try rows[1].optionalInt8(0, 1) == nil && rows[1].optionalInt8(1, 1) == 4)
            #expect(try rows[1].int4(1, 2) == 6)
            #expect(try rows[1].bool(0, 3) && !rows[1].bool(1, 3))
            #expect(try rows[1].text(0, 4) == "a,{}\"")
            #expect(try rows[1].bytes(0, 5) == [] && rows[1].bytes(1, 5) == [9])
            #expect(try rows[1].uuid(1, 6) == .max)
            #expect(try rows[2].int8(0, 0) == 0)
            #expect(throws: PostgresError.self) { try rows[0].int4(0, 0) }
            #expect(throws: PostgresError.self) { try rows[0].int8(0, 5) }
            #expect(throws: PostgresError.self) { try rows[0].int8(1, 0) }
        }
    }

    @Test func `what follows a failed command is not done, and the connection goes on`() async throws {
        try await connected { connection in
            do {
                _ = try await connection.run(
                    [
                        PostgresCommand("CREATE TEMPORARY TABLE t (a int PRIMARY KEY)"),
                        PostgresCommand("INSERT INTO t VALUES (1), (1)"), PostgresCommand("SELECT 1"),
                    ], within: .seconds(5))
                Issue.record("a key was taken twice")
            } catch let error as PostgresError {
                #expect(error.isUniqueViolation)
                #expect(!error.description.contains("(1)"), "no values in what is logged")
            }
            await #expect(throws: PostgresError.self, "one batch is one transaction") {
                try await connection.run([PostgresCommand("SELECT * FROM t")], within: .seconds(5))
            }
            let rows = try await connection.run([PostgresCommand("SELECT 5::bigint")], within: .seconds(5))
            #expect(try rows[0].int8(0, 0) == 5)
        }
    }

    @Test func `answers larger than any buffer arrive whole, and so do questions`() async throws {
        try await connected { connection in
            let values = (0..<300_000).map { Int64($0) }
            let rows = try await connection.run(
                [PostgresCommand("SELECT v FROM unnest($1) v", .int8s(values)), PostgresCommand("SELECT 1::bigint")],
                within: .seconds(30))
            #expect(rows[0].count == values.count)
            #expect(try rows[0].int8(values.count - 1, 0) == values.last)
            #expect(try rows[1].int8(0, 0) == 1)
        }
    }

    @Test func `an answer that does not come in time ends the connection`() async throws {
        try await connected { connection in
            do {
                _ = try await connection.run([PostgresCommand("SELECT pg_sleep(60)")], within: .milliseconds(50))
                Issue.record("sixty seconds passed")
            } catch let error as PostgresError {
                #expect(error.kind == .timeout && error.isTransient)
            }
            #expect(!connection.isOpen)
        }
    }

    @Test func `a connection that the server ends says so, and a pool makes another`() async throws {
        let server = try await PostgresServer.shared()
        var configuration = try PostgresConfiguration(url: try await server.database())
        configuration.connections = 1
        let pool = PostgresPool(loop: server.loop, configuration: configuration)
        try await withTaskExecutorPreference(server.loop) {
            pool.start()
            defer { pool.close() }
            func own() async throws -> Int32 {
                try await pool.withConnection { connection in
                    try await connection.run([PostgresCommand("SELECT pg_backend_pid()")], within: .seconds(5))[0]
                        .int4(0, 0)
                }
            }
            let first = try await own()
            await #expect(throws: PostgresError.self) {
                try await pool.withConnection { connection in
                    _ = try await connection.run(
                        [PostgresCommand("SELECT pg_terminate_backend(pg_backend_pid()), pg_sleep(9)")],
                        within: .seconds(5))
                }
            }
            #expect(try await own() != first)
        }
    }

    @Test func `what spares connections leaves them to what is urgent, which goes first`() async throws {
        let server = try await PostgresServer.shared()
        var configuration = try PostgresConfiguration(url: try await server.database())
        configuration.connections = 3
        let pool = PostgresPool(loop: server.loop, configuration: configuration)
        try await withTaskExecutorPreference(server.loop) {
            pool.start()
            defer { pool.close() }
            while pool.counts.open < 3 { try await pool.withConnection { _ in await Task.yield() } }
            let order = Order()
            let patient = try await pool.withConnection(sparing: 1) { _ in
                try await pool.withConnection(sparing: 1) { _ in
                    // One is left, and only for what is urgent.
                    let patient = Task(executorPreference: server.loop) {
                        try await pool.withConnection(sparing: 1) { _ in order.note("patient") }
                    }
                    for _ in 0..<20 { await Task.yield() }
                    #expect(pool.counts.lent == 2)
                    try await pool.withConnection { _ in order.note("urgent") }
                    order.note("released")
                    return patient
                }
            }
            try await patient.value
            #expect(order.lines == ["urgent", "released", "patient"])
        }
    }

    @Test func `notifications are heard`() async throws {
        let server = try await PostgresServer.shared()
        try await connected { connection in
            let (stream, feed) = AsyncStream.makeStream(of: String.self)
            connection.onNotification = { feed.yield($0) }
            _ = try await connection.run([PostgresCommand("LISTEN somewhere")], within: .seconds(5))
            try await server.superuser { other in
                _ = try await other.run(
                    [PostgresCommand("SELECT pg_notify('somewhere', $1)", .text("news"))], within: .seconds(5))
            }
            for await payload in stream {
                #expect(payload == "news")
                break
            }
        }
    }

    @Test func `nobody listens: the pool says so, and soon at once`() async throws {
        let server = try await PostgresServer.shared()
        var configuration = try PostgresConfiguration(url: "postgres://x@/x?host=/tmp/cournot-nowhere")
        configuration.connections = 3
        let pool = PostgresPool(
            loop: server.loop, configuration: configuration, breaker: CircuitBreaker(threshold: 3, pause: .seconds(60)))
        await withTaskExecutorPreference(server.loop) {
            pool.start()
            for _ in 0..<2 {
                do {
                    try await pool.withConnection { _ in _ = Issue.record("connected to nothing") }
                } catch {
                    #expect((error as? PostgresError)?.kind == .unreachable)
                }
            }
            #expect(pool.isBroken)
            pool.close()
        }
    }
}
