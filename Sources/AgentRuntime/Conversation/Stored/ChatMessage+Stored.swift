internal import Experiments
internal import JSON

extension ChatMessage: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(
            role: try node.value("role"), text: try node.value("text"), at: try node.value("at"),
            state: try node.value("state"))
        amounts = try node.value("amounts")
        checkout = try node.optional("checkout")
        closed = try node.optional("closed")
        degraded = try node.value("degraded")
        draft = try node.optional("draft")
        facts = try node.optional("facts")
        model = try node.optional("model")
        products = try node.value("products")
        replaced = try node.optional("replaced")
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("amounts", amounts)
        writer.member("at", at)
        writer.member("checkout", checkout)
        writer.member("closed", closed)
        writer.member("degraded", degraded)
        writer.member("draft", draft)
        writer.member("facts", facts)
        writer.member("model", model)
        writer.member("products", products)
        writer.member("replaced", replaced)
        writer.member("role", role)
        writer.member("state", state)
        writer.member("text", text)
    }
}

extension ChatMessage.Role: StoredValue {}

extension ChatMessage.Card: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(
            sku: try node.value("sku"), title: try node.value("title"), quote: try node.value("quote"),
            price: try node.value("price"), issuedAt: try node.value("issuedAt"),
            expiresAt: try node.value("expiresAt"), display: try node.optional("display"),
            disclosure: try node.optional("disclosure"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("disclosure", disclosure)
        writer.member("display", display)
        writer.member("expiresAt", expiresAt)
        writer.member("issuedAt", issuedAt)
        writer.member("price", price)
        writer.member("quote", quote)
        writer.member("sku", sku)
        writer.member("title", title)
    }
}

extension ToldAmount: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(text: try node.value("text"), money: try node.value("money"), source: try node.value("source"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("money", money)
        writer.member("source", source)
        writer.member("text", text)
    }
}

extension ToldAmount.Source: StoredValue {
    init(stored node: JSONNode) throws(StoredFault) {
        guard let member = node.members?.first(where: { _ in true }) else {
            throw StoredFault("an amount is of nothing")
        }
        switch member.key {
        case "quote": self = .quote(try member.value.value("_0"))
        case "total": self = .total(try member.value.value("_0"))
        default: throw StoredFault("what an amount is of is not known")
        }
    }

    func store(into writer: inout JSONWriter) {
        writer.beginObject()
        let id: String
        switch self {
        case .quote(let quote):
            writer.key("quote")
            id = quote
        case .total(let checkout):
            writer.key("total")
            id = checkout
        }
        writer.beginObject()
        writer.member("_0", id)
        writer.endObject()
        writer.endObject()
    }
}

extension Violation.Kind: StoredValue {}

extension Violation: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(kind: try node.value("kind"), text: try node.value("text"), offset: try node.value("offset"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("kind", kind)
        writer.member("offset", offset)
        writer.member("text", text)
    }
}

extension ModelTrace.Verdict: StoredValue {}

extension ModelTrace: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init()
        calls = try node.value("calls")
        model = try node.optional("model")
        output = try node.value("output")
        refused = try node.optional("refused")
        resolved = try node.value("resolved")
        verdict = try node.value("verdict")
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("calls", calls)
        writer.member("model", model)
        writer.member("output", output)
        writer.member("refused", refused)
        writer.member("resolved", resolved)
        writer.member("verdict", verdict)
    }
}
