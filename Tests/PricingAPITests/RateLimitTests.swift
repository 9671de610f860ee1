import Experiments
import JSON
import SeedSupport
import Synchronization
import Testing

@testable import PricingAPI

@Suite struct RateLimitTests {
    @Test func `a key that asks more often than it may gets 429, when to come again, and others go on`() async throws {
        let world = try await World { $0.rateLimitPerMinute = 3 }
        let shop = try await world.tenant()
        for remaining in ["2", "1", "0"] {
            let told = try await world.call("GET", "/api/v1/tenant", key: shop.merchant)
            #expect(told.status == 200)
            #expect(told.header("RateLimit-Limit") == "3")
            #expect(told.header("RateLimit-Remaining") == remaining)
        }
        let refused = try await world.call("GET", "/api/v1/tenant", key: shop.merchant)
        #expect(refused.status == 429)
        #expect(refused["code"]?.string == "rate_limited")
        #expect(refused.header("RateLimit-Remaining") == "0")
        #expect(refused.header("Retry-After").flatMap { Int($0) }.map { (1...20).contains($0) } == true)
        #expect(try await world.call("GET", "/api/v1/experiments", key: shop.analyst).status == 200)
        #expect(try await world.call("GET", "/health").header("RateLimit-Limit") == nil)
    }

    @Test func `a batch costs what its quotes cost one by one`() async throws {
        let world = try await World { $0.rateLimitPerMinute = 6 }
        let shop = try await world.tenant()
        let quotes = (1...4).map { #"{"shopper":"s-\#($0)","product":"none"}"# }.joined(separator: ",")
        let batch = #"{"quotes":[\#(quotes)]}"#
        #expect(try await world.call("POST", "/api/v1/quotes/batch", key: shop.agent, batch).status == 200)
        #expect(try await world.call("POST", "/api/v1/quotes/batch", key: shop.agent, batch).status == 429)
        #expect(try await world.call("GET", "/api/v1/prices/none?shopper=s", key: shop.agent).status == 404)
    }

    /// A common count that answers until it is told not to.
    private final class CommonCount: SharedRateLimits {
        private let state = Mutex((arrival: UInt64(0), isGone: false))

        func end() { state.withLock { $0.isGone = true } }
        func comeBack() { state.withLock { $0.isGone = false } }

        func decide(_ limit: RateLimit, tenant: TenantID, key: APIKeyID, cost: Int) async -> RateLimit.Verdict? {
            state.withLock { $0.isGone ? nil : limit.decide(&$0.arrival, cost: cost, at: 1_000_000_000) }
        }
    }

    @Test func `without the common count a replica has its part of the limit, less what it admitted before`()
        async throws
    {
        let count = CommonCount()
        let world = try await World {
            $0.rateLimitPerMinute = 10
            $0.replicas = 2
            $0.sharedRateLimits = count
        }
        let shop = try await world.tenant()
        func ask() async throws -> Int { try await world.call("GET", "/api/v1/tenant", key: shop.merchant).status }
        for _ in 0..<3 { #expect(try await ask() == 200) }
        count.end()
        for _ in 0..<2 { #expect(try await ask() == 200) }
        #expect(try await ask() == 429)
    }

    @Test func `what a replica admitted while the common count did not answer is counted there afterwards`()
        async throws
    {
        let count = CommonCount()
        let world = try await World {
            $0.rateLimitPerMinute = 10
            $0.replicas = 2
            $0.sharedRateLimits = count
        }
        let shop = try await world.tenant()
        var admitted = 0
        func ask(_ times: Int) async throws {
            for _ in 0..<times {
                if try await world.call("GET", "/api/v1/tenant", key: shop.merchant).status == 200 { admitted += 1 }
            }
        }
        try await ask(2)
        count.end()
        try await ask(2)
        count.comeBack()
        try await ask(1)
        count.end()
        try await ask(20)
        #expect(admitted == 5, "its part of the limit")
        count.comeBack()
        try await ask(20)
        #expect(admitted == 10)
    }

    @Test func `a limit admits exactly its number at once, and one more an interval later`() throws {
        let limit = try #require(RateLimit(perMinute: 1000))
        var arrival: UInt64 = 0
        let start: UInt64 = 5_000_000_000
        let admitted = (0..<5000).filter { _ in limit.decide(&arrival, at: start).isAdmitted }.count
        #expect(admitted == 1000)
        #expect(!limit.decide(&arrival, at: start + 59_999_999).isAdmitted)
        #expect(limit.decide(&arrival, at: start + 60_000_000).isAdmitted)
        #expect(!limit.decide(&arrival, at: start + 60_000_000).isAdmitted)
    }

    @Test(arguments: [1, 7, 60, 59_999, 60_000_000])
    func `over any stretch no more is admitted than the burst and what flowed back`(perMinute: Int) throws {
        let limit = try #require(RateLimit(perMinute: perMinute))
        var random = Seeded(UInt64(perMinute))
        var arrival: UInt64 = 0
        var now: UInt64 = 1_000_000_000_000
        let start = now
        var admitted = 0.0
        for _ in 0..<2000 {
            now += UInt64.random(in: 0...(120_000_000_000 / UInt64(perMinute)), using: &random)
            let verdict = limit.decide(&arrival, at: now)
            if verdict.isAdmitted { admitted += 1 }
            #expect(verdict.isAdmitted == (verdict.retryAfter == 0))
            // The interval is whole nanoseconds, so that what flows back may be this little faster.
            let flowed = Double(now - start) / Double(60_000_000_000 / UInt64(perMinute))
            #expect(admitted <= Double(perMinute) + flowed + 1)
        }
    }

    @Test func `no limit is out of range`() {
        #expect(RateLimit(perMinute: 0) == nil)
        #expect(RateLimit(perMinute: 60_000_001) == nil)
    }
}
