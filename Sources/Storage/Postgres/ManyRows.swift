/// Statements that write or find many rows at once: `$1` is the tenant, and each column is an array, in the order given, from `$2`
/// on.
///
/// Arrays are opened in the target list, in step with each other. `unnest` of several in `FROM` keeps each column of its own
/// first: some 4 of the 32 µs that an event cost PostgreSQL.
enum ManyRows {
    struct Column: ExpressibleByStringLiteral {
        let name: String
        fileprivate var before = ""
        fileprivate var after = ""

        init(stringLiteral name: String) { self.name = name }

        /// A number that comes as text: wider than any integer of the wire.
        static func numeric(_ name: String) -> Column {
            var column = Column(stringLiteral: name)
            column.after = "::numeric"
            return column
        }

        /// A date that comes as the number of its day since 1970.
        static func day(_ name: String) -> Column {
            var column = Column(stringLiteral: name)
            column.before = "date '1970-01-01' + "
            return column
        }
    }

    static func insert(into table: String, _ columns: [Column]) -> String {
        """
        INSERT INTO \(table) (tenant_id, \(columns.map(\.name).joined(separator: ", ")))
        SELECT $1, \(opened(columns).joined(separator: ", "))
        """
    }

    /// Adds to the rows that are there.
    static func add(to table: String, key: [Column], _ columns: [Column]) -> String {
        let sums = columns.map { "\($0.name) = \(table).\($0.name) + excluded.\($0.name)" }
        return """
            \(insert(into: table, key + columns))
            ON CONFLICT (tenant_id, \(key.map(\.name).joined(separator: ", "))) DO UPDATE SET
                \(sums.joined(separator: ", "))
            """
    }

    /// Replaces rows that are there: each is found by the primary key, where an `UPDATE` with a join may look through all that
    /// the tenant has (see ``find(_:in:key:keys:_:then:)``).
    ///
    /// - Parameters:
    ///   - unchanged: what a row has beyond `columns`: given, and left as it is.
    ///   - also: a further assignment, of the row's columns (the table's name before them) and the given ones (`excluded.`).
    static func replace(
        in table: String, key: [Column], _ columns: [Column], unchanged: [Column] = [], also: String? = nil
    ) -> String {
        let assignments = columns.map { "\($0.name) = excluded.\($0.name)" } + (also.map { [$0] } ?? [])
        return """
            \(insert(into: table, key + columns + unchanged))
            ON CONFLICT (tenant_id, \(key.map(\.name).joined(separator: ", "))) DO UPDATE SET
                \(assignments.joined(separator: ", "))
            """
    }

    /// The rows of many keys, in the order of these: each is looked up by tenant and key, which lead the index.
    ///
    /// `OFFSET 0` sees to that. With `key = ANY($2)` PostgreSQL before 17 may take the tenant alone for the index and look
    /// through all that it has: it does where it believes that tenants have few rows, as of a young table, or where one
    /// tenant has many and most have few.
    ///
    /// - Parameters:
    ///   - keys: the parameter with the keys.
    ///   - more: what else is asked of a row.
    ///   - then: what is done with it, such as `FOR UPDATE`.
    static func find(
        _ columns: String, in table: String, key: String, keys: String = "$2", _ more: String = "", then: String = ""
    ) -> String {
        """
        SELECT t.* FROM (SELECT unnest(\(keys)) AS key) AS n CROSS JOIN LATERAL (
            SELECT \(columns) FROM \(table) WHERE tenant_id = $1 AND \(key) = n.key \(more) OFFSET 0 \(then)) AS t
        """
    }

    private static func opened(_ columns: [Column]) -> [String] {
        columns.enumerated().map { "\($1.before)unnest($\($0 + 2))\($1.after)" }
    }
}
