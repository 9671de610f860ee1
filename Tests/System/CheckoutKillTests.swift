import Glibc
import JSON
import PostgresSupport
import SQLite
import SeedSupport
import Synchronization
import Testing

/// `kill -9` while buyers pay, again and again: between the claim and the charge, between the charge and the order, and
/// anywhere else. `COURNOT_KILLS` says how often; `bench/payments/run` sets 200.
@Suite(.serialized) struct CheckoutKillTests {
    private static func kills(standard: Int) -> Int {
        guard let text = unsafe getenv("COURNOT_KILLS") else { return standard }
        return Int(unsafe String(cString: text)) ?? standard
    }
    private static let threads = 4

    /// Who takes the money.
    private enum Till: Sendable {
        case test
        /// With a payment method that is known there.
        case stripe(LocalStripe, method: String)

        var payment: JSONValue? {
            switch self {
            case .test: nil
            case .stripe(_, let method): ["token": .string(method)]
            }
        }

        /// What is sent to pay.
        func agreement(_ hash: String) -> JSONValue {
            guard let payment else { return ["totals_hash": .string(hash)] }
            return ["totals_hash": .string(hash), "payment": payment]
        }
    }

    /// What buyers were told.
    private final class Book: Sendable {
        struct Entry {
            let hash: String
            let total: Int64
            /// Whether somebody asked for it to be paid.
            var isAgreed = false
            var order: String?
        }

        struct Pages {
            var checkouts: [String: Entry] = [:]
            var contradictions: [String] = []
            var answers = 0
        }

        private let pages = Mutex(Pages())
        var now: Pages { pages.withLock { $0 } }

        /// Notes an answer; returns how many came in all.
        func note(_ body: (inout Pages) -> Void) -> Int {
            pages.withLock { pages in
                body(&pages)
                pages.answers += 1
                return pages.answers
            }
        }

        /// An order was told for a checkout: always the same.
        func ordered(_ checkout: String, _ order: String) -> Int {
            note { pages in
                if let before = pages.checkouts[checkout]?.order, before != order {
                    pages.contradictions.append("\(checkout) became \(before) and then \(order)")
                }
                pages.checkouts[checkout]?.order = order
            }
        }
    }

    @Test func `a server killed while buyers pay makes of each checkout one order, one charge and one sale`()
        async throws
    {
        try await blocking {
            let scratch = try Scratch()
            let told = try run(.test, in: scratch, kills: Self.kills(standard: 20), answers: 20...120)
            let charges = try Database(path: scratch.path + "/cournot.db", options: .readOnly)
                .prepare("SELECT count(*) FROM test_payments")
            #expect(try charges.step())
            #expect(try charges.int64(0) == Int64(told.checkouts.values.count { $0.order != nil }))
        }
    }

    /// localstripe takes a request again as a new one, whatever its Idempotency-Key.
    @Test(arguments: ["SQLite", "PostgreSQL"])
    func `with a provider that knows no idempotency each checkout is charged once all the same`(engine: String)
        async throws
    {
        let database = engine == "SQLite" ? nil : try await PostgresServer.shared().database()
        try await blocking {
            let scratch = try Scratch()
            let stripe = try LocalStripe(in: scratch)
            let method = try stripe.paymentMethod("4242424242424242")
            var environment = stripe.environment
            if let database { environment["DATABASE_URL"] = database }
            let told = try run(
                .stripe(stripe, method: method), in: scratch, environment: environment,
                kills: Self.kills(standard: 4), answers: 8...40)
            var charges: [String: [JSONValue]] = [:]
            var idle = 0
            for intent in try stripe.intents() {
                guard intent["status"] == "succeeded" else {
                    idle += 1
                    continue
                }
                charges[intent["metadata"]?["cournot_checkout"]?.string ?? "", default: []].append(intent)
            }
            for (checkout, entry) in told.checkouts where entry.order != nil {
                let made = charges.removeValue(forKey: checkout) ?? []
                #expect(made.count == 1 && made.first?["amount"]?.int64 == entry.total, "\(checkout)")
            }
            #expect(charges.isEmpty, "charged and not ordered")
            print("\(engine): \(idle) intents were begun and never confirmed")
        }
    }

    /// Buys and kills, and returns what buyers were told when all was settled.
    private func run(
        _ till: Till, in scratch: Scratch, environment: [String: String] = [:], kills: Int, answers: ClosedRange<Int>
    ) throws -> Book.Pages {
        let book = Book()
        var random = Seeded(2_026)
        var server = try RunningCournot(environment: environment, in: scratch)
        let shop = try Shop(in: scratch, port: server.port, environment: environment)
        var interrupted = 0
        for round in 0..<kills {
            let count = book.now.answers + Int.random(in: answers, using: &random)
            buy(server, shop, book, till, round: round, killAfter: count)
            #expect(server.process.wait() == 128 + SIGKILL)
            server = try RunningCournot(environment: environment, in: scratch)
            var client = try HTTPClient(port: server.port)
            while try client.get("/ready").status != 200 {}
            interrupted += try settle(&client, shop, book, till, &random)
        }
        let told = book.now
        #expect(told.contradictions.isEmpty)
        // Of few kills none may find anybody paying.
        #expect(interrupted > 0 || kills < 50, "some were paying when the server died")
        try check(server, shop, till, told)
        server.process.send(SIGTERM)
        #expect(server.process.wait() == 0)
        print("\(kills) kills: \(told.checkouts.count) checkouts, \(interrupted) interrupted while they were paid")
        return told
    }

    /// Buyers ask, agree and pay until one of them, at a given count of answers, kills the server under all.
    private func buy(
        _ server: RunningCournot, _ shop: Shop, _ book: Book, _ till: Till, round: Int, killAfter: Int
    ) {
        onThreads(Self.threads) { thread in
            do throws(HTTPClient.Broken) {
                var client = try HTTPClient(port: server.port)
                var number = 0
                while true {
                    number += 1
                    let quote = try client.post(
                        "/api/v1/quotes", key: shop.agent, shop.question("r\(round)-t\(thread)-\(number)"))
                    guard let id = quote.json["id"] else { continue }
                    let made = try client.post(
                        "/api/v1/checkouts", key: shop.agent,
                        ["lines": [["quote": id, "quantity": .integer(Int64(number % 3 + 1))]]])
                    guard let checkout = made.json["id"]?.string, let hash = made.json["totals_hash"]?.string,
                        let total = made.json["totals"]?["total"]?["amount"]?.int64
                    else { continue }
                    var entry = Book.Entry(hash: hash, total: total)
                    entry.isAgreed = true
                    let agreed = entry
                    if book.note({ $0.checkouts[checkout] = agreed }) == killAfter { server.process.send(SIGKILL) }
                    let done = try client.post(
                        "/api/v1/checkouts/\(checkout)/complete", key: shop.agent, till.agreement(hash))
                    guard done.status == 200, let order = done.json["order"]?["id"]?.string else { continue }
                    if book.ordered(checkout, order) == killAfter { server.process.send(SIGKILL) }
                }
            } catch {
                // The server is gone: what it answered is in the book.
            }
        }
    }

    /// Everybody whose answer was lost looks, or asks again, or both; what was ordered stays ordered.
    ///
    /// - Returns: how many checkouts were found half paid.
    private func settle(
        _ client: inout HTTPClient, _ shop: Shop, _ book: Book, _ till: Till, _ random: inout Seeded
    ) throws -> Int {
        var interrupted = 0
        for (checkout, entry) in book.now.checkouts.sorted(by: { $0.key < $1.key }) where entry.isAgreed {
            if let order = entry.order {
                // Most were looked at in an earlier round.
                guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
                let known = try client.get("/api/v1/checkouts/\(checkout)", key: shop.agent)
                #expect(known.json["order"]?["id"]?.string == order, "\(known.text)")
                continue
            }
            if Int.random(in: 0..<4, using: &random) > 0 {
                let seen = try client.get("/api/v1/checkouts/\(checkout)", key: shop.agent)
                #expect(seen.status == 200)
                if seen.json["status"] != "open" { interrupted += 1 }
                if let order = seen.json["order"]?["id"]?.string { _ = book.ordered(checkout, order) }
            }
            let done = try client.post(
                "/api/v1/checkouts/\(checkout)/complete", key: shop.agent, till.agreement(entry.hash))
            #expect(done.status == 200, "\(done.text)")
            if let order = done.json["order"]?["id"]?.string { _ = book.ordered(checkout, order) }
        }
        return interrupted
    }

    /// Orders, charges and counts are those of the buyers, each once.
    private func check(_ server: RunningCournot, _ shop: Shop, _ till: Till, _ told: Book.Pages) throws {
        var client = try HTTPClient(port: server.port)
        var orders: [String: String] = [:]
        var path = "/api/v1/orders?limit=200"
        while true {
            let page = try client.get(path, key: shop.merchant).json
            for order in page["data"]?.array ?? [] {
                guard let id = order["id"]?.string, let checkout = order["checkout"]?.string else { continue }
                #expect(orders.updateValue(id, forKey: checkout) == nil, "\(checkout) was ordered twice")
                switch till {
                case .test: #expect(order["payment"]?.string == "test_\(checkout)-1")
                case .stripe: #expect(order["payment"]?.string?.hasPrefix("pi_") == true)
                }
                #expect(order["totals"]?["total"]?["amount"]?.int64 == told.checkouts[checkout]?.total)
                #expect(order["uncounted"]?.array?.isEmpty == true)
            }
            guard let cursor = page["next_cursor"]?.string else { break }
            path = "/api/v1/orders?limit=200&cursor=" + cursor
        }
        #expect(orders == told.checkouts.compactMapValues(\.order))
        let export = try client.get(
            "/api/v1/experiments/\(shop.experiment)/export?format=ndjson", key: shop.merchant)
        var counted: Int64 = 0
        var gross: Int64 = 0
        for line in export.text.split(separator: "\n") {
            let unit = try JSONValue(parsing: Array(line.utf8))
            counted += unit["orders"]?.int64 ?? 0
            gross += unit["gross"]?.int64 ?? unit["gross"]?["amount"]?.int64 ?? 0
        }
        #expect(counted == Int64(orders.count))
        #expect(gross == told.checkouts.values.reduce(0) { $0 + ($1.order == nil ? 0 : $1.total) })
    }
}
