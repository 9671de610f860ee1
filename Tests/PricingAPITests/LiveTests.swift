import Crypto
import Dispatch
import Experiments
import Glibc
import HTTPServer
import JSON
import Synchronization
import Testing

@testable import PricingAPI

/// Reports watched over a real connection.
@Suite struct LiveTests {
    /// A server with one running experiment.
    private func serving(
        _ change: (inout LiveLimits) -> Void = { _ in },
        _ body: (Shop, _ experiment: String, HTTPServer) async throws -> Void
    ) async throws {
        var limits = LiveLimits()
        limits.look = .milliseconds(5)
        change(&limits)
        let world = try await World { $0.live = limits }
        let shop = try await world.tenant()
        let id = try await shop.running()
        let server = HTTPServer(configuration: .init(), responder: world.api)
        try server.start()
        try await body(shop, id, server)
        world.api.beginDraining()
        await server.shutdown()
    }

    private func watch(_ shop: Shop, _ id: String, _ server: HTTPServer, _ more: String = "") throws -> Watcher {
        try Watcher(
            port: server.port,
            "GET /api/v1/experiments/\(id)/live HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(shop.analyst)\r\n\(more)\r\n"
        )
    }

    @Test func `a stream tells the report at once, and again when something was counted`() async throws {
        try await serving { shop, id, server in
            _ = try await shop.quote("s-1")
            let watcher = try watch(shop, id, server)
            let first = try await watcher.event()
            #expect(watcher.text.contains("Content-Type: text/event-stream\r\n"))
            #expect(first.shoppers == 1)
            #expect(first.report["as_of"]?.string == first.id && first.report["as_of_kept"] == false)
            #expect(first.report["history"] == .null && first.report["demand"] == .null)
            let quote = try #require(try await shop.quote("s-2")["id"]?.string)
            #expect(try await watcher.event().shoppers == 2)
            let sale = #""id":"e-1","type":"conversion","timestamp":"2026-09-21T14:13:20Z""#
            let of = #""shopper":"s-2","quote":"\#(quote)","order":"o-1""#
            #expect(
                try await shop.world.call("POST", "/api/v1/events", key: shop.agent, "[{\(sale),\(of)}]").status == 200)
            let sold = try await watcher.event()
            #expect(
                sold.report["metrics"]?.array?.first { $0["name"] == "conversion_rate" }.map { metric in
                    (metric["variants"]?.array ?? []).compactMap { $0["total"]?.int64 }.reduce(0, +)
                } == 1)
            // Whoever saw that hears of what comes after it alone.
            let late = try watch(shop, id, server, "Last-Event-ID: \(sold.id)\r\n")
            try await late.read(until: "retry: 2000")
            _ = try await shop.quote("s-3")
            #expect(try await late.event().shoppers == 3)
        }
    }

    @Test func `pausing an experiment is told though nothing was counted`() async throws {
        try await serving { shop, id, server in
            let watcher = try watch(shop, id, server)
            #expect(try await watcher.event().report["status"] == "running")
            #expect(try await shop.post("/experiments/\(id)/pause").status == 200)
            #expect(try await watcher.event().report["status"] == "paused")
        }
    }

    @Test func `a server that ends ends its streams whole, and begins no others`() async throws {
        try await serving { shop, id, server in
            let watcher = try watch(shop, id, server)
            _ = try await watcher.event()
            shop.world.api.beginDraining()
            try await watcher.read(until: "\r\n0\r\n\r\n")
            #expect(try await shop.get("/experiments/\(id)/live")["code"] == "shutting_down")
        }
    }

    @Test func `a tenant has so many streams, and one that ended makes room`() async throws {
        try await serving({ $0.streamsPerTenant = 1 }) { shop, id, server in
            #expect(
                try await shop.world.call("HEAD", "/api/v1/experiments/\(id)/live", key: shop.analyst).status == 200)
            let watcher = try watch(shop, id, server)
            _ = try await watcher.event()
            let refused = try await shop.get("/experiments/\(id)/live")
            #expect(refused.status == 429 && refused["code"] == "too_many_streams")
            let metrics = try await shop.world.call("GET", "/metrics").text
            #expect(metrics.contains("\ncournot_live_streams 1\n"))
            #expect(refused.header("retry-after") == "15")
            watcher.close()
            // Nobody reads any more: the next look finds out.
            while shop.world.api.live.streams > 0 { try await Task.sleep(for: .milliseconds(5)) }
            _ = try await watch(shop, id, server).event()
        }
    }

    @Test func `a session has three streams, and takes none of its tenant's`() async throws {
        let service = try await World().service
        let now = service.clock.now()
        let tenant: TenantID = service.identifiers.next(at: now)
        let key = APIKey(
            id: service.identifiers.next(at: now), role: .widget, name: "", hash: SHA256.hash("key"), createdAt: now)
        func principal(_ shopper: String?) -> Principal {
            Principal(tenant: tenant, key: key, shopper: shopper.flatMap { TenantKey($0) })
        }
        var limits = LiveLimits()
        limits.streamsPerTenant = 1
        let live = LiveReports(limits) { _, _ in nil }
        var held = try (0..<3).map { _ in try live.seat(of: principal("ada")) }
        #expect(throws: LiveReports.Refusal.taken(limit: 3)) { try live.seat(of: principal("ada")) }
        held.append(try live.seat(of: principal("bea")))
        held.append(try live.seat(of: principal(nil)))
        #expect(throws: LiveReports.Refusal.taken(limit: 1)) { try live.seat(of: principal(nil)) }
        #expect(live.streams == held.count)
        held = []
        #expect(live.streams == 0)
        #expect(throws: Never.self) { try live.seat(of: principal("ada")) }
    }

    @Test func `a key that is taken away hears no more`() async throws {
        try await serving { shop, id, server in
            let made = try await shop.post("/keys", #"{"role":"analyst","name":"Guest"}"#)
            let key = try #require(made["key"]?.string)
            let watcher = try Watcher(
                port: server.port,
                "GET /api/v1/experiments/\(id)/live HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(key)\r\n\r\n")
            _ = try await watcher.event()
            #expect(try await shop.delete("/keys/\(try #require(made["id"]?.string))").status == 204)
            try await watcher.read(until: "\r\n0\r\n\r\n")
        }
    }

    @Test func `a stream that has nothing to say shows that it is alive`() async throws {
        try await serving({ $0.heartbeat = .zero }) { shop, id, server in
            let watcher = try watch(shop, id, server)
            _ = try await watcher.event()
            try await watcher.read(until: ": \n\n")
        }
    }

    @Test func `many who watch one experiment share each report`() async throws {
        let board = Board()
        var limits = LiveLimits()
        limits.look = .milliseconds(1)
        let live = LiveReports(limits) { _, mark in board.event(after: mark) }
        let service = try await World().service
        let key = LiveReports.Key(
            tenant: service.identifiers.next(at: service.clock.now()),
            experiment: service.identifiers.next(at: service.clock.now()))
        await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    struct Enough: Error {}
                    var heard: [UInt8] = []
                    try? await live.follow(key, known: nil, isThere: { true }) { (bytes) throws(Enough) in
                        heard += bytes
                        // The counts change once all have heard of the first.
                        if heard.count == 1 { board.hear(of: 20) }
                        if heard.count == 2 { throw Enough() }
                    }
                    #expect(heard == [1, 2])
                }
            }
        }
        #expect(board.made == 2)
    }

    /// Counts that change once so many heard of them.
    private final class Board: Sendable {
        private let state = Mutex((newest: 1, made: 0, heard: 0))

        var made: Int { state.withLock { $0.made } }

        func hear(of all: Int) {
            state.withLock { state in
                state.heard += 1
                if state.heard == all { state.newest = 2 }
            }
        }

        func event(after mark: LiveReports.Mark?) -> LiveReports.Event? {
            state.withLock { state in
                let next = LiveReports.Mark(asOf: Timestamp(milliseconds: Int64(state.newest)), version: 1)
                guard mark != next else { return nil }
                state.made += 1
                return LiveReports.Event(mark: next, id: "\(state.newest)", bytes: [UInt8(state.newest)])
            }
        }
    }
}

/// A client that reads as the bytes come, on a thread of its own: the server's tasks need theirs.
///
/// `@unchecked`: a test asks it one thing after the other.
private final class Watcher: @unchecked Sendable {
    struct Event {
        let id: String
        let report: JSONValue

        /// Counted in all variants.
        var shoppers: Int64 {
            (report["data_quality"]?["sample_ratio"]?["observed"]?.array ?? []).compactMap(\.int64).reduce(0, +)
        }
    }

    enum Failure: Error { case noConnection, ended(String) }

    private let queue = DispatchQueue(label: "watcher")
    private var descriptor: Int32
    private(set) var text = ""
    /// How much of the text the next look passes over.
    private var seen = 0

    init(port: Int, _ request: String) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        // A test that fails must end too.
        var patience = timeval(tv_sec: 300, tv_usec: 0)
        unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let connected = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                unsafe connect(descriptor, pointer, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        let bytes = Array(request.utf8)
        guard connected == 0, unsafe send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else {
            throw Failure.noConnection
        }
    }

    deinit { close() }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// Reads on until `mark` came after what was seen so far.
    @discardableResult
    func read(until mark: String) async throws -> Substring {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try self.readNow(until: mark) }) }
        }
    }

    private func readNow(until mark: String) throws -> Substring {
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            let unseen = text.utf8.dropFirst(seen)
            if let place = unseen.firstRange(of: Array(mark.utf8)) {
                let found = unseen[..<place.upperBound]
                seen += found.count
                return Substring(found)
            }
            let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failure.ended(text) }
            text += String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    func event() async throws -> Event {
        try await read(until: "id: ")
        let id = try await read(until: "\n").dropLast()
        try await read(until: "event: report\ndata: ")
        let data = try await read(until: "\n\n").dropLast(2)
        return Event(id: String(id), report: try JSONValue(parsing: Array(data.utf8)))
    }
}
