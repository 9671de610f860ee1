import HTTPClient
import JSON
import Providers
import Synchronization

/// As much of Stripe as hosted pages and Connect need, which no server that can be installed has. Its objects have the
/// fields of Stripe's published fixtures.
final class FakeStripe: Sendable {
    struct Call: Sendable {
        let method: String
        let path: String
        let form: [String: String]
        let headers: [String: String]
    }

    struct State {
        var calls: [Call] = []
        var objects: [String: JSONObject] = [:]
        var refunds: [JSONValue] = []
        var disputes: [JSONValue] = []
        var count = 0
        /// The next answers are lost, though what was asked is done.
        var losesAnswers = false
        /// What confirming comes to: `succeeded` unless another status or a decline's code.
        var confirms = "succeeded"
        var status: Int?
    }

    let state = Mutex(State())

    var send: ProviderWire.Send {
        { request throws(HTTPClientError) in try self.answer(request) }
    }

    private func answer(_ request: HTTPRequest) throws(HTTPClientError) -> (status: Int, body: [UInt8]) {
        let path = String(request.url.dropFirst("https://stripe.test".count))
        let form = Self.form(request.body)
        let headers = Dictionary(request.headers.map { ($0.name, $0.value) }, uniquingKeysWith: { $1 })
        let (status, value, isLost) = state.withLock { state in
            state.calls.append(Call(method: request.method, path: path, form: form, headers: headers))
            if let status = state.status { return (status, JSONValue.null, false) }
            let (code, value) = Self.act(request.method, path, form, &state)
            return (code, value, state.losesAnswers && request.method == "POST")
        }
        if isLost { throw .cutOff("lost") }
        return (status, value.serialized())
    }

    private static func act(
        _ method: String, _ path: String, _ form: [String: String], _ state: inout State
    ) -> (Int, JSONValue) {
        let page = String(path.prefix { $0 != "?" })
        let parts = page.split(separator: "/").dropFirst().map(String.init)
        func made(_ prefix: String, _ object: JSONObject) -> (Int, JSONValue) {
            state.count += 1
            var object = object
            let id = "\(prefix)_\(state.count)"
            object = merged(object, [("id", .string(id))])
            state.objects[id] = object
            return (200, .object(object))
        }
        func change(_ id: String, _ pairs: [(String, JSONValue)]) -> (Int, JSONValue) {
            state.objects[id] = merged(state.objects[id], pairs)
            return (200, .object(state.objects[id] ?? JSONObject()))
        }
        let wrong: (Int, JSONValue) = (400, ["error": ["code": "unexpected_state", "message": "No."]])
        switch (method, parts.first, parts.count) {
        case ("POST", "payment_intents", 1):
            return made(
                "pi",
                JSONObject([
                    ("object", "payment_intent"), ("status", "requires_confirmation"),
                    ("amount", .integer(Int64(form["amount"] ?? "") ?? 0)),
                    ("currency", .string(form["currency"] ?? "")),
                    ("metadata", metadata(form, "metadata")), ("last_payment_error", .null),
                    (
                        "transfer_data",
                        form["transfer_data[destination]"].map { ["destination": .string($0)] } ?? .null
                    ),
                    (
                        "application_fee_amount",
                        form["application_fee_amount"].flatMap { Int64($0) }.map { .integer($0) } ?? .null
                    ),
                ]))
        case ("POST", "checkout", 2):
            return made(
                "cs",
                JSONObject([
                    ("object", "checkout.session"), ("status", "open"), ("payment_status", "unpaid"),
                    ("amount_total", .integer(total(form))),
                    ("currency", .string(form["line_items[0][price_data][currency]"] ?? "")),
                    ("url", .string("https://pay.test/\(state.count)")), ("payment_intent", .null),
                    ("metadata", metadata(form, "metadata")),
                ]))
        case ("POST", "checkout", 4):
            let id = parts[2]
            guard state.objects[id]?["status"] == "open" else { return wrong }
            return change(id, [("status", "expired"), ("url", .null)])
        case ("GET", "checkout", 3): return found(state.objects[parts[2]])
        case ("GET", "payment_intents", 2): return found(state.objects[parts[1]])
        case ("POST", "payment_intents", 3):
            let id = parts[1]
            let status = state.objects[id]?["status"]?.string ?? ""
            if parts[2] == "cancel" {
                return ["succeeded", "canceled"].contains(status) ? wrong : change(id, [("status", "canceled")])
            }
            guard status == "requires_confirmation" else { return wrong }
            switch state.confirms {
            case "succeeded":
                return change(
                    id, [("status", "succeeded"), ("amount_received", state.objects[id]?["amount"] ?? .null)])
            case "processing": return change(id, [("status", "processing")])
            case "requires_action":
                return change(
                    id,
                    [
                        ("status", "requires_action"),
                        (
                            "next_action",
                            ["type": "redirect_to_url", "redirect_to_url": ["url": "https://bank.test/3ds"]]
                        ),
                    ])
            case let code:
                let error: JSONValue = [
                    "code": "card_declined", "decline_code": .string(code), "message": "Your card was declined.",
                ]
                _ = change(id, [("status", "requires_payment_method"), ("last_payment_error", error)])
                return (402, ["error": error])
            }
        case ("GET", "refunds", 1): return (200, ["data": .array(state.refunds), "has_more": false])
        case ("GET", "disputes", 1): return (200, ["data": .array(state.disputes), "has_more": false])
        case ("POST", "refunds", 1):
            state.count += 1
            let refund: JSONValue = [
                "id": .string("re_\(state.count)"), "object": "refund", "status": "succeeded",
                "amount": .integer(Int64(form["amount"] ?? "") ?? 0), "metadata": metadata(form, "metadata"),
            ]
            state.refunds.append(refund)
            return (200, refund)
        default: return (404, ["error": ["code": "resource_missing", "message": "Nothing."]])
        }
    }

    private static func found(_ object: JSONObject?) -> (Int, JSONValue) {
        object.map { (200, .object($0)) } ?? (404, ["error": ["code": "resource_missing", "message": "Nothing."]])
    }

    private static func merged(_ object: JSONObject?, _ pairs: [(String, JSONValue)]) -> JSONObject {
        JSONValue.object(object ?? JSONObject()).merging(patch: .object(JSONObject(pairs))).object ?? JSONObject()
    }

    /// The buyer pays on the page.
    func pay(_ session: String) {
        state.withLock { state in
            guard let object = state.objects[session], object["status"] == "open" else { return }
            state.count += 1
            let intent: JSONValue = [
                "id": .string("pi_\(state.count)"), "object": "payment_intent", "status": "succeeded",
                "amount": object["amount_total"] ?? 0, "amount_received": object["amount_total"] ?? 0,
                "currency": object["currency"] ?? .null, "metadata": object["metadata"] ?? .null,
            ]
            state.objects["pi_\(state.count)"] = intent.object
            state.objects[session] = Self.merged(
                state.objects[session],
                [
                    ("status", "complete"), ("payment_status", "paid"), ("payment_intent", intent), ("url", .null),
                ])
        }
    }

    var last: Call? { state.withLock { $0.calls.last } }
    func calls(_ path: String) -> [Call] { state.withLock { $0.calls.filter { $0.path == path } } }

    private static func total(_ form: [String: String]) -> Int64 {
        (0..<100).reduce(0) { sum, index in
            let price = Int64(form["line_items[\(index)][price_data][unit_amount]"] ?? "") ?? 0
            return sum + price * (Int64(form["line_items[\(index)][quantity]"] ?? "") ?? 0)
        }
    }

    private static func metadata(_ form: [String: String], _ name: String) -> JSONValue {
        .object(
            JSONObject(
                form.filter { $0.key.hasPrefix(name + "[") }.sorted { $0.key < $1.key }.map {
                    (String($0.key.dropFirst(name.count + 1).dropLast()), .string($0.value))
                }))
    }

    static func form(_ body: [UInt8]) -> [String: String] {
        var form: [String: String] = [:]
        for pair in String(decoding: body, as: UTF8.self).split(separator: "&") {
            let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(unescaped)
            if sides.count == 2 { form[sides[0]] = sides[1] }
        }
        return form
    }

    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            bytes.append(UInt8(String(decoding: Array(rest.prefix(2)), as: UTF8.self), radix: 16) ?? 0)
            rest = rest.dropFirst(2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
