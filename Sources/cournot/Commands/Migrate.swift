internal import Experiments
internal import JSON
internal import ProcessIO
internal import Storage

/// `cournot migrate`
enum Migrate: Command {
    enum Option: String, CommandOption {
        case database, contract, json
        var takesValue: Bool { self == .database }
    }

    static let words = ["migrate"]
    static let summary = "Bring a database's schema up to date"
    static let help = """
        Bring a database's schema up to date, or make a new database.

        Usage: cournot migrate [--database URL] [--contract] [--json]

          --database URL   sqlite:PATH or postgres://… (DATABASE_URL; sqlite:cournot.db)
          --contract       also take away what only older programs need (PostgreSQL): run it when every replica is
                           of this version; a new database has nothing of it
          --json           {"ran":["001 …"]}, the steps that were run, empty when there was nothing to do

        Each step is run once, in a transaction of its own. The server does the same when it starts; run this
        beforehand where the two should not happen at once.

        Example:
          cournot migrate --database sqlite:/var/lib/cournot/cournot.db

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let database = try Configuration(arguments).database
        let ran: [String]
        do throws(StoreError) {
            switch database {
            case .sqlite(let path): ran = try SQLiteStore.migrate(path: path)
            case .postgres(let configuration):
                ran = try await PostgresStore.migrate(configuration, contracting: arguments.has(.contract))
            }
        } catch {
            throw CommandFailure("\(database): \(error.sentence)")
        }
        if arguments.has(.json) {
            var json = JSONWriter()
            json.beginObject()
            json.key("ran")
            json.beginArray()
            for step in ran { json.string(step) }
            json.endArray()
            json.endObject()
            json.newline()
            StandardStream.output.write(json.bytes)
        } else if ran.isEmpty {
            StandardStream.output.line("\(database) is up to date.")
        } else {
            for step in ran { StandardStream.output.line("ran \(step)") }
        }
    }
}
