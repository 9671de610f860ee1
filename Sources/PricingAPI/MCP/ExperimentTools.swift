internal import Crypto
internal import Experiments
internal import HTTPServer
internal import JSON

// For the merchant's own assistant: what is tried, and what came of it.

extension AssistantTool {
    private static let experimentKey: JSONValue = [
        "type": "string", "pattern": "^exp_[0-9a-f]{32}$", "description": "The experiment's id.",
    ]

    static let experiments = [
        AssistantTool(
            "list_experiments", title: "List price experiments",
            "The newest first, with their variants and prices. For the merchant, never for shoppers.",
            for: merchants, .none,
            input: ToolSchema.object(
                JSONObject([
                    (
                        "status",
                        [
                            "type": "string",
                            "enum": .array(Experiment.Status.allCases.map { .string($0.rawValue) }),
                        ]
                    ),
                    ("limit", ["type": "integer", "minimum": 1, "maximum": 200, "default": 50]),
                    ("cursor", ToolSchema.text("The `next_cursor` of the page before.")),
                ]), required: []),
            output: ToolSchema.published("ExperimentList")
        ) { _, context, arguments throws(Problem) in try experimentList(context, arguments) },

        AssistantTool(
            "create_experiment", title: "Draft a price experiment",
            "Makes a draft that the merchant looks at and starts; shoppers hear nothing of it before. With an "
                + "`idempotency_key` the same draft is made once.",
            for: merchants, .adds,
            input: ToolSchema.published(
                "NewExperiment", adding: [("idempotency_key", ToolSchema.key("Any text of yours."))]),
            output: ToolSchema.published("Experiment")
        ) { api, context, arguments throws(Problem) in try await api.draftForAssistant(context, arguments) },

        AssistantTool(
            "get_report", title: "Read an experiment's report",
            "What the counts say: recommendation, data quality, each metric by variant with intervals that hold however "
                + "often one looks. For the merchant, never for shoppers.",
            for: merchants, .none,
            input: ToolSchema.object(
                JSONObject([
                    ("experiment", experimentKey),
                    ("as_of", ["type": "string", "format": "date-time", "description": "Of a report told before."]),
                    (
                        "segment",
                        ToolSchema.text(
                            "Of the shoppers of one value of a declared segment alone: `attribute:value`, such as "
                                + "`device:mobile`, `device:other` or `device:not told`.")
                    ),
                ]), required: ["experiment"]),
            output: ToolSchema.published("Report")
        ) { api, context, arguments throws(Problem) in try await api.reportForAssistant(context, arguments) },
    ]

    private static func experimentList(_ context: Context, _ arguments: JSONNode) throws(Problem) -> [UInt8] {
        let snapshot = try context.member.snapshot
        let asked = try ToolArguments.read(arguments, ["status", "limit", "cursor"]) { reader in
            let status = reader.string("status")
            if let status, Experiment.Status(rawValue: status) == nil {
                let all = Experiment.Status.allCases.map(\.rawValue).joined(separator: ", ")
                reader.fault("status", "A status is one of \(all).")
            }
            let limit = reader.integer("limit") ?? 50
            if !(1...200).contains(limit) { reader.fault("limit", "A limit is from 1 to 200.") }
            let cursor = reader.string("cursor")
            let after = cursor.flatMap { Base64URL.decode($0) }.flatMap {
                ExperimentID(String(decoding: $0, as: UTF8.self))
            }
            if cursor != nil, after == nil { reader.fault("cursor", "No page ended with this.") }
            return (status: status, limit: Int(clamping: limit), after: after)
        }
        var found = snapshot.experiments.values.sorted { $0.id > $1.id }
        if let status = asked.status { found.removeAll { $0.status.rawValue != status } }
        if let after = asked.after { found.removeAll { $0.id >= after } }
        let page = found.prefix(asked.limit)
        return Paging.body(Array(page), next: found.count > page.count ? page.last?.id.description : nil) {
            experiment, writer in
            experiment.write(into: &writer)
        }
    }
}

extension PricingAPI {
    fileprivate func draftForAssistant(_ context: Context, _ arguments: JSONNode) async throws(Problem) -> [UInt8] {
        let collector = FaultCollector()
        guard
            let reader = ObjectReader(
                arguments, keys: Experiment.settableKeys + ["idempotency_key"], readOnly: Experiment.readOnlyKeys,
                collector)
        else { throw .invalid(collector.faults.list) }
        let draft = ExperimentDraft(reader)
        let keeper = try reader.string("idempotency_key").map { key throws(Problem) in
            try ReplyKeeper(key, of: "create_experiment", arguments, context)
        }
        let response = try await create(draft, collector.faults, keeper, context)
        guard case .bytes(let body) = response.body else { throw Problem(500, "internal", "The draft has no text.") }
        return body
    }

    fileprivate func reportForAssistant(_ context: Context, _ arguments: JSONNode) async throws(Problem) -> [UInt8] {
        let snapshot = try context.member.snapshot
        let asked = try ToolArguments.read(arguments, ["experiment", "as_of", "segment"]) { reader in
            reader.require("experiment")
            return (
                name: reader.string("experiment"), asOf: reader.timestamp("as_of"), segment: reader.string("segment")
            )
        }
        guard let experiment = asked.name.flatMap({ ExperimentID($0) }).flatMap({ snapshot.experiments[$0] }) else {
            throw Problem(404, "not_found", "There is no experiment with this id.")
        }
        return try await reportBody(
            of: experiment, in: snapshot.tenant.id, asOf: asked.asOf,
            within: try Self.segment(asked.segment, of: experiment))
    }
}
