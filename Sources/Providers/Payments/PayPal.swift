public import AgentRuntime
public import Crypto
public import Experiments
internal import JSON
internal import Synchronization

/// PayPal (Orders v2): the buyer approves an order on PayPal's page, and it is captured here, once.
public struct PayPal: PaymentProvider {
    public struct Configuration: Sendable {
        public var clientID: String
        public var clientSecret: Secret
        /// The webhook's id, which PayPal checks messages with; nil where no messages are taken.
        public var webhookID: String?
        /// `https://api-m.paypal.com` unless another answers in its place.
        public var base: String

        public init(
            clientID: String, clientSecret: Secret, webhookID: String? = nil,
            base: String = "https://api-m.paypal.com"
        ) {
            self.clientID = clientID
            self.clientSecret = clientSecret
            self.webhookID = webhookID
            self.base = base
        }
    }

    public let name = "paypal"
    private let configuration: Configuration
    let wire: ProviderWire
    private let clock: any WallClock
    private let token = TokenShelf()
    let refunding = InFlight()
    /// Anybody can send what looks like a message; PayPal is not asked about more than these at a time.
    let checking = Gate(32)

    /// - Parameters:
    ///   - send: an HTTP client's.
    ///   - trouble: hears, in a sentence, of what the operator has to look at.
    public init(
        _ configuration: Configuration, clock: any WallClock, send: @escaping ProviderWire.Send,
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        wire = ProviderWire("PayPal", base: configuration.base, send: send, trouble: trouble)
    }

    /// Digits after the point: PayPal takes three currencies in whole units only.
    ///
    /// Source: developer.paypal.com/reference/currency-codes.
    static func exponent(of currency: Currency) -> Int {
        ["HUF", "JPY", "TWD"].contains(currency.code) ? 0 : currency.exponent
    }

    /// Nil where PayPal cannot take exactly this.
    static func text(of money: Money) -> String? {
        let (own, theirs) = (money.currency.exponent, exponent(of: money.currency))
        guard own <= 2, money.amount >= 0 else { return nil }
        if own == theirs { return DecimalAmount.text(money.amount, exponent: own) }
        return money.amount % 100 == 0 ? DecimalAmount.text(money.amount / 100, exponent: 0) : nil
    }

    static func money(_ value: JSONValue?) -> Money? {
        guard let currency = Currency(value?["currency_code"]?.string ?? ""),
            let amount = DecimalAmount.amount(value?["value"]?.string ?? "", exponent: currency.exponent)
        else { return nil }
        return Money(amount: amount, currency: currency)
    }

    // MARK: Port

    public func open(_ request: ChargeRequest) async -> OpeningOutcome {
        guard let text = Self.text(of: request.amount) else {
            return .refused(
                Decline(
                    code: "amount_not_chargeable", detail: "PayPal cannot take exactly \(request.amount.display)."))
        }
        guard let back = request.returnURL else {
            return .refused(
                Decline(
                    code: "return_url_missing",
                    detail: "PayPal's page has to know where to send the buyer back to: say return_url."))
        }
        let order: JSONValue = [
            "intent": "CAPTURE",
            "purchase_units": [
                [
                    "reference_id": .string(request.checkout.description),
                    "custom_id": .string("\(request.tenant) \(request.key)"),
                    "amount": ["currency_code": .string(request.amount.currency.code), "value": .string(text)],
                ]
            ],
            "payment_source": [
                "paypal": [
                    "experience_context": [
                        "user_action": "PAY_NOW", "shipping_preference": "NO_SHIPPING",
                        "return_url": .string(ReturnAddress.of(back, checkout: request.checkout.description)),
                        "cancel_url": .string(
                            ReturnAddress.of(back, checkout: request.checkout.description, isCanceled: true)),
                    ]
                ]
            ],
        ]
        // PayPal keeps the first answer to a key: another content is another request.
        let key = request.key + "-" + SHA256.hash(order.serialized()).hex.prefix(16)
        switch await ask("POST", "/v2/checkout/orders", order, key: String(key)) {
        case .done(let made):
            guard let id = made["id"]?.string, let page = Self.page(of: made) else { return .unknown }
            return .opened(PaymentOpening(reference: id, url: page))
        case .refused(_, let body): return .refused(Self.decline(body))
        case .lost: return .unknown
        }
    }

    public func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    /// Captures what the buyer approved: the claim says that the buyer agreed to just this.
    public func find(_ request: ChargeRequest) async -> ChargeFinding {
        guard let order = request.opening?.reference else { return .absent }
        switch await ask("GET", Self.path(of: order)) {
        case .done(let found):
            guard found["status"]?.string == "APPROVED", request.mayFinish else {
                return .known(Self.outcome(of: found))
            }
            return .known(await capture(order, request))
        case .refused(404, _): return .known(.declined(.abandoned))
        case .refused, .lost: return .known(.unknown)
        }
    }

    private func capture(_ order: String, _ request: ChargeRequest) async -> ChargeOutcome {
        switch await ask("POST", Self.path(of: order) + "/capture", [:], key: request.key + "-capture") {
        case .done(let captured): return Self.outcome(of: captured)
        case .lost: return .unknown
        case .refused(_, let body):
            // Captured by somebody else before, or refused for good.
            guard case .done(let found) = await ask("GET", Self.path(of: order)) else { return .unknown }
            guard found["status"]?.string == "APPROVED" else { return Self.outcome(of: found) }
            return .declined(Self.decline(body))
        }
    }

    /// An order that nobody captures takes nothing, and nobody but this house can capture it.
    public func withdraw(_ request: ChargeRequest) async -> ChargeOutcome {
        guard let order = request.opening?.reference else { return .unknown }
        switch await ask("GET", Self.path(of: order)) {
        case .done(let found):
            switch Self.outcome(of: found) {
            case .waiting: return .declined(.abandoned)
            case let outcome: return outcome
            }
        case .refused(404, _): return .declined(.abandoned)
        case .refused, .lost: return .unknown
        }
    }

    static func path(of order: String) -> String { "/v2/checkout/orders/" + FormBody.pathSegment(order) }

    private static func page(of order: JSONValue) -> String? {
        (order["links"]?.array ?? []).first { ["payer-action", "approve"].contains($0["rel"]?.string ?? "") }?["href"]?
            .string
    }

    private static func outcome(of order: JSONValue) -> ChargeOutcome {
        switch order["status"]?.string {
        case "CREATED", "SAVED", "PAYER_ACTION_REQUIRED", "APPROVED": return .waiting(url: page(of: order))
        case "VOIDED": return .declined(.abandoned)
        case "COMPLETED": break
        default: return .unknown
        }
        guard let capture = order["purchase_units"]?.array?.first?["payments"]?["captures"]?.array?.first,
            let id = capture["id"]?.string
        else { return .unknown }
        switch capture["status"]?.string {
        case "COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED":
            guard let amount = money(capture["amount"]) else { return .unknown }
            return .paid(reference: id, amount: amount)
        case "DECLINED", "FAILED":
            return .declined(Decline(code: "payment_declined", detail: "PayPal could not take the money."))
        default: return .unknown
        }
    }

    static func decline(_ body: JSONValue) -> Decline {
        let issue = body["details"]?.array?.first
        return Decline(
            code: (issue?["issue"]?.string ?? body["name"]?.string ?? "payment_refused").lowercased(),
            detail: issue?["description"]?.string ?? body["message"]?.string ?? "PayPal did not take this payment.")
    }

    // MARK: Asking

    /// - Parameter key: `PayPal-Request-Id`, kept there for hours.
    func ask(
        _ method: String, _ path: String, _ body: JSONValue? = nil, key: String? = nil
    ) async -> ProviderWire.Answer {
        guard let token = await accessToken() else { return .lost }
        var headers = [("Authorization", "Bearer " + token), ("Prefer", "return=representation")]
        if let key { headers.append(("PayPal-Request-Id", key)) }
        let answer = await wire.ask(
            method, path, headers: headers.map { (name: $0.0, value: $0.1) }, body.map { .json($0) } ?? .none)
        // It may have been taken away before its time.
        if case .lost = answer { self.token.forget(token) }
        return answer
    }

    private func accessToken() async -> String? {
        let now = clock.now().milliseconds
        if let kept = token.kept(at: now) { return kept }
        var form = FormBody()
        form.add("grant_type", "client_credentials")
        let login = Array((configuration.clientID + ":").utf8) + configuration.clientSecret.bytes
        let answer = await wire.ask(
            "POST", "/v1/oauth2/token", headers: [("Authorization", "Basic " + Base64.encode(login))], .form(form))
        guard case .done(let granted) = answer, let text = granted["access_token"]?.string else { return nil }
        let seconds = min(max(granted["expires_in"]?.int64 ?? 0, 0), 86_400)
        token.keep(text, until: now + (seconds - 60) * 1000)
        return text
    }

    var webhookID: String? { configuration.webhookID }
}

/// The token that PayPal was last given out, while it lasts.
private final class TokenShelf: Sendable {
    private let token = Mutex<(text: String, until: Int64)?>(nil)

    func kept(at now: Int64) -> String? { token.withLock { token in token.flatMap { $0.until > now ? $0.text : nil } } }
    func keep(_ text: String, until: Int64) { token.withLock { $0 = (text, until) } }
    func forget(_ text: String) { token.withLock { if $0?.text == text { $0 = nil } } }
}

/// RFC 4648, section 4.
enum Base64 {
    static func encode(_ bytes: [UInt8]) -> String {
        let text = Base64URL.encode(bytes).map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 }
        return String(text) + String(repeating: "=", count: (4 - text.count % 4) % 4)
    }
}
