internal import Experiments
internal import Postgres

/// Partitions by the day of receipt: of raw events one a day, of usage one a month. Days are counted from 1970-01-01.
enum Partitions {
    /// How many days ahead there is one.
    private static let ahead: Int32 = 7

    /// Makes those of today and the days to come that are not there. A day that has rows in the default partition already
    /// stays there.
    static func make(from milliseconds: Int64, _ connection: PostgresConnection) async throws {
        let today = Timestamp(milliseconds: milliseconds).day
        func tried(_ make: () async throws -> Void) async throws {
            do { try await make() } catch let error as PostgresError where error.isCheckViolation {}
        }
        for day in today...(today + ahead) { try await tried { try await make(day: day, connection) } }
        for day in [today, today + ahead] { try await tried { try await makeUsage(day: day, connection) } }
    }

    /// Makes that of a day's events, if it is not there.
    static func make(day: Int32, _ connection: PostgresConnection) async throws {
        let from = "date '1970-01-01' + \(day)"
        try await make("events", date(day).prefix(8), from: from, to: from + " + 1", connection)
    }

    /// Makes that of a day's month of usage, if it is not there.
    static func makeUsage(day: Int32, _ connection: PostgresConnection) async throws {
        let days = Timestamp(day: day).monthDays
        try await make("usage", date(day).prefix(6), from: "\(days.lowerBound)", to: "\(days.upperBound)", connection)
    }

    /// A day's date, in eight digits.
    private static func date(_ day: Int32) -> String { Timestamp(day: day).description.prefix(10).filter { $0 != "-" } }

    private static func make(
        _ table: String, _ suffix: Substring, from: String, to: String, _ connection: PostgresConnection
    ) async throws {
        let name = "\(table)_\(suffix)"
        let there = try await connection.run(
            [PostgresCommand("SELECT to_regclass($1) IS NOT NULL", .text(name))], within: .seconds(5))
        if try there[0].bool(0, 0) { return }
        _ = try await connection.run(
            PostgresSchema.partition(of: table, from: from, to: to, name: name), within: .seconds(30))
    }
}
