import EventLoop
import Experiments
import Redis
import Storage
import Testing

/// What holds of rate limits wherever Redis keeps them.
enum RateLimitCheck {
    /// Two replicas and 64 callers are admitted exactly as often as the limit says.
    static func isExact(at address: RedisAddress) async throws {
        let loop = try EventLoop(label: "limits")
        try loop.start()
        var patient = RedisClient.Limits()
        patient.command = .seconds(30)
        let replicas = try (0..<2).map { _ in RedisRateLimits(try RedisClient(address, on: loop, limits: patient)) }
        let limit = try #require(RateLimit(perMinute: 1000))
        let tenant = TenantID(bits: Bits128(high: 1, low: 2))
        let key = APIKeyID(bits: Bits128(high: 3, low: 4))
        // What flows back while this runs: one every 60 ms.
        let started = ContinuousClock.now
        let admitted = await withTaskGroup(of: Int.self) { group in
            for caller in 0..<64 {
                group.addTask {
                    var count = 0
                    for _ in 0..<40 {
                        let verdict = await replicas[caller % 2].decide(limit, tenant: tenant, key: key, cost: 1)
                        if verdict?.isAdmitted == true { count += 1 }
                    }
                    return count
                }
            }
            return await group.reduce(0, +)
        }
        let flowed = Int((ContinuousClock.now - started) / .milliseconds(60)) + 1
        #expect((1000...1000 + flowed).contains(admitted))
        let other = APIKeyID(bits: Bits128(high: 3, low: 5))
        let fresh = try #require(await replicas[0].decide(limit, tenant: tenant, key: other, cost: 500))
        #expect(fresh.isAdmitted && fresh.remaining == 500 && fresh.retryAfter == 0)
        let dear = try #require(await replicas[1].decide(limit, tenant: tenant, key: other, cost: 1000))
        #expect(!dear.isAdmitted && (20...30).contains(dear.retryAfter))
        await loop.stop()
    }
}
