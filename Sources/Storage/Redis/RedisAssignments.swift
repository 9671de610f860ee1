internal import EventLoop
public import Experiments
internal import Redis
internal import Synchronization

/// Told offers in Redis for five minutes, one hash a shopper: `{tenant}:offers:subject`, its fields the SKUs.
///
/// Each value is sealed for its place (`QuoteSeal`), so that whatever else stands there is a miss. The field ``mark``
/// changes whenever the shopper is forgotten: what was asked before is not kept after.
public final class RedisAssignments: AssignmentCache {
    private let clients: RedisClients

    /// A control character, which no SKU has.
    private static let mark = "\u{1}"
    private static let changeSeconds = "10"

    public init(_ clients: RedisClients) { self.clients = clients }

    // MARK: Asking

    public func find(_ places: [CachedPlace], in snapshot: TenantSnapshot) async -> [CachedOffer]? {
        let commands = places.map { Self.question(about: $0, of: snapshot.tenant.id) }
        guard let replies = await replies(to: commands) else { return nil }
        return zip(places, replies).map { Self.offer($0, $1, in: snapshot) }
    }

    public func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool {
        guard let client = clients.current, client.loop.isCurrent else { return false }
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
        var command = RedisCommand(arguments: 4, bytes: 6 + keyLength + product.utf8.count)
        command.append("HMGET")
        command.append(count: keyLength) { appendKey(of: place.subject, tenant, to: &$0) }
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

    /// Nil unless every command was answered.
    private nonisolated(nonsending) func replies(to commands: [RedisCommand]) async -> [RedisValue]? {
        guard let client = clients.current else { return nil }
        if commands.count == 1 { return (try? await client.send(commands[0])).map { [$0] } }
        return await withCheckedContinuation { continuation in
            let gathered = Gathered(commands.count, continuation)
            for (index, command) in commands.enumerated() {
                client.submit(command) { gathered.take(index, try? $0.get()) }
            }
        }
    }

    private final class Gathered: Sendable {
        private struct State {
            var values: [RedisValue]
            var missing: Int
            var hasFailed = false
        }

        private let state: Mutex<State>
        private let continuation: CheckedContinuation<[RedisValue]?, Never>

        init(_ count: Int, _ continuation: CheckedContinuation<[RedisValue]?, Never>) {
            state = Mutex(State(values: [RedisValue](repeating: .null, count: count), missing: count))
            self.continuation = continuation
        }

        func take(_ index: Int, _ value: RedisValue?) {
            let done: State? = state.withLock { state in
                if let value { state.values[index] = value } else { state.hasFailed = true }
                state.missing -= 1
                return state.missing == 0 ? state : nil
            }
            if let done { continuation.resume(returning: done.hasFailed ? nil : done.values) }
        }
    }

    // MARK: Keeping

    /// Also notes which version of the configuration the store knew.
    private static let keepScript = """
        local version = tonumber(ARGV[5])
        if tonumber(redis.call('GET', KEYS[2]) or '0') < version then
            redis.call('SET', KEYS[2], ARGV[5], 'EX', 86400)
        end
        if (redis.call('HGET', KEYS[1], '\u{1}') or '') ~= ARGV[1] then return 0 end
        if ARGV[4] == '1' then
            redis.call('DEL', KEYS[1])
            if ARGV[1] ~= '' then redis.call('HSET', KEYS[1], '\u{1}', ARGV[1]) end
        end
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        if redis.call('TTL', KEYS[1]) < 300 then redis.call('EXPIRE', KEYS[1], 300) end
        return 1
        """

    public func keep(_ offers: [CacheEntry], in snapshot: TenantSnapshot) {
        guard let client = clients.current else { return }
        for entry in offers { client.submit(command(Self.keepScript, entry, in: snapshot)) { _ in } }
    }

    private func command(_ script: String, _ entry: CacheEntry, in snapshot: TenantSnapshot) -> RedisCommand {
        let tenant = snapshot.tenant.id
        let value = snapshot.seal.seal(entry.offer, for: entry.place, of: tenant)
        let product = entry.place.product.text
        let bytes = script.utf8.count + 3 * Self.keyLength + entry.ticket.count + product.utf8.count + value.count
        var command = RedisCommand(arguments: 11, bytes: bytes + 32)
        command.append("EVAL")
        command.append(script)
        command.append("3")
        command.append(count: Self.keyLength) { Self.appendKey(of: entry.place.subject, tenant, to: &$0) }
        command.append(Self.versionKey(tenant))
        command.append(Self.changeKey(tenant))
        command.append(entry.ticket)
        command.append(product)
        command.append(value)
        command.append(entry.replacesOthers ? "1" : "0")
        command.append(String(snapshot.version))
        return command
    }

    private static let forgetScript = """
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], '\u{1}', ARGV[1])
        redis.call('EXPIRE', KEYS[1], 600)
        return 1
        """

    public func forget(_ subjects: [Subject], of tenant: TenantID) async {
        let commands = subjects.map { subject in
            RedisCommand(
                "EVAL", Self.forgetScript, "1", Self.key(of: subject, tenant),
                String(UInt64.random(in: 0 ... .max), radix: 36))
        }
        _ = await replies(to: commands)
    }

    // MARK: Without the store

    public func announceChange(of tenant: TenantID) async {
        _ = await replies(to: [RedisCommand("SET", Self.changeKey(tenant), "1", "EX", Self.changeSeconds)])
    }

    private static let claimScript = """
        if redis.call('GET', KEYS[2]) ~= ARGV[5] or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
        if (redis.call('HGET', KEYS[1], '\u{1}') or '') ~= ARGV[1] then return 0 end
        local known = redis.call('HGET', KEYS[1], ARGV[2])
        if known then return known end
        redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
        redis.call('EXPIRE', KEYS[1], 86400)
        return 1
        """

    public func claim(_ entry: CacheEntry, in snapshot: TenantSnapshot) async -> CacheClaim {
        guard let reply = await replies(to: [command(Self.claimScript, entry, in: snapshot)])?.first else {
            return .refused
        }
        if reply.integer == 1 { return .granted }
        return reply.bytes.flatMap { snapshot.seal.open($0, for: entry.place, of: snapshot.tenant.id) }
            .map { .taken($0) } ?? .refused
    }

    // MARK: Keys

    private static func key(of subject: Subject, _ tenant: TenantID) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(keyLength)
        appendKey(of: subject, tenant, to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// As each lookup does, without text: `{tenant}:offers:subject`.
    private static func appendKey(of subject: Subject, _ tenant: TenantID, to out: inout [UInt8]) {
        out.append(contentsOf: keyStart)
        tenant.bits.appendHex(to: &out)
        out.append(contentsOf: keyMiddle)
        subject.appendHex(to: &out)
    }
    private static let keyStart = Array("{\(Tenant.identifierPrefix)_".utf8)
    private static let keyMiddle = Array("}:offers:".utf8)
    private static let keyLength = keyStart.count + 32 + keyMiddle.count + 32

    private static func versionKey(_ tenant: TenantID) -> String { "{\(tenant)}:version" }
    private static func changeKey(_ tenant: TenantID) -> String { "{\(tenant)}:change" }
}
