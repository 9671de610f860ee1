public import Experiments
public import Redis

/// Rate limits that all replicas count together, exactly: one script decides on the server, by the server's clock.
public final class RedisRateLimits: SharedRateLimits {
    private let clients: RedisClients

    public init(_ clients: RedisClients) { self.clients = clients }

    /// All ask by one client.
    public convenience init(_ client: RedisClient) {
        let clients = RedisClients()
        clients.attach(client)
        self.init(clients)
    }

    /// `RateLimit.decide` on microseconds, which a Lua number holds exactly for 285 years. Answers whether it is
    /// admitted, how far the arrival time lies ahead, and how much too far it would.
    private static let script = """
        local time = redis.call('TIME')
        local now = time[1] * 1000000 + time[2]
        local arrival = math.max(tonumber(redis.call('GET', KEYS[1]) or 0), now)
        local window = tonumber(ARGV[1])
        local ahead = arrival + tonumber(ARGV[2]) - now
        if ahead > window then return {0, arrival - now, ahead - window} end
        redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', math.ceil(ahead / 1000) + 1000)
        return {1, ahead, 0}
        """

    public func decide(
        _ limit: RateLimit, tenant: TenantID, key: APIKeyID, cost: Int
    ) async -> RateLimit.Verdict? {
        let interval = max(1, limit.interval / 1000)
        let (price, tooDear) = interval.multipliedReportingOverflow(by: UInt64(max(1, cost)))
        guard !tooDear else { return nil }
        let command = RedisCommand(
            "EVAL", Self.script, "1", "{\(tenant)}:limit:\(key)", String(interval * UInt64(limit.perMinute)),
            String(price))
        guard let client = clients.current, let reply = try? await client.send(command), let values = reply.elements,
            values.count == 3,
            let admitted = values[0].integer, let ahead = values[1].integer, let lacking = values[2].integer
        else { return nil }
        return limit.verdict(
            admitted == 1, ahead: UInt64(max(0, ahead)) &* 1000, lacking: UInt64(max(0, lacking)) &* 1000)
    }
}
