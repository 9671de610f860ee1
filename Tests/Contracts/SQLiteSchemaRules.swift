import SQLite
@testable import Storage
import Testing

/// What SQLite says of the schema, where a merchant may ask it.
@Suite struct SQLiteSchemaRules {
    @Test func `SQLite finds nothing wrong with a database that has something in every table`() async throws {
        let place = TransferPlace.sqlite()
        defer { place.remove() }
        try await LivedWorld.on(place) { _ in
            let findings = try SQLiteStore.open(place.path, vfs: nil, isReader: false).integrityCheck()
            #expect(findings == [])
        }
    }
}
