import JSON
import Testing

@Suite struct EventTests {
    private static func event(_ id: String, _ more: String = #""type":"conversion","product":"sku-1""#) -> String {
        #"{"id":"\#(id)","shopper":"s-1","timestamp":"2026-09-21T14:13:20Z",\#(more)}"#
    }

    @Test func `each event is accepted, known, or refused with its reason`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        _ = try await shop.quote("s-1")
        let batch = [
            Self.event("e-1"), Self.event("e-1"), Self.event("e-2", #""type":"conversion""#),
            Self.event("e-3", #""type":"conversion","product":"no""#),
            Self.event("e-4", #""type":"conversion","product":"sku-1","prodct":1"#),
            Self.event("e-5", #""type":"conversion","product":"sku-1","revenue":{"amount":1.5,"currency":"USD"}"#),
            "7",
        ].joined(separator: ",")
        let told = try await shop.post("/events", "[\(batch)]")
        #expect(told.status == 200)
        #expect(told["accepted"] == 1)
        #expect(told["duplicates"] == 1)
        #expect(told["rejected"]?.array?.map { $0["index"] } == [2, 3, 4, 5, 6])
        #expect(
            told["rejected"]?.array?.map { $0["code"] }
                == ["invalid", "product_not_found", "invalid", "invalid", "invalid"])
        #expect(told["rejected", "2", "detail"] == "/prodct: Unknown key. Did you mean \"product\"?")
        let again = try await shop.post("/events", "[\(Self.event("e-1", #""type":"odd!""#))]")
        #expect(again["duplicates"] == 1)
    }

    @Test func `a line that is no JSON spoils only itself`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let lines = [Self.event("e-1"), "{", "", Self.event("e-2")].joined(separator: "\n")
        let told = try await shop.world.call(
            "POST", "/api/v1/events", key: shop.agent, lines, type: "application/x-ndjson; charset=utf-8")
        #expect(told["accepted"] == 2)
        #expect(told["rejected", "0", "index"] == 1)
    }

    @Test func `more than 10,000 events are refused whole`() async throws {
        let shop = try await World().tenant()
        let lines = [String](repeating: "{}", count: 10_001).joined(separator: "\n")
        let told = try await shop.world.call(
            "POST", "/api/v1/events", key: shop.agent, lines, type: "application/x-ndjson")
        #expect(told.status == 413)
        #expect(told["code"] == "too_many_events")
    }

    @Test func `what was quoted is what counts, and the quote knows it`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        let quote = try #require(try await shop.quote("s-1")["id"]?.string)
        let told = try await shop.post(
            "/events", "[\(Self.event("e-1", #""type":"conversion","quote":"\#(quote)","order":"o-1""#))]")
        #expect(told["accepted"] == 1)
        #expect(try await shop.get("/quotes/\(quote)")["state"] == "accepted")
    }

    @Test func `two ids made one hear one price`() async throws {
        let shop = try await World().tenant()
        _ = try await shop.running()
        var names: [String: String] = [:]
        for n in 0..<20 {
            shop.world.clock.advance(by: .seconds(1))
            let variant = try #require(try await shop.quote("s-\(n)")["experiment", "variant"]?.string)
            names[variant] = names[variant] ?? "s-\(n)"
        }
        let a = try #require(names["control"])
        let b = try #require(names["higher"])
        let earlier = Int(a.dropFirst(2)) ?? 0 < Int(b.dropFirst(2)) ?? 0 ? a : b
        let price = try await shop.quote(earlier)["price"]
        for _ in 0..<2 {
            let told = try await shop.post("/identities", #"{"shoppers":["\#(a)","\#(b)"]}"#)
            #expect(told.status == 200)
            #expect(told["linked"] == true)
        }
        #expect(try await shop.quote(a)["price"] == price)
        #expect(try await shop.quote(b)["price"] == price)
    }
}
