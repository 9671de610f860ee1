import COpenSSL

/// HMAC-SHA256 (RFC 2104) under one key, prepared once.
///
/// The value is 64 bytes: the two hash states that follow from the key. It is copied freely and
/// used from any thread; a message costs two compressions beyond its own bytes and no allocation.
public struct HMACSHA256: Sendable {
    private let key: copenssl_hmac_key

    /// Prepares `key`, of any length; 32 random bytes are right.
    public init(key: [UInt8]) {
        self.key = unsafe key.withUnsafeBufferPointer { bytes in
            unsafe copenssl_hmac_prepare(bytes.baseAddress, bytes.count)
        }
    }

    /// Prepares a secret key.
    public init(key: Secret) {
        self.init(key: key.bytes)
    }

    /// The code of `message`.
    public func authenticationCode(for message: Span<UInt8>) -> Digest256 {
        var authenticator = begin()
        authenticator.update(message)
        return authenticator.finish()
    }

    /// The code of `message`.
    public func authenticationCode(for message: [UInt8]) -> Digest256 {
        authenticationCode(for: message.span)
    }

    /// The code of the UTF-8 of `message`.
    public func authenticationCode(for message: String) -> Digest256 {
        var message = message
        message.makeContiguousUTF8()
        return authenticationCode(for: message.utf8.span)
    }

    /// Whether `code` is the code of `message`, in constant time.
    public func isValid(_ code: Digest256, for message: Span<UInt8>) -> Bool {
        authenticationCode(for: message) == code
    }

    /// Whether `code` is the code of `message`, in constant time.
    public func isValid(_ code: Digest256, for message: [UInt8]) -> Bool {
        isValid(code, for: message.span)
    }

    /// A message that comes in pieces.
    public func begin() -> Authenticator {
        Authenticator(key)
    }

    /// A message under way. Pieces are simply joined: the caller sees to it that two different
    /// messages cannot join to the same bytes.
    public struct Authenticator: Sendable {
        private let key: copenssl_hmac_key
        private var state = SHA256_CTX()

        fileprivate init(_ key: copenssl_hmac_key) {
            self.key = key
            unsafe withUnsafePointer(to: key) { key in unsafe copenssl_hmac_begin(key, &state) }
        }

        /// Takes in more bytes.
        public mutating func update(_ bytes: Span<UInt8>) {
            unsafe bytes.withUnsafeBufferPointer { buffer in
                unsafe copenssl_sha256_update(&state, buffer.baseAddress, buffer.count)
            }
        }

        /// Takes in more bytes.
        public mutating func update(_ bytes: [UInt8]) { update(bytes.span) }

        /// Takes in a number as eight bytes, most significant first.
        public mutating func update(_ number: UInt64) {
            var bigEndian = number.bigEndian
            unsafe copenssl_sha256_update(&state, &bigEndian, 8)
        }

        /// The code of what was taken in.
        public consuming func finish() -> Digest256 {
            let key = key
            var state = state
            return unsafe withUnsafePointer(to: key) { key in unsafe Digest256(copenssl_hmac_finish(key, &state)) }
        }
    }
}

extension HMACSHA256: CustomStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "<secret>" }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
