import FaultDisk
import SQLite
import SeedSupport
import Synchronization
import Testing

private func options(_ synchronous: DatabaseOptions.Synchronous = .full) -> DatabaseOptions {
    var options = DatabaseOptions()
    options.vfs = FaultDisk.vfs
    options.synchronous = synchronous
    options.checkpointPages = 20
    return options
}

private struct CrashReport {
    var crashes = 0
    var commits = 0
    var lostCommits = 0
    var damaged = 0

    static func + (left: CrashReport, right: CrashReport) -> CrashReport {
        CrashReport(
            crashes: left.crashes + right.crashes, commits: left.commits + right.commits,
            lostCommits: left.lostCommits + right.lostCommits, damaged: left.damaged + right.damaged)
    }
}

/// Commits rows 1, 2, 3, … until the disk dies at an operation of the seed's choice, pulls the plug,
/// and looks at what is left; some rounds on one disk.
private func crashes(seed: UInt64, rounds: Int, synchronous: DatabaseOptions.Synchronous) throws -> CrashReport {
    let disk = FaultDisk(name: "crash-\(synchronous)-\(seed)")
    var random = SplitMix(seed)
    var report = CrashReport()
    do {
        let database = try Database(path: disk.path("a.db"), options: options(synchronous))
        try database.execute("CREATE TABLE counter (n INTEGER PRIMARY KEY, filling BLOB)")
        try database.checkpoint()
    }
    var acknowledged: Int64 = 0
    // Whoever dies closes nothing: these are closed when all is over, and must then change nothing.
    var abandoned: [Database] = []
    for _ in 0..<rounds {
        disk.arm(after: .random(in: 0..<120, using: &random))
        do {
            let database = try Database(path: disk.path("a.db"), options: options(synchronous))
            abandoned.append(database)
            acknowledged = max(acknowledged, try integer(database, "SELECT coalesce(max(n), 0) FROM counter"))
            while true {
                try database.transaction { () throws(SQLiteError) in
                    let insert = try database.prepare("INSERT INTO counter VALUES (?, ?)")
                    let filling = [UInt8](repeating: 7, count: .random(in: 0..<9_000, using: &random))
                    try insert.bind(acknowledged + 1, filling)
                    try insert.run()
                }
                acknowledged += 1
                report.commits += 1
            }
        } catch let error as SQLiteError {
            // Opening may fail too: the disk dies at any operation.
            switch error.kind {
            case .io, .cannotOpen: break
            default: throw error
            }
        }
        disk.crash(seed: random.next())
        report.crashes += 1
        do {
            let database = try Database(path: disk.path("a.db"), options: options(synchronous))
            if try database.integrityCheck() != [] { report.damaged += 1 }
            let last = try integer(database, "SELECT coalesce(max(n), 0) FROM counter")
            let count = try integer(database, "SELECT count(*) FROM counter")
            // One more than was acknowledged may be there: the disk died after the commit, before it was told.
            #expect(last <= acknowledged + 1 || synchronous == .off)
            abandoned.removeAll { _ in Bool.random(using: &random) }
            #expect(try integer(database, "SELECT count(*) FROM counter") == count)
            if last < acknowledged || count != last { report.lostCommits += 1 }
            acknowledged = last
        } catch {
            report.damaged += 1
            break
        }
    }
    return report
}

@Suite struct FaultDiskTests {
    @Test func `500 crashes of a database in full synchronous mode lose no acknowledged commit`() throws {
        var total = CrashReport()
        for seed in 1...125 as ClosedRange<UInt64> {
            total = try total + crashes(seed: seed, rounds: 4, synchronous: .full)
        }
        #expect(total.crashes == 500)
        #expect(total.lostCommits == 0)
        #expect(total.damaged == 0)
        #expect(total.commits > 2_000)
    }

    @Test func `without syncs the same crashes do lose commits`() throws {
        var total = CrashReport()
        for seed in 1...50 as ClosedRange<UInt64> {
            total = try total + crashes(seed: seed, rounds: 1, synchronous: .off)
        }
        #expect(total.lostCommits + total.damaged > 0)
        #expect(total.lostCommits > 0)
    }

    @Test func `with syncs at checkpoints only the same crashes lose commits but damage nothing`() throws {
        var total = CrashReport()
        for seed in 1...50 as ClosedRange<UInt64> {
            total = try total + crashes(seed: seed, rounds: 4, synchronous: .normal)
        }
        #expect(total.lostCommits > 0)
        #expect(total.damaged == 0)
    }

    @Test func `a seed loses the same every time`() throws {
        func survivors() throws -> [Int64] {
            let disk = FaultDisk(name: "repeat")
            let database = try Database(path: disk.path("a.db"), options: options(.off))
            try database.execute("CREATE TABLE t (a)")
            try database.checkpoint()
            disk.arm(after: 40)
            var failed = false
            while !failed {
                do throws(SQLiteError) {
                    try database.execute("INSERT INTO t VALUES (1)")
                } catch {
                    failed = true
                }
            }
            disk.crash(seed: 5)
            return [disk.usedBytes, Int64(disk.operations)]
        }
        let first = try survivors()
        #expect(try survivors() == first)
    }

    @Test func `a killed process loses nothing it wrote, even without syncs`() throws {
        let disk = FaultDisk(name: "kill")
        let database = try Database(path: disk.path("a.db"), options: options(.off))
        try database.execute("CREATE TABLE t (a)")
        for _ in 0..<10 { try database.execute("INSERT INTO t VALUES (1)") }
        disk.kill()
        let error = #expect(throws: SQLiteError.self) { try database.execute("INSERT INTO t VALUES (1)") }
        guard case .io = error?.kind else {
            Issue.record("\(String(describing: error))")
            return
        }
        let next = try Database(path: disk.path("a.db"), options: options())
        #expect(try integer(next, "SELECT count(*) FROM t") == 10)
    }

    @Test func `a failed fsync poisons the connection and the next one finds what was acknowledged`() throws {
        let disk = FaultDisk(name: "fsync")
        do {
            let database = try Database(path: disk.path("a.db"), options: options())
            try database.execute("CREATE TABLE t (a)")
            try database.execute("INSERT INTO t VALUES (1)")
            disk.failSync(after: 0)
            let error = #expect(throws: SQLiteError.self) {
                try database.transaction { () throws(SQLiteError) in try database.execute("INSERT INTO t VALUES (2)") }
            }
            #expect(error?.kind == .io(.fsync))
            #expect(database.isPoisoned)
            #expect(!database.isInTransaction)
            let refused = #expect(throws: SQLiteError.self) { try database.begin() }
            #expect(refused?.kind == .poisoned)
        }
        disk.crash(seed: 1)
        let database = try Database(path: disk.path("a.db"), options: options())
        #expect(try integer(database, "SELECT count(*) FROM t WHERE a = 1") == 1)
        #expect(try database.integrityCheck() == [])
    }

    @Test func `a full disk refuses, keeps what it has, and goes on when there is room`() throws {
        let disk = FaultDisk(name: "full")
        let database = try Database(path: disk.path("a.db"), options: options())
        try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        disk.limit(bytes: disk.usedBytes + 8_192)
        let error = #expect(throws: SQLiteError.self) {
            while true {
                try database.transaction { () throws(SQLiteError) in
                    try database.execute("INSERT INTO t VALUES (zeroblob(3000))")
                }
            }
        }
        #expect(error?.kind == .full)
        #expect(!database.isPoisoned)
        #expect(try integer(database, "SELECT count(*) FROM t WHERE a = 1") == 1)
        disk.limit(bytes: nil)
        let before = try integer(database, "SELECT count(*) FROM t")
        try database.transaction { () throws(SQLiteError) in try database.execute("INSERT INTO t VALUES (2)") }
        disk.crash(seed: 3)
        let next = try Database(path: disk.path("a.db"), options: options())
        #expect(try integer(next, "SELECT count(*) FROM t") == before + 1)
        #expect(try next.integrityCheck() == [])
    }

    @Test func `a rollback journal survives crashes too`() throws {
        var settings = options(.extra)
        settings.journal = .delete
        for seed in 1...100 as ClosedRange<UInt64> {
            let disk = FaultDisk(name: "journal-\(seed)")
            var random = SplitMix(seed)
            var acknowledged: Int64 = 0
            do {
                let database = try Database(path: disk.path("a.db"), options: settings)
                try database.execute("CREATE TABLE t (n INTEGER PRIMARY KEY, filling)")
                disk.arm(after: .random(in: 0..<60, using: &random))
                while true {
                    try database.execute("INSERT INTO t VALUES (\(acknowledged + 1), zeroblob(5000))")
                    acknowledged += 1
                }
            } catch {
                guard case .io = error.kind else { throw error }
            }
            disk.crash(seed: random.next())
            let database = try Database(path: disk.path("a.db"), options: settings)
            let count = try integer(database, "SELECT count(*) FROM t")
            #expect((acknowledged...acknowledged + 1).contains(count), "seed \(seed)")
            #expect(try database.integrityCheck() == [])
        }
    }

    @Test func `readers on other threads see whole transactions only`() async throws {
        let disk = FaultDisk(name: "readers")
        let commits: Int64 = 300
        let setup = try Database(path: disk.path("a.db"), options: options())
        try setup.execute("CREATE TABLE a (n); CREATE TABLE b (n)")
        let writer = WriterState()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { writer.isDone.store(true, ordering: .releasing) }
                let database = try Database(path: disk.path("a.db"), options: options())
                for _ in 0..<commits {
                    try database.transaction { () throws(SQLiteError) in
                        try database.execute("INSERT INTO a VALUES (1)")
                        try database.execute("INSERT INTO b VALUES (1)")
                    }
                }
            }
            for _ in 0..<2 {
                group.addTask {
                    var readOnly = DatabaseOptions.readOnly
                    readOnly.vfs = FaultDisk.vfs
                    let database = try Database(path: disk.path("a.db"), options: readOnly)
                    var last: Int64 = 0
                    var wasDone = false
                    repeat {
                        wasDone = writer.isDone.load(ordering: .acquiring)
                        try database.begin(.deferred)
                        let left = try integer(database, "SELECT count(*) FROM a")
                        let right = try integer(database, "SELECT count(*) FROM b")
                        try database.commit()
                        #expect(left == right)
                        #expect(left >= last)
                        last = left
                    } while !wasDone
                    #expect(last == commits)
                }
            }
            try await group.waitForAll()
        }
    }
}

private final class WriterState: Sendable {
    let isDone = Atomic(false)
}
