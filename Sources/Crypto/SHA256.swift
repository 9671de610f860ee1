import COpenSSL

/// SHA-256 (FIPS 180-4), at once or piece by piece.
public struct SHA256: Sendable {
    private var state = SHA256_CTX()

    /// A hash of nothing yet.
    public init() {
        unsafe copenssl_sha256_begin(&state)
    }

    /// Takes in more bytes.
    public mutating func update(_ bytes: Span<UInt8>) {
        unsafe bytes.withUnsafeBufferPointer { buffer in
            unsafe copenssl_sha256_update(&state, buffer.baseAddress, buffer.count)
        }
    }

    /// Takes in more bytes.
    public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

    /// The digest of what was taken in; more may follow.
    public func finished() -> Digest256 {
        var copy = state
        return unsafe Digest256(copenssl_sha256_finish(&copy))
    }

    /// The digest of `bytes`.
    public static func hash(_ bytes: Span<UInt8>) -> Digest256 {
        var hash = SHA256()
        hash.update(bytes)
        return hash.finished()
    }

    /// The digest of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Digest256 { hash(bytes.span) }

    /// The digest of the UTF-8 of `text`.
    public static func hash(_ text: String) -> Digest256 { hash(Array(text.utf8)) }
}

extension Digest256 {
    init(_ digest: copenssl_digest) {
        self.init(words: digest.word)
    }
}
