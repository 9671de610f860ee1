internal import Dispatch
public import Experiments
internal import SQLite
internal import Synchronization

/// A spool in an SQLite file of its own, synced with each commit: whatever arrives while one commit runs goes into the
/// next.
///
/// `@unchecked Sendable`: the database is touched only by closures on `queue`, which is serial.
public final class FileSpool: Spool, @unchecked Sendable {
    private struct Waiting {
        let offers: [SpooledOffer]
        let done: CheckedContinuation<Result<[Int64], StoreError>, Never>
    }

    private let queue = DispatchQueue(label: "cournot.spool", qos: .userInitiated)
    private let database: Database
    private let arrived = Mutex<[Waiting]>([])
    private let number: Atomic<Int>
    public let isDurable: Bool

    /// What is kept in memory at most, some 300 bytes each.
    private static let mostInMemory = 200_000

    private static let migrator = Migrator([
        Migration(
            "0001 offers",
            [
                """
                CREATE TABLE offers (
                    number INTEGER PRIMARY KEY AUTOINCREMENT, tenant_id BLOB NOT NULL, tail INTEGER NOT NULL,
                    subject BLOB NOT NULL, sku TEXT NOT NULL, experiment_id BLOB NOT NULL, variant INTEGER NOT NULL,
                    phase INTEGER NOT NULL, price INTEGER NOT NULL, currency TEXT NOT NULL, told_at INTEGER NOT NULL,
                    exposed INTEGER NOT NULL) STRICT
                """
            ])
    ])

    /// Opens the file, making it where there is none; without one all is in memory, and ends with the process.
    public init(path: String?) throws(StoreError) {
        isDurable = path != nil
        do {
            var options = DatabaseOptions()
            if path == nil { options.journal = .unchanged }
            database = try Database(path: path ?? ":memory:", options: options)
            _ = try Self.migrator.migrate(database)
            let rows = try database.prepare("SELECT count(*) FROM offers")
            number = Atomic(try rows.step() ? try rows.int(0) : 0)
        } catch {
            throw StoreError(error)
        }
    }

    public var count: Int { number.load(ordering: .relaxed) }

    public func keep(_ offers: [SpooledOffer]) async throws(StoreError) -> [Int64] {
        guard isDurable || count < Self.mostInMemory else { throw .unavailable("too much waits for the database") }
        let outcome: Result<[Int64], StoreError> = await withCheckedContinuation { continuation in
            arrived.withLock { $0.append(Waiting(offers: offers, done: continuation)) }
            queue.async { [self] in commit() }
        }
        return try outcome.get()
    }

    /// All that arrived so far in one transaction.
    private func commit() {
        let batch = arrived.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        if batch.isEmpty { return }
        var numbers: [[Int64]] = []
        do {
            try database.transaction { () throws(SQLiteError) in
                let insert = try database.prepare("INSERT INTO offers VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
                for waiting in batch {
                    var own: [Int64] = []
                    for spooled in waiting.offers {
                        let offer = spooled.offer
                        try insert.bind(
                            spooled.tenant.bits, Int64(offer.tail), offer.subject, offer.product.text,
                            (offer.placement?.experiment ?? Offer.noExperiment).bits,
                            offer.placement?.variant ?? -1, spooled.phase, offer.price, offer.currency.code,
                            offer.toldAt.milliseconds, offer.isExposed)
                        try insert.run()
                        insert.reset()
                        own.append(database.lastInsertRowid)
                    }
                    numbers.append(own)
                }
            }
            number.add(numbers.reduce(0) { $0 + $1.count }, ordering: .relaxed)
            for (waiting, own) in zip(batch, numbers) { waiting.done.resume(returning: .success(own)) }
        } catch {
            for waiting in batch { waiting.done.resume(returning: .failure(StoreError(error))) }
        }
    }

    public func waiting(limit: Int) async throws(StoreError) -> [(number: Int64, offer: SpooledOffer)] {
        try await perform { database in
            let rows = try database.prepare(
                """
                SELECT number, tenant_id, tail, subject, sku, experiment_id, variant, phase, price, currency, told_at,
                    exposed FROM offers ORDER BY number LIMIT ?
                """)
            try rows.bind(limit)
            var out: [(number: Int64, offer: SpooledOffer)] = []
            while try rows.step() {
                guard let product = TenantKey(try rows.string(4)), let currency = Currency(try rows.string(9)),
                    let tail = UInt64(exactly: try rows.int64(2))
                else { throw StoreError.corrupt("a spooled offer cannot be read") }
                let variant = try rows.int(6)
                let experiment: ExperimentID = try rows.identifier(5)
                let offer = Offer(
                    tail: tail, subject: try rows.bits(3), product: product,
                    placement: variant < 0 ? nil : Offer.Placement(experiment: experiment, variant: variant),
                    price: try rows.int64(8), currency: currency,
                    toldAt: Timestamp(milliseconds: try rows.int64(10)), isExposed: try rows.bool(11))
                out.append(
                    (
                        try rows.int64(0),
                        SpooledOffer(tenant: try rows.identifier(1), offer: offer, phase: try rows.int(7))
                    ))
            }
            return out
        }
    }

    public func drop(_ numbers: [Int64]) async throws(StoreError) {
        let dropped = try await perform { database in
            try database.transaction { () throws(SQLiteError) in
                let delete = try database.prepare("DELETE FROM offers WHERE number = ?")
                var dropped = 0
                for number in numbers {
                    try delete.bind(number)
                    try delete.run()
                    delete.reset()
                    dropped += database.changes
                }
                return dropped
            }
        }
        number.subtract(dropped, ordering: .relaxed)
    }

    private func perform<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let outcome: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                do {
                    continuation.resume(returning: .success(try body(database)))
                } catch {
                    continuation.resume(returning: .failure(StoreError(error)))
                }
            }
        }
        return try outcome.get()
    }
}
