public import Experiments

/// Why a provider said no.
public struct Decline: Sendable, Equatable, Codable {
    /// Stable; programs decide by it.
    public let code: String
    /// A sentence for a person.
    public let detail: String

    public init(code: String, detail: String) {
        self.code = code
        self.detail = detail
    }
}

/// What a provider makes before it may take anything, and what it knows the payment by from then on. It can be paid once:
/// that is what makes a charge one, whoever asks for it and however often.
public struct PaymentOpening: Sendable, Equatable, Codable {
    /// The provider's name for it.
    public let reference: String
    /// The provider's page where the buyer pays, where it has one.
    public var url: String?
    /// What to tell the buyer, where the buyer has to do it elsewhere.
    public var instructions: String?

    public init(reference: String, url: String? = nil, instructions: String? = nil) {
        self.reference = reference
        self.url = url
        self.instructions = instructions
    }
}

/// Money asked for.
public struct ChargeRequest: Sendable, Equatable {
    public struct Line: Sendable, Equatable {
        public let title: String
        /// In minor units of the request's currency.
        public let unitPrice: Int64
        public let quantity: Int64

        public init(title: String, unitPrice: Int64, quantity: Int64) {
            self.title = title
            self.unitPrice = unitPrice
            self.quantity = quantity
        }
    }

    public let tenant: TenantID
    public let checkout: CheckoutID
    /// However often it is asked, one key is charged once.
    public let key: String
    public let amount: Money
    /// What it is for; with `taxOnTop` they come to the amount.
    public let lines: [Line]
    /// In minor units; 0 where prices hold the tax.
    public let taxOnTop: Int64
    /// What the buyer pays with, as the provider names it; nil where the provider needs none.
    public let payment: String?
    /// What the provider made for it, once it did.
    public let opening: PaymentOpening?
    /// Where the provider's page sends the buyer back to.
    public let returnURL: String?
    public let email: String?
    /// How the tenant is paid.
    public let settings: PaymentSettings
    /// Whether what the buyer has agreed to at the provider may be finished by asking.
    public let mayFinish: Bool

    public init(
        tenant: TenantID, checkout: CheckoutID, key: String, amount: Money, lines: [Line] = [], taxOnTop: Int64 = 0,
        payment: String? = nil, opening: PaymentOpening? = nil, returnURL: String? = nil, email: String? = nil,
        settings: PaymentSettings = .standard, mayFinish: Bool = true
    ) {
        self.tenant = tenant
        self.checkout = checkout
        self.key = key
        self.amount = amount
        self.lines = lines
        self.taxOnTop = taxOnTop
        self.payment = payment
        self.opening = opening
        self.returnURL = returnURL
        self.email = email
        self.settings = settings
        self.mayFinish = mayFinish
    }
}

/// Money asked to go back.
public struct RefundRequest: Sendable, Equatable {
    public let tenant: TenantID
    public let checkout: CheckoutID
    /// What the provider knows the payment by.
    public let payment: String
    /// However often it is asked, one key is paid back once.
    public let key: String
    public let amount: Money

    public init(tenant: TenantID, checkout: CheckoutID, payment: String, key: String, amount: Money) {
        self.tenant = tenant
        self.checkout = checkout
        self.payment = payment
        self.key = key
        self.amount = amount
    }
}

/// What came of making what can be paid.
public enum OpeningOutcome: Sendable, Equatable {
    /// Nothing has to be made.
    case unneeded
    case opened(PaymentOpening)
    /// It cannot be paid so.
    case refused(Decline)
    /// The provider did not answer. Nothing was taken.
    case unknown
}

/// What became of a charge.
public enum ChargeOutcome: Sendable, Equatable {
    /// - Parameters:
    ///   - reference: what the provider knows the payment by when it is to be paid back.
    ///   - amount: what was taken.
    case paid(reference: String, amount: Money)
    /// Nothing was taken, and nothing will be under this key.
    case declined(Decline)
    /// The buyer has to do something first: at a page of the provider's, if it says one.
    case waiting(url: String?)
    /// Nobody knows yet; ask again.
    case unknown
}

/// What a provider knows of a key.
public enum ChargeFinding: Sendable, Equatable {
    case known(ChargeOutcome)
    /// Nothing was taken, but what would take it may be on its way to the provider.
    case absent
}

/// What became of a refund.
public enum RefundOutcome: Sendable, Equatable {
    case succeeded(reference: String)
    case refused(Decline)
    /// Nobody knows yet; ask again with the same key.
    case unknown
}

/// Money of a payment that went back, or may have to, without this house having asked for it; or that did not go back
/// after all, whoever asked.
public struct ProviderReturn: Sendable, Equatable {
    public enum Kind: Sendable, Equatable {
        /// Paid back at the provider, by the merchant there.
        case refund
        /// A refund that failed or was called off: the money is the merchant's again.
        case undone(Decline)
        /// The buyer contests the payment at the bank.
        case dispute(Dispute.Status, reason: String?)
    }

    /// What the provider knows it by.
    public let reference: String
    /// Of a lost dispute, what it took; of one that is open or won, what is contested.
    public let amount: Money
    public let kind: Kind

    public init(reference: String, amount: Money, kind: Kind) {
        self.reference = reference
        self.amount = amount
        self.kind = kind
    }
}

/// What a provider sent by itself.
public struct ProviderMessage: Sendable {
    /// Names in lower case.
    public let headers: [(name: String, value: String)]
    /// As it came, byte by byte: signatures are over that.
    public let body: [UInt8]
    public let receivedAt: Timestamp

    public init(headers: [(name: String, value: String)], body: [UInt8], receivedAt: Timestamp) {
        self.headers = headers
        self.body = body
        self.receivedAt = receivedAt
    }

    /// - Parameter name: in lower case.
    public func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
}

/// What a provider's message is worth.
public enum ProviderHint: Sendable, Equatable {
    /// Something happened to a payment: what, is asked of the provider.
    ///
    /// - Parameters:
    ///   - key: of the attempt.
    ///   - reference: what the provider knows the payment by.
    case payment(tenant: TenantID, checkout: CheckoutID, key: String, reference: String)
    /// Money of a payment went back at the provider, or is contested there: how much, is asked of the provider.
    ///
    /// - Parameter dispute: what the provider knows the dispute by, where it is one and it can only be asked for so.
    case returned(tenant: TenantID, checkout: CheckoutID, dispute: String? = nil)
    /// It is the provider's, and of nothing that is ours.
    case nothing
    /// Nobody knows whether it is the provider's: let it come again.
    case unverified
    /// It is not the provider's. With a sentence for the log.
    case forged(String)
}

/// Takes money and gives it back. That each order is charged once is decided here in the house: a provider makes
/// something that can be paid once, its name is durable before anything may be taken, and whoever comes later asks by
/// that name. Providers that make nothing are asked always under one key.
public protocol PaymentProvider: Sendable {
    /// As checkouts name it.
    var name: String { get }

    /// How long a buyer who has to act may take until the payment is withdrawn.
    var patience: Duration { get }

    /// Whether a person says what came, as with transfers that only the merchant's bank sees.
    var isConfirmedByHand: Bool { get }

    /// Makes what can be paid. Takes nothing, so that one too many does no harm.
    func open(_ request: ChargeRequest) async -> OpeningOutcome

    /// Takes money, by the opening where there is one. Asked again it takes nothing more and says the same.
    func charge(_ request: ChargeRequest) async -> ChargeOutcome

    /// What became of a charge. What the buyer has agreed to at the provider may be finished by it.
    func find(_ request: ChargeRequest) async -> ChargeFinding

    /// Sees to it that nothing is taken any more, unless it was: `declined` or `paid`; `unknown` if neither is certain.
    func withdraw(_ request: ChargeRequest) async -> ChargeOutcome

    /// Gives money back. Asked again under the same key it gives nothing more and says the same.
    func refund(_ request: RefundRequest) async -> RefundOutcome

    /// All that went back of a payment, or is contested, without this house having asked for it, and what did not go
    /// back after all; nil while the provider does not answer.
    ///
    /// - Parameters:
    ///   - payment: what the provider knows the payment by.
    ///   - opening: what was made for it before it was paid.
    ///   - disputes: those that are known of, for providers that do not list them by payment.
    func returns(of payment: String, opening: PaymentOpening?, disputes: [String]) async -> [ProviderReturn]?

    /// What a message that came by itself is worth.
    func hear(_ message: ProviderMessage) async -> ProviderHint
}

extension PaymentProvider {
    public var patience: Duration { .seconds(3600) }
    public var isConfirmedByHand: Bool { false }
    public func open(_ request: ChargeRequest) async -> OpeningOutcome { .unneeded }
    public func withdraw(_ request: ChargeRequest) async -> ChargeOutcome { .unknown }
    public func returns(
        of payment: String, opening: PaymentOpening?, disputes: [String]
    ) async -> [ProviderReturn]? { [] }
    public func hear(_ message: ProviderMessage) async -> ProviderHint { .forged("this provider sends no messages") }
}

extension Decline {
    /// The buyer did not finish, or gave it up.
    public static let abandoned = Decline(code: "payment_abandoned", detail: "The payment was not finished.")
}
