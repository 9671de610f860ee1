internal import AgentRuntime
internal import Experiments
internal import JSON

extension StoredMessage {
    func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("role", message.role.rawValue)
        writer.field("text", message.text)
        writer.key("amounts")
        writer.beginArray()
        for amount in message.amounts { amount.write(into: &writer) }
        writer.endArray()
        writer.key("products")
        writer.beginArray()
        for card in message.products { card.write(into: &writer) }
        writer.endArray()
        writer.key("actions")
        writer.beginArray()
        if let checkout = message.checkout {
            writer.beginObject()
            writer.field("type", "checkout")
            writer.field("checkout", checkout)
            writer.endObject()
        }
        if let closed = message.closed {
            writer.beginObject()
            writer.field("type", "checkout_closed")
            writer.field("checkout", closed)
            writer.endObject()
        }
        writer.endArray()
        writer.field("state", message.state.rawValue)
        writer.field("degraded", message.degraded)
        writer.field("at", message.at)
        writer.endObject()
    }

    var wire: [UInt8] {
        var writer = JSONWriter()
        write(into: &writer)
        return writer.bytes
    }
}

extension ToldAmount {
    /// `{"text", "amount", "currency", "quote" or "checkout"}`
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("text", text)
        writer.field("amount", money.amount)
        writer.field("currency", money.currency.code)
        switch source {
        case .quote(let id): writer.field("quote", id)
        case .total(let id): writer.field("checkout", id)
        }
        writer.endObject()
    }
}

extension ChatMessage.Card {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("sku", sku.text)
        writer.field("title", title)
        writer.key("quote")
        writer.beginObject()
        writer.field("id", quote)
        writer.key("price")
        writer.beginObject()
        writer.field("amount", price.amount)
        writer.field("currency", price.currency.code)
        writer.field("display", display ?? price.display)
        writer.endObject()
        writer.field("issued_at", issuedAt)
        writer.field("expires_at", expiresAt)
        writer.field("disclosure", optional: disclosure)
        writer.endObject()
        writer.endObject()
    }
}

extension StoredConversation {
    func write(_ shopper: ChatShopper, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("id", id)
        writer.field("shopper", shopper.key.text)
        writer.field("state", conversation.state.rawValue)
        writer.field("language", conversation.language.rawValue)
        writer.field("messages", messages)
        if let checkout = conversation.checkout {
            writer.field("checkout", checkout)
        } else {
            writer.null("checkout")
        }
        writer.field("created_at", id.createdAt)
        writer.field("changed_at", changedAt)
        writer.endObject()
    }
}

extension ConversationAnswer {
    /// `{"id", "shopper", "state", "language", "message"}`
    func wire(_ shopper: ChatShopper) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("id", id)
        writer.field("shopper", shopper.key.text)
        writer.field("state", conversation.state.rawValue)
        writer.field("language", conversation.language.rawValue)
        writer.key("message")
        if let last { last.write(into: &writer) } else { writer.null() }
        writer.endObject()
        return writer.bytes
    }

    /// The state, and the message that the turn added last; null where it added none.
    var wire: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("id", id)
        writer.field("state", conversation.state.rawValue)
        writer.key("message")
        if let last { last.write(into: &writer) } else { writer.null() }
        writer.endObject()
        return writer.bytes
    }
}

extension AgentSettings {
    static let keys: [StaticString] = [
        "name", "greeting", "tone", "languages", "operator_contact", "disclosure", "messages_per_minute", "policies",
        // Answers have it; whoever sends it back changes nothing by it.
        "last_test",
    ]

    /// Settings that say all: what is not said is standard. Faults go to the reader.
    init(_ reader: ObjectReader) {
        let standard = AgentSettings.standard
        self.init(
            name: reader.string("name") ?? standard.name, greeting: reader.string("greeting"),
            tone: reader.choice("tone", Tone.self) ?? standard.tone,
            languages: reader.strings("languages") ?? standard.languages,
            operatorContact: reader.string("operator_contact"), disclosure: reader.string("disclosure"),
            messagesPerMinute: reader.integer("messages_per_minute").map { Int(clamping: $0) }
                ?? standard.messagesPerMinute, policies: Self.policies(reader))
        var faults = Faults()
        validate(into: &faults)
        validateSpeech(into: &faults)
        reader.collector.add(unlessKnown: faults)
    }

    private static func policies(_ reader: ObjectReader) -> [String: [String: String]]? {
        guard let policies = reader.object("policies", keys: ["shipping", "returns", "payment"]) else { return nil }
        var out: [String: [String: String]] = [:]
        for (policy, name) in [(Policy.shipping, "shipping"), (.returns, "returns"), (.payment, "payment")]
            as [(Policy, StaticString)]
        {
            guard let texts = policies.object(name, keys: ["en", "de", "es", "fr"]) else { continue }
            for language in ["en", "de", "es", "fr"] as [StaticString] {
                guard let text = texts.string(language) else { continue }
                out[policy.rawValue, default: [:]][language.description] = text
            }
        }
        return out.isEmpty ? nil : out
    }

    /// Its members, without the braces.
    func write(into writer: inout JSONWriter) {
        writer.field("name", name)
        writer.field("greeting", optional: greeting)
        writer.field("tone", tone.rawValue)
        writer.key("languages")
        writer.beginArray()
        for language in languages { writer.string(language) }
        writer.endArray()
        writer.field("operator_contact", optional: operatorContact)
        writer.field("disclosure", optional: disclosure)
        writer.field("messages_per_minute", messagesPerMinute)
        writer.key("policies")
        writer.beginObject()
        for (policy, texts) in (policies ?? [:]).sorted(by: { $0.key < $1.key }) {
            writer.key(dynamic: policy)
            writer.beginObject()
            for (language, text) in texts.sorted(by: { $0.key < $1.key }) {
                writer.key(dynamic: language)
                writer.string(text)
            }
            writer.endObject()
        }
        writer.endObject()
    }
}
