import Glibc
import JSON

/// The program, as it was built beside the tests.
enum Program {
    /// Its absolute path.
    static let path: String = {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = unsafe buffer.withUnsafeMutableBytes { buffer in
            guard let start = buffer.baseAddress else { return 0 }
            return unsafe readlink("/proc/self/exe", start, buffer.count)
        }
        let own = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
        return own.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/cournot"
    }()

    struct Outcome {
        let code: Int32
        let output: String
        let errors: String
    }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], in scratch: Scratch, input: String? = nil
    ) throws -> Outcome {
        let file = input.map { scratch.write($0, to: "stdin") } ?? "/dev/null"
        let name = "stderr-\(arguments.joined(separator: "-").filter { $0.isLetter || $0 == "-" })"
        let process = try ChildProcess(
            path, arguments, environment: environment, directory: scratch.path, input: file,
            errors: "\(scratch.path)/\(name)")
        let output = process.rest()
        return Outcome(code: process.wait(), output: output, errors: scratch.text(name))
    }
}

/// A server on a free port, in a scratch directory.
struct RunningCournot: Sendable {
    let process: ChildProcess
    let port: Int

    struct NotServing: Error {
        let output: String
    }

    /// Starts it and waits until it says where it listens.
    ///
    /// - Parameter port: 0 for one that is free.
    init(
        _ arguments: [String] = [], environment: [String: String] = [:], port wanted: Int = 0, in scratch: Scratch
    ) throws {
        process = try ChildProcess(
            Program.path, ["serve", "--port", String(wanted)] + arguments, environment: environment,
            directory: scratch.path,
            errors: "\(scratch.path)/log")
        var seen = ""
        while let line = process.line() {
            seen += line + "\n"
            if let range = line.firstRange(of: "http://127.0.0.1:") {
                port = Int(line[range.upperBound...].prefix { $0.isNumber }) ?? 0
                return
            }
        }
        throw NotServing(output: seen + scratch.text("log"))
    }
}

/// A tenant with one product under test at two prices, made through the program's own doors.
struct Shop: Sendable {
    let merchant: String
    let agent: String
    let experiment: String

    static let product = "beans"

    /// Makes the tenant from the command line, and all else over HTTP.
    ///
    /// - Parameter environment: that the server was started with.
    init(in scratch: Scratch, port: Int, environment: [String: String] = [:]) throws {
        let created = try Program.run(
            ["tenant", "create", "--name", "Shop", "--json"], environment: environment, in: scratch)
        let keys = try JSONValue(parsing: Array(created.output.utf8))["keys"]
        guard let merchant = keys?["merchant"]?.string, let agent = keys?["agent"]?.string else {
            throw RunningCournot.NotServing(output: created.errors)
        }
        self.merchant = merchant
        self.agent = agent
        var client = try HTTPClient(port: port)
        // The server hears of tenants made elsewhere within a second or so.
        while try client.get("/api/v1/tenant", key: merchant).status == 401 {}
        let price: JSONValue = ["amount": 1900, "currency": "USD"]
        _ = try client.post(
            "/api/v1/products", key: merchant, ["sku": .string(Self.product), "title": "Beans", "list_price": price])
        let made = try client.post(
            "/api/v1/experiments", key: merchant,
            [
                "name": "Two prices", "products": [.string(Self.product)], "currency": "USD",
                "variants": [
                    ["name": "control", "price": price, "weight": 1],
                    ["name": "higher", "price": ["amount": 2400, "currency": "USD"], "weight": 1],
                ],
            ])
        guard let id = made.json["id"]?.string else { throw RunningCournot.NotServing(output: made.text) }
        experiment = id
        let started = try client.post("/api/v1/experiments/\(id)/start", key: merchant, [:])
        guard started.status == 200 else { throw RunningCournot.NotServing(output: started.text) }
    }

    /// The question for a shopper's price.
    func question(_ shopper: String) -> JSONValue { ["shopper": .string(shopper), "product": .string(Self.product)] }

    /// A sale to a shopper, with an id of its own.
    func sale(_ shopper: String, quote: String, at time: String) -> JSONValue {
        [
            "id": .string("sale-\(shopper)"), "type": "conversion", "shopper": .string(shopper),
            "quote": .string(quote), "order": .string("order-\(shopper)"), "timestamp": .string(time),
        ]
    }
}
