import Glibc
import SQLite
import Testing

/// A directory of its own for one test, gone with the test.
final class TemporaryDirectory {
    let path: String

    init() throws {
        var template = Array("/tmp/sqlite-tests-XXXXXX".utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
            unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
        }
        path = try #require(made)
    }

    deinit {
        for name in ["a.db", "a.db-wal", "a.db-shm", "a.db-journal", "b.db", "b.db-journal"] {
            unsafe unlink("\(path)/\(name)")
        }
        unsafe rmdir(path)
    }

    func file(_ name: String) -> String { "\(path)/\(name)" }
}

func inMemory() throws -> Database {
    var options = DatabaseOptions()
    options.journal = .unchanged
    return try Database(path: ":memory:", options: options)
}

/// The only integer a query gives.
func integer(_ database: Database, _ sql: String) throws -> Int64 {
    let statement = try database.prepare(dynamic: sql)
    #expect(try statement.step())
    return try statement.int64(0)
}
