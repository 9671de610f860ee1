internal import Experiments
internal import JSON

extension EventDraft {
    static let keys: [StaticString] = [
        "id", "type", "shopper", "timestamp", "quote", "product", "experiment", "quantity", "revenue", "order",
        "properties",
    ]

    /// Reads an event; what is wrong with it is kept as its fault, so that one event does not spoil a batch.
    init(_ node: JSONNode) {
        self.init()
        let collector = FaultCollector()
        if let reader = ObjectReader(node, keys: Self.keys, collector) {
            id = reader.string("id")
            type = reader.string("type")
            shopper = reader.string("shopper")
            timestamp = reader.timestamp("timestamp")
            quote = reader.string("quote")
            product = reader.string("product")
            experiment = reader.string("experiment")
            quantity = reader.integer("quantity")
            revenue = reader.money("revenue")
            order = reader.string("order")
            if let properties = reader["properties"] {
                do throws(JSONError) {
                    let value = try JSONValue(properties)
                    if value.object == nil { reader.fault("properties", "Expected an object.") }
                    self.properties = value.serialized()
                } catch {
                    reader.fault("properties", "\(error).")
                }
            }
        }
        if let first = collector.faults.list.first {
            fault = first.pointer.isEmpty ? first.detail : "\(first.pointer): \(first.detail)"
        }
    }

    /// What cannot be read at all.
    init(unreadable reason: String) {
        self.init()
        fault = reason
    }
}

extension EventOutcome {
    /// `{"accepted", "duplicates", "rejected": [{"index", "code", "detail"}]}`
    static func wire(_ outcomes: [EventOutcome]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("accepted", outcomes.count { $0 == .accepted })
        writer.field("duplicates", outcomes.count { $0 == .duplicate })
        writer.key("rejected")
        writer.beginArray()
        for (index, outcome) in outcomes.enumerated() {
            guard case .rejected(let rejection) = outcome else { continue }
            writer.beginObject()
            writer.field("index", index)
            writer.field("code", rejection.code.rawValue)
            writer.field("detail", rejection.detail)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes
    }
}
