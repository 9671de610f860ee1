import JSON
import Testing

@Suite struct DecisionTests {
    /// Lets shoppers hear their price, and all of one variant and a few of the other buy.
    private func sell(_ shop: Shop, _ numbers: Range<Int>, best: Int64 = 2499) async throws {
        for number in numbers {
            let quote = try await shop.quote("s-\(number)")
            let isBest = quote["price", "amount"]?.int64 == best
            guard number % 10 < (isBest ? 8 : 2) else { continue }
            let id = try #require(quote["id"]?.string)
            let body = """
                {"id":"sale-\(number)","type":"conversion","shopper":"s-\(number)","quote":"\(id)",\
                "order":"o-\(number)","timestamp":"\(shop.world.clock.now())"}
                """
            let told = try await shop.post("/events", "[\(body)]")
            try #require(told.status == 200 && told["accepted"] == 1, "\(told.text)")
        }
    }

    @Test func `a recommendation is taken as it is, with the report it was read from`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        try await sell(shop, 0..<400)
        let report = try await shop.get("/experiments/\(id)/report")
        #expect(report["recommendation", "action"] == "ship")
        let asOf = try #require(report["as_of"]?.string)
        // What comes between looking and deciding changes nothing of what was looked at.
        try await sell(shop, 400..<420)
        let decided = try await shop.post("/experiments/\(id)/decision", #"{"policy":true,"as_of":"\#(asOf)"}"#)
        #expect(decided.status == 201, "\(decided.text)")
        #expect(decided["action"] == "ship" && decided["variant"] == "higher" && decided["origin"] == "policy")
        #expect(decided["reason"] == report["recommendation", "sentence"])
        #expect(decided["evidence", "as_of"]?.string == asOf)
        #expect(decided["evidence", "input_hash"] == report["input_hash"])
        #expect(decided["evidence", "engine_version"] == report["engine_version"])
        let told = try #require(report["metrics", "0", "comparisons", "0"])
        let kept = try #require(decided["evidence", "findings", "0"])
        #expect(kept["difference"] == told["difference"] && kept["interval"] == told["confidence_sequence"])
        #expect(kept["probability_better"] == told["probability_better"])
        #expect(kept["expected_loss"] == told["expected_loss"])
        #expect(try await shop.get("/experiments/\(id)")["status"] == "running")
        #expect(try await shop.get("/audit?limit=1")["data", "0", "action"] == "experiment.decide")
        let again = try await shop.get("/experiments/\(id)/report?as_of=\(asOf)")
        #expect(again.bytes == report.bytes, "the frozen counts are there still")
    }

    @Test func `shoppers of later days say who was right, and the last decision stands`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        try await sell(shop, 0..<400)
        #expect(
            try await shop.post(
                "/experiments/\(id)/decision", #"{"action":"stop","variant":"higher","reason":"I do not believe it"}"#
            ).status == 201)
        #expect(try await shop.post("/experiments/\(id)/decision", #"{"policy":true}"#).status == 201)
        #expect(try await shop.post("/experiments/\(id)/decision", #"{"action":"continue"}"#).status == 201)
        let now = try await shop.get("/experiments/\(id)/decisions")
        #expect(now["data"]?.array?.compactMap { $0["action"]?.string } == ["continue", "ship", "stop"])
        #expect(now["data"]?.array?.compactMap { $0["score"]?["verdict"]?.string } == ["open", "open", "open"])
        #expect(now["data", "0", "score", "reason"] == "no_claim")
        #expect(now["data", "1", "score", "reason"] == "too_few_shoppers")

        shop.world.clock.advance(by: .seconds(86_400))
        try await sell(shop, 400..<800)
        let later = try await shop.world.call("GET", "/api/v1/decisions?limit=2", key: shop.analyst)
        #expect(later["data", "1", "score", "verdict"] == "right")
        #expect(later["data", "1", "score", "basis"] == "later_shoppers")
        #expect(later["data", "1", "score", "n"] == 400)
        let cursor = try #require(later["next_cursor"]?.string)
        let rest = try await shop.get("/decisions?limit=2&cursor=\(cursor)")
        #expect(rest["data", "0", "score", "verdict"] == "wrong" && rest["next_cursor"] == .null)
        let accuracy = try await shop.get("/decisions/accuracy")
        #expect(accuracy["decisions"] == 3 && accuracy["whole"] == true)
        #expect(accuracy["all", "scored"] == 1 && accuracy["policy", "right"] == 1)
        #expect(accuracy["person", "scored"] == 0 && accuracy["person", "share"] == .null)
        #expect(accuracy["open"]?.array?.compactMap { $0["reason"]?.string } == ["no_claim", "superseded"])
    }

    @Test func `a decision completes the experiment if it says so, and a repeated request decides once`() async throws {
        let shop = try await World().tenant()
        let id = try await shop.running()
        try await sell(shop, 0..<20)
        let body = #"{"action":"inconclusive","reason":"Too slow","complete":true}"#
        let first = try await shop.post("/experiments/\(id)/decision", body, headers: [("Idempotency-Key", "k")])
        #expect(first.status == 201 && first["completes"] == true)
        #expect(try await shop.get("/experiments/\(id)")["status"] == "completed")
        #expect(try await shop.get("/audit?limit=1")["data", "0", "action"] == "experiment.decide_and_complete")
        let second = try await shop.post("/experiments/\(id)/decision", body, headers: [("Idempotency-Key", "k")])
        #expect(second.bytes == first.bytes && second.header("idempotent-replayed") == "true")
        #expect(try await shop.get("/experiments/\(id)/decisions")["data"]?.array?.count == 1)
        // It cannot end twice, and then nothing is decided either.
        #expect(try await shop.post("/experiments/\(id)/decision", body)["code"] == "wrong_state")
        #expect(try await shop.get("/experiments/\(id)/decisions")["data"]?.array?.count == 1)
    }

    @Test func `what cannot be decided is refused, each fault at its place`() async throws {
        let shop = try await World().tenant()
        let draft = try await shop.draft()
        #expect(
            try await shop.post("/experiments/\(draft)/decision", #"{"action":"continue"}"#)["code"] == "wrong_state")
        try #require(try await shop.post("/experiments/\(draft)/start").status == 200)
        let path = "/experiments/\(draft)/decision"
        for (body, pointers) in [
            ("{}", ["/action"]), (#"{"action":"guess"}"#, ["/action"]), (#"{"action":"ship"}"#, ["/variant"]),
            (#"{"action":"ship","variant":"cheaper"}"#, ["/variant"]),
            (#"{"action":"stop","variant":"control"}"#, ["/variant"]),
            (#"{"action":"continue","variant":"higher","complete":true}"#, ["/variant", "/complete"]),
            (#"{"policy":true,"action":"ship","variant":"higher"}"#, ["/action", "/variant"]),
            (#"{"action":"continue","reason":"\#(String(repeating: "x", count: 2001))"}"#, ["/reason"]),
            (#"{"action":"continue","as_of":"today"}"#, ["/as_of"]),
        ] {
            let told = try await shop.post(path, body)
            #expect(told.status == 422, "\(body)")
            #expect(told.pointers == pointers, "\(body)")
        }
        // Nobody came: the recommendation is to go on, which completes nothing.
        #expect(try await shop.post(path, #"{"policy":true,"complete":true}"#)["code"] == "decision_continues")
        let never = #"{"policy":true,"as_of":"2020-01-01T00:00:00Z"}"#
        #expect(try await shop.post(path, never)["code"] == "no_report")
        let analyst = try await shop.world.call("POST", "/api/v1" + path, key: shop.analyst, #"{"policy":true}"#)
        #expect(analyst.status == 403)
        #expect(try await shop.get("/decisions?cursor=eA")["code"] == "invalid_parameter")
        #expect(try await shop.get("/decisions")["data"]?.array?.isEmpty == true)
        let stranger = try await shop.world.tenant("Other")
        #expect(try await stranger.post(path, #"{"policy":true}"#).status == 404)
        #expect(try await stranger.get("/experiments/\(draft)/decisions").status == 404)
    }
}
