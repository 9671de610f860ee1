internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import JSON
internal import ProcessIO
internal import Storage

/// `cournot agent audit`
enum AgentAudit: Command {
    enum Option: String, CommandOption {
        case database, json
        var takesValue: Bool { self != .json }
    }

    static let words = ["agent", "audit"]
    static let summary = "Hold every amount told in conversations against its quote"
    static let help = """
        Read every transcript again and hold each amount that a shopper was told against the quote or checkout that it
        came from. It must find none that nothing stands behind.

        Usage: cournot agent audit [--database URL] [--json]

          --database URL   sqlite:PATH or postgres://… (DATABASE_URL; sqlite:cournot.db)
          --json           {"conversations":…,"messages":…,"model_messages":…,"amounts":…,"unbacked":0,"findings":[]}

        An amount is backed when its quote was given to this shopper, was live when it was told, and says that price; a
        total when its checkout comes to it. Each text must be its draft with the slots filled, and the draft must pass
        the price guard of this program. Ends with 1 when anything does not hold. A server may run meanwhile.

        Example:
          cournot agent audit --database sqlite:/var/lib/cournot/cournot.db

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let database = try Configuration(arguments).database
        // What is not there has nothing to audit; opening it would make it.
        if case .sqlite(let path) = database, (try? InputFile(path: path)) == nil {
            throw CommandFailure("\(database): there is no such database")
        }
        let store = try await database.openOrFail()
        var audit = TranscriptAudit()
        do throws(StoreError) {
            let service = PricingService(
                store: store, clock: SystemClock(), identifiers: IdentifierSource(random: SystemRandom()))
            try await service.load()
            for tenant in service.tenants.sorted() {
                try await audit.read(tenant, prices: service, checkouts: store)
            }
            await store.close()
        } catch {
            await store.close()
            throw CommandFailure("\(database): \(error.sentence)")
        }
        if arguments.has(.json) {
            StandardStream.output.write(json(audit))
        } else {
            StandardStream.output.line(
                "\(audit.conversations) conversations, \(audit.messages) messages (\(audit.modelMessages) by way of a model), "
                    + "\(audit.amounts) amounts told; "
                    + "\(audit.findings.count) that nothing stands behind")
            for finding in audit.findings {
                StandardStream.output.line("\(finding.tenant) \(finding.message): \(finding.detail)")
            }
        }
        if !audit.findings.isEmpty { throw CommandFailure("amounts were told that nothing stands behind") }
    }

    private static func json(_ audit: TranscriptAudit) -> [UInt8] {
        var json = JSONWriter()
        json.beginObject()
        json.field("conversations", Int64(audit.conversations))
        json.field("messages", Int64(audit.messages))
        json.field("model_messages", Int64(audit.modelMessages))
        json.field("amounts", Int64(audit.amounts))
        json.field("unbacked", Int64(audit.findings.count))
        json.key("findings")
        json.beginArray()
        for finding in audit.findings {
            json.beginObject()
            json.field("tenant", finding.tenant.description)
            json.field("message", finding.message.description)
            json.field("detail", finding.detail)
            json.endObject()
        }
        json.endArray()
        json.endObject()
        json.newline()
        return json.bytes
    }
}
