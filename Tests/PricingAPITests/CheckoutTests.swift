import AgentRuntime
import Experiments
import JSON
import Testing

@Suite struct CheckoutTests {
    /// A checkout of one shopper's quote.
    private func checkout(_ shop: Shop, _ shopper: String = "s-1", quantity: Int = 1) async throws -> Told {
        let quote = try #require(try await shop.quote(shopper)["id"]?.string)
        let told = try await shop.agent("/checkouts", #"{"lines":[{"quote":"\#(quote)","quantity":\#(quantity)}]}"#)
        try #require(told.status == 201, "\(told.text)")
        return told
    }

    private func complete(
        _ shop: Shop, _ checkout: Told, token: String? = nil, headers: [(String, String)] = []
    ) async throws -> Told {
        let id = try #require(checkout["id"]?.string)
        let hash = try #require(checkout["totals_hash"]?.string)
        let payment = token.map { #","payment":{"token":"\#($0)"}"# } ?? ""
        return try await shop.agent(
            "/checkouts/\(id)/complete", #"{"totals_hash":"\#(hash)"\#(payment)}"#, headers: headers)
    }

    /// Orders and net revenue, all variants.
    private func reported(_ shop: Shop, _ experiment: String) async throws -> (orders: Int64, revenue: Int64) {
        let export = try await shop.world.service.store.units(
            of: try #require(ExperimentID(experiment)), in: try #require(TenantID(shop.id)), after: nil, limit: 1000)
        return (
            export.reduce(0) { $0 + $1.unit.outcome.orders }, export.reduce(0) { $0 + $1.unit.outcome.revenue }
        )
    }

    @Test func `quotes become an order at the price quoted, and the experiment counts it`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let quote = try await shop.quote("s-1")
        let price = try #require(quote["price", "amount"]?.int64)
        let made = try await checkout(shop, quantity: 3)
        #expect(made["status"] == "open" && made["provider"] == "test" && made["order"] == .null)
        #expect(made["lines", "0", "unit_price"] == quote["price"])
        #expect(made["totals", "total", "amount"]?.int64 == 3 * price)
        #expect(made["expires_at"] == quote["expires_at"])
        let id = try #require(made["id"]?.string)
        #expect(made.header("location") == "/api/v1/checkouts/\(id)")

        let done = try await complete(shop, made, token: "tok_ok")
        #expect(done.status == 200 && done["status"] == "completed", "\(done.text)")
        let order = try #require(done["order", "id"]?.string)
        #expect(done["order", "totals"] == made["totals"] && done["order", "provider"] == "test")
        #expect(done["order", "uncounted"] == [])
        let again = try await complete(shop, made)
        #expect(again.bytes == done.bytes, "asked again it says the same")
        #expect(try await shop.agentGet("/checkouts/\(id)").bytes == done.bytes)
        #expect(try await shop.agentGet("/orders/\(order)")["id"]?.string == order)
        #expect(try await reported(shop, experiment) == (1, 3 * price))
        #expect(try await shop.get("/quotes/\(try #require(quote["id"]?.string))")["state"] == "accepted")
    }

    @Test func `who declines is told so, and the next attempt may succeed`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let made = try await checkout(shop)
        let id = try #require(made["id"]?.string)
        let no = try await complete(shop, made, token: "tok_declined")
        #expect(no.status == 402 && no["code"] == "card_declined")
        #expect(no.header("content-type") == "application/problem+json")
        let open = try await shop.agentGet("/checkouts/\(id)")
        #expect(open["status"] == "open" && open["last_decline", "code"] == "card_declined")
        let strange = try await complete(shop, made, token: "tok_other")
        #expect(strange.status == 402 && strange["code"] == "payment_unknown")
        let unsure = try await complete(shop, made, token: "tok_unknown")
        #expect(unsure.status == 202 && unsure["status"] == "paying" && unsure.header("retry-after") == "1")
        let known = try await shop.agentGet("/checkouts/\(id)")
        #expect(known["status"] == "completed" && known["order"] != .null && known["last_decline"] == .null)
    }

    @Test func `one key is one answer: a checkout, a decline, an order, a refund`() async throws {
        let shop = try await World().tenant()
        let experiment = try await shop.running()
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let body = #"{"lines":[{"quote":"\#(quote)"}]}"#
        let key = [("Idempotency-Key", "k")]
        let made = try await shop.agent("/checkouts", body, headers: key)
        let same = try await shop.agent("/checkouts", body, headers: key)
        #expect(same.bytes == made.bytes && same.header("idempotent-replayed") == "true" && same.status == 201)
        let other = try await shop.agent("/checkouts", #"{"lines":[{"quote":"\#(quote)","quantity":2}]}"#, headers: key)
        #expect(other.status == 422 && other["code"] == "idempotency_mismatch")

        let no = try await complete(shop, made, token: "tok_declined", headers: key)
        let noAgain = try await complete(shop, made, token: "tok_declined", headers: key)
        #expect(no.status == 402 && noAgain.status == 402 && noAgain.bytes == no.bytes)
        #expect(noAgain.header("content-type") == "application/problem+json")
        let next = [("Idempotency-Key", "k-2")]
        let done = try await complete(shop, made, headers: next)
        let doneAgain = try await complete(shop, made, headers: next)
        #expect(done.status == 200 && doneAgain.bytes == done.bytes)
        #expect(doneAgain.header("idempotent-replayed") == "true")

        let order = try #require(done["order", "id"]?.string)
        let part = #"{"amount":{"amount":99,"currency":"USD"},"reason":"Late"}"#
        let back = try await shop.post("/orders/\(order)/refunds", part, headers: key)
        #expect(back.status == 201 && back["status"] == "succeeded" && back["provider"] == "test", "\(back.text)")
        #expect(try await shop.post("/orders/\(order)/refunds", part, headers: key).bytes == back.bytes)
        let total = try #require(made["totals", "total", "amount"]?.int64)
        #expect(try await shop.get("/orders/\(order)")["refunded", "amount"] == 99)
        #expect(try await reported(shop, experiment) == (1, total - 99))
        // Without a key each request is a refund of its own, as far as the money goes.
        #expect(try await shop.post("/orders/\(order)/refunds", part)["id"] != back["id"])
        let rest = try await shop.post("/orders/\(order)/refunds", "{}")
        #expect(rest["amount", "amount"]?.int64 == total - 198)
        let more = try await shop.post("/orders/\(order)/refunds", part)
        #expect(more.status == 422 && more.pointers == ["/amount"])
        #expect(try await reported(shop, experiment) == (1, 0))
    }

    @Test func `nobody names a price, and every fault is told at its place`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let line = #"{"quote":"\#(quote)"}"#
        for (body, pointers) in [
            ("{}", ["/lines"]), (#"{"lines":[]}"#, ["/lines"]), (#"{"lines":[{}]}"#, ["/lines/0/quote"]),
            (
                #"{"lines":[{"quote":"\#(quote)","suggested_price":{"amount":1,"currency":"USD"}}]}"#,
                ["/lines/0/suggested_price"]
            ),
            (#"{"lines":[\#(line)],"suggested_price":1,"total":2}"#, ["/suggested_price", "/total"]),
            (#"{"lines":[{"quote":"\#(quote)","quantity":0}]}"#, ["/lines/0/quantity"]),
            (#"{"lines":[{"quote":"\#(quote)","quantity":100001}]}"#, ["/lines/0/quantity"]),
            (#"{"lines":[{"quote":"\#(quote)","quantity":"2"}]}"#, ["/lines/0/quantity"]),
            (#"{"lines":[\#(line),{"quote":"quo_1"},{"quote":"AQ"}]}"#, ["/lines/1/quote", "/lines/2/quote"]),
            (#"{"lines":[\#(line)],"buyer":{"name":"","country":"DEU","shoe_size":4}}"#, ["/buyer/shoe_size"]),
            (#"{"lines":[\#(line)],"buyer":{"name":"","country":"DEU"}}"#, ["/buyer/name", "/buyer/country"]),
            (#"{"lines":[\#(line)],"provider":"bank"}"#, ["/provider"]),
            (#"{"lines":[\#(Array(repeating: line, count: 101).joined(separator: ","))]}"#, ["/lines"]),
        ] {
            let told = try await shop.agent("/checkouts", body)
            #expect(told.status == 422, "\(body.prefix(200)): \(told.text)")
            #expect(told.pointers == pointers, "\(body.prefix(200))")
        }
        let made = try await checkout(shop)
        let id = try #require(made["id"]?.string)
        let wrong = try await shop.agent("/checkouts/\(id)/complete", #"{"totals_hash":"0"}"#)
        #expect(wrong.status == 409 && wrong["code"] == "totals_changed")
        for (body, pointers) in [
            ("{}", ["/totals_hash"]), (#"{"totals_hash":"0","amount":1}"#, ["/amount"]),
            (#"{"totals_hash":"0","payment":{"card":"4242"}}"#, ["/payment/card"]),
            (#"{"totals_hash":"0","payment":{"return_url":"javascript:alert(1)"}}"#, ["/payment/return_url"]),
        ] {
            let told = try await shop.agent("/checkouts/\(id)/complete", body)
            #expect(told.status == 422 && told.pointers == pointers, "\(body)")
        }
        let done = try await complete(shop, made)
        let order = try #require(done["order", "id"]?.string)
        for (body, pointers) in [
            (#"{"amount":5}"#, ["/amount"]), (#"{"amount":{"amount":0,"currency":"USD"}}"#, ["/amount/amount"]),
            (#"{"amount":{"amount":1,"currency":"EUR"}}"#, ["/amount/currency"]),
            (#"{"amount":{"amount":9999999,"currency":"USD"}}"#, ["/amount/amount"]), (#"{"all":true}"#, ["/all"]),
        ] {
            let told = try await shop.post("/orders/\(order)/refunds", body)
            #expect(told.status == 422 && told.pointers == pointers, "\(body): \(told.text)")
        }
    }

    @Test func `what expired, was canceled or is paid answers as such`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let late = try await checkout(shop)
        let given = try await checkout(shop, "s-2")
        let id = try #require(given["id"]?.string)
        let canceled = try await shop.agent("/checkouts/\(id)/cancel", nil)
        #expect(canceled.status == 200 && canceled["status"] == "canceled")
        #expect(try await shop.agent("/checkouts/\(id)/cancel", "{}").bytes == canceled.bytes)
        let no = try await complete(shop, given)
        #expect(no.status == 409 && no["code"] == "wrong_state")
        let paid = try await checkout(shop, "s-3")
        let done = try await complete(shop, paid)
        let tooLate = try await shop.agent("/checkouts/\(try #require(done["id"]?.string))/cancel", nil)
        #expect(tooLate.status == 409 && tooLate["code"] == "wrong_state")
        shop.world.clock.advance(by: .seconds(30 * 60 + 6))
        let expired = try #require(late["id"]?.string)
        #expect(try await shop.agentGet("/checkouts/\(expired)")["status"] == "expired")
        let gone = try await complete(shop, late)
        #expect(gone.status == 410 && gone["code"] == "quote_expired")
        let old = try #require(late["lines", "0", "quote"]?.string)
        let again = try await shop.agent("/checkouts", #"{"lines":[{"quote":"\#(old)"}]}"#)
        #expect(again.status == 410 && again.pointers == ["/lines/0/quote"])
        #expect(try await complete(shop, paid).status == 200, "what is paid stays paid")
    }

    @Test func `each role has its doors, and another tenant finds nothing behind them`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let made = try await checkout(shop)
        let id = try #require(made["id"]?.string)
        let order = try #require(try await complete(shop, made)["order", "id"]?.string)
        let stranger = try await shop.world.tenant("Other")
        for path in ["/checkouts/\(id)", "/orders/\(order)", "/checkouts/chk_1", "/orders/nothing"] {
            #expect(try await stranger.get(path).status == 404, "\(path)")
        }
        #expect(try await stranger.post("/checkouts/\(id)/cancel").status == 404)
        #expect(try await stranger.post("/orders/\(order)/refunds", "{}").status == 404)
        #expect(try await stranger.post("/checkouts/\(id)/complete", #"{"totals_hash":"0"}"#).status == 404)
        #expect(try await stranger.get("/orders")["data"] == [])
        let quote = try #require(made["lines", "0", "quote"]?.string)
        let theft = try await stranger.post("/checkouts", #"{"lines":[{"quote":"\#(quote)"}]}"#)
        #expect(theft.status == 422 && theft.pointers == ["/lines/0/quote"])
        for key in [shop.analyst, shop.widget] {
            #expect(try await shop.world.call("GET", "/api/v1/orders", key: key).status == 403)
            #expect(try await shop.world.call("POST", "/api/v1/checkouts", key: key, "{}").status == 403)
        }
        #expect(try await shop.agent("/orders/\(order)/refunds", "{}").status == 403)
        #expect(try await shop.agentGet("/orders/\(order)")["refunds"] == [])
    }

    @Test func `orders come newest first, page by page`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        var placed: [String] = []
        for number in 0..<3 {
            shop.world.clock.advance(by: .seconds(1))
            let done = try await complete(shop, try await checkout(shop, "s-\(number)"))
            placed.insert(try #require(done["order", "id"]?.string), at: 0)
        }
        let first = try await shop.get("/orders?limit=2")
        #expect(first["data"]?.array?.compactMap { $0["id"]?.string } == Array(placed.prefix(2)))
        let cursor = try #require(first["next_cursor"]?.string)
        let rest = try await shop.get("/orders?limit=2&cursor=\(cursor)")
        #expect(rest["data", "0", "id"]?.string == placed[2] && rest["next_cursor"] == .null)
        #expect(try await shop.get("/orders?cursor=eA")["code"] == "invalid_parameter")
    }

    @Test func `where nobody takes money nothing is sold, and what was sold can be read`() async throws {
        let shop = try await World(sells: false).tenant()
        _ = try await shop.running()
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let told = try await shop.agent("/checkouts", #"{"lines":[{"quote":"\#(quote)"}]}"#)
        #expect(told.status == 409 && told["code"] == "payments_off", "\(told.text)")
        #expect(try await shop.agentGet("/orders")["data"] == [])
    }
}

extension Shop {
    fileprivate func agent(_ path: String, _ body: String?, headers: [(String, String)] = []) async throws -> Told {
        try await world.call("POST", "/api/v1" + path, key: agent, body, headers: headers)
    }

    fileprivate func agentGet(_ path: String) async throws -> Told {
        try await world.call("GET", "/api/v1" + path, key: agent)
    }
}
