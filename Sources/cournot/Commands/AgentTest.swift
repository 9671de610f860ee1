internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import JSON
internal import PricingAPI
internal import ProcessIO
internal import Storage

/// `cournot agent test`
enum AgentTest: Command {
    enum Option: String, CommandOption {
        case tenant, database, json
        var takesValue: Bool { self != .json }
    }

    static let words = ["agent", "test"]
    static let summary = "Rehearse the agent against a tenant's catalogue and settings"
    static let help = """
        Play scripted conversations against a tenant's own catalogue, experiments and agent settings, before shoppers do:
        it finds products by their titles, tells a price that is the quote, gives no discount, reaches the button of a
        checkout, and hands over to a person, in every language of the settings. It is played in memory: no exposure,
        order or conversation of it becomes the tenant's. What it came to is kept with the agent's settings.

        Usage: cournot agent test [--tenant ID] [--database URL] [--json]

          --tenant ID      One tenant's (ten_…); every tenant's where this is left out
          --database URL   sqlite:PATH or postgres://… (DATABASE_URL; sqlite:cournot.db)
          --json           {"tenants":[{"tenant":"ten_…","passed":true,"scenes":28,"failed":0,"results":[…]}]}

        Ends with 1 when a scene did not go as it must. A server may run meanwhile; over HTTP the same is
        POST /api/v1/agent/test.

        Example:
          cournot agent test --tenant ten_0198… --database sqlite:/var/lib/cournot/cournot.db

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let configuration = try Configuration(arguments)
        let database = configuration.database
        // What is not there has nothing to rehearse; opening it would make it.
        if case .sqlite(let path) = database, (try? InputFile(path: path)) == nil {
            throw CommandFailure("\(database): there is no such database")
        }
        let wanted = try arguments.text(.tenant).map { text throws(UsageError) in
            guard let id = TenantID(text) else { throw UsageError("--tenant: \(text) is no tenant's id") }
            return id
        }
        let store = try await database.openOrFail()
        var played: [(tenant: Tenant, scenes: [RehearsedScene], verdict: AgentVerdict)] = []
        do {
            let service = PricingService(
                store: store, clock: SystemClock(), identifiers: IdentifierSource(random: SystemRandom()))
            try await service.load()
            if let wanted, service.snapshot(of: wanted) == nil {
                throw CommandFailure("\(database): there is no tenant \(wanted)")
            }
            let search = CatalogueSearch(embedder: try configuration.embeddings.open())
            let sells = !configuration.payments.providers.isEmpty
            for tenant in service.tenants.sorted() where wanted == nil || tenant == wanted {
                guard let snapshot = service.snapshot(of: tenant) else { continue }
                let rehearsal = try await Rehearsal(
                    of: snapshot, in: MemoryStore(), search: search, sells: sells, clock: service.clock,
                    identifiers: service.identifiers)
                let scenes = await rehearsal.play()
                let verdict = scenes.verdict(on: snapshot.tenant.agent, at: service.clock.now())
                try await service.keep(verdict, of: tenant, actor: "cli", requestID: "")
                played.append((snapshot.tenant, scenes, verdict))
            }
            await search.stop()
            await store.close()
        } catch {
            await store.close()
            switch error {
            case let error as StoreError: throw CommandFailure("\(database): \(error.sentence)")
            case ConfigurationError.store(let error): throw CommandFailure("\(database): \(error.sentence)")
            default: throw error
            }
        }
        if arguments.has(.json) { printJSON(played) } else { printTable(played) }
        if played.contains(where: { !$0.verdict.passed }) { throw CommandFailure("the agent did not pass its test") }
    }

    private static func printTable(_ played: [(tenant: Tenant, scenes: [RehearsedScene], verdict: AgentVerdict)]) {
        for (tenant, scenes, verdict) in played {
            StandardStream.output.line(
                "\(tenant.name), \(tenant.id): \(verdict.scenes) scenes, \(verdict.failures) failed")
            for scene in scenes {
                let (mark, why): (String, String) =
                    switch scene.outcome {
                    case .passed: ("passed", "")
                    case .skipped(let why): ("skipped", why)
                    case .failed(let why): ("FAILED", why)
                    }
                let what = "\(scene.language.rawValue) \(scene.kind.rawValue)".padded(to: 12)
                let line = "  \(mark.padded(to: 8))\(what) \((scene.product?.text ?? "").padded(to: 20)) \(why)"
                StandardStream.output.line(String(line.reversed().drop { $0 == " " }.reversed()))
                guard case .failed = scene.outcome else { continue }
                for said in scene.said { StandardStream.output.line("      \(said.role.rawValue): \(said.text)") }
            }
        }
    }

    private static func printJSON(_ played: [(tenant: Tenant, scenes: [RehearsedScene], verdict: AgentVerdict)]) {
        var json = JSONWriter()
        json.beginObject()
        json.key("tenants")
        json.beginArray()
        for (tenant, scenes, verdict) in played { scenes.write(verdict, of: tenant.id, into: &json) }
        json.endArray()
        json.endObject()
        json.newline()
        StandardStream.output.write(json.bytes)
    }
}
