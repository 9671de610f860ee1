internal import Crypto
internal import Experiments
internal import JSON

extension Tenant {
    static let settableKeys: [StaticString] = [
        "name", "plan", "mode", "default_provider", "webhook_url", "usage_limit",
    ]
    static let readOnlyKeys: [StaticString] = ["id", "created_at"]

    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id.description)
        writer.field("name", name)
        writer.field("plan", plan)
        writer.field("mode", mode.rawValue)
        writer.field("default_provider", optional: defaultProvider)
        writer.field("webhook_url", optional: webhookURL)
        writer.field("usage_limit", optional: usageLimit)
        writer.field("created_at", createdAt)
        writer.endObject()
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        write(into: &writer)
        return writer.bytes
    }

    /// Takes what a document says of the parts that may be set.
    mutating func take(_ reader: ObjectReader) {
        name = reader.string("name") ?? ""
        plan = reader.string("plan") ?? "free"
        mode = reader.choice("mode", Mode.self) ?? .managed
        defaultProvider = reader.string("default_provider")
        webhookURL = reader.string("webhook_url")
        usageLimit = reader.integer("usage_limit").map { Int($0) }
        var faults = Faults()
        validate(into: &faults)
        reader.collector.add(unlessKnown: faults)
    }
}

extension APIKey {
    /// - Parameter text: the key itself, shown once.
    func write(into writer: inout JSONWriter, text: String? = nil) {
        writer.beginObject()
        writer.field("id", id.description)
        writer.field("role", role.rawValue)
        writer.field("name", name)
        if let text { writer.field("key", text) }
        writer.field("created_at", createdAt)
        writer.field("expires_at", optional: expiresAt)
        writer.key("allowed_addresses")
        writer.beginArray()
        for range in allowedAddresses { writer.string(range.description) }
        writer.endArray()
        writer.key("allowed_origins")
        writer.beginArray()
        for origin in allowedOrigins { writer.string(origin.description) }
        writer.endArray()
        writer.endObject()
    }
}

extension ObjectReader {
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ key: StaticString, _ type: Choice.Type
    ) -> Choice? where Choice.RawValue == String {
        guard let text = string(key) else { return nil }
        if let choice = Choice(rawValue: text) { return choice }
        fault(key, "Not one of \(Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")).")
        return nil
    }
}
