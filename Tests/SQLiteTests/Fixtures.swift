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

/// A seeded generator (Steele, Lea, Flood 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
