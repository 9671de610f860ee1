import Glibc
import JSON
import Synchronization
import Testing

/// `cournot export` against servers that go away.
@Suite struct ExportTests {
    /// A server whose experiment has more shoppers than a page of the export holds.
    private static func populated(in scratch: Scratch, shoppers: Int) throws -> (RunningCournot, Shop) {
        let server = try RunningCournot(in: scratch)
        let shop = try Shop(in: scratch, port: server.port)
        var client = try HTTPClient(port: server.port)
        for start in stride(from: 0, to: shoppers, by: 500) {
            let questions = (start..<min(start + 500, shoppers)).map { shop.question("shopper-\($0)@example.com") }
            let answer = try client.post("/api/v1/quotes/batch", key: shop.agent, ["quotes": .array(questions)])
            #expect(answer.json["data"]?.array?.allSatisfy { $0["quote"] != nil } == true, "\(answer.text.prefix(500))")
        }
        return (server, shop)
    }

    private static func uncut(_ format: String, _ shop: Shop, port: Int) throws -> HTTPClient.Answer {
        var client = try HTTPClient(port: port)
        return try client.get("/api/v1/experiments/\(shop.experiment)/export?format=\(format)", key: shop.merchant)
    }

    private static func export(_ shop: Shop, port: Int, to file: String, in scratch: Scratch) throws -> Program.Outcome
    {
        try Program.run(
            ["export", "--url", "http://127.0.0.1:\(port)", "--experiment", shop.experiment, "--out", file],
            environment: ["COURNOT_KEY": shop.merchant], in: scratch)
    }

    @Test func `an export goes on over a server killed in its midst, and is what an uncut one is`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let (server, shop) = try Self.populated(in: scratch, shoppers: 2500)
            for format in ["csv", "ndjson"] {
                let whole = try Self.uncut(format, shop, port: server.port)
                let rows = whole.body.count { $0 == UInt8(ascii: "\n") } - (format == "csv" ? 1 : 0)
                #expect(rows == 2500)
                let estimate = try #require(whole.headers["cournot-units-left"].flatMap { Int($0) })
                #expect((2200..<2800).contains(estimate))
                #expect(!whole.text.contains("example.com"))
            }
            let csv = try Self.uncut("csv", shop, port: server.port)

            let replacement = Mutex<RunningCournot?>(nil)
            defer { replacement.withLock { $0?.process.send(SIGKILL) } }
            let port = server.port
            let door = try CuttingDoor(to: port, cuts: [csv.body.count / 3, csv.body.count / 5]) { connection in
                guard connection == 0 else { return }
                server.process.send(SIGKILL)
                #expect(server.process.wait() == 128 + SIGKILL)
                let again = try RunningCournot(port: port, in: scratch)
                replacement.withLock { $0 = again }
            }
            defer { door.shut() }
            let outcome = try Self.export(shop, port: door.port, to: "units.csv", in: scratch)
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.output == "2500 rows in units.csv\n")
            #expect(outcome.errors.contains("the connection was cut; trying again"), "\(outcome.errors)")
            #expect(outcome.errors.contains("exporting: "))
            #expect(Array(scratch.text("units.csv").utf8) == csv.body)
            #expect(scratch.text("units.csv.part").isEmpty)
            #expect(door.connections == 3)
            let running = try #require(replacement.withLock { $0 })
            try Self.goesOn(from: csv.text, with: shop, port: running.port, in: scratch)
        }
    }

    /// Wherever an earlier command stopped.
    private static func goesOn(from whole: String, with shop: Shop, port: Int, in scratch: Scratch) throws {
        let lines = try uncut("ndjson", shop, port: port).text
        for (text, name) in [(whole, "csv"), (lines, "ndjson")] {
            let bytes = Array(text.utf8)
            for (number, cut) in [0, 1, 60, 150, 151, bytes.count / 2, bytes.count - 1, bytes.count].enumerated() {
                let file = "cut-\(number).\(name)"
                _ = scratch.write(String(decoding: bytes[..<cut], as: UTF8.self), to: "\(file).part")
                let outcome = try export(shop, port: port, to: file, in: scratch)
                #expect(outcome.code == 0, "\(outcome.errors)")
                #expect(scratch.text(file) == text, "cut at \(cut) of \(name)")
            }
        }
        let taken = try export(shop, port: port, to: "cut-0.csv", in: scratch)
        #expect(taken.code == 1 && taken.errors.contains("is there already"))
        _ = scratch.write("name,price\r\nbeans,19\r\n", to: "other.csv.part")
        let other = try export(shop, port: port, to: "other.csv", in: scratch)
        #expect(other.code == 1 && other.errors.contains("is not what an export in this format left"))
        #expect(scratch.text("other.csv.part") == "name,price\r\nbeans,19\r\n")
        // What an earlier version left is not gone on with, and stays as it is.
        func without(_ columns: Set<String>, _ text: String) -> String {
            let names = text.prefix { $0 != "\r\n" }.split(separator: ",", omittingEmptySubsequences: false)
            let kept = names.indices.filter { !columns.contains(String(names[$0])) }
            return text.split(separator: "\r\n").map { line in
                let cells = line.split(separator: ",", omittingEmptySubsequences: false)
                return kept.map { String(cells[$0]) }.joined(separator: ",") + "\r\n"
            }.prefix(20).joined()
        }
        let row = String(lines.prefix { $0 != "\n" })
        let first = row.replacing("\"began_checkout\":false,", with: "") + "\n"
        for (earlier, name) in [(without(["began_checkout", "guardrails"], whole), "csv"), (first, "ndjson")] {
            _ = scratch.write(earlier, to: "earlier.\(name).part")
            let refused = try export(shop, port: port, to: "earlier.\(name)", in: scratch)
            #expect(refused.code == 1 && refused.errors.contains("had other columns"), "\(refused.errors)")
            #expect(scratch.text("earlier.\(name).part") == earlier)
        }
        var client = try HTTPClient(port: port)
        let path = "/api/v1/experiments/\(shop.experiment)/export?after="
        for wrong in ["", "zz", String(repeating: "0", count: 64)] {
            let refused = try client.get(path + wrong, key: shop.merchant)
            #expect(refused.status == 422 && refused.json["code"]?.string == "invalid_parameter", "\(refused.text)")
        }
    }

    @Test func `through TLS an export goes on too, from none but who its certificate says`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let (server, shop) = try Self.populated(in: scratch, shoppers: 1200)
            let whole = try Self.uncut("csv", shop, port: server.port)
            let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
            // Cuts its first connection in the midst.
            let front = try ChildProcess(
                "python3",
                ["\(folder)/Clients/tls_front.py", String(server.port), scratch.path, String(whole.body.count / 2)],
                directory: scratch.path, errors: "\(scratch.path)/front.err")
            defer {
                front.send(SIGKILL)
                _ = front.wait()
            }
            let line = try #require(front.line(), "\(scratch.text("front.err"))")
            let port = try #require(Int(line))
            func export(_ host: String, _ more: [String], to file: String) throws -> Program.Outcome {
                try Program.run(
                    ["export", "--url", "https://\(host):\(port)", "--experiment", shop.experiment, "--out", file]
                        + more,
                    environment: ["COURNOT_KEY": shop.merchant], in: scratch)
            }
            // Nobody whom we trust signed for it: the key is not sent, and nothing is tried again.
            let unknown = try export("localhost", [], to: "a.csv")
            #expect(
                unknown.code == 1 && unknown.errors.contains("certificate is not to be trusted"), "\(unknown.errors)")
            #expect(unknown.errors.contains("--ca-file") && !unknown.errors.contains("trying again"))
            // It is signed for, but for another name.
            let other = try export("127.0.0.1", ["--ca-file", "ca.pem"], to: "a.csv")
            #expect(other.code == 1 && other.errors.contains("certificate is not to be trusted"), "\(other.errors)")
            let outcome = try export("localhost", ["--ca-file", "ca.pem"], to: "units.csv")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("the connection was cut; trying again"), "\(outcome.errors)")
            #expect(Array(scratch.text("units.csv").utf8) == whole.body)

            // Who exported what is on record, each answer once; the rows themselves are nowhere in it.
            var client = try HTTPClient(port: server.port)
            let rows = try client.get("/api/v1/audit?limit=50", key: shop.merchant).json["data"]?.array ?? []
            let exports = rows.filter { $0["action"]?.string == "experiment.export" }
            #expect(exports.count == 3)
            #expect(exports.allSatisfy { $0["target"]?.string == shop.experiment })
            #expect(exports.allSatisfy { $0["actor"]?.string?.hasPrefix("key_") == true })
        }
    }

    @Test func `what no retry mends is said at once`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            let arguments = ["export", "--experiment", shop.experiment, "--out", "a.csv", "--retries", "0", "--url"]
            let url = "http://127.0.0.1:\(server.port)"
            let key = ["COURNOT_KEY": shop.agent]
            let forbidden = try Program.run(arguments + [url], environment: key, in: scratch)
            #expect(forbidden.code == 1 && forbidden.errors.contains("the server says 403"), "\(forbidden.errors)")
            // A door that speaks no TLS, and certificates that are none.
            let plain = try Program.run(
                arguments + ["https://127.0.0.1:\(server.port)"], environment: key, in: scratch)
            #expect(plain.code == 1, "\(plain.errors)")
            let absent = try Program.run(arguments + [url, "--ca-file", "none.pem"], environment: key, in: scratch)
            #expect(absent.code == 1 && absent.errors.contains("none.pem"), "\(absent.errors)")
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 0)
            let gone = try Program.run(arguments + [url], environment: key, in: scratch)
            #expect(gone.code == 1 && gone.errors.contains("0 rows are in a.csv.part"), "\(gone.errors)")
        }
    }
}

/// Stands before a server and cuts its first answers after so many bytes each.
private final class CuttingDoor: Sendable {
    let port: Int
    private let listener: Int32
    private let count = Mutex(0)

    /// How many connections came.
    var connections: Int { count.withLock { $0 } }

    /// - Parameter cut: called with the number of a connection once it is cut.
    init(to target: Int, cuts: [Int], cut: @escaping @Sendable (Int) throws -> Void) throws {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = Self.loopback(0)
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = listener
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, size) == 0 && listen(descriptor, 8) == 0
                    ? getsockname(descriptor, address, &size) : -1
            }
        }
        try #require(code == 0)
        port = Int(UInt16(bigEndian: address.sin_port))
        startThread { [self] in
            while true {
                let client = accept(descriptor, nil, nil)
                guard client >= 0 else {
                    close(descriptor)
                    return
                }
                _ = fcntl(client, F_SETFD, FD_CLOEXEC)
                let number = count.withLock { count in
                    defer { count += 1 }
                    return count
                }
                let limit = number < cuts.count ? cuts[number] : Int.max
                Self.carry(client, to: target, upTo: limit)
                if number < cuts.count {
                    do { try cut(number) } catch { Issue.record(error) }
                }
                // Over for good, even if a process that another test started has it open as well.
                shutdown(client, Int32(SHUT_RDWR))
                close(client)
            }
        }
    }

    /// Ends its thread, and lets go of whatever `cut` holds.
    func shut() { shutdown(listener, Int32(SHUT_RDWR)) }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func carry(_ client: Int32, to target: Int, upTo limit: Int) {
        let server = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(server) }
        var address = loopback(target)
        let size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe connect(server, $0, size) }
        }
        guard code == 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        // A request without a body comes whole.
        let asked = unsafe recv(client, &buffer, buffer.count, 0)
        guard asked > 0, unsafe send(server, buffer, asked, Int32(MSG_NOSIGNAL)) == asked else { return }
        var left = limit
        while left > 0 {
            let count = unsafe recv(server, &buffer, min(buffer.count, left), 0)
            guard count > 0, unsafe send(client, buffer, count, Int32(MSG_NOSIGNAL)) == count else { return }
            left -= count
        }
    }
}
