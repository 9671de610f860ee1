import Glibc
import JSON

/// A server of others that speaks as Stripe does: no idempotency, no bound on refunds, real signatures.
struct LocalStripe: Sendable {
    static let key = "sk_test_0123456789"
    static let secret = "whsec_0123456789"

    let process: ChildProcess
    let port: Int

    /// Starts it on a free port, and waits until it listens.
    init(in scratch: Scratch) throws {
        let python = try PythonClients.interpreter(with: PythonClients.payments, in: scratch)
        let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        port = try Self.freePort()
        process = try ChildProcess(
            python, ["\(folder)/Clients/stripe_server.py", String(port)], environment: ["PYTHONUNBUFFERED": "1"],
            directory: scratch.path, errors: scratch.path + "/stripe.log")
        while let line = process.line() {
            if line.contains("Running on") { return }
        }
        throw RunningCournot.NotServing(output: scratch.text("stripe.log"))
    }

    /// What a server of ours is started with.
    var environment: [String: String] {
        [
            "PAYMENTS": "stripe", "STRIPE_SECRET_KEY": Self.key, "STRIPE_WEBHOOK_SECRET": Self.secret,
            "STRIPE_API_URL": "http://127.0.0.1:\(port)",
        ]
    }

    func post(_ path: String, _ body: JSONValue) throws -> HTTPClient.Answer {
        var client = try HTTPClient(port: port)
        return try client.post(path, key: Self.key, body)
    }

    func get(_ path: String) throws -> JSONValue {
        var client = try HTTPClient(port: port)
        return try client.get(path, key: Self.key).json
    }

    /// A card that is known there.
    func paymentMethod(_ number: String) throws -> String {
        let made = try post(
            "/v1/payment_methods",
            [
                "type": "card",
                "card": ["number": .string(number), "exp_month": 12, "exp_year": 2040, "cvc": "123"],
            ])
        guard let id = made.json["id"]?.string else { throw RunningCournot.NotServing(output: made.text) }
        return id
    }

    /// All payment intents there are, few at a time: for each that it tells it looks through all that it keeps.
    func intents() throws -> [JSONValue] {
        var all: [JSONValue] = []
        while true {
            let after = all.last?["id"]?.string.map { "&starting_after=" + $0 } ?? ""
            let page = try get("/v1/payment_intents?limit=25" + after)
            let more = page["data"]?.array ?? []
            all += more
            if page["has_more"] != true || more.isEmpty { return all }
        }
    }

    /// A port that nobody has.
    static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let code = unsafe withUnsafeMutablePointer(to: &address) { address in
            unsafe address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                unsafe bind(descriptor, address, length) == 0 ? getsockname(descriptor, address, &length) : -1
            }
        }
        guard code == 0 else { throw RunningCournot.NotServing(output: "no port is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
