import JSON
import PricingAPI
import SeedSupport
import Testing

/// Answers that are kept as they were made.
@Suite struct RenderedQuoteTests {
    /// Two doors to one shop: one keeps answers, the other makes each anew.
    private struct Doors {
        let kept: Shop
        let plain: World

        init() async throws {
            let world = try await World()
            plain = try world.beside { $0.keepsAnswers = false }
            kept = try await world.tenant()
        }

        /// Asks until the answer is kept, then at both doors; what both said.
        func ask(_ body: String, key: String? = nil) async throws -> (kept: Told, plain: Told) {
            let key = key ?? kept.merchant
            func told(_ world: World) async throws -> Told {
                try await world.call("POST", "/api/v1/quotes", key: key, body)
            }
            for _ in 0..<3 { _ = try await told(kept.world) }
            return (try await told(kept.world), try await told(plain))
        }
    }

    private static let details = [
        "", "", #","attributes":{"country":"US","region":"NY"}"#, #","quantity":3"#, #","expose":false"#,
    ]

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a kept answer is to the byte the one that would be made, whatever has changed since`(
        _ seed: UInt64
    ) async throws {
        let doors = try await Doors()
        let shop = doors.kept
        let id = try await shop.running()
        let other = Shop.product.replacingOccurrences(of: "sku-1", with: "sku-2")
        #expect(try await shop.post("/products", other).status == 201)
        var random = SplitMix(seed)
        var seen: Set<[UInt8]> = []
        for step in 0..<300 {
            switch Int.random(in: 0..<14, using: &random) {
            case 0: shop.world.clock.advance(by: .seconds(Int.random(in: -1200...1200, using: &random)))
            case 1: _ = try await shop.patch("/products/sku-1", #"{"title":"Mug \#(step)"}"#)
            case 2:
                let price = Int.random(in: 1800...2100, using: &random)
                _ = try await shop.patch("/products/sku-1", #"{"list_price":{"amount":\#(price),"currency":"USD"}}"#)
            case 3: _ = try await shop.post("/experiments/\(id)/\(step.isMultiple(of: 2) ? "pause" : "resume")")
            case 4:
                let (a, b) = (Int.random(in: 0..<6, using: &random), Int.random(in: 0..<6, using: &random))
                _ = try await shop.post("/identities", #"{"shoppers":["s-\#(a)","s-\#(b)"]}"#)
            case 5:
                let settings = step.isMultiple(of: 2) ? #"{"prices":"experiments"}"# : #"{"prices":"personal_data"}"#
                _ = try await shop.world.call("PUT", "/api/v1/disclosure", key: shop.merchant, settings)
            default:
                let shopper = "s-\(Int.random(in: 0..<6, using: &random))"
                let more = Self.details[Int.random(in: Self.details.indices, using: &random)]
                let sku = Int.random(in: 1...2, using: &random)
                let told = try await doors.ask(#"{"shopper":"\#(shopper)","product":"sku-\#(sku)"\#(more)}"#)
                #expect(told.kept.status == told.plain.status && told.kept.bytes == told.plain.bytes, "step \(step)")
                if told.kept.status == 200 { seen.insert(told.kept.bytes) }
            }
        }
        #expect(seen.count > 20)
    }

    @Test func `a shopper's own session and an agent are each told what is theirs`() async throws {
        let doors = try await Doors()
        let shop = doors.kept
        _ = try await shop.running()
        let opened = try await shop.world.call("POST", "/api/v1/sessions", key: shop.agent, #"{"shopper":"s-1"}"#)
        let session = try #require(opened["session"]?.string)
        let question = #"{"shopper":"s-1","product":"sku-1"}"#
        for key in [shop.agent, session, shop.agent, session] {
            let told = try await doors.ask(question, key: key)
            #expect(told.kept.status == 200 && told.kept.bytes == told.plain.bytes)
            #expect((told.kept["token"] == nil) == (key == session))
        }
    }
}
