internal import Dispatch
internal import Experiments
internal import SQLite
internal import Synchronization

/// Connections that read beside the writer, each on a thread of its own; each call sees one moment of the database.
final class Readers: Sendable {
    private let readers: [Reader]
    private let turn = Atomic<Int>(0)

    init(_ readers: [Reader]) {
        precondition(!readers.isEmpty, "a store has at least one reader")
        self.readers = readers
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let index = turn.add(1, ordering: .relaxed).oldValue & Int.max
        return try await readers[index % readers.count].read(body)
    }

    func close() async {
        for reader in readers { await reader.close() }
    }
}

/// `@unchecked`: the connection is touched only by closures on `queue`, which is serial.
final class Reader: @unchecked Sendable {
    private let queue = DispatchQueue(label: "cournot.sqlite.reader", qos: .userInitiated)
    private var database: Database?

    init(_ database: consuming sending Database) {
        self.database = database
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Database) throws -> Value
    ) async throws(StoreError) -> Value {
        let outcome: Result<Value, StoreError> = await withCheckedContinuation { continuation in
            queue.async {
                guard let database = self.database else {
                    return continuation.resume(returning: .failure(.unavailable("the store is closed")))
                }
                // The transaction is over before the caller goes on: it holds up no checkpoint of what comes next.
                continuation.resume(returning: Self.transaction(database, body))
            }
        }
        return try outcome.get()
    }

    private static func transaction<Value>(
        _ database: Database, _ body: (Database) throws -> Value
    ) -> Result<Value, StoreError> {
        do {
            try database.begin(.deferred)
            defer { database.rollback() }
            return .success(try body(database))
        } catch {
            return .failure(StoreError(error))
        }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.database = nil
                continuation.resume()
            }
        }
    }
}
