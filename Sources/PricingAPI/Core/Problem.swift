internal import AgentRuntime
internal import Experiments
internal import HTTPServer
internal import JSON

/// An answer that says no (RFC 9457). An error becomes one only here, at the door.
struct Problem: Error, Sendable {
    var status: Int
    /// Stable; programs decide by it.
    var code: String
    /// One sentence for a person.
    var detail: String
    /// All that is wrong with the body, by place.
    var faults: [Fault] = []
    var headers: [(name: String, value: String)] = []
    /// What is behind it, for the operator; the client is not told.
    var cause = ""

    init(_ status: Int, _ code: String, _ detail: String, faults: [Fault] = []) {
        self.status = status
        self.code = code
        self.detail = detail
        self.faults = faults
    }

    func with(_ name: String, _ value: String) -> Problem {
        var copy = self
        copy.headers.append((name, value))
        return copy
    }

    func response(requestID: String) -> Response {
        var response = Response(
            status: status, headers: [("Content-Type", "application/problem+json")] + headers,
            body: .bytes(body(requestID: requestID)))
        if status >= 500 { response.remark = cause.isEmpty ? code : "\(code): \(cause)" }
        return response
    }

    func body(requestID: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("type", "about:blank")
        writer.field("title", Self.title(status))
        writer.field("status", status)
        writer.field("detail", detail)
        writer.field("code", code)
        writer.field("request_id", requestID)
        if !faults.isEmpty {
            writer.key("errors")
            writer.faults(faults)
        }
        writer.endObject()
        return writer.bytes
    }

    private static func title(_ status: Int) -> String {
        switch status {
        case 400: "Bad Request"
        case 401: "Unauthorized"
        case 402: "Payment Required"
        case 403: "Forbidden"
        case 404: "Not Found"
        case 405: "Method Not Allowed"
        case 408: "Request Timeout"
        case 409: "Conflict"
        case 410: "Gone"
        case 412: "Precondition Failed"
        case 413: "Content Too Large"
        case 414: "URI Too Long"
        case 415: "Unsupported Media Type"
        case 417: "Expectation Failed"
        case 422: "Unprocessable Content"
        case 429: "Too Many Requests"
        case 431: "Request Header Fields Too Large"
        case 500: "Internal Server Error"
        case 501: "Not Implemented"
        case 503: "Service Unavailable"
        case 505: "HTTP Version Not Supported"
        case 507: "Insufficient Storage"
        default: "Error"
        }
    }
}

// MARK: - The usual ones

extension Problem {
    /// For what is absent and for what is another tenant's: one answer, byte for byte.
    static var notFound: Problem { Problem(404, "not_found", "There is no such thing here.") }

    static var unauthorized: Problem {
        Problem(401, "unauthorized", "Send a valid key as \"Authorization: Bearer ck_…\" or \"X-API-Key: ck_…\".")
            .with("WWW-Authenticate", "Bearer realm=\"cournot\"")
    }

    static func invalid(_ faults: [Fault]) -> Problem {
        Problem(
            422, "invalid",
            faults.count == 1
                ? "One thing is wrong with the request." : "\(faults.count) things are wrong with the request.",
            faults: faults)
    }

    static var countsInconsistent: Problem {
        Problem(500, "counts_inconsistent", "The counts contradict themselves; the operator has to look at it.")
    }

    static var noReport: Problem {
        Problem(
            404, "no_report",
            "No report was made as of this time. Ask without `as_of`, and again with the `as_of` that the answer prints."
        )
    }

    static func parameter(_ detail: String) -> Problem { Problem(422, "invalid_parameter", detail) }
}

// MARK: - From the domain

extension Problem {
    init(_ error: StoreError) {
        switch error {
        case .full:
            self.init(507, "storage_full", "There is no room left to write to; nothing of this request was kept.")
        case .broken:
            self = Problem(
                503, "storage_broken",
                "The store failed while this was written, so that it may have been kept or not. Once the operator has "
                    + "started the server again, repeat the request as it was: with the same Idempotency-Key or event "
                    + "ids it is done once."
            ).with("Retry-After", "30")
        case .unavailable, .unreachable, .uncertain, .outdated, .repeated:
            self = Problem(
                503, "storage_unavailable",
                "The store cannot answer now. Repeat the request as it was: with the same Idempotency-Key or event ids "
                    + "it is done once."
            ).with("Retry-After", "1")
        case .corrupt:
            self.init(500, "storage_corrupt", "Something stored cannot be read; the operator has to look at it.")
        }
        cause = error.sentence
    }

    init(_ error: ConfigurationError) {
        switch error {
        case .notFound: self = .notFound
        case .invalid(let faults): self = .invalid(faults.list)
        case .conflict(let code, let detail): self.init(409, code, detail)
        case .experiment(let error): self.init(error)
        case .store(let error): self.init(error)
        }
    }

    init(_ error: CheckoutError) {
        switch error {
        case .notFound: self = .notFound
        case .invalid(let faults): self = .invalid(faults.list)
        case .quotesExpired(let faults):
            self.init(
                410, "quote_expired", "The price that was quoted holds no longer; ask for it again.",
                faults: faults.list)
        case .expired(let end):
            self.init(
                410, "quote_expired", "The prices of this checkout held until \(end); ask for them again.")
        case .wrongState(let status, let action):
            self.init(409, "wrong_state", "The checkout is \(status.rawValue): it cannot \(action).")
        case .totalsChanged:
            self.init(
                409, "totals_changed",
                "These are not the totals of this checkout: show the buyer those it has, and send their `totals_hash`.")
        case .noProvider: self.init(409, "payments_off", "Nothing can be paid here: no such payment provider is there.")
        case .providerUnreachable:
            self = Problem(
                503, "provider_unreachable", "The payment provider does not answer. Nothing was taken; try again."
            ).with("Retry-After", "2")
        case .amountMismatch(let paid, let due):
            self.init(
                409, "amount_mismatch",
                "\(paid.display) is not what is due, \(due.display). Nothing was done: give it back, or ask for the rest."
            )
        case .store(let error): self.init(error)
        }
    }

    init(_ error: ConversationError) {
        switch error {
        case .notFound: self = .notFound
        case .busy:
            self = Problem(
                409, "conversation_busy", "Others speak in this conversation right now; say it again in a moment."
            ).with("Retry-After", "1")
        case .full:
            self.init(
                409, "conversation_full",
                "This conversation has the \(ChatMessage.mostInConversation) messages one may have; begin another.")
        case .notHandedOff:
            self.init(409, "wrong_state", "The agent answers in this conversation; hand it off before you reply.")
        case .unquoted(let violation):
            self = .invalid([
                Fault(
                    "/text",
                    "\"\(violation.text)\" is no amount of this conversation. Write a price as {{price:quo_…}} and a total "
                        + "as {{total:chk_…}}.")
            ])
        case .store(let error): self.init(error)
        }
    }

    init(_ decline: Decline) { self.init(402, decline.code, decline.detail) }

    init(_ error: ExperimentError) {
        switch error {
        case .wrongState(let state, let action):
            self.init(409, "wrong_state", "The experiment is \(state.rawValue): it cannot \(action).")
        case .frozen(let state, let faults):
            self.init(
                409, "frozen", "The experiment is \(state.rawValue): what is named here is frozen.", faults: faults)
        case .invalid(let faults): self = .invalid(faults.list)
        }
    }

    init(_ error: QuoteError) {
        switch error {
        case .unknownProduct: self.init(404, "product_not_found", "There is no product with this SKU.")
        case .wrongCurrency(let currency):
            self = .invalid([Fault("/currency", "The product is priced in \(currency).")])
        case .quantity(let largest):
            self = .invalid([Fault("/quantity", "A quantity is a whole number from 1 to \(largest).")])
        case .store(let error): self.init(error)
        }
    }
}

extension JSONWriter {
    /// `[{"pointer", "detail"}]`
    mutating func faults(_ faults: [Fault]) {
        beginArray()
        for fault in faults {
            beginObject()
            field("pointer", fault.pointer)
            field("detail", fault.detail)
            endObject()
        }
        endArray()
    }
}
