internal import EventLoop
public import Experiments
internal import Redis
internal import Synchronization

/// Told offers in Redis, one string a shopper and product: `{tenant}:told:subject:sku`; for five minutes, and for a day what
/// was told without the store.
///
/// Each value is sealed for its place (`QuoteSeal`), so that whatever else stands there is a miss, and says which mark its shopper
/// had (`ToldOffer`). To forget a shopper is to give it another mark, `{tenant}:forgotten:subject`, which outlives all that was
/// kept before: then no value of before holds, nor one that is still on its way.
public final class RedisAssignments: AssignmentCache {
    private let clients: RedisClients
    private let outboxes = Mutex<[ObjectIdentifier: Outbox]>([:])

    private struct Outbox {
        /// What is to be kept, until the turn of the client's loop ends or something is asked.
        var kept: [(seen: SeenVersion, command: RedisCommand)] = []
        /// The newest configuration of each tenant on which something was asked here.
        var asked: [TenantID: Int] = [:]

        private static let mostAsked = 10_000

        /// Whether Redis was not told yet that there is this configuration.
        mutating func ask(on seen: SeenVersion) -> Bool {
            if let version = asked[seen.tenant], version >= seen.version { return false }
            if asked.count >= Self.mostAsked { asked = [:] }
            asked[seen.tenant] = seen.version
            return true
        }
    }

    /// A configuration that the store was seen to have.
    private struct SeenVersion: Hashable {
        let tenant: TenantID
        let version: Int

        init(_ snapshot: TenantSnapshot) {
            tenant = snapshot.tenant.id
            version = snapshot.version
        }
    }

    private static let keptSeconds = "300"
    private static let claimedSeconds = "86400"
    /// Longer than anything is kept.
    private static let markSeconds = "90000"
    private static let changeSeconds = "10"

    public init(_ clients: RedisClients) { self.clients = clients }

    /// Who is asked here; what was kept before is there before the answer.
    ///
    /// - Parameter snapshot: on what somebody is looked for. From then on nobody claims on an older one: what was claimed before is
    ///   found, and nothing is that could have been claimed after.
    private func clientToAsk(in snapshot: TenantSnapshot? = nil) -> RedisClient? {
        guard let client = clients.current else { return nil }
        send(to: client, asking: snapshot.map { SeenVersion($0) })
        return client
    }

    // MARK: Keeping

    public func keep(_ offers: [CacheEntry], in snapshot: TenantSnapshot) {
        guard let client = clients.current else { return }
        let seen = SeenVersion(snapshot)
        let commands = offers.map { (seen, Self.keeping($0, in: snapshot)) }
        let isFirst = outboxes.withLock { outboxes in
            let isFirst = outboxes[ObjectIdentifier(client)]?.kept.isEmpty ?? true
            outboxes[ObjectIdentifier(client), default: Outbox()].kept += commands
            return isFirst
        }
        // Once a turn, for all that the store told in it.
        if isFirst { client.loop.execute { [self] in send(to: client) } }
    }

    /// Where nothing stood, what another process told since is left there.
    private static func keeping(_ entry: CacheEntry, in snapshot: TenantSnapshot) -> RedisCommand {
        let isNew = LookedUp(ticket: entry.ticket).isEmpty
        let value = ToldOffer.value(entry, in: snapshot)
        let product = entry.place.product.text.utf8.count
        var command = RedisCommand(
            arguments: isNew ? 6 : 5, bytes: 16 + RedisKeys.longest + product + value.count)
        command.append("SET")
        RedisKeys.appendTold(entry.place, of: snapshot.tenant.id, to: &command)
        command.append(value)
        command.append("EX")
        command.append(keptSeconds)
        if isNew { command.append("NX") }
        return command
    }

    /// Where the version is not known nothing is claimed.
    private static let versionScript = """
        if tonumber(redis.call('GET', KEYS[1]) or '0') < tonumber(ARGV[1]) then
            redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
        end
        """

    private func send(to client: RedisClient, asking: SeenVersion? = nil) {
        let (kept, news) = outboxes.withLock { outboxes in
            let kept = outboxes[ObjectIdentifier(client)]?.kept ?? []
            if !kept.isEmpty { outboxes[ObjectIdentifier(client)]?.kept = [] }
            let news = asking.flatMap { seen in
                outboxes[ObjectIdentifier(client), default: Outbox()].ask(on: seen) ? seen : nil
            }
            return (kept, news)
        }
        if kept.isEmpty, news == nil { return }
        for seen in Set(kept.map(\.seen) + (news.map { [$0] } ?? [])) {
            client.submit(
                RedisCommand(
                    "EVAL", Self.versionScript, "1", RedisKeys.version(seen.tenant), String(seen.version),
                    Self.claimedSeconds)
            ) { [weak self] result in
                guard case .failure = result else { return }
                self?.outboxes.withLock { $0[ObjectIdentifier(client)]?.asked[seen.tenant] = nil }
            }
        }
        for one in kept { client.submit(one.command) { _ in } }
    }

    // MARK: Asking

    public func find(_ places: [CachedPlace], in snapshot: TenantSnapshot) async -> [CachedOffer]? {
        let tenant = snapshot.tenant.id
        let values = await replies(to: places.map { Self.question(about: $0, of: tenant) }, in: snapshot)
            .compactMap { try? $0.get() }
        guard values.count == places.count else { return nil }
        let found = zip(places, values).filter { $1.bytes != nil }
        let marks = await replies(to: found.map { place, _ in Self.question(about: place.subject, of: tenant) })
        var known: [CachedPlace: CachedOffer] = [:]
        for ((place, value), mark) in zip(found, marks) {
            guard let mark = try? mark.get() else { return nil }
            known[place] = Self.offer(place, value, mark, in: snapshot)
        }
        return places.map { known[$0] ?? Self.nothing }
    }

    public func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool {
        guard let client = clientToAsk(in: snapshot), client.loop.isCurrent else { return false }
        // A failure may be told in the middle of whoever sends something else: never run others' work from there.
        @Sendable func fail() { client.loop.runNextTurn { done(nil) } }
        client.submit(Self.question(about: place, of: snapshot.tenant.id)) { result in
            guard case .success(let value) = result else { return fail() }
            if value.bytes == nil { return done(Self.nothing) }
            client.submit(Self.question(about: place.subject, of: snapshot.tenant.id)) { result in
                guard case .success(let mark) = result else { return fail() }
                done(Self.offer(place, value, mark, in: snapshot))
            }
        }
        return true
    }

    private static func question(about place: CachedPlace, of tenant: TenantID) -> RedisCommand {
        var command = RedisCommand(arguments: 2, bytes: 3 + RedisKeys.longest + place.product.text.utf8.count)
        command.append("GET")
        RedisKeys.appendTold(place, of: tenant, to: &command)
        return command
    }

    /// Asked of whoever was told something, after that: of what was forgotten in between the value no longer holds. Apart, as
    /// two keys of one command have no answer while their slot moves.
    private static func question(about subject: Subject, of tenant: TenantID) -> RedisCommand {
        var command = RedisCommand(arguments: 2, bytes: 3 + RedisKeys.longest)
        command.append("GET")
        RedisKeys.appendForgotten(subject, of: tenant, to: &command)
        return command
    }

    /// What is kept with this ticket holds if the shopper has no mark. Where it has one, whoever finds that value learns the mark.
    private static let nothing = CachedOffer(offer: nil, ticket: LookedUp(isEmpty: true, mark: []).ticket)

    public var ticketOfNothing: [UInt8] { Self.nothing.ticket }

    private static func offer(
        _ place: CachedPlace, _ value: RedisValue, _ mark: RedisValue, in snapshot: TenantSnapshot
    ) -> CachedOffer {
        let mark = mark.bytes ?? []
        return CachedOffer(
            offer: value.bytes.flatMap { ToldOffer.offer($0, for: place, mark: mark, in: snapshot) },
            ticket: LookedUp(isEmpty: false, mark: mark).ticket)
    }

    private typealias Reply = Result<RedisValue, RedisError>

    /// In order.
    private nonisolated(nonsending) func replies(
        to commands: [RedisCommand], in snapshot: TenantSnapshot? = nil
    ) async -> [Reply] {
        guard let client = clientToAsk(in: snapshot), !commands.isEmpty else {
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

    public func forget(_ subjects: [Subject], of tenant: TenantID) async {
        let commands = subjects.flatMap { subject in
            var command = RedisCommand(arguments: 5, bytes: 32 + RedisKeys.longest)
            command.append("SET")
            RedisKeys.appendForgotten(subject, of: tenant, to: &command)
            command.append(String(UInt64.random(in: 0 ... .max), radix: 36))
            command.append("EX")
            command.append(Self.markSeconds)
            return [command, RedisCommand("DEL", RedisKeys.toldBefore(subject, tenant))]
        }
        _ = await replies(to: commands)
    }

    // MARK: Without the store

    public func announceChange(of tenant: TenantID) async {
        _ = await replies(to: [RedisCommand("SET", RedisKeys.change(tenant), "1", "EX", Self.changeSeconds)])
    }

    private static let claimScript = """
        if redis.call('GET', KEYS[3]) ~= ARGV[3] or redis.call('EXISTS', KEYS[4]) == 1 then return 0 end
        if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
        local known = redis.call('GET', KEYS[1])
        if known and string.sub(known, 1, 1 + #ARGV[1]) == string.char(#ARGV[1]) .. ARGV[1] then return known end
        redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[4])
        return 1
        """

    public func claim(_ entries: [CacheEntry], in snapshot: TenantSnapshot) async -> [CacheClaim] {
        let tenant = snapshot.tenant.id
        let (version, change, number) = (RedisKeys.version(tenant), RedisKeys.change(tenant), String(snapshot.version))
        let commands = entries.map { entry in
            var command = RedisCommand(arguments: 11, bytes: Self.claimScript.utf8.count + 1024)
            command.append("EVAL")
            command.append(Self.claimScript)
            command.append("4")
            RedisKeys.appendTold(entry.place, of: tenant, to: &command)
            RedisKeys.appendForgotten(entry.place.subject, of: tenant, to: &command)
            command.append(version)
            command.append(change)
            command.append(LookedUp(ticket: entry.ticket).mark)
            command.append(ToldOffer.value(entry, in: snapshot))
            command.append(number)
            command.append(Self.claimedSeconds)
            return command
        }
        return zip(entries, await replies(to: commands)).map { entry, reply in
            switch reply {
            case .success(.integer(1)): return .granted
            case .success(let value):
                let mark = LookedUp(ticket: entry.ticket).mark
                return value.bytes.flatMap { ToldOffer.offer($0, for: entry.place, mark: mark, in: snapshot) }
                    .map { .taken($0) } ?? .refused
            case .failure(.timedOut), .failure(.lost), .failure(.garbled): return .unknown
            case .failure(.unavailable), .failure(.refused): return .refused
            }
        }
    }
}
