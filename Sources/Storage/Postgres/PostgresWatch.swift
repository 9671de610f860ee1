internal import EventLoop
internal import Experiments
internal import Postgres

/// Hears of configuration that other processes changed: by notification on a connection of its own, and while there is
/// none (or a pooler stands between, through which nobody can listen) by comparing versions.
///
/// `@unchecked Sendable`: everything belongs to the loop's thread.
final class PostgresWatch: @unchecked Sendable {
    /// What this store signs its own notifications with.
    let own = Bits128(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)).hex

    /// Called on the loop for each piece of news.
    var onNews: @Sendable () -> Void = {}

    private let pool: PostgresPool
    private let loop: EventLoop
    private var connection: PostgresConnection?
    private var isListening = false
    private var isClosed = false
    private var hasChanged = false
    private var shoppers = ChangedShoppers.none
    /// Changes that this process committed since the sum of versions was last read.
    private var ownCommits: Int64 = 0
    private var lastSum: Int64?
    private var comparedAt: MonotonicInstant?

    /// How long notifications are trusted before versions are compared all the same.
    private static let trust = Duration.seconds(60)

    init(pool: PostgresPool) {
        self.pool = pool
        loop = pool.loop
    }

    /// Begins to listen, where that can be. Loop only.
    func start() {
        guard pool.configuration.isPrepared else { return }
        Task(executorPreference: loop) { [self] in await listen() }
    }

    private func listen() async {
        var backoff = Backoff()
        var random = SystemRandomNumberGenerator()
        var attempt = 0
        while !isClosed {
            let connection = PostgresConnection(loop: loop, configuration: pool.configuration)
            connection.onNotification = { [weak self, own] payload in
                guard let self, let news = PostgresNews.read(payload, own: own) else { return }
                if news.isConfiguration { hasChanged = true }
                shoppers.formUnion(news.shoppers)
                onNews()
            }
            do throws(PostgresError) {
                try await connection.connect(attempt: attempt)
                _ = try await connection.run(
                    [PostgresCommand("LISTEN \(PostgresNews.channel)")], within: .seconds(2))
                self.connection = connection
                isListening = true
                // What was committed while nobody listened was not heard.
                hasChanged = true
                shoppers = .all
                backoff.reset()
                await withCheckedContinuation { continuation in
                    connection.onLoss { _ in continuation.resume() }
                }
            } catch {
                connection.close()
            }
            isListening = false
            self.connection = nil
            attempt &+= 1
            if isClosed { return }
            await loop.pause(nanoseconds: backoff.wait(using: &random))
        }
    }

    /// This process committed changes. Loop only.
    func noteOwnCommits(_ count: Int) { ownCommits += Int64(count) }

    /// Whether another process changed configuration since this was last asked; the first question sets the mark.
    func changedElsewhere() async throws -> Bool {
        if isListening, let comparedAt, loop.now < comparedAt.advanced(byNanoseconds: Self.trust.wholeNanoseconds) {
            defer { hasChanged = false }
            return hasChanged
        }
        // What is heard, or committed here, while the question is under way may be in its answer or not: it counts again.
        let (wasHeard, own) = (hasChanged, ownCommits)
        (hasChanged, ownCommits) = (false, 0)
        do {
            let rows = try await pool.withConnection { connection in
                try await PostgresSession(connection: connection, configuration: pool.configuration)
                    .once(.platform, [PostgresCommand("SELECT coalesce(sum(version), 0)::bigint FROM tenants")])
            }
            let sum = try rows[0].int8(0, 0)
            defer { (lastSum, comparedAt) = (sum, loop.now) }
            // Each change raises one version by one. A commit of our own that this sum has and `own` has not is taken for
            // somebody else's: it costs a reading, and loses nothing.
            return lastSum.map { sum != $0 &+ own } ?? wasHeard
        } catch {
            hasChanged = hasChanged || wasHeard
            ownCommits += own
            throw error
        }
    }

    /// Whose ids other processes made one since this was last asked. Who cannot listen cannot tell.
    func changedShoppers() -> ChangedShoppers {
        guard isListening else { return .all }
        defer { shoppers = .none }
        return shoppers
    }

    /// Loop only.
    func close() {
        isClosed = true
        connection?.close()
    }
}
