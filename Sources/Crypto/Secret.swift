import COpenSSL

/// Bytes that must not be seen: they stay out of descriptions, dumps and logs, compare in constant
/// time and are wiped when the last copy goes.
public struct Secret: Sendable, Equatable {
    private let storage: Storage

    /// Keeps `bytes`. The caller's own copy is the caller's to forget.
    public init(_ bytes: [UInt8]) {
        storage = Storage(bytes)
    }

    /// Keeps the UTF-8 of `text`.
    public init(_ text: String) {
        self.init(Array(text.utf8))
    }

    /// The bytes, for the one place that needs them.
    public var bytes: [UInt8] { storage.bytes }

    /// How many bytes there are.
    public var count: Int { storage.bytes.count }

    /// Whether the bytes agree, in constant time for secrets of one length.
    public static func == (left: Secret, right: Secret) -> Bool {
        constantTimeEquals(left.bytes, right.bytes)
    }

    /// Sendable although it is wiped: nobody else holds it when it goes.
    private final class Storage: @unchecked Sendable {
        private(set) var bytes: [UInt8]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        deinit {
            unsafe bytes.withUnsafeMutableBytes { unsafe OPENSSL_cleanse($0.baseAddress, $0.count) }
        }
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never the bytes.
    public var description: String { "<secret>" }
    /// Never the bytes.
    public var debugDescription: String { "<secret>" }
    /// Nothing to see.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Whether `left` and `right` are the same bytes; the time depends on their lengths alone.
public func constantTimeEquals(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    return unsafe left.withUnsafeBytes { left in
        unsafe right.withUnsafeBytes { right in
            unsafe left.isEmpty || CRYPTO_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
        }
    }
}
