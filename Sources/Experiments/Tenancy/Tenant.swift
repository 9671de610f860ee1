/// A merchant on the platform. Everything that follows belongs to exactly one.
public struct Tenant: Sendable, Codable, Equatable, Named {
    public static let identifierPrefix: StaticString = "ten"

    /// Who runs the infrastructure that the tenant's providers are billed on.
    public enum Mode: String, Sendable, Codable, CaseIterable {
        case managed, byok
    }

    public let id: TenantID
    /// 1 to 200 characters.
    public var name: String
    /// The plan's name; plans are data.
    public var plan: String
    public var mode: Mode
    public var defaultProvider: String?
    /// HTTPS address that events are announced to.
    public var webhookURL: String?
    /// Uses a month, nil for the plan's own limit.
    public var usageLimit: Int?
    public let createdAt: Timestamp
    /// Whether two ids ever became one shopper here: then the hash of an id alone does not tell what is due to it.
    public var hasLinkedShoppers: Bool {
        get { linked ?? false }
        set { linked = newValue ? true : nil }
    }
    /// Stored from the first link on: documents of before have no such field.
    private var linked: Bool?
    /// How its commerce agent presents itself.
    public var agent: AgentSettings {
        get { agentSettings ?? .standard }
        set { agentSettings = newValue }
    }
    /// Stored once it was set: documents of before have no such field.
    private var agentSettings: AgentSettings?
    /// How it is paid.
    public var payments: PaymentSettings {
        get { paymentSettings ?? .standard }
        set { paymentSettings = newValue }
    }
    /// Stored once it was set: documents of before have no such field.
    private var paymentSettings: PaymentSettings?
    /// When its shoppers are told that a price was set for them.
    public var disclosure: DisclosureSettings {
        get { disclosureSettings ?? .standard }
        set { disclosureSettings = newValue }
    }
    /// Stored once it was set: documents of before have no such field.
    private var disclosureSettings: DisclosureSettings?
    /// What tax its sales bear.
    public var taxes: TaxSettings {
        get { taxSettings ?? .none }
        set { taxSettings = newValue }
    }
    /// Stored once it was set: documents of before have no such field.
    private var taxSettings: TaxSettings?
    /// What the agent's last rehearsal came to; documents of before the first have no such field.
    public var agentVerdict: AgentVerdict?
    /// What the tenant's shopper ids are hashed with, and what its quotes are sealed with.
    public let secrets: TenantSecrets

    public init(
        id: TenantID, name: String, plan: String = "free", mode: Mode = .managed, defaultProvider: String? = nil,
        webhookURL: String? = nil, usageLimit: Int? = nil, createdAt: Timestamp, secrets: TenantSecrets
    ) {
        self.id = id
        self.name = name
        self.plan = plan
        self.mode = mode
        self.defaultProvider = defaultProvider
        self.webhookURL = webhookURL
        self.usageLimit = usageLimit
        self.createdAt = createdAt
        self.secrets = secrets
    }

    /// Adds what is wrong with the parts a tenant may set.
    public func validate(into faults: inout Faults) {
        if name.isEmpty || name.count > 200 { faults.add("/name", "A name has 1 to 200 characters.") }
        if plan.isEmpty || plan.count > 50 { faults.add("/plan", "A plan's name has 1 to 50 characters.") }
        if let webhookURL, !webhookURL.hasPrefix("https://") || webhookURL.count > 2000 {
            faults.add("/webhook_url", "A webhook address starts with https:// and has at most 2,000 characters.")
        }
        if let usageLimit, usageLimit < 0 { faults.add("/usage_limit", "A limit is not negative.") }
    }
}

/// `ten_…`
public typealias TenantID = Identifier<Tenant>

/// Two 32-byte keys made with the tenant. They never leave the process but to its database.
public struct TenantSecrets: Sendable, Codable, Equatable, CustomStringConvertible {
    /// Keys the HMAC under which shopper ids are stored.
    public let subjectKey: [UInt8]
    /// Keys the MAC that seals quotes.
    public let sealKey: [UInt8]

    public init(subjectKey: [UInt8], sealKey: [UInt8]) {
        precondition(subjectKey.count == 32 && sealKey.count == 32, "a tenant's keys have 32 bytes")
        self.subjectKey = subjectKey
        self.sealKey = sealKey
    }

    public var description: String { "<secret>" }
}
