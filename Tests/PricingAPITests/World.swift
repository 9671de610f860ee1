import AgentRuntime
import Crypto
import EventLoop
import Experiments
import HTTPServer
import JSON
import PricingAPI
import SeedSupport
import Storage
import Synchronization
import Testing

/// A clock that moves when told to.
final class ManualClock: WallClock {
    private let time = Mutex(Timestamp(milliseconds: 1_790_000_000_000))
    func now() -> Timestamp { time.withLock { $0 } }
    func advance(by duration: Duration) { time.withLock { $0 = $0.advanced(by: duration) } }
}

/// An answer, read.
struct Told: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let bytes: [UInt8]

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }

    var json: JSONValue {
        get throws { try JSONValue(parsing: bytes) }
    }

    /// The value at a path of keys and positions.
    subscript(path: String...) -> JSONValue? {
        var value = try? json
        for step in path {
            if let index = Int(step), let elements = value?.array {
                value = elements.indices.contains(index) ? elements[index] : nil
            } else {
                value = value?[step]
            }
        }
        return value
    }

    /// `pointer: detail` of every fault.
    var pointers: [String] { (self["errors"]?.array ?? []).compactMap { $0["pointer"]?.string } }
}

/// Counts.
private final class Calls: Sendable {
    private let count = Atomic<Int>(0)
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// The API over an empty store, without a socket.
struct World: Sendable {
    static let operatorKey = "op-0123456789abcdef"

    let api: PricingAPI
    let service: PricingService
    let store: any Store
    let clock: ManualClock
    private let calls = Calls()
    let loop: EventLoop
    /// Of all worlds of this process: what is asked together is asked on it.
    private static let loop = Result { () throws(EventLoopError) in
        let loop = try EventLoop(label: "test")
        try loop.start()
        return loop
    }

    init(
        store: any Store = MemoryStore(), namedTenants: Int = 50, sells: Bool = true,
        others: [any PaymentProvider] = [],
        _ change: (inout APIConfiguration) -> Void = { _ in }
    ) async throws {
        self.store = store
        clock = ManualClock()
        service = PricingService(
            store: store, clock: clock, identifiers: IdentifierSource(random: Seeded(7)), tableCapacity: 4096,
            namedTenants: namedTenants)
        try await service.load()
        var configuration = APIConfiguration(operatorKey: Secret(Self.operatorKey), version: "1.2.3")
        configuration.rehearsalStore = { MemoryStore() }
        change(&configuration)
        let checkouts = (store as? any CheckoutStore).map { [service, clock] store in
            CheckoutService(
                pricing: service, store: store,
                providers: sells ? [TestProvider(ledger: store, clock: clock)] + others : [])
        }
        api = PricingAPI(service: service, checkouts: checkouts, configuration: configuration)
        loop = try Self.loop.get()
    }

    private init(_ other: World, _ api: PricingAPI) throws {
        (self.api, service, store) = (api, other.service, other.store)
        clock = other.clock
        loop = try Self.loop.get()
    }

    /// Another door to the same service.
    func beside(_ change: (inout APIConfiguration) -> Void) throws -> World {
        var configuration = APIConfiguration(operatorKey: Secret(Self.operatorKey), version: "1.2.3")
        change(&configuration)
        return try World(self, PricingAPI(service: service, configuration: configuration))
    }

    /// Asks as bytes on a connection would, by turns on a new one and on one that has sent this head before.
    func call(
        _ method: String, _ path: String, key: String? = nil, _ body: String? = nil,
        type: String = "application/json", headers: [(String, String)] = []
    ) async throws -> Told {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: test\r\n"
        if let key { text += "Authorization: Bearer \(key)\r\n" }
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n" }
        var request = try Request(parsing: Array((text + "\r\n" + (body ?? "")).utf8), bodyLimit: 16 << 20)
        if calls.next().isMultiple(of: 2) {
            let head = request.head.with(api.reading(of: request.head))
            request = Request(head: head, body: request.body, remoteAddress: request.remoteAddress)
        }
        return Told(await api.respond(to: request, on: loop).response())
    }

    /// Signs a tenant up over the API.
    func tenant(_ name: String = "Shop") async throws -> Shop {
        let told = try await call("POST", "/api/v1/tenants", key: Self.operatorKey, #"{"name":"\#(name)"}"#)
        try #require(told.status == 201)
        func key(_ role: String) throws -> String { try #require(told["keys", role]?.string) }
        return Shop(
            world: self, id: try #require(told["tenant", "id"]?.string), merchant: try key("merchant"),
            agent: try key("agent"), analyst: try key("analyst"), widget: try key("widget"))
    }
}

extension Told {
    init(_ response: Response) {
        var headers = String(decoding: response.rawHeaders, as: UTF8.self).split(separator: "\r\n").map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: String(parts[0]), value: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
        }
        headers += response.headers
        let bytes =
            switch response.body {
            case .bytes(let body): body
            case .shared(let body): body.bytes
            default: [UInt8]()
            }
        self.init(status: response.status, headers: headers, bytes: bytes)
    }
}

/// A tenant with its keys.
struct Shop: Sendable {
    let world: World
    let id: String
    let merchant: String
    let agent: String
    let analyst: String
    let widget: String

    static let product = """
        {"sku":"sku-1","title":"Mug","list_price":{"amount":1999,"currency":"USD"},\
        "unit_cost":{"amount":700,"currency":"USD"}}
        """
    static let experiment = """
        {"name":"Spring price","products":["sku-1"],"variants":[\
        {"name":"control","price":{"amount":1999,"currency":"USD"},"weight":50},\
        {"name":"higher","price":{"amount":2499,"currency":"USD"},"weight":50}]}
        """

    func post(_ path: String, _ body: String? = nil, headers: [(String, String)] = []) async throws -> Told {
        try await world.call("POST", "/api/v1" + path, key: merchant, body, headers: headers)
    }

    func patch(_ path: String, _ body: String, headers: [(String, String)] = []) async throws -> Told {
        try await world.call("PATCH", "/api/v1" + path, key: merchant, body, headers: headers)
    }

    func get(_ path: String, headers: [(String, String)] = []) async throws -> Told {
        try await world.call("GET", "/api/v1" + path, key: merchant, headers: headers)
    }

    func delete(_ path: String) async throws -> Told {
        try await world.call("DELETE", "/api/v1" + path, key: merchant)
    }

    /// A product and a draft on it; returns the draft's id.
    func draft() async throws -> String {
        try #require(try await post("/products", Self.product).status == 201)
        let made = try await post("/experiments", Self.experiment)
        try #require(made.status == 201)
        return try #require(made["id"]?.string)
    }

    /// The same, started.
    func running() async throws -> String {
        let id = try await draft()
        try #require(try await post("/experiments/\(id)/start").status == 200)
        return id
    }

    func quote(_ shopper: String) async throws -> Told {
        try await post("/quotes", #"{"shopper":"\#(shopper)","product":"sku-1"}"#)
    }
}
