internal import JSON
internal import ProcessIO

/// `cournot config`
enum ShowConfiguration: Command {
    enum Option: String, CommandOption {
        case database, spool, host, port, loops, replicas, payments, json
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
        var takesValue: Bool { self != .json }
    }

    static let words = ["config"]
    static let summary = "Print the settings in force, and where each came from"
    static let help = """
        Print the settings in force, and where each came from. Secrets are hidden. If anything is wrong, all of it is
        said and nothing is printed: `cournot config` before a restart tells whether the server will start.

        Usage: cournot config [--json] [SETTINGS]

          --json   [{"name":"PORT","value":"8080","origin":"option|environment|default|unset"}, …]


        """ + Setting.help

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) throws {
        let configuration = try Configuration(arguments)
        let rows = Setting.allCases.map { setting in
            (
                name: setting.rawValue, value: configuration.shown(setting),
                origin: configuration.origins[setting]?.rawValue ?? "unset"
            )
        }
        guard arguments.has(.json) else {
            let width = rows.map { $0.value?.count ?? 1 }.max() ?? 1
            for row in rows {
                let value = row.value ?? "-"
                StandardStream.output.line(
                    row.name.padded(to: 26) + value.padded(to: width + 2) + row.origin)
            }
            return
        }
        var json = JSONWriter(layout: .pretty)
        json.beginArray()
        for row in rows {
            json.beginObject()
            json.field("name", row.name)
            json.key("value")
            if let value = row.value { json.string(value) } else { json.null() }
            json.field("origin", row.origin)
            json.endObject()
        }
        json.endArray()
        json.newline()
        StandardStream.output.write(json.bytes)
    }
}
