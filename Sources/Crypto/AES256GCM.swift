import COpenSSL

/// AES-256 in Galois/Counter mode (NIST SP 800-38D): secret, and refused if anything was changed.
///
/// Under one key no nonce may come twice. Random ones are safe for some four thousand million
/// messages; whoever sends more changes keys.
public struct AES256GCM: Sendable {
    /// Bytes in a nonce.
    public static let nonceCount = 12
    /// Bytes in a tag.
    public static let tagCount = 16

    private let key: Secret

    /// Why something sealed was not opened.
    public enum Refusal: Error, Equatable, Sendable {
        /// Shorter than a nonce and a tag.
        case tooShort
        /// Another key, other associated data, or a byte that was changed: it cannot be told which.
        case notAuthentic
    }

    /// The cipher under `key`; nil unless it has 32 bytes.
    public init?(key: Secret) {
        guard key.count == 32 else { return nil }
        self.key = key
    }

    /// Seals `plaintext` as nonce, ciphertext and tag, 28 bytes longer, under a random nonce.
    ///
    /// - Parameter associated: what is not hidden but must be the same when it is opened.
    public func seal(_ plaintext: [UInt8], authenticating associated: [UInt8] = []) -> [UInt8] {
        seal(plaintext, nonce: SecureRandom.bytes(Self.nonceCount), authenticating: associated)
    }

    /// Seals under a nonce of the caller's, 12 bytes never used before with this key.
    public func seal(_ plaintext: [UInt8], nonce: [UInt8], authenticating associated: [UInt8] = []) -> [UInt8] {
        precondition(nonce.count == Self.nonceCount)
        let total = nonce.count + plaintext.count + Self.tagCount
        return unsafe [UInt8](unsafeUninitializedCapacity: total) { output, count in
            _ = unsafe output.update(fromContentsOf: nonce)
            unsafe plaintext.withUnsafeBufferPointer { text in
                unsafe associated.withUnsafeBufferPointer { aad in
                    guard let start = output.baseAddress,
                        unsafe copenssl_gcm_seal(
                            key.bytes, nonce, aad.baseAddress, aad.count, text.baseAddress, text.count,
                            start + Self.nonceCount, start + Self.nonceCount + text.count) == 1
                    else { fatalError("libcrypto cannot encrypt") }
                }
            }
            count = total
        }
    }

    /// Opens what `seal` made.
    public func open(_ sealed: [UInt8], authenticating associated: [UInt8] = []) throws(Refusal) -> [UInt8] {
        let textCount = sealed.count - Self.nonceCount - Self.tagCount
        guard textCount >= 0 else { throw .tooShort }
        var isAuthentic = false
        let plaintext = unsafe [UInt8](unsafeUninitializedCapacity: textCount) { output, count in
            unsafe sealed.withUnsafeBufferPointer { sealed in
                unsafe associated.withUnsafeBufferPointer { aad in
                    guard let start = sealed.baseAddress else { return }
                    let text = unsafe start + Self.nonceCount
                    isAuthentic =
                        unsafe copenssl_gcm_open(
                            key.bytes, start, aad.baseAddress, aad.count, text, textCount, output.baseAddress,
                            text + textCount) == 1
                }
            }
            count = isAuthentic ? textCount : 0
        }
        guard isAuthentic else { throw .notAuthentic }
        return plaintext
    }
}

extension AES256GCM: CustomStringConvertible, CustomReflectable {
    /// Never the key.
    public var description: String { "<secret>" }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
