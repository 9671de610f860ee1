internal import Experiments
internal import HTTPServer
internal import JSON

/// The context of an OpenFeature evaluation: the shopper, and what else is known.
struct OpenFeatureContext: Sendable {
    let shopper: TenantKey
    let attributes: Attributes

    init(_ context: Context) throws(Problem) {
        let root = try context.json().root
        do throws(JSONError) {
            try root.requireUniqueKeys()
        } catch {
            throw Problem(400, "malformed_json", "\(error).")
        }
        guard root.members != nil else { throw Problem(400, "malformed_json", "The body is an object.") }
        guard let node = root["context"], !node.isNull else { throw .targetingKeyMissing }
        guard node.members != nil, case .object(var members) = AttributeValue(node) else {
            throw Problem(400, "invalid_context", "`context` is an object.")
        }
        switch members.removeValue(forKey: "targetingKey") {
        case nil, .null, .string(""): throw .targetingKeyMissing
        case .string(let text):
            guard let shopper = TenantKey(text) else {
                throw Problem(
                    400, "invalid_context", "`targetingKey` has 1 to 256 bytes and no control characters.")
            }
            self.shopper = shopper
        default: throw Problem(400, "invalid_context", "`targetingKey` is a string.")
        }
        attributes = members
    }
}

extension Problem {
    fileprivate static var targetingKeyMissing: Problem {
        Problem(
            400, "targeting_key_missing", "`context.targetingKey` says for which shopper: no price without a shopper.")
    }

    /// As OpenFeature's clients read it: what is wrong with a request is 400, with a code of theirs and a sentence.
    func openFeatureResponse(flag: String?) -> Response {
        let theirs: (status: Int, code: String) =
            switch (status, code) {
            case (400, "targeting_key_missing"): (400, "TARGETING_KEY_MISSING")
            case (400, "malformed_json"), (415, _): (400, "PARSE_ERROR")
            case (400, "invalid_context"), (422, _): (400, "INVALID_CONTEXT")
            case (404, _): (404, "FLAG_NOT_FOUND")
            default: (status, "GENERAL")
            }
        var writer = JSONWriter()
        writer.beginObject()
        if let flag { writer.field("key", flag) }
        writer.field("errorCode", theirs.code)
        writer.field("errorDetails", ([detail] + faults.map { "\($0.pointer): \($0.detail)" }).joined(separator: " "))
        writer.endObject()
        return Response(
            status: theirs.status, headers: [("Content-Type", "application/json")] + headers,
            body: .bytes(writer.bytes))
    }
}

extension Quote {
    /// The reason in OpenFeature's words: chance, a rule about the shopper, no rule at all, or no rule at work.
    var openFeatureReason: String {
        switch reason {
        case .split, .sticky, .holdout, .layerTaken: "SPLIT"
        case .notInAudience: "TARGETING_MATCH"
        case .noExperiment: "STATIC"
        case .pausedIntake, .usageLimit: "DISABLED"
        case .fallback: "UNKNOWN"
        }
    }

    /// One evaluated flag. Metadata values are texts, as the protocol allows no objects there.
    func write(_ flag: PriceFlag, into writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("key", flag.key)
        writer.key("value")
        switch flag.form {
        case .quote: write(into: &writer)
        case .disclosure: writer.string(disclosure?.text ?? "")
        case .major, .minor: writer.price(price, as: flag.form)
        }
        writer.field("reason", openFeatureReason)
        writer.field("variant", variant ?? "list_price")
        writer.key("metadata")
        writer.beginObject()
        if let experiment { writer.field("experiment", experiment) }
        writer.field("quote", id)
        writer.field("reason", reason.rawValue)
        writer.field("currency", price.currency.code)
        writer.field("expires_at", expiresAt)
        if let disclosure { writer.field("disclosure", disclosure.text) }
        writer.endObject()
        writer.endObject()
    }
}
