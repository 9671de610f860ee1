internal import EventLoop
public import Experiments
internal import Redis
internal import Synchronization

/// Told offers in Redis for five minutes, one string a shopper (`KeptPlaces`): `{tenant}:offers:subject`.
///
/// Each offer is sealed for its place (`QuoteSeal`), so that whatever else stands there is a miss. The mark, of which tickets
/// are made, changes whenever the shopper is forgotten: what was asked before is not kept after.
public final class RedisAssignments: AssignmentCache {
    /// What is to be kept at the end of a turn.
    private struct Unsent {
        /// Of shoppers of whom nothing was kept.
        var first: [KeptOffer] = []
        /// Of those of whom something is.
        var further: [KeptOffer] = []
    }

    private let clients: RedisClients
    /// By client, until the turn of its loop ends or something is asked.
    private let unsent = Mutex<[ObjectIdentifier: Unsent]>([:])

    private static let changeSeconds = "10"

    public init(_ clients: RedisClients) { self.clients = clients }

    /// Who is asked here; what was kept before is there before the answer.
    private func clientToAsk() -> RedisClient? {
        guard let client = clients.current else { return nil }
        send(to: client)
        return client
    }

    // MARK: Keeping

    /// Offers that are kept by one script: Redis serves nobody else meanwhile.
    private static let mostTogether = 64

    public func keep(_ offers: [CacheEntry], in snapshot: TenantSnapshot) {
        guard let client = clients.current else { return }
        // Whoever was told in the same turn of the store is kept together.
        later(client) { unsent in
            for offer in offers {
                let kept = KeptOffer(offer, in: snapshot)
                if kept.isFirst { unsent.first.append(kept) } else { unsent.further.append(kept) }
            }
        }
    }

    private func later(_ client: RedisClient, _ put: (inout Unsent) -> Void) {
        let isFirst = unsent.withLock { unsent in
            let isFirst = unsent[ObjectIdentifier(client)] == nil
            put(&unsent[ObjectIdentifier(client), default: Unsent()])
            return isFirst
        }
        if isFirst { client.loop.execute { [self] in send(to: client) } }
    }

    private func send(to client: RedisClient) {
        guard let unsent = unsent.withLock({ $0.removeValue(forKey: ObjectIdentifier(client)) }) else { return }
        Self.runs(of: unsent.first[...], alike: { $0.isAlike($1) }) { alike in
            client.submit(alike[alike.startIndex].note) { _ in }
            Self.runs(of: alike, alike: { $0.isOfSameShopper($1) }) { offers in
                client.submit(KeptOffer.first(offers)) { [self] result in
                    // Somebody was quicker.
                    if case .success(.null) = result { later(client) { $0.further += offers } }
                }
            }
        }
        Self.runs(of: unsent.further[...], alike: { $0.isAlike($1) }) { alike in
            client.submit(alike[alike.startIndex].note) { _ in }
            client.submit(KeptOffer.further(alike)) { _ in }
        }
    }

    /// Offers in a row that go together.
    private static func runs(
        of offers: ArraySlice<KeptOffer>, alike: (KeptOffer, KeptOffer) -> Bool,
        _ body: (ArraySlice<KeptOffer>) -> Void
    ) {
        var rest = offers
        while let first = rest.first {
            let run = rest.prefix(mostTogether).prefix { alike(first, $0) }
            rest = rest.dropFirst(run.count)
            body(run)
        }
    }

    // MARK: Asking

    public func find(_ places: [CachedPlace], in snapshot: TenantSnapshot) async -> [CachedOffer]? {
        // Whoever asks for many asks for a few shoppers' nearly always.
        var numbers: [Subject: Int] = [:]
        var subjects: [Subject] = []
        for place in places where numbers[place.subject] == nil {
            numbers[place.subject] = subjects.count
            subjects.append(place.subject)
        }
        let replies = await replies(to: subjects.map { Self.question(about: $0, of: snapshot.tenant.id) })
        let found = replies.compactMap { $0 }
        guard found.count == subjects.count else { return nil }
        return places.map { Self.offer($0, found[numbers[$0.subject, default: 0]], in: snapshot) }
    }

    public func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool {
        guard let client = clientToAsk(), client.loop.isCurrent else { return false }
        client.submit(Self.question(about: place.subject, of: snapshot.tenant.id)) { result in
            switch result {
            case .success(let reply): done(Self.offer(place, reply, in: snapshot))
            // A failure may be told in the middle of whoever sends something else: never run others' work from there.
            case .failure: client.loop.runNextTurn { done(nil) }
            }
        }
        return true
    }

    private static func question(about subject: Subject, of tenant: TenantID) -> RedisCommand {
        var command = RedisCommand(arguments: 2, bytes: 3 + RedisKeys.offersLength)
        command.append("GET")
        command.append(count: RedisKeys.offersLength) { RedisKeys.appendOffers(of: subject, tenant, to: &$0) }
        return command
    }

    private static func offer(_ place: CachedPlace, _ reply: RedisValue, in snapshot: TenantSnapshot) -> CachedOffer {
        if case .null = reply { return CachedOffer(offer: nil, ticket: KeptPlaces.nothing) }
        let found = reply.bytes.flatMap { KeptPlaces.read($0, place.product) }
        return CachedOffer(
            offer: found?.sealed.flatMap { snapshot.seal.open($0, for: place, of: snapshot.tenant.id) },
            ticket: KeptPlaces.ticket(found?.mark ?? []))
    }

    /// In order; nil for each command that was not answered.
    private nonisolated(nonsending) func replies(to commands: [RedisCommand]) async -> [RedisValue?] {
        guard let client = clientToAsk(), !commands.isEmpty else { return commands.map { _ in nil } }
        if commands.count == 1 { return [try? await client.send(commands[0])] }
        return await withCheckedContinuation { continuation in
            let gathered = Gathered(commands.count, continuation)
            for (index, command) in commands.enumerated() {
                client.submit(command) { gathered.take(index, try? $0.get()) }
            }
        }
    }

    private final class Gathered: Sendable {
        private let state: Mutex<(values: [RedisValue?], missing: Int)>
        private let continuation: CheckedContinuation<[RedisValue?], Never>

        init(_ count: Int, _ continuation: CheckedContinuation<[RedisValue?], Never>) {
            state = Mutex(([RedisValue?](repeating: nil, count: count), count))
            self.continuation = continuation
        }

        func take(_ index: Int, _ value: RedisValue?) {
            let done = state.withLock { state in
                state.values[index] = value
                state.missing -= 1
                return state.missing == 0 ? state.values : nil
            }
            if let done { continuation.resume(returning: done) }
        }
    }

    public func forget(_ subjects: [Subject], of tenant: TenantID) async {
        let commands = subjects.map { subject in
            var value: [UInt8] = []
            KeptPlaces.append(String(UInt64.random(in: 0 ... .max), radix: 36).utf8, to: &value)
            return RedisCommand(
                [
                    Array("SET".utf8), Array(RedisKeys.offers(of: subject, tenant).utf8), value, Array("EX".utf8),
                    Array("600".utf8),
                ])
        }
        _ = await replies(to: commands)
    }

    // MARK: Without the store

    public func announceChange(of tenant: TenantID) async {
        _ = await replies(to: [RedisCommand("SET", RedisKeys.change(tenant), "1", "EX", Self.changeSeconds)])
    }

    private static let claimScript =
        KeptPlaces.script + """
            if redis.call('GET', KEYS[2]) ~= ARGV[4] or redis.call('EXISTS', KEYS[3]) == 1 then return 0 end
            local text = redis.call('GET', KEYS[1]) or part('')
            local kept = parts(text)
            if not kept or kept[1] ~= ARGV[1] then return 0 end
            for n = 2, #kept, 2 do
                if kept[n] == ARGV[2] then return kept[n + 1] end
            end
            redis.call('SET', KEYS[1], text .. part(ARGV[2]) .. part(ARGV[3]), 'EX', 86400)
            return 1
            """

    public func claim(_ entries: [CacheEntry], in snapshot: TenantSnapshot) async -> [CacheClaim] {
        let tenant = snapshot.tenant.id
        let commands = entries.map { entry in
            RedisCommand(
                [
                    Array("EVAL".utf8), Array(Self.claimScript.utf8), Array("3".utf8),
                    Array(RedisKeys.offers(of: entry.place.subject, tenant).utf8),
                    Array(RedisKeys.version(tenant).utf8), Array(RedisKeys.change(tenant).utf8),
                    KeptPlaces.mark(entry.ticket), Array(entry.place.product.text.utf8),
                    snapshot.seal.seal(entry.offer, for: entry.place, of: tenant),
                    Array(String(snapshot.version).utf8),
                ])
        }
        return zip(entries, await replies(to: commands)).map { entry, reply in
            if reply?.integer == 1 { return .granted }
            return reply?.bytes.flatMap { snapshot.seal.open($0, for: entry.place, of: tenant) }.map { .taken($0) }
                ?? .refused
        }
    }
}
