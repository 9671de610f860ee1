/// A key of the tenant's own: a SKU, shopper, order or event id. Any UTF-8 of 1 to 256 bytes without control
/// characters.
public struct TenantKey: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let text: String
    /// Where all is ASCII, what looks the same has the same bytes, and strings are compared as they are.
    private let isASCII: Bool

    /// The most bytes a tenant's own key may have.
    public static let largest = 256

    /// Nil when empty, longer than 256 bytes, or holding a control character (U+0000–U+001F, U+007F).
    public init?(_ text: String) {
        var count = 0
        var all: UInt8 = 0
        for byte in text.utf8 {
            count += 1
            all |= byte
            if byte < 0x20 || byte == 0x7f { return nil }
        }
        guard count > 0, count <= Self.largest else { return nil }
        self.text = text
        isASCII = all < 0x80
    }

    // Two keys are one when their bytes are, as databases see it: Swift's strings are equal already when they look the
    // same ("é" in one code point or in two).

    public static func == (a: TenantKey, b: TenantKey) -> Bool {
        a.isASCII && b.isASCII ? a.text == b.text : a.text.utf8.elementsEqual(b.text.utf8)
    }

    public static func < (a: TenantKey, b: TenantKey) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

    public func hash(into hasher: inout Hasher) {
        if isASCII { return hasher.combine(text) }
        var word: UInt64 = 0
        var count = 0
        for byte in text.utf8 {
            word = word << 8 | UInt64(byte)
            count += 1
            if count & 7 == 0 { hasher.combine(word) }
        }
        hasher.combine(word)
        hasher.combine(count)
    }

    public var description: String { text }
}
