import Glibc
import JSON
import Testing

/// The kernel fails calls of the real program, through strace. Skipped where processes may not be traced.
@Suite(.serialized, .enabled(if: Tracing.isAllowed, "strace is missing or not allowed")) struct FaultTests {
    @Test func `a full disk is 507, loses nothing, and is over when there is room again`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--loops", "1"], in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            let before = try client.post("/api/v1/quotes", key: shop.agent, shop.question("before"))
            #expect(before.status == 200)

            let disk = try Tracing(of: server.process.pid, injecting: "pwrite64:error=ENOSPC", in: scratch)
            let full = try client.post("/api/v1/quotes", key: shop.agent, shop.question("during"))
            #expect(full.status == 507)
            // Who is known needs no disk.
            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("before")).status == 200)
            disk.end()

            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("during")).status == 200)
            let after = try client.post("/api/v1/quotes", key: shop.agent, shop.question("before"))
            #expect(after.json["price"] == before.json["price"])
            #expect(scratch.text("log").contains(#""status":507"#))
        }
    }

    @Test func `after a failed sync nothing is written until the server starts anew, and nothing is lost`() async throws
    {
        try await blocking {
            let scratch = try Scratch()
            var server = try RunningCournot(["--loops", "1"], in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var client = try HTTPClient(port: server.port)
            let before = try client.post("/api/v1/quotes", key: shop.agent, shop.question("before"))

            let disk = try Tracing(of: server.process.pid, injecting: "fsync,fdatasync:error=EIO", in: scratch)
            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("during")).status == 503)
            disk.end()
            // The disk is well again, but what it holds is not known: nothing may be promised.
            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("later")).status == 503)
            #expect(try client.get("/ready").status == 503)
            server.process.send(SIGTERM)
            server.process.wait()

            server = try RunningCournot(["--loops", "1"], in: scratch)
            client = try HTTPClient(port: server.port)
            let after = try client.post("/api/v1/quotes", key: shop.agent, shop.question("before"))
            #expect(after.json["price"] == before.json["price"])
            #expect(after.json["experiment"]?["reason"]?.string == "sticky")
            #expect(try client.post("/api/v1/quotes", key: shop.agent, shop.question("later")).status == 200)
        }
    }
}

/// strace holding on to a process and failing some of its system calls.
struct Tracing {
    private let tracer: ChildProcess

    /// Holds on to a process. Returns once it does.
    init(of pid: pid_t, injecting fault: String, in scratch: Scratch) throws {
        let calls = fault.prefix { $0 != ":" }
        // strace says on its standard error when it is attached; here that is the output that is read.
        tracer = try ChildProcess(
            "sh",
            ["-c", "exec strace -f -p \(pid) -e trace=\(calls) -e signal=none -e inject=\(fault) -o trace 2>&1"],
            directory: scratch.path)
        while let line = tracer.line() {
            if line.contains("attached") { return }
            throw ChildProcess.NotStarted(path: "strace: \(line)", code: EPERM)
        }
        throw ChildProcess.NotStarted(path: "strace", code: EPERM)
    }

    /// Lets go.
    func end() {
        tracer.send(SIGINT)
        tracer.wait()
    }

    /// Whether processes of ours may be traced at all.
    static let isAllowed: Bool = {
        guard let scratch = try? Scratch(),
            let sleeper = try? ChildProcess("sleep", ["60"], directory: scratch.path),
            let tracing = try? Tracing(of: sleeper.pid, injecting: "fsync:error=EIO", in: scratch)
        else { return false }
        tracing.end()
        return true
    }()
}
