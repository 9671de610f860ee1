import Glibc
import SQLite
import Testing

@Suite struct StatementTests {
    @Test func `every type comes back as it was bound`() throws {
        let database = try inMemory()
        try database.execute(
            "CREATE TABLE t (i INTEGER, r REAL, s TEXT, b BLOB, u BLOB, n TEXT, e BLOB, z TEXT) STRICT")
        let wide: UInt128 = 0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10
        let insert = try database.prepare("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
        try insert.bind(Int64.min, 0.1, "žluť\0ouč", [1, 0, 255] as [UInt8], wide, String?.none, [] as [UInt8], "")
        try insert.run()
        #expect(database.changes == 1)
        #expect(database.lastInsertRowid == 1)
        let row = try database.prepare("SELECT *, hex(u) FROM t")
        #expect(try row.step())
        #expect(try row.int64(0) == .min)
        #expect(try row.double(1) == 0.1)
        #expect(try row.string(2) == "žluť\0ouč")
        #expect(try row.bytes(3) == [1, 0, 255])
        #expect(try row.uint128(4) == wide)
        let isNull = row.isNull(5)
        #expect(isNull)
        #expect(try row.stringOrNil(5) == nil)
        #expect(try row.stringOrNil(2) == "žluť\0ouč")
        #expect(try row.bytes(6) == [])
        #expect(try row.string(7) == "")
        #expect(try row.string(8) == "0102030405060708090A0B0C0D0E0F10")
        #expect(try !row.step())
    }

    @Test func `a column of another type is an error, not a zero`() throws {
        let database = try inMemory()
        let row = try database.prepare("SELECT 'x', NULL, 1.5, x'00'")
        #expect(try row.step())
        for column: Int32 in 0...3 {
            let error = #expect(throws: SQLiteError.self) { try row.int64(column) }
            #expect(error?.kind == .type)
        }
        #expect(throws: SQLiteError.self) { try row.uint128(3) }
        #expect(throws: SQLiteError.self) { try row.string(1) }
    }

    @Test func `a literal is compiled once and comes back empty`() throws {
        let database = try inMemory()
        try database.execute("CREATE TABLE t (a, b)")
        func insert(_ value: Int?) throws {
            let statement = try database.prepare("INSERT INTO t VALUES (?, ?)")
            if let value { try statement.bind(value, value) }
            try statement.run()
        }
        try insert(7)
        try insert(nil)
        #expect(try integer(database, "SELECT count(*) FROM t WHERE a IS NULL AND b IS NULL") == 1)
        #expect(try integer(database, "SELECT count(*) FROM t WHERE a = 7") == 1)
    }

    @Test func `the same literal can be in use twice`() throws {
        let database = try inMemory()
        try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)")
        func count(_ depth: Int) throws -> Int {
            let rows = try database.prepare("SELECT a FROM t")
            var total = 0
            while try rows.step() { total += depth == 0 ? 1 : try count(depth - 1) }
            return total
        }
        #expect(try count(2) == 27)
        #expect(try count(1) == 9)
    }

    @Test(arguments: ["", "  ", "-- nothing", "SELECT 1; DROP TABLE t", "SELECT 1; SELECT 2;"])
    func `a statement is one statement`(sql: String) throws {
        let database = try inMemory()
        #expect(throws: SQLiteError.self) { _ = try database.prepare(dynamic: sql) }
        #expect(try integer(database, "SELECT 1 ; ;\n") == 1)
    }

    @Test func `rows are walked and the statement may run again`() throws {
        let database = try inMemory()
        let rows = try database.prepare("VALUES (1), (2), (3)")
        for _ in 0..<2 {
            var seen: [Int64] = []
            try rows.forEachRow { row throws(SQLiteError) in seen.append(try row.int64(0)) }
            #expect(seen == [1, 2, 3])
        }
    }
}

@Suite struct DatabaseErrorTests {
    @Test(arguments: [
        ("INSERT INTO t VALUES (1, 'x', 5)", SQLiteError.Kind.constraint(.unique)),
        ("INSERT INTO t VALUES (9, 'taken', 5)", .constraint(.unique)),
        ("INSERT INTO t VALUES (9, NULL, 5)", .constraint(.notNull)),
        ("INSERT INTO t VALUES (9, 'x', -5)", .constraint(.check)),
        ("INSERT INTO child VALUES (77)", .constraint(.foreignKey)),
        ("INSERT INTO t VALUES (9, 'x', 'text')", .constraint(.other)),
        ("SELEKT", .other),
    ])
    func `what a schema refuses has its kind`(sql: String, kind: SQLiteError.Kind) throws {
        let database = try inMemory()
        try database.execute(
            """
            CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, n INTEGER CHECK (n > 0)) STRICT;
            CREATE TABLE child (parent INTEGER REFERENCES t);
            INSERT INTO t VALUES (1, 'taken', 1)
            """)
        let error = #expect(throws: SQLiteError.self) { try database.execute(sql) }
        #expect(error?.kind == kind)
        #expect(error?.sql == sql)
        #expect(!database.isPoisoned)
    }

    @Test func `bound values are not in an error`() throws {
        let database = try inMemory()
        try database.execute("CREATE TABLE t (a TEXT PRIMARY KEY) WITHOUT ROWID")
        let insert = try database.prepare("INSERT INTO t VALUES (?)")
        try insert.bind("hunter2")
        try insert.run()
        let error = #expect(throws: SQLiteError.self) { try insert.run() }
        #expect(error?.kind == .constraint(.unique))
        #expect("\(try #require(error))".contains("INSERT INTO t VALUES (?)"))
        #expect(!"\(try #require(error))".contains("hunter2"))
    }

    @Test func `what cannot be opened says so`() throws {
        let directory = try TemporaryDirectory()
        for path in [directory.file("absent/a.db"), "a\0b"] {
            let error = #expect(throws: SQLiteError.self) { try Database(path: path) }
            #expect(error?.kind == .cannotOpen)
        }
        #expect(throws: SQLiteError.self) { try Database(path: directory.file("a.db"), options: .readOnly) }
    }

    @Test func `a file that is no database is corrupt`() throws {
        let directory = try TemporaryDirectory()
        let file = unsafe fopen(directory.file("a.db"), "w")
        unsafe fputs(String(repeating: "this is not a database\n", count: 100), file)
        unsafe fclose(file)
        let error = #expect(throws: SQLiteError.self) { try Database(path: directory.file("a.db")) }
        #expect(error?.kind == .corrupt)
    }

    @Test func `a reader cannot write`() throws {
        let directory = try TemporaryDirectory()
        let writer = try Database(path: directory.file("a.db"))
        try writer.execute("CREATE TABLE t (a)")
        let reader = try Database(path: directory.file("a.db"), options: .readOnly)
        let error = #expect(throws: SQLiteError.self) { try reader.execute("INSERT INTO t VALUES (1)") }
        #expect(error?.kind == .readOnly)
    }

    @Test func `a second writer finds it busy, a reader does not`() throws {
        let directory = try TemporaryDirectory()
        var options = DatabaseOptions()
        options.busyTimeout = .zero
        let first = try Database(path: directory.file("a.db"), options: options)
        try first.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)")
        let second = try Database(path: directory.file("a.db"), options: options)
        let reader = try Database(path: directory.file("a.db"), options: .readOnly)
        try first.begin()
        try first.execute("INSERT INTO t VALUES (2)")
        let error = #expect(throws: SQLiteError.self) { try second.begin() }
        #expect(error?.kind == .busy)
        #expect(try integer(reader, "SELECT count(*) FROM t") == 1)
        try first.commit()
        #expect(try integer(reader, "SELECT count(*) FROM t") == 2)
        try second.begin()
        try second.commit()
    }

    @Test func `a database at its limit is full, and goes on when there is room`() throws {
        let directory = try TemporaryDirectory()
        let database = try Database(path: directory.file("a.db"))
        try database.execute("CREATE TABLE t (a); PRAGMA max_page_count = 10")
        let error = #expect(throws: SQLiteError.self) {
            try database.transaction { () throws(SQLiteError) in
                try database.execute("INSERT INTO t VALUES (1)")
                try database.execute("INSERT INTO t VALUES (zeroblob(100000))")
            }
        }
        #expect(error?.kind == .full)
        #expect(!database.isPoisoned)
        #expect(!database.isInTransaction)
        #expect(try integer(database, "SELECT count(*) FROM t") == 0)
        try database.execute("INSERT INTO t VALUES (1)")
    }
}

@Suite struct TransactionTests {
    @Test func `a transaction is all or nothing`() throws {
        let database = try inMemory()
        try database.execute("CREATE TABLE t (a UNIQUE)")
        let sum = try database.transaction { () throws(SQLiteError) in
            try database.execute("INSERT INTO t VALUES (1)")
            return 41 + database.changes
        }
        #expect(sum == 42)
        #expect(throws: SQLiteError.self) {
            try database.transaction { () throws(SQLiteError) in
                try database.execute("INSERT INTO t VALUES (2)")
                try database.execute("INSERT INTO t VALUES (1)")
            }
        }
        #expect(!database.isInTransaction)
        #expect(try integer(database, "SELECT count(*) FROM t") == 1)
    }

    @Test func `a savepoint undoes its own part and no more`() throws {
        let database = try inMemory()
        try database.execute("CREATE TABLE t (a UNIQUE)")
        try database.begin()
        try database.execute("INSERT INTO t VALUES (1)")
        #expect(throws: SQLiteError.self) {
            try database.savepoint { () throws(SQLiteError) in
                try database.execute("INSERT INTO t VALUES (2)")
                try database.execute("INSERT INTO t VALUES (1)")
            }
        }
        try database.savepoint { () throws(SQLiteError) in try database.execute("INSERT INTO t VALUES (3)") }
        try database.commit()
        #expect(try integer(database, "SELECT sum(a) FROM t") == 4)
    }

    @Test func `a backup holds what was committed and replaces what was there`() throws {
        let directory = try TemporaryDirectory()
        let database = try Database(path: directory.file("a.db"))
        try database.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)")
        try database.backup(to: directory.file("b.db"))
        try database.execute("INSERT INTO t VALUES (3)")
        try database.backup(to: directory.file("b.db"))
        let copy = try Database(path: directory.file("b.db"), options: .readOnly)
        #expect(try integer(copy, "SELECT sum(a) FROM t") == 6)
        #expect(try copy.integrityCheck() == [])
        try database.checkpoint()
        #expect(throws: SQLiteError.self) { try database.backup(to: directory.file("absent/b.db")) }
    }
}
