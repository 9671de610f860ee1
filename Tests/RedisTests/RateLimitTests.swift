import EventLoop
import Experiments
import Redis
import RedisSupport
import Storage
import Testing

@Suite struct RedisRateLimitTests {
    @Test func `two replicas and 64 callers are admitted exactly as often as the limit says`() async throws {
        let server = try RedisServer()
        try await RateLimitCheck.isExact(at: RedisAddress(place: .unix(path: server.socket)))
    }

    @Test func `without Redis nobody decides, and the process counts by itself`() async throws {
        let server = try RedisServer()
        let loop = try EventLoop(label: "limits")
        try loop.start()
        let limits = RedisRateLimits(try RedisClient(RedisAddress(place: .unix(path: server.socket)), on: loop))
        server.crash()
        let limit = try #require(RateLimit(perMinute: 10))
        let tenant = TenantID(bits: Bits128(high: 1, low: 2))
        let key = APIKeyID(bits: Bits128(high: 3, low: 4))
        #expect(await limits.decide(limit, tenant: tenant, key: key, cost: 1) == nil)
        await loop.stop()
    }
}
