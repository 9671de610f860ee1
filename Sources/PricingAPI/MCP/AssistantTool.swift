internal import Experiments
internal import JSON

/// Something an assistant may do here.
struct AssistantTool: Sendable {
    /// What it changes, told honestly.
    struct Effect: Sendable {
        /// Nothing is changed.
        static let none = Effect(reads: true, repeats: true)
        /// Something is kept, once however often it is asked for.
        static let once = Effect(reads: false, repeats: true)
        /// Something is added each time.
        static let adds = Effect(reads: false, repeats: false)

        let reads: Bool
        let repeats: Bool
    }

    typealias Call = @Sendable (PricingAPI, Context, JSONNode) async throws(Problem) -> [UInt8]

    let name: String
    let roles: Set<Role>
    /// Whether it is there only where something is sold.
    let sells: Bool
    /// As `tools/list` tells it.
    let definition: [UInt8]
    /// Takes the arguments, an object, and says what it found: JSON that the definition's `outputSchema` describes.
    let call: Call

    init(
        _ name: String, title: String, _ description: String, for roles: Set<Role>, _ effect: Effect,
        sells: Bool = false,
        input: JSONValue, output: JSONValue, call: @escaping Call
    ) {
        self.name = name
        self.roles = roles
        self.sells = sells
        self.call = call
        let value: JSONValue = [
            "name": .string(name), "title": .string(title), "description": .string(description),
            "inputSchema": input, "outputSchema": output,
            "annotations": [
                "title": .string(title), "readOnlyHint": .bool(effect.reads), "destructiveHint": false,
                "idempotentHint": .bool(effect.repeats), "openWorldHint": false,
            ],
        ]
        definition = value.serialized()
    }

    /// All tools, in the order in which they are told.
    static let all: [AssistantTool] = catalogue + prices + checkouts + experiments

    static let sellers: Set<Role> = [.merchant, .agent]
    static let merchants: Set<Role> = [.merchant]
}

/// The JSON Schema of tools.
enum ToolSchema {
    /// An object that has these members and, where it is an argument, no others.
    static func object(_ properties: JSONObject, required: [String], isClosed: Bool = true) -> JSONValue {
        var schema = JSONObject([
            ("type", "object"), ("properties", .object(properties)),
            ("required", .array(required.map { .string($0) })),
        ])
        if isClosed { schema["additionalProperties"] = false }
        return .object(schema)
    }

    static func text(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    /// A tenant's own key.
    static func key(_ description: String) -> JSONValue {
        ["type": "string", "minLength": 1, "maxLength": 256, "description": .string(description)]
    }

    static func list(of items: JSONValue) -> JSONValue { ["type": "array", "items": items] }

    static func orNull(_ type: String) -> JSONValue { ["type": [.string(type), "null"]] }

    /// What has to be shown where a price is shown.
    static let disclosure: JSONValue = [
        "type": ["object", "null"],
        "description": "What has to be shown at the price, word for word; null where nothing has to.",
        "properties": [
            "basis": [
                "type": "string", "enum": .array(PriceDisclosure.Basis.allCases.map { .string($0.rawValue) }),
            ],
            "text": ["type": "string"], "jurisdiction": ["type": "string"],
        ],
        "required": ["basis", "text", "jurisdiction"], "additionalProperties": false,
    ]

    /// Money as it is told: never a fraction, never without its currency.
    static let money = object(
        JSONObject([
            ("amount", ["type": "integer", "minimum": 0, "description": "In the currency's minor unit."]),
            ("currency", ["type": "string", "pattern": "^[A-Z]{3}$"]),
            ("display", text("For people: say it as it stands.")),
        ]), required: ["amount", "currency", "display"])

    /// A schema of the published document, with all that it refers to.
    ///
    /// - Parameter adding: further members that it may have.
    static func published(_ name: String, adding more: [(String, JSONValue)] = []) -> JSONValue {
        let schemas = document["components"]?["schemas"]
        var found = JSONObject()
        var wanted = [name]
        while let next = wanted.popLast() {
            guard found[next] == nil, let schema = schemas?[next] else { continue }
            found[next] = moved(schema, &wanted)
        }
        guard case .object(var root)? = found[name] else { return ["type": "object"] }
        found[name] = nil
        if case .object(var properties)? = root["properties"] {
            for (key, schema) in more { properties[key] = schema }
            root["properties"] = .object(properties)
        }
        if !found.isEmpty { root["$defs"] = .object(found) }
        return .object(root)
    }

    private static let document = (try? JSONValue(parsing: OpenAPIDocument.bytes)) ?? .null
    private static let place = "#/components/schemas/"

    /// The schema with its references pointing to `$defs`; examples, which help only readers of the document, left out.
    private static func moved(_ schema: JSONValue, _ wanted: inout [String]) -> JSONValue {
        switch schema {
        case .array(let elements): return .array(elements.map { moved($0, &wanted) })
        case .object(let object):
            var copy = JSONObject()
            for member in object.members where member.key != "example" || member.value.object?["type"] != nil {
                if member.key == "$ref", let text = member.value.string, text.hasPrefix(place) {
                    let name = String(text.dropFirst(place.count))
                    wanted.append(name)
                    copy["$ref"] = .string("#/$defs/" + name)
                } else {
                    copy[member.key] = moved(member.value, &wanted)
                }
            }
            return .object(copy)
        default: return schema
        }
    }
}

/// The arguments of a tool, read as strictly as a body.
enum ToolArguments {
    static func read<Value>(
        _ arguments: JSONNode, _ keys: [StaticString], _ body: (ObjectReader) -> Value
    ) throws(Problem) -> Value {
        let collector = FaultCollector()
        guard let reader = ObjectReader(arguments, keys: keys, collector) else {
            throw .invalid(collector.faults.list)
        }
        let value = body(reader)
        try collector.check()
        return value
    }
}
