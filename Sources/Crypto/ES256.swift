internal import COpenSSL

/// ES256 (RFC 7518 section 3.4): ECDSA on the curve P-256 with SHA-256, so that whoever holds the public key can check
/// what only the holder of the private one could sign. Signatures are r and s, 32 bytes each.
public enum ES256 {
    /// Signs.
    public struct PrivateKey: Sendable {
        private let key: Key
        /// What checks its signatures.
        public let publicKey: PublicKey

        /// The key of a secret scalar; nil unless that has 32 bytes and is from 1 to below the curve's order.
        public init?(scalar: Secret) {
            guard scalar.count == 32, let key = unsafe Key(copenssl_p256_from_scalar(scalar.bytes)) else { return nil }
            self.init(key)
        }

        /// The key in a PEM block, PKCS#8 or SEC 1, on P-256 and without a password; nil for anything else.
        public init?(pem: String) {
            guard let key = Key(pem: pem), key.isPrivate else { return nil }
            self.init(key)
        }

        private init?(_ key: Key) {
            guard let publicKey = PublicKey(key) else { return nil }
            self.key = key
            self.publicKey = publicKey
        }

        /// A key that `secret` and `info` determine and that says nothing of `secret`: HKDF gives candidates until one
        /// lies below the curve's order, which all but one in 4,000 million do.
        public static func derive(from secret: Secret, info: StaticString) -> PrivateKey {
            for candidate in UInt8.min...UInt8.max {
                let scalar = HKDF.derive(from: secret, info: Array(info.description.utf8) + [0, candidate])
                if let key = PrivateKey(scalar: scalar) { return key }
            }
            fatalError("libcrypto makes no key on P-256")
        }

        /// The signature of `message`, 64 bytes; never the same twice.
        public func signature(for message: [UInt8]) -> [UInt8] {
            unsafe [UInt8](unsafeUninitializedCapacity: ES256.signatureCount) { output, count in
                guard let start = output.baseAddress,
                    unsafe copenssl_p256_sign(key.pointer, message, message.count, start) == 1
                else { fatalError("libcrypto cannot sign") }
                count = ES256.signatureCount
            }
        }
    }

    /// Checks signatures.
    public struct PublicKey: Sendable {
        private let key: Key
        /// The point, each coordinate 32 bytes.
        public let x, y: [UInt8]

        /// The key of a point; nil unless it is on the curve.
        public init?(x: [UInt8], y: [UInt8]) {
            guard x.count == 32, y.count == 32, let key = unsafe Key(copenssl_p256_from_point(x + y)) else {
                return nil
            }
            self.init(key)
        }

        /// The public key in a PEM block, or of the private key in it; nil for anything that is not on P-256.
        public init?(pem: String) {
            guard let key = Key(pem: pem) else { return nil }
            self.init(key)
        }

        fileprivate init?(_ key: Key) {
            guard let point = key.point else { return nil }
            self.key = key
            x = Array(point[..<32])
            y = Array(point[32...])
        }

        /// Whether `signature` is one of `message` under this key.
        public func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
            guard signature.count == ES256.signatureCount else { return false }
            return unsafe copenssl_p256_verify(key.pointer, message, message.count, signature) == 1
        }
    }

    /// Bytes in a signature.
    public static let signatureCount = 64

    /// Owns libcrypto's key. Sendable, for after its making nothing changes it.
    @safe fileprivate final class Key: @unchecked Sendable {
        fileprivate let pointer: OpaquePointer

        /// Takes `pointer` over; nil for none.
        fileprivate init?(_ pointer: OpaquePointer?) {
            guard let pointer = unsafe pointer else { return nil }
            unsafe self.pointer = unsafe pointer
        }

        fileprivate convenience init?(pem: String) {
            let bytes = Secret(pem)
            unsafe self.init(copenssl_p256_from_pem(bytes.bytes, bytes.count))
        }

        deinit { unsafe EVP_PKEY_free(pointer) }

        fileprivate var isPrivate: Bool { unsafe copenssl_p256_is_private(pointer) == 1 }

        fileprivate var point: [UInt8]? {
            var point = [UInt8](repeating: 0, count: 64)
            return unsafe copenssl_p256_point(pointer, &point) == 1 ? point : nil
        }
    }
}

extension ES256.PublicKey: Equatable {
    /// Whether the points are the same.
    public static func == (left: Self, right: Self) -> Bool { left.x == right.x && left.y == right.y }
}

extension ES256.PrivateKey: CustomStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "<secret>" }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
