internal import EventLoop
public import Experiments
internal import Redis
internal import Synchronization

/// Told offers in Redis, one hash a shopper: `{tenant}:offers:subject`, its fields the SKUs; for five minutes, and for a day what
/// was told without the store.
///
/// Each value is sealed for its place (`QuoteSeal`), so that whatever else stands there is a miss. The field ``mark``
/// changes whenever the shopper is forgotten: what was asked before is not kept after.
public final class RedisAssignments: AssignmentCache {
    private let clients: RedisClients
    /// What is to be kept, by client, until the turn of its loop ends or something is asked.
    private let waiting = Mutex<[ObjectIdentifier: [KeptOffer]]>([:])

    /// A control character, which no SKU has.
    static let mark = "\u{1}"
    private static let changeSeconds = "10"

    public init(_ clients: RedisClients) { self.clients = clients }

    /// Who is asked here; what was kept before is there before the answer.
    private func clientToAsk() -> RedisClient? {
        guard let client = clients.current else { return nil }
        send(to: client)
        return client
    }

    // MARK: Keeping

    /// Shoppers who are kept by one script: Redis serves nobody else meanwhile.
    private static let mostTogether = 64

    public func keep(_ offers: [CacheEntry], in snapshot: TenantSnapshot) {
        guard let client = clients.current else { return }
        let isFirst = waiting.withLock { waiting in
            let isFirst = waiting[ObjectIdentifier(client)] == nil
            for offer in offers {
                waiting[ObjectIdentifier(client), default: []].append(KeptOffer(offer, in: snapshot))
            }
            return isFirst
        }
        // Whoever was told in the same turn of the store is kept by the same script.
        if isFirst { client.loop.execute { [self] in send(to: client) } }
    }

    private func send(to client: RedisClient) {
        guard var kept = waiting.withLock({ $0.removeValue(forKey: ObjectIdentifier(client)) })?[...] else { return }
        while let first = kept.first {
            let together = kept.prefix(Self.mostTogether).prefix { $0.isKept(with: first) }
            client.submit(KeptOffer.command(together)) { _ in }
            kept = kept.dropFirst(together.count)
        }
    }

    // MARK: Asking

    public func find(_ places: [CachedPlace], in snapshot: TenantSnapshot) async -> [CachedOffer]? {
        let commands = places.map { Self.question(about: $0, of: snapshot.tenant.id) }
        let replies = await replies(to: commands).compactMap { try? $0.get() }
        guard replies.count == places.count else { return nil }
        return zip(places, replies).map { Self.offer($0, $1, in: snapshot) }
    }

    public func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool {
        guard let client = clientToAsk(), client.loop.isCurrent else { return false }
        client.submit(Self.question(about: place, of: snapshot.tenant.id)) { result in
            switch result {
            case .success(let reply): done(Self.offer(place, reply, in: snapshot))
            // A failure may be told in the middle of whoever sends something else: never run others' work from there.
            case .failure: client.loop.runNextTurn { done(nil) }
            }
        }
        return true
    }

    private static func question(about place: CachedPlace, of tenant: TenantID) -> RedisCommand {
        let product = place.product.text
        var command = RedisCommand(arguments: 4, bytes: 6 + RedisKeys.offersLength + product.utf8.count)
        command.append("HMGET")
        command.append(count: RedisKeys.offersLength) { RedisKeys.appendOffers(of: place.subject, tenant, to: &$0) }
        command.append(product)
        command.append(mark)
        return command
    }

    private static func offer(_ place: CachedPlace, _ reply: RedisValue, in snapshot: TenantSnapshot) -> CachedOffer {
        guard case .array(let values) = reply, values.count == 2 else { return CachedOffer(offer: nil, ticket: []) }
        return CachedOffer(
            offer: values[0].bytes.flatMap { snapshot.seal.open($0, for: place, of: snapshot.tenant.id) },
            ticket: values[1].bytes ?? [])
    }

    private typealias Reply = Result<RedisValue, RedisError>

    /// In order.
    private nonisolated(nonsending) func replies(to commands: [RedisCommand]) async -> [Reply] {
        guard let client = clientToAsk(), !commands.isEmpty else {
            return commands.map { _ in .failure(.unavailable("no client on this loop")) }
        }
        return await withCheckedContinuation { continuation in
            let gathered = Gathered(commands.count, continuation)
            for (index, command) in commands.enumerated() {
                client.submit(command) { gathered.take(index, $0) }
            }
        }
    }

    private final class Gathered: Sendable {
        private let state: Mutex<(replies: [Reply], missing: Int)>
        private let continuation: CheckedContinuation<[Reply], Never>

        init(_ count: Int, _ continuation: CheckedContinuation<[Reply], Never>) {
            state = Mutex(([Reply](repeating: .failure(.lost), count: count), count))
            self.continuation = continuation
        }

        func take(_ index: Int, _ reply: Reply) {
            let done = state.withLock { state in
                state.replies[index] = reply
                state.missing -= 1
                return state.missing == 0 ? state.replies : nil
            }
            if let done { continuation.resume(returning: done) }
        }
    }

    private static let forgetScript = """
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], '\(mark)', ARGV[1])
        redis.call('EXPIRE', KEYS[1], 600)
        return 1
        """

    public func forget(_ subjects: [Subject], of tenant: TenantID) async {
        let commands = subjects.map { subject in
            RedisCommand(
                "EVAL", Self.forgetScript, "1", RedisKeys.offers(of: subject, tenant),
                String(UInt64.random(in: 0 ... .max), radix: 36))
        }
        _ = await replies(to: commands)
    }

    // MARK: Without the store

    public func announceChange(of tenant: TenantID) async {
        _ = await replies(to: [RedisCommand("SET", RedisKeys.change(tenant), "1", "EX", Self.changeSeconds)])
    }

    private static let claimScript = """
        if redis.call('GET', KEYS[2]) ~= ARGV[4] or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
        if (redis.call('HGET', KEYS[1], '\(mark)') or '') ~= ARGV[1] then return 0 end
        local known = redis.call('HGET', KEYS[1], ARGV[2])
        if known then return known end
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        redis.call('EXPIRE', KEYS[1], 86400)
        return 1
        """

    public func claim(_ entries: [CacheEntry], in snapshot: TenantSnapshot) async -> [CacheClaim] {
        let tenant = snapshot.tenant.id
        let (version, change, number) = (RedisKeys.version(tenant), RedisKeys.change(tenant), String(snapshot.version))
        let commands = entries.map { entry in
            var command = RedisCommand(arguments: 10, bytes: Self.claimScript.utf8.count + 512)
            command.append("EVAL")
            command.append(Self.claimScript)
            command.append("3")
            command.append(count: RedisKeys.offersLength) {
                RedisKeys.appendOffers(of: entry.place.subject, tenant, to: &$0)
            }
            command.append(version)
            command.append(change)
            command.append(entry.ticket)
            command.append(entry.place.product.text)
            command.append(snapshot.seal.seal(entry.offer, for: entry.place, of: tenant))
            command.append(number)
            return command
        }
        return zip(entries, await replies(to: commands)).map { entry, reply in
            switch reply {
            case .success(.integer(1)): return .granted
            case .success(let value):
                return value.bytes.flatMap { snapshot.seal.open($0, for: entry.place, of: tenant) }.map { .taken($0) }
                    ?? .refused
            case .failure(.timedOut), .failure(.lost), .failure(.garbled): return .unknown
            case .failure(.unavailable), .failure(.refused): return .refused
            }
        }
    }
}
