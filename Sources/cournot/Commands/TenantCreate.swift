internal import Crypto
internal import Experiments
internal import PricingAPI
internal import ProcessIO
internal import Storage

/// `cournot tenant create`
enum TenantCreate: Command {
    enum Option: String, CommandOption {
        case name, plan, database, json
        var takesValue: Bool { self != .json }
    }

    static let words = ["tenant", "create"]
    static let summary = "Make a tenant and its first keys"
    static let help = """
        Make a tenant and its first keys. Keys are shown once: what is kept is their hash. A server that runs on the
        same database knows them within a second or two.

        Usage: cournot tenant create --name NAME [--plan PLAN] [--database URL] [--json]

          --name NAME              What the merchant is called, 1 to 200 characters
          --plan PLAN              The plan it is on (free)
          --database URL           sqlite:PATH or postgres://… (DATABASE_URL; sqlite:cournot.db)
          --json                   {"tenant":{"id":"ten_…",…},"keys":{"merchant":"ck_…","agent":"ck_…",…}}

        Keys: merchant may do all of its tenant, agent quotes prices and sends events, analyst reads reports, widget
        may be published in a browser.

        Example:
          KEY=$(cournot tenant create --name "Corner shop" --json | jq -r .keys.merchant)

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let name = try arguments.required(.name)
        let database = try Configuration(arguments).database
        let created: SignUp
        do {
            let store = try await database.open()
            let service = PricingService(
                store: store, clock: SystemClock(), identifiers: IdentifierSource(random: SystemRandom()))
            created = SignUp(
                name: name, plan: arguments.text(.plan) ?? "free", service: service, at: service.clock.now())
            try await created.commit(to: service, actor: "cli", requestID: "")
            await store.close()
        } catch let error as StoreError {
            throw CommandFailure("\(database): \(error.sentence)")
        } catch ConfigurationError.invalid(let faults) {
            throw UsageError(faults.list.map { "--\($0.pointer.dropFirst()): \($0.detail)" }.joined(separator: "\n"))
        } catch ConfigurationError.store(let error) {
            throw CommandFailure("\(database): \(error.sentence)")
        }
        if arguments.has(.json) {
            StandardStream.output.write(created.wire + [UInt8(ascii: "\n")])
        } else {
            StandardStream.output.line(
                "Tenant \(created.tenant.name), \(created.tenant.id). Its keys, shown this once:")
            for (key, text) in created.keys {
                StandardStream.output.line("  " + key.role.rawValue.padded(to: 10) + text)
            }
        }
    }
}
