internal import Demo
internal import ProcessIO

/// `cournot serve`
enum Serve: Command {
    enum Option: String, CommandOption {
        case database, spool, host, port, loops, replicas, payments, demo, seed, rate
        case rememberedOffers = "remembered-offers"
        case logLevel = "log-level"
        case rateLimit = "rate-limit-per-minute"
        case shutdownDelay = "shutdown-delay-seconds"
        case drainSeconds = "drain-seconds"
        case keptReports = "keep-reports-days"
        case keptChats = "keep-chats-days"
        case allowedOrigins = "allowed-origins"
        case embeddings, models
        case namedTenants = "metrics-tenants"
        var takesValue: Bool { self != .demo }
    }

    static let words = ["serve"]
    static let summary = "Run the server"
    static let help =
        """
        Run the server. It makes or migrates its database first. SIGTERM or SIGINT ends it in order: /ready says no,
        requests under way are finished, the database is closed; a second signal ends it at once. Log lines are JSON,
        on standard error.

        Usage: cournot serve [--demo [--seed N] [--rate N]] [SETTINGS]

          --demo     Open a small shop with a running three-price experiment and simulated shoppers whose demand is
                     known, and print its keys and addresses. Its database is forgotten at the end unless --database
                     or DATABASE_URL names one. Listens on loopback only: its page hands out its keys.
          --seed N   What the simulated shoppers decide by (1838)
          --rate N   How many come in a second, 0 to 1000 (30)

        """ + Setting.help + """

            Examples:
              cournot serve --demo
              OPERATOR_KEY=$(openssl rand -hex 32) cournot serve --host 0.0.0.0 --database sqlite:/var/lib/cournot/cournot.db

            """
    static var endsOnSignal: Bool { true }

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let configuration = try Configuration(arguments)
        guard arguments.has(.demo) else {
            for option in [Option.seed, .rate] where arguments.text(option) != nil {
                throw UsageError("\(option.spelling) goes with --demo")
            }
            let running = try await RunningServer.start(configuration, pages: { _ in [:] })
            StandardStream.output.line("Cournot \(Version.current) listens on \(running.address)")
            await running.run(until: stop)
            return
        }
        let seed: UInt64 = try arguments.integer(.seed, in: 0...UInt64.max, or: 1838)
        let rate: Int = try arguments.integer(.rate, in: 0...1000, or: 30)
        try await DemoServer.run(configuration, seed: seed, rate: rate, until: stop)
    }
}
