import Crypto
@testable import Experiments
import Testing

@Suite struct SessionTests {
    private let now = Timestamp(milliseconds: 1_790_000_000_000)

    private func tenant(_ byte: UInt8) -> Tenant {
        Tenant(
            id: TenantID(bits: Bits128(high: UInt64(byte), low: 1)), name: "Shop", createdAt: now,
            secrets: TenantSecrets(
                subjectKey: [UInt8](repeating: byte, count: 32), sealKey: [UInt8](repeating: byte &+ 1, count: 32)))
    }

    private func session(of tenant: Tenant) throws -> ShopperSession {
        ShopperSession(
            tenant: tenant.id, key: APIKeyID(bits: Bits128(high: 3, low: 4)),
            shopper: try #require(TenantKey("ada@shop.example")), expiresAt: now.advanced(by: .seconds(60)))
    }

    @Test func `a session opens as it was sealed, for its tenant, until it expires`() throws {
        let tenant = tenant(1)
        let seal = try #require(SessionSeal(tenant))
        let session = try session(of: tenant)
        let text = Array(seal.seal(session).utf8)
        #expect(ShopperSession.bytes(of: text).map(ShopperSession.tenant(of:)) == tenant.id)
        #expect(seal.open(text, at: now) == session)
        #expect(seal.open(text, at: now.advanced(by: .seconds(60))) == nil)
        #expect(SessionSeal(self.tenant(2))?.open(text, at: now) == nil)
        #expect(!String(decoding: text, as: UTF8.self).contains("ada"))
    }

    @Test func `a session with any byte changed or cut off is none`() throws {
        let tenant = tenant(1)
        let seal = try #require(SessionSeal(tenant))
        let text = Array(seal.seal(try session(of: tenant)).utf8)
        for index in text.indices {
            var changed = text
            changed[index] = changed[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
            #expect(seal.open(changed, at: now) == nil, "\(index)")
            #expect(seal.open(text[..<index], at: now) == nil, "\(index)")
        }
    }

    @Test(arguments: [
        ("https://Shop.Example", "https://shop.example"), ("https://shop.example:443", "https://shop.example"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"), ("http://[::1]:80", "http://[::1]"),
        ("https://shop.example:8443", "https://shop.example:8443"),
    ])
    func `one origin has one spelling`(text: String, origin: String) {
        #expect(WebOrigin(text)?.description == origin)
    }

    @Test(arguments: [
        "", "null", "*", "https://", "https://*.example", "https://shop.example/", "shop.example", "ftp://shop.example",
        "https://user@shop.example", "https://shop.example:0", "https://shop.example:99999", "https://a b",
        "https://ä.example",
        "https://shop.example,https://evil.example", "https://[::1", "https://a:b:c",
    ])
    func `what is no origin is refused`(text: String) {
        #expect(WebOrigin(text) == nil)
    }
}
