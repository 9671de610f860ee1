internal import EventLoop
public import Experiments
public import Postgres

/// How a store is opened, and what it sees to from then on.
extension PostgresStore {
    /// Connects, and makes or migrates the schema. Several processes may do so at once.
    ///
    /// - Parameter reading: a standby's address, from which analyses are read that may be a moment old; while it does not
    ///   answer they are read where all else is.
    /// - Throws: `StoreError` when the server cannot be reached or the database belongs to a newer program.
    public static func open(
        _ configuration: PostgresConfiguration, reading: PostgresConfiguration? = nil
    ) async throws(StoreError) -> PostgresStore {
        let store: PostgresStore
        do {
            let loop = try EventLoop(label: "postgres")
            try loop.start()
            store = PostgresStore(configuration, reading: reading, on: loop)
        } catch {
            throw .unavailable("\(error)")
        }
        do throws(StoreError) {
            _ = try await store.migrate()
        } catch {
            await store.loop.stop()
            throw error
        }
        await store.start()
        return store
    }

    /// Brings a database's schema up to date.
    ///
    /// - Parameter contracting: whether what only older programs need is taken away, as none uses the database.
    /// - Returns: the names of the steps that were run; empty when it was.
    public static func migrate(
        _ configuration: PostgresConfiguration, contracting: Bool = false
    ) async throws(StoreError) -> [String] {
        do {
            let loop = try EventLoop(label: "postgres")
            try loop.start()
            let store = PostgresStore(configuration, reading: nil, on: loop)
            let outcome: Result<[String], StoreError>
            do throws(StoreError) {
                outcome = .success(try await store.migrate(contracting: contracting))
            } catch {
                outcome = .failure(error)
            }
            await loop.stop()
            return try outcome.get()
        } catch {
            throw StoreError(postgres: error)
        }
    }

    private func migrate(contracting: Bool = false) async throws(StoreError) -> [String] {
        do {
            return try await withTaskExecutorPreference(loop) {
                let connection = PostgresConnection(loop: self.loop, configuration: self.configuration)
                defer { connection.close() }
                try await connection.connect()
                let ran = try await PostgresSchema.migrator.migrate(connection, contracting: contracting)
                try await self.learnSchema(connection)
                try await Partitions.make(from: self.loop.wallClockMilliseconds, connection)
                return ran
            }
        } catch {
            throw StoreError(postgres: error)
        }
    }

    /// Another process may have taken away what only older programs need.
    private func learnSchema(_ connection: PostgresConnection) async throws {
        let rows = try await connection.run([PostgresSchema.isContracted], within: .seconds(10))
        if try rows[0].bool(0, 0) { transactions.contraction.note() }
    }

    private func start() async {
        await withTaskExecutorPreference(loop) {
            self.turns.changes.onCommit = { [watch = self.watch] in watch.noteOwnCommits($0) }
            self.pool.start()
            self.standby?.start()
            self.watch.start()
            self.scheduleHousekeeping()
        }
    }

    /// Once an hour partitions are made for the days to come, and it is learned what became of the schema.
    private func scheduleHousekeeping() {
        _ = loop.schedule(at: loop.now.advanced(byNanoseconds: 3_600_000_000_000)) { [weak self] in
            guard let self else { return }
            Task(executorPreference: self.loop) {
                // Without a partition of its own a day falls to the default one: nothing is lost, and the next hour
                // tries again.
                try? await self.pool.withConnection { connection in
                    try await self.learnSchema(connection)
                    try await Partitions.make(from: self.loop.wallClockMilliseconds, connection)
                }
                self.scheduleHousekeeping()
            }
        }
    }
}
