internal import Experiments
internal import Synchronization

/// The reports that somebody watches: each is looked at once a second, however many watch it, and made only when its
/// counts changed.
final class LiveReports: Sendable {
    struct Key: Hashable, Sendable {
        let tenant: TenantID
        let experiment: ExperimentID
    }

    /// What a report is made from: while it stays, so does the report.
    struct Mark: Equatable, Sendable {
        let asOf: Timestamp
        let version: Int
    }

    /// A report as it goes to every watcher.
    struct Event: Sendable {
        let mark: Mark
        /// The `as_of` that it prints.
        let id: String
        let bytes: [UInt8]
    }

    /// The newest event, if it is not of `mark`; nil too while it cannot be had.
    typealias Maker = @Sendable (Key, _ mark: Mark?) async -> Event?

    private struct Channel {
        var newest: Event?
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private struct State {
        var channels: [Key: Channel] = [:]
        var seats: [Party: Int] = [:]
        var lastWatcher = 0
        var isClosed = false
    }

    private let limits: LiveLimits
    private let make: Maker
    private let state = Mutex(State())

    init(_ limits: LiveLimits, make: @escaping Maker) {
        self.limits = limits
        self.make = make
    }

    // MARK: Seats

    /// Who shares a number of seats: a tenant's own people and servers, or one shopper's session.
    fileprivate struct Party: Hashable {
        let tenant: TenantID
        let session: APIKeyID?
    }

    private static let seatsPerSession = 3

    /// The right to watch, given back when it is let go of.
    final class Seat: Sendable {
        private let room: LiveReports
        private let party: Party

        fileprivate init(_ room: LiveReports, _ party: Party) {
            self.room = room
            self.party = party
        }

        deinit { room.leave(party) }
    }

    enum Refusal: Error, Equatable {
        case taken(limit: Int)
        case closing
    }

    func seat(of principal: Principal) throws(Refusal) -> Seat {
        let session = principal.shopper == nil ? nil : principal.countedAs
        let party = Party(tenant: principal.tenant, session: session)
        let limit = session == nil ? limits.streamsPerTenant : Self.seatsPerSession
        let refusal = state.withLock { state -> Refusal? in
            guard !state.isClosed else { return .closing }
            guard state.seats[party, default: 0] < limit else { return .taken(limit: limit) }
            state.seats[party, default: 0] += 1
            return nil
        }
        if let refusal { throw refusal }
        return Seat(self, party)
    }

    private func leave(_ party: Party) {
        state.withLock { state in
            let left = state.seats[party, default: 1] - 1
            state.seats[party] = left > 0 ? left : nil
        }
    }

    /// Streams open now.
    var streams: Int { state.withLock { $0.seats.values.reduce(0, +) } }

    /// Ends all streams, and begins no more.
    func close() {
        let channels = state.withLock { state in
            state.isClosed = true
            defer { state.channels = [:] }
            return state.channels
        }
        for channel in channels.values {
            for watcher in channel.watchers.values { watcher.finish() }
        }
    }

    // MARK: Watching

    /// Tells a report now and after every change, until the watcher has gone or ``close()`` is called.
    ///
    /// - Parameters:
    ///   - known: the id of the event that the watcher saw last: it is not told again.
    ///   - isThere: asked at every look.
    ///   - tell: sends to the watcher. A slow one misses what was overtaken meanwhile, never the newest.
    func follow<Failure: Error>(
        _ key: Key, known: String?, isThere: () async -> Bool, tell: ([UInt8]) async throws(Failure) -> Void
    ) async throws(Failure) {
        guard let (watcher, looks) = join(key) else { return }
        defer { part(from: key, watcher) }
        var told: Mark?
        var lastWrite = ContinuousClock.now
        for await _ in looks {
            guard await isThere() else { return }
            if let event = newest(of: key), event.mark != told {
                let isKnown = told == nil && event.id == known
                told = event.mark
                if isKnown { continue }
                try await tell(event.bytes)
            } else if ContinuousClock.now - lastWrite >= limits.heartbeat {
                try await tell(Array(": \n\n".utf8))
            } else {
                continue
            }
            lastWrite = .now
        }
    }

    private func newest(of key: Key) -> Event? { state.withLock { $0.channels[key]?.newest } }

    private func join(_ key: Key) -> (Int, AsyncStream<Void>)? {
        let (looks, look) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let joined = state.withLock { state -> (watcher: Int, isFirst: Bool)? in
            guard !state.isClosed else { return nil }
            state.lastWatcher += 1
            let isFirst = state.channels[key] == nil
            state.channels[key, default: Channel()].watchers[state.lastWatcher] = look
            return (state.lastWatcher, isFirst)
        }
        guard let joined else { return nil }
        if joined.isFirst { Task { await self.run(key) } } else { look.yield() }
        return (joined.watcher, looks)
    }

    private func part(from key: Key, _ watcher: Int) {
        _ = state.withLock { $0.channels[key]?.watchers.removeValue(forKey: watcher) }
    }

    /// Looks once a second until nobody watches.
    private func run(_ key: Key) async {
        var mark: Mark?
        while true {
            let event = await make(key, mark)
            if let event { mark = event.mark }
            let watchers = state.withLock { state -> [AsyncStream<Void>.Continuation]? in
                guard let channel = state.channels[key], !channel.watchers.isEmpty else {
                    state.channels[key] = nil
                    return nil
                }
                if let event { state.channels[key]?.newest = event }
                return Array(channel.watchers.values)
            }
            guard let watchers else { return }
            for watcher in watchers { watcher.yield() }
            // Ends with the last watcher, not by being cancelled.
            try? await Task.sleep(for: limits.look)
        }
    }
}
