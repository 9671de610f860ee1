/// JSON Web Signatures (RFC 7515) with ES256, and the keys that check them as JSON Web Keys (RFC 7517).
///
/// What is signed is bytes: this room reads no JSON. The algorithm is the key's, whatever a header claims, so that no
/// header can talk a reader into another.
public struct JWS: Sendable, Equatable {
    /// The protected header's JSON, as it was signed. Its reader refuses a `crit` it does not know.
    public let header: [UInt8]
    /// The content, as it was signed.
    public let payload: [UInt8]

    /// Why something was not accepted as signed.
    public enum Refusal: Error, Equatable, Sendable {
        /// Not three parts in strict base64url, or larger than 64 KiB.
        case malformed
        /// Another key, or a bit that was changed: it cannot be told which.
        case notAuthentic
    }

    private static let largest = 1 << 16

    /// The compact form: header, payload and signature, each in base64url, with dots between.
    ///
    /// - Parameter type: the header's `typ`, of letters, digits, `+` and `-`.
    public static func compact(
        _ payload: [UInt8], signedBy key: ES256.PrivateKey, type: StaticString = "JWT"
    ) -> String {
        let input = header(of: key, type) + "." + Base64URL.encode(payload)
        return input + "." + Base64URL.encode(key.signature(for: Array(input.utf8)))
    }

    /// The detached form (RFC 7515 appendix F): the payload travels elsewhere, and nothing stands in its place.
    public static func detached(
        _ payload: [UInt8], signedBy key: ES256.PrivateKey, type: StaticString = "JOSE"
    ) -> String {
        let header = header(of: key, type)
        let input = header + "." + Base64URL.encode(payload)
        return header + ".." + Base64URL.encode(key.signature(for: Array(input.utf8)))
    }

    private static func header(of key: ES256.PrivateKey, _ type: StaticString) -> String {
        let text = #"{"alg":"ES256","kid":"\#(key.publicKey.keyID)","typ":"\#(type)"}"#
        return Base64URL.encode(Array(text.utf8))
    }

    /// Opens the compact form.
    public init(compact text: String, checkedBy key: ES256.PublicKey) throws(Refusal) {
        guard text.utf8.count <= Self.largest else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let payload = Base64URL.decode(parts[1]) else { throw .malformed }
        try self.init(header: parts[0], payload: payload, signature: parts[2], key)
    }

    /// Opens the detached form of a payload that is here.
    public init(detached text: String, of payload: [UInt8], checkedBy key: ES256.PublicKey) throws(Refusal) {
        guard text.utf8.count <= Self.largest else { throw .malformed }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1].isEmpty else { throw .malformed }
        try self.init(header: parts[0], payload: payload, signature: parts[2], key)
    }

    private init(
        header: Substring, payload: [UInt8], signature: Substring, _ key: ES256.PublicKey
    ) throws(Refusal) {
        guard let headerBytes = Base64URL.decode(header), let signature = Base64URL.decode(signature) else {
            throw .malformed
        }
        let input = String(header) + "." + Base64URL.encode(payload)
        guard key.isValid(signature, for: Array(input.utf8)) else { throw .notAuthentic }
        self.header = headerBytes
        self.payload = payload
    }
}

extension ES256.PublicKey {
    /// The key's name: its thumbprint (RFC 7638), so that one key has one name everywhere.
    public var keyID: String { Base64URL.encode(SHA256.hash(#"{\#(members)}"#).bytes) }

    /// The key as JSON, with its name and what it is for.
    public var jwk: String { #"{\#(members),"kid":"\#(keyID)","use":"sig","alg":"ES256"}"# }

    /// What the thumbprint is of: the members that make the key, in order.
    private var members: String {
        #""crv":"P-256","kty":"EC","x":"\#(Base64URL.encode(x))","y":"\#(Base64URL.encode(y))""#
    }
}
