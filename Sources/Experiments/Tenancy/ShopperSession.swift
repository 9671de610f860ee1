internal import Crypto

/// What lets a browser act for one shopper of a tenant and for nobody else: no other shopper's prices, no catalogue, no
/// statistics. Given to a page by the merchant's own server, or made for an anonymous shopper under a widget key.
public struct ShopperSession: Sendable, Equatable {
    public let tenant: TenantID
    /// The key that it was made under; it ends with that key.
    public let key: APIKeyID
    public let shopper: TenantKey
    public let expiresAt: Timestamp

    /// How long one lasts, in seconds.
    public static let lifetime: Int64 = 24 * 3600

    /// What a session's text begins with, so that it is known from a key.
    public static let prefix = "cs_"

    public init(tenant: TenantID, key: APIKeyID, shopper: TenantKey, expiresAt: Timestamp) {
        self.tenant = tenant
        self.key = key
        self.shopper = shopper
        self.expiresAt = expiresAt
    }

    /// What a text is made of; nil for what is no session.
    static func bytes(of text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count <= 1024, text.starts(with: prefix.utf8),
            let bytes = Base64URL.decode(utf8: Array(text)[prefix.utf8.count...]), bytes.count > 16
        else { return nil }
        return bytes
    }

    /// The tenant that they say they are of. Believed once ``SessionSeal`` has opened them.
    static func tenant(of bytes: [UInt8]) -> TenantID {
        var reader = QuoteSeal.Reader(bytes: bytes)
        return TenantID(bits: reader.takeBits())
    }
}

/// A shopper whom nobody has named: `anon_…`
public enum AnonymousShopper: Named {
    public static let identifierPrefix: StaticString = "anon"
}

/// Makes and opens shopper sessions of one tenant.
///
/// Layout of what is sealed, big-endian: key 16, expiry in milliseconds 8, shopper (rest); under AES-256-GCM with a key
/// that HKDF derives from the tenant's own for this alone, authenticating the tenant. Before it the tenant, 16 bytes;
/// all in base64url after `cs_`. The shopper's id is the tenant's own name for a person: a browser cannot read it there.
public struct SessionSeal: Sendable {
    private let tenant: TenantID
    private let cipher: AES256GCM

    /// Nil only if the tenant's secret is not one.
    public init?(_ tenant: Tenant) {
        let key = HKDF.derive(from: Secret(tenant.secrets.sealKey), info: "cournot shopper session")
        guard let cipher = AES256GCM(key: key) else { return nil }
        self.tenant = tenant.id
        self.cipher = cipher
    }

    public func seal(_ session: ShopperSession) -> String {
        let content = [UInt8](size: 24 + session.shopper.text.utf8.count) { out in
            out.append(session.key.bits)
            out.append(UInt64(bitPattern: session.expiresAt.milliseconds), bytes: 8)
            out.append(utf8: session.shopper.text)
        }
        return ShopperSession.prefix + Base64URL.encode(name + cipher.seal(content, authenticating: name))
    }

    /// Nil for anything that was not sealed for this tenant, or has expired.
    public func open(_ text: some Collection<UInt8>, at now: Timestamp) -> ShopperSession? {
        ShopperSession.bytes(of: text).flatMap { open(bytes: $0, at: now) }
    }

    func open(bytes: [UInt8], at now: Timestamp) -> ShopperSession? {
        guard ShopperSession.tenant(of: bytes) == tenant,
            let content = try? cipher.open(Array(bytes.dropFirst(16)), authenticating: name), content.count > 24,
            let shopper = TenantKey(String(decoding: content[24...], as: UTF8.self))
        else { return nil }
        var reader = QuoteSeal.Reader(bytes: content)
        let key = APIKeyID(bits: reader.takeBits())
        let expiresAt = Timestamp(milliseconds: Int64(bitPattern: reader.take(8)))
        guard now < expiresAt else { return nil }
        return ShopperSession(tenant: tenant, key: key, shopper: shopper, expiresAt: expiresAt)
    }

    private var name: [UInt8] { [UInt8](size: 16) { $0.append(tenant.bits) } }
}
