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

/// Money asked for.
public struct ChargeRequest: Sendable, Equatable {
    public let tenant: TenantID
    public let checkout: CheckoutID
    /// However often it is asked, one key is charged once.
    public let key: String
    public let amount: Money
    /// What the buyer pays with, as the provider names it; nil where the provider needs none.
    public let payment: String?
}

/// Money asked to go back.
public struct RefundRequest: Sendable, Equatable {
    public let tenant: TenantID
    /// What the provider knows the payment by.
    public let payment: String
    /// However often it is asked, one key is paid back once.
    public let key: String
    public let amount: Money
}

/// What became of a charge.
public enum ChargeOutcome: Sendable, Equatable {
    /// - Parameters:
    ///   - reference: what the provider knows the payment by.
    ///   - amount: what was taken.
    case paid(reference: String, amount: Money)
    /// Nothing was taken, and nothing will be under this key.
    case declined(Decline)
    /// Nobody knows yet; ask again.
    case unknown
}

/// What a provider knows of a key.
public enum ChargeFinding: Sendable, Equatable {
    case known(ChargeOutcome)
    /// It never heard of the key, which may still reach it.
    case absent
}

/// What became of a refund.
public enum RefundOutcome: Sendable, Equatable {
    case succeeded(reference: String)
    case refused(Decline)
    /// Nobody knows yet; ask again with the same key.
    case unknown
}

/// Takes money and gives it back. That each order is charged once is decided here in the house: providers are asked
/// only after what is asked for is durable, and always under the same key.
public protocol PaymentProvider: Sendable {
    /// As checkouts name it.
    var name: String { get }

    /// Takes money. Asked again under the same key it takes nothing more and says the same.
    func charge(_ request: ChargeRequest) async -> ChargeOutcome

    /// What became of a charge.
    func find(_ key: String, of tenant: TenantID) async -> ChargeFinding

    /// Gives money back. Asked again under the same key it gives nothing more and says the same.
    func refund(_ request: RefundRequest) async -> RefundOutcome
}
