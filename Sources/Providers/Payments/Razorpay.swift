public import AgentRuntime
public import Crypto
internal import Experiments
internal import JSON

/// Razorpay: an order is made, the buyer pays it in Razorpay's own window on the shop's page, and what that hands back is
/// proven by a signature. The token of a payment is `payment id.signature`.
public struct Razorpay: PaymentProvider {
    public struct Configuration: Sendable {
        /// `rzp_…`; public.
        public var keyID: String
        /// Signs what the window hands back.
        public var keySecret: Secret
        /// Signs messages: another secret than the key's. Nil where no messages are taken.
        public var webhookSecret: Secret?
        /// `https://api.razorpay.com` unless another answers in its place.
        public var base: String

        public init(
            keyID: String, keySecret: Secret, webhookSecret: Secret? = nil, base: String = "https://api.razorpay.com"
        ) {
            self.keyID = keyID
            self.keySecret = keySecret
            self.webhookSecret = webhookSecret
            self.base = base
        }
    }

    public let name = "razorpay"
    let configuration: Configuration
    private let wire: ProviderWire
    private let refunding = InFlight()

    /// - Parameters:
    ///   - send: an HTTP client's.
    ///   - trouble: hears, in a sentence, of what the operator has to look at.
    public init(
        _ configuration: Configuration, send: @escaping ProviderWire.Send,
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.configuration = configuration
        wire = ProviderWire("Razorpay", base: configuration.base, send: send, trouble: trouble)
    }

    // MARK: Port

    public func open(_ request: ChargeRequest) async -> OpeningOutcome {
        let order: JSONValue = [
            "amount": .integer(request.amount.amount), "currency": .string(request.amount.currency.code),
            "receipt": .string(String(request.key.suffix(40))), "notes": Self.notes(request),
        ]
        switch await ask("POST", "/v1/orders", order) {
        case .done(let made):
            guard let id = made["id"]?.string, id.hasPrefix("order_") else { return .unknown }
            return .opened(PaymentOpening(reference: id))
        case .refused(_, let body): return .refused(Self.decline(body))
        case .lost: return .unknown
        }
    }

    /// - Note: a token only says which payment it was and that the buyer's page did not make it up; whether the money is
    ///   there is asked of Razorpay.
    public func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        if let token = request.payment, let order = request.opening?.reference, !isGenuine(token, for: order) {
            // Nothing is decided by it: the order may be paid all the same.
            return .waiting(url: nil)
        }
        if case .known(let outcome) = await find(request) { return outcome }
        return .unknown
    }

    /// Takes what was authorized: the claim says that the buyer agreed to just this.
    public func find(_ request: ChargeRequest) async -> ChargeFinding {
        guard let order = request.opening?.reference else { return .absent }
        switch await ask("GET", Self.path(of: order) + "/payments") {
        case .done(let list):
            let payments = list["items"]?.array ?? []
            if let paid = payments.lazy.compactMap({ Self.paid($0) }).first { return .known(paid) }
            guard request.mayFinish, let held = payments.first(where: { $0["status"]?.string == "authorized" }) else {
                return .known(.waiting(url: nil))
            }
            return .known(await capture(held, request))
        case .refused, .lost: return .known(.unknown)
        }
    }

    private func capture(_ payment: JSONValue, _ request: ChargeRequest) async -> ChargeOutcome {
        // Only what is due is taken; anything else goes back by itself.
        guard let id = payment["id"]?.string, Self.money(payment) == request.amount else {
            return .waiting(url: nil)
        }
        let body: JSONValue = [
            "amount": .integer(request.amount.amount), "currency": .string(request.amount.currency.code),
        ]
        switch await ask("POST", "/v1/payments/" + FormBody.pathSegment(id) + "/capture", body) {
        case .done(let captured): return Self.paid(captured) ?? .unknown
        case .refused, .lost: return .unknown
        }
    }

    /// An order cannot be taken back there. Whatever is paid for it later is given back when Razorpay tells of it.
    public func withdraw(_ request: ChargeRequest) async -> ChargeOutcome {
        switch await find(request) {
        case .known(.waiting): .declined(.abandoned)
        case .known(let outcome): outcome
        case .absent: .unknown
        }
    }

    public func refund(_ request: RefundRequest) async -> RefundOutcome {
        await refunding.alone(request.key) { await refundAlone(request) } ?? .unknown
    }

    /// Looks first whether it was done: Razorpay keeps no keys of requests.
    private func refundAlone(_ request: RefundRequest) async -> RefundOutcome {
        let payment = "/v1/payments/" + FormBody.pathSegment(request.payment)
        switch await ask("GET", payment + "/refunds?count=100") {
        case .done(let list):
            for refund in list["items"]?.array ?? [] where refund["notes"]?[PaymentNote.refund]?.string == request.key {
                return Self.outcome(ofRefund: refund)
            }
        case .refused(_, let body): return .refused(Self.decline(body))
        case .lost: return .unknown
        }
        let body: JSONValue = [
            "amount": .integer(request.amount.amount),
            "notes": [
                PaymentNote.tenant: .string(request.tenant.description),
                PaymentNote.checkout: .string(request.checkout.description),
                PaymentNote.refund: .string(request.key),
            ],
        ]
        switch await ask("POST", payment + "/refund", body) {
        case .done(let refund): return Self.outcome(ofRefund: refund)
        case .refused(_, let body): return .refused(Self.decline(body))
        case .lost: return .unknown
        }
    }

    // MARK: Asking

    /// Whether a token was made by Razorpay's window for an order: HMAC of `order|payment` under the key's secret.
    func isGenuine(_ token: String, for order: String) -> Bool {
        let parts = token.split(separator: ".")
        guard parts.count == 2, parts[0].hasPrefix("pay_"), let bytes = Hex.decode(parts[1]),
            let code = Digest256(bytes)
        else { return false }
        return HMACSHA256(key: configuration.keySecret).isValid(code, for: Array("\(order)|\(parts[0])".utf8))
    }

    func ask(_ method: String, _ path: String, _ body: JSONValue? = nil) async -> ProviderWire.Answer {
        let login = Array((configuration.keyID + ":").utf8) + configuration.keySecret.bytes
        return await wire.ask(
            method, path, headers: [("Authorization", "Basic " + Base64.encode(login))],
            body.map { .json($0) } ?? .none)
    }

    static func path(of order: String) -> String { "/v1/orders/" + FormBody.pathSegment(order) }

    private static func notes(_ request: ChargeRequest) -> JSONValue {
        [
            PaymentNote.tenant: .string(request.tenant.description),
            PaymentNote.checkout: .string(request.checkout.description),
            PaymentNote.attempt: .string(request.key),
        ]
    }

    static func money(_ payment: JSONValue) -> Money? {
        guard let amount = payment["amount"]?.int64, (0...Money.largestAmount).contains(amount),
            let currency = Currency(payment["currency"]?.string ?? "")
        else { return nil }
        return Money(amount: amount, currency: currency)
    }

    private static func paid(_ payment: JSONValue) -> ChargeOutcome? {
        guard ["captured", "refunded"].contains(payment["status"]?.string ?? ""), let id = payment["id"]?.string,
            let amount = money(payment)
        else { return nil }
        return .paid(reference: id, amount: amount)
    }

    static func outcome(ofRefund refund: JSONValue) -> RefundOutcome {
        switch refund["status"]?.string {
        case "processed": .succeeded(reference: refund["id"]?.string ?? "")
        case "failed": .refused(Decline(code: "refund_failed", detail: "Razorpay could not pay it back."))
        default: .unknown
        }
    }

    private static func decline(_ body: JSONValue) -> Decline {
        let error = body["error"]
        return Decline(
            code: (error?["reason"]?.string ?? error?["code"]?.string ?? "payment_refused").lowercased(),
            detail: error?["description"]?.string ?? "Razorpay did not take this payment.")
    }
}
