public import AgentRuntime
public import Crypto
public import Experiments
internal import JSON

/// Stripe: PaymentIntents where the buyer's payment method is known, else its own page (Checkout Sessions).
///
/// Exactly once does not rest on Stripe's idempotency: an intent or a session can be paid once, nothing is taken before
/// its id is durable here, and whoever comes later asks by that id. Fields as of API 2026-10-28.
public struct Stripe: PaymentProvider {
    public struct Configuration: Sendable {
        /// `sk_…` or `rk_…`.
        public var secretKey: Secret
        /// What messages are signed with (`whsec_…`): more than one while they are being changed; empty where no messages
        /// are taken.
        public var webhookSecrets: [Secret]
        /// `https://api.stripe.com` unless another answers in its place.
        public var base: String
        /// What the platform keeps of payments to tenants' own accounts, in hundredths of a percent; 0 to 10,000.
        public var applicationFeeBasisPoints: Int64

        public init(
            secretKey: Secret, webhookSecrets: [Secret] = [], base: String = "https://api.stripe.com",
            applicationFeeBasisPoints: Int64 = 0
        ) {
            self.secretKey = secretKey
            self.webhookSecrets = webhookSecrets
            self.base = base
            self.applicationFeeBasisPoints = applicationFeeBasisPoints
        }
    }

    static let apiVersion = "2026-10-28.endive"

    public let name = "stripe"
    let configuration: Configuration
    let wire: ProviderWire
    let refunding = InFlight()
    let clock: any WallClock

    /// - Parameters:
    ///   - send: an HTTP client's.
    ///   - trouble: hears, in a sentence, of what the operator has to look at.
    public init(
        _ configuration: Configuration, clock: any WallClock, send: @escaping ProviderWire.Send,
        trouble: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.configuration = configuration
        self.clock = clock
        wire = ProviderWire("Stripe", base: configuration.base, send: send, trouble: trouble)
    }

    // MARK: Port

    public func open(_ request: ChargeRequest) async -> OpeningOutcome {
        guard let units = StripeAmount.units(of: request.amount) else {
            return .refused(
                Decline(
                    code: "amount_not_chargeable", detail: "Stripe cannot take exactly \(request.amount.display)."))
        }
        return request.payment == nil ? await openSession(request, units) : await openIntent(request, units)
    }

    public func charge(_ request: ChargeRequest) async -> ChargeOutcome {
        guard let reference = request.opening?.reference else { return .unknown }
        guard !Self.isSession(reference) else {
            if case .known(let outcome) = await findSession(reference) { return outcome }
            return .unknown
        }
        return await confirm(reference, request)
    }

    public func find(_ request: ChargeRequest) async -> ChargeFinding {
        guard let reference = request.opening?.reference else { return .absent }
        return Self.isSession(reference) ? await findSession(reference) : await findIntent(reference)
    }

    public func withdraw(_ request: ChargeRequest) async -> ChargeOutcome {
        guard let reference = request.opening?.reference else { return .unknown }
        let end =
            Self.isSession(reference)
            ? Self.path(ofSession: reference) + "/expire" : Self.path(of: reference) + "/cancel"
        switch await post(end, FormBody()) {
        case .done: return .declined(.abandoned)
        case .lost: return .unknown
        case .refused(404, _): return .declined(.abandoned)
        case .refused:
            // Too late, or done before.
            switch await find(request) {
            case .known(let outcome): return outcome
            case .absent: return .unknown
            }
        }
    }

    // MARK: Asking

    func post(_ path: String, _ form: FormBody, key: String? = nil) async -> ProviderWire.Answer {
        var headers = headers
        if let key { headers.append(("Idempotency-Key", key)) }
        return await wire.ask("POST", path, headers: headers, .form(form))
    }

    func get(_ path: String) async -> ProviderWire.Answer { await wire.ask("GET", path, headers: headers) }

    private var headers: [(name: String, value: String)] {
        [
            ("Authorization", "Bearer " + String(decoding: configuration.secretKey.bytes, as: UTF8.self)),
            ("Stripe-Version", Self.apiVersion),
        ]
    }

    private static func isSession(_ reference: String) -> Bool { reference.hasPrefix("cs_") }

    static func path(of intent: String) -> String { "/v1/payment_intents/" + FormBody.pathSegment(intent) }
    static func path(ofSession session: String) -> String {
        "/v1/checkout/sessions/" + FormBody.pathSegment(session)
    }

    /// Of a request's content, so that another content is another request.
    static func key(_ request: ChargeRequest, _ form: FormBody) -> String {
        request.key + "-" + SHA256.hash(form.bytes).hex.prefix(16)
    }

    /// Whose it is and, where the tenant has an account of its own, who gets the money.
    ///
    /// - Parameter prefix: what the fields stand in, as `payment_intent_data`; empty for the top.
    func note(_ request: ChargeRequest, _ units: Int64, in form: inout FormBody, prefix: String = "") {
        func field(_ name: String) -> String {
            guard !prefix.isEmpty else { return name }
            let bracket = name.firstIndex(of: "[") ?? name.endIndex
            return prefix + "[" + name[..<bracket] + "]" + name[bracket...]
        }
        for (name, value) in [
            (PaymentNote.tenant, request.tenant.description), (PaymentNote.checkout, request.checkout.description),
            (PaymentNote.attempt, request.key),
        ] {
            form.add(field("metadata[\(name)]"), value)
        }
        guard let account = request.settings.stripeAccount else { return }
        form.add(field("transfer_data[destination]"), account)
        let fee = StripeAmount.fee(units, basisPoints: configuration.applicationFeeBasisPoints)
        if fee > 0 { form.add(field("application_fee_amount"), fee) }
        if request.settings.isMerchantOfRecord { form.add(field("on_behalf_of"), account) }
    }

    /// What Stripe says is wrong.
    static func decline(_ error: JSONValue?) -> Decline {
        Decline(
            code: error?["decline_code"]?.string ?? error?["code"]?.string ?? "payment_refused",
            detail: error?["message"]?.string ?? "Stripe did not take this payment.")
    }
}
