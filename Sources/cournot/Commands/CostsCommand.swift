internal import AgentRuntime
internal import Crypto
internal import Experiments
internal import ProcessIO
internal import Storage

/// `cournot costs`
enum CostsCommand: Command {
    enum Option: String, CommandOption {
        case database, day, days
        var takesValue: Bool { true }
    }

    static let words = ["costs"]
    static let summary = "Print what language models cost, by tenant, model and arm"
    static let help = """
        Print what language models cost on a day, or on some days up to it, for each tenant: by model, and by the
        experiments' arms whose prices were told in the conversations.

        Usage: cournot costs [--database URL] [--day YYYY-MM-DD] [--days N]

          --database URL   sqlite:PATH or postgres://… (DATABASE_URL; sqlite:cournot.db)
          --day DAY        The last day, in UTC (today)
          --days N         How many days up to it, 1 to 366 (1)

        Costs are exact: what one request cost may be a small part of a cent. "at most" is what was set aside for requests
        whose cost nobody said. GET /api/v1/costs says the same to a tenant. A server may run meanwhile.

        Example:
          cournot costs --day 2026-11-20

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let days = Int32(try arguments.integer(.days, in: 1...366, or: 1))
        let last: Int32
        if let text = arguments.text(.day) {
            guard text.utf8.count == 10, let time = Timestamp(rfc3339: text + "T00:00:00Z") else {
                throw UsageError("--day is a day such as 2026-05-01")
            }
            last = time.day
        } else {
            last = SystemClock().now().day
        }
        let database = try Configuration(arguments).database
        // What is not there has no costs; opening it would make it.
        if case .sqlite(let path) = database, (try? InputFile(path: path)) == nil {
            throw CommandFailure("\(database): there is no such database")
        }
        let store = try await database.openOrFail()
        do throws(StoreError) {
            let service = PricingService(
                store: store, clock: SystemClock(), identifiers: IdentifierSource(random: SystemRandom()))
            try await service.load()
            for tenant in service.tenants.sorted() {
                let costs = try await store.costs(of: tenant, from: last - days + 1, through: last, conversations: 0)
                write(costs, of: tenant, service)
            }
            await store.close()
        } catch {
            await store.close()
            throw CommandFailure("\(database): \(error.sentence)")
        }
    }

    private static func write(_ costs: ModelCosts, of tenant: TenantID, _ service: PricingService) {
        let name = service.snapshot(of: tenant)?.tenant.name ?? ""
        StandardStream.output.line("\(tenant) \(name): \(sentence(costs.total))")
        for row in costs.days {
            let day = Timestamp(milliseconds: Int64(row.day) * 86_400_000).description.prefix(10)
            StandardStream.output.line("  \(day) \(row.model): \(sentence(row.sum))")
        }
        for row in costs.arms {
            StandardStream.output.line(
                "  \(row.arm.experiment) \(row.arm.variant), \(row.conversations) conversations: \(sentence(row.sum))")
        }
    }

    private static func sentence(_ sum: ModelCosts.Sum) -> String {
        var text = "$\(sum.cost.dollars), \(sum.calls) calls"
        if sum.estimated > 0 { text += ", \(sum.estimated) of them estimated" }
        if sum.unknown > 0 { text += "; \(sum.unknown) unknown, at most $\(sum.unknownAtMost.dollars)" }
        return text
    }
}
