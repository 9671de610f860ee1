import Glibc
import JSON
import Synchronization
import Testing

/// `kill -9` while clients are at it, again and again. `COURNOT_KILLS` says how often; 5 unless it is set.
@Suite(.serialized) struct KillTests {
    private static let kills: Int = {
        guard let text = unsafe getenv("COURNOT_KILLS") else { return 5 }
        return Int(unsafe String(cString: text)) ?? 5
    }()
    private static let threads = 4
    private static let salesAtOnce = 5

    @Test func `a killed server has told nobody a second price and has neither lost nor doubled a sale`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let ledger = Ledger()
            var server = try RunningCournot(in: scratch)
            let shop = try Shop(in: scratch, port: server.port)
            var slowest = Duration.zero
            for round in 0..<Self.kills {
                load(server, shop, ledger, round: round, killAfter: ledger.now.answers + 150 + 37 * round)
                #expect(server.process.wait() == 128 + SIGKILL)
                let begun = ContinuousClock.now
                server = try RunningCournot(in: scratch)
                var client = try HTTPClient(port: server.port)
                while try client.get("/ready").status != 200 {}
                slowest = max(slowest, ContinuousClock.now - begun)
                try check(&client, shop, ledger)
            }
            let told = ledger.now
            #expect(told.prices.count > 100 * Self.kills / 2)
            #expect(told.acknowledged.count > 10)
            try checkCounts(server, shop, ledger)
            print(
                "\(Self.kills) kills: \(told.prices.count) shoppers, \(told.acknowledged.count) sales, "
                    + "slowest start to ready \(slowest)")
            server.process.send(SIGTERM)
            #expect(server.process.wait() == 0)
        }
    }

    /// Clients ask and tell until one of them, at a given count of answers, kills the server under all.
    private func load(_ server: RunningCournot, _ shop: Shop, _ ledger: Ledger, round: Int, killAfter: Int) {
        onThreads(Self.threads) { thread in
            do throws(HTTPClient.Broken) {
                var client = try HTTPClient(port: server.port)
                var number = 0
                var sales: [(shopper: String, event: JSONValue)] = []
                while true {
                    let shopper = "r\(round)-t\(thread)-\(number)"
                    number += 1
                    let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper))
                    guard quote.status == 200, let price = quote.json["price"]?["amount"]?.int64,
                        let id = quote.json["id"]?.string, let time = quote.json["issued_at"]?.string
                    else { continue }
                    if ledger.told(shopper, price) == killAfter { server.process.send(SIGKILL) }
                    if number.isMultiple(of: 2) { sales.append((shopper, shop.sale(shopper, quote: id, at: time))) }
                    guard sales.count == Self.salesAtOnce else { continue }
                    ledger.sending(sales)
                    let answer = try client.post("/api/v1/events", key: shop.agent, .array(sales.map(\.event)))
                    if answer.status == 200, ledger.answered(sales) == killAfter { server.process.send(SIGKILL) }
                    sales = []
                }
            } catch {
                // The server is gone: what it answered is in the ledger.
            }
        }
    }

    /// Everybody hears the price again; what was acknowledged is known; what was not is told again.
    private func check(_ client: inout HTTPClient, _ shop: Shop, _ ledger: Ledger) throws {
        let told = ledger.now
        for (shopper, price) in told.prices {
            let quote = try client.post("/api/v1/quotes", key: shop.agent, shop.question(shopper))
            #expect(quote.json["price"]?["amount"]?.int64 == price, "\(shopper): \(quote.text)")
        }
        #expect(told.contradictions.isEmpty)
        let known = try client.post("/api/v1/events", key: shop.agent, .array(Array(told.acknowledged.values)))
        #expect(known.json["duplicates"]?.int64 == Int64(told.acknowledged.count), "\(known.text)")
        let open = told.unanswered.map { (shopper: $0.key, event: $0.value) }
        guard !open.isEmpty else { return }
        let again = try client.post("/api/v1/events", key: shop.agent, .array(open.map(\.event)))
        #expect(again.json["rejected"]?.array?.isEmpty == true, "\(again.text)")
        _ = ledger.answered(open)
    }

    /// The units count each sale once, and at the price told.
    private func checkCounts(_ server: RunningCournot, _ shop: Shop, _ ledger: Ledger) throws {
        var client = try HTTPClient(port: server.port)
        let export = try client.get(
            "/api/v1/experiments/\(shop.experiment)/export?format=ndjson", key: shop.merchant)
        let told = ledger.now
        var orders: Int64 = 0
        var gross: Int64 = 0
        for line in export.text.split(separator: "\n") {
            let unit = try JSONValue(parsing: Array(line.utf8))
            orders += unit["orders"]?.int64 ?? 0
            gross += unit["gross"]?.int64 ?? unit["gross"]?["amount"]?.int64 ?? 0
        }
        #expect(orders == Int64(told.acknowledged.count))
        #expect(gross == told.acknowledged.keys.reduce(0) { $0 + (told.prices[$1] ?? 0) })
    }
}
