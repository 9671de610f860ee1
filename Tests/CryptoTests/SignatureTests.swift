import Crypto
import Testing

@Suite struct SignatureTests {
    private static let key = ES256.PrivateKey.derive(from: Secret([UInt8](repeating: 7, count: 32)), info: "test")

    /// RFC 7515 appendix A.3.
    private enum Example {
        static let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
        static let y = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
        static let d = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"
        static let text = """
            eyJhbGciOiJFUzI1NiJ9.\
            eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.\
            DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q
            """

        static func publicKey() throws -> ES256.PublicKey {
            let (x, y) = (try #require(Base64URL.decode(x)), try #require(Base64URL.decode(y)))
            return try #require(ES256.PublicKey(x: x, y: y))
        }
    }

    @Test func `the example of RFC 7515 is accepted`() throws {
        let opened = try JWS(compact: Example.text, checkedBy: Example.publicKey())
        #expect(String(decoding: opened.header, as: UTF8.self) == #"{"alg":"ES256"}"#)
        #expect(
            String(decoding: opened.payload, as: UTF8.self)
                == "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}")
        let scalar = try #require(Base64URL.decode(Example.d))
        let key = try #require(ES256.PrivateKey(scalar: Secret(scalar)))
        #expect(try key.publicKey == Example.publicKey())
    }

    /// RFC 7638 on the example's key; the thumbprint is joserfc 1.8.0's.
    @Test func `a key is named by its thumbprint`() throws {
        let key = try Example.publicKey()
        #expect(
            key.keyID
                == Base64URL.encode(
                    SHA256.hash(
                        #"{"crv":"P-256","kty":"EC","x":"\#(Example.x)","y":"\#(Example.y)"}"#
                    ).bytes))
        #expect(key.keyID == "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U")
        #expect(key.jwk.hasPrefix(#"{"crv":"P-256","kty":"EC","x":"\#(Example.x)","y":"\#(Example.y)","kid":"#))
    }

    @Test func `what was signed is opened by its own key alone`() throws {
        let payload = Array(#"{"amount":2499}"#.utf8)
        let text = JWS.compact(payload, signedBy: Self.key)
        let opened = try JWS(compact: text, checkedBy: Self.key.publicKey)
        #expect(opened.payload == payload)
        #expect(
            String(decoding: opened.header, as: UTF8.self)
                == #"{"alg":"ES256","kid":"\#(Self.key.publicKey.keyID)","typ":"JWT"}"#)
        let other = ES256.PrivateKey.derive(from: Secret([UInt8](repeating: 7, count: 32)), info: "another")
        #expect(throws: JWS.Refusal.notAuthentic) { try JWS(compact: text, checkedBy: other.publicKey) }
        #expect(JWS.compact(payload, signedBy: Self.key) != text)
    }

    @Test func `one flipped bit anywhere refuses`() throws {
        let text = Array(JWS.compact(Array(#"{"amount":2499,"currency":"USD"}"#.utf8), signedBy: Self.key).utf8)
        for index in text.indices {
            for bit in 0..<7 {
                var changed = text
                changed[index] ^= 1 << UInt8(bit)
                #expect(throws: JWS.Refusal.self, "byte \(index), bit \(bit)") {
                    try JWS(compact: String(decoding: changed, as: UTF8.self), checkedBy: Self.key.publicKey)
                }
            }
        }
    }

    @Test func `a detached signature is good for its own payload alone`() throws {
        let payload = Array(#"{"totals":[{"type":"total","amount":2499}]}"#.utf8)
        let text = JWS.detached(payload, signedBy: Self.key)
        #expect(text.split(separator: ".", omittingEmptySubsequences: false)[1].isEmpty)
        #expect(try JWS(detached: text, of: payload, checkedBy: Self.key.publicKey).payload == payload)
        var other = payload
        other[30] ^= 1
        #expect(throws: JWS.Refusal.notAuthentic) {
            try JWS(detached: text, of: other, checkedBy: Self.key.publicKey)
        }
        #expect(throws: JWS.Refusal.malformed) { try JWS(compact: "a.b", checkedBy: Self.key.publicKey) }
        #expect(throws: JWS.Refusal.malformed) {
            try JWS(detached: JWS.compact(payload, signedBy: Self.key), of: payload, checkedBy: Self.key.publicKey)
        }
    }

    @Test func `a signature of zeros or of another length is no signature`() {
        let message = Array("price".utf8)
        for count in [0, 63, 64, 65] {
            #expect(!Self.key.publicKey.isValid([UInt8](repeating: 0, count: count), for: message))
        }
    }

    @Test func `a scalar outside the curve's order makes no key`() throws {
        let order = try #require(
            Hex.decode("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"))
        #expect(ES256.PrivateKey(scalar: Secret([UInt8](repeating: 0, count: 32))) == nil)
        #expect(ES256.PrivateKey(scalar: Secret(order)) == nil)
        #expect(ES256.PrivateKey(scalar: Secret([1])) == nil)
        var below = order
        below[31] -= 1
        #expect(ES256.PrivateKey(scalar: Secret(below)) != nil)
        #expect(ES256.PublicKey(x: [UInt8](repeating: 1, count: 32), y: [UInt8](repeating: 1, count: 32)) == nil)
    }

    @Test func `a derived key is the same everywhere and another for another purpose`() {
        let secret = Secret([UInt8](repeating: 9, count: 32))
        let (one, again) = (
            ES256.PrivateKey.derive(from: secret, info: "a"), ES256.PrivateKey.derive(from: secret, info: "a")
        )
        #expect(one.publicKey == again.publicKey)
        #expect(one.publicKey != ES256.PrivateKey.derive(from: secret, info: "b").publicKey)
    }

    @Test func `PEM is read for P-256 alone`() throws {
        let pem = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgg0kXhppouCaq8nuT
            NUmETOHB9Z0pPqiPVpic5LOTrn2hRANCAASoY3BYy5lw6rMbDfSntUgBZ9kYduPb
            nFOtgjLiPMYzLPsBb++fMNHKo2rh9mih5Iz9OKkxmD1hLDENILf3wEfT
            -----END PRIVATE KEY-----
            """
        let key = try #require(ES256.PrivateKey(pem: pem))
        let message = Array("price".utf8)
        #expect(key.publicKey.isValid(key.signature(for: message), for: message))
        #expect(ES256.PublicKey(pem: pem) == key.publicKey)
        let published = """
            -----BEGIN PUBLIC KEY-----
            MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqGNwWMuZcOqzGw30p7VIAWfZGHbj
            25xTrYIy4jzGMyz7AW/vnzDRyqNq4fZooeSM/TipMZg9YSwxDSC398BH0w==
            -----END PUBLIC KEY-----
            """
        #expect(ES256.PublicKey(pem: published) == key.publicKey)
        #expect(ES256.PrivateKey(pem: published) == nil)
        let other = """
            -----BEGIN PRIVATE KEY-----
            MIG2AgEAMBAGByqGSM49AgEGBSuBBAAiBIGeMIGbAgEBBDD8aD2Zhju2iBQ/X28L
            IehD7tZZgBTzm7QbgGE8E3IneaTG9rsRbh8dnbBLWuz2z6yhZANiAARxmsvITomf
            Dlc8gPLGON//xYN0PmWA3h6F9IJObqfmJuGJQZiHu2WkUHujAwhGV6oCibgjbf2k
            E1LOFW5KN/iZ2EyQzESwecrXPR/Os0miwJ9ZFY9eDmMCCdzhH8Sa4IE=
            -----END PRIVATE KEY-----
            """
        #expect(ES256.PrivateKey(pem: other) == nil)
        for text in [
            "", "-----BEGIN PRIVATE KEY-----", pem.dropLast(40).description, String(repeating: "A", count: 1 << 17),
        ] {
            #expect(ES256.PrivateKey(pem: text) == nil)
        }
    }
}
