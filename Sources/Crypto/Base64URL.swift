/// Bytes as base64url (RFC 4648 section 5) without padding: fit for addresses, headers and tokens.
///
/// Decoding is strict: one spelling for each sequence of bytes, so that nobody can make a second
/// token out of a first.
public enum Base64URL {
    private static let alphabet: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

    /// The text of `bytes`.
    public static func encode(_ bytes: [UInt8]) -> String {
        let letters = unsafe alphabet.utf8Start
        return unsafe String(unsafeUninitializedCapacity: (bytes.count * 4 + 2) / 3) { text in
            unsafe bytes.withUnsafeBufferPointer { bytes in
                var written = 0
                var index = 0
                while index + 2 < bytes.count {
                    let triple =
                        unsafe Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
                    unsafe text[written] = letters[triple >> 18]
                    unsafe text[written + 1] = letters[triple >> 12 & 0x3F]
                    unsafe text[written + 2] = letters[triple >> 6 & 0x3F]
                    unsafe text[written + 3] = letters[triple & 0x3F]
                    written += 4
                    index += 3
                }
                let rest = bytes.count - index
                if rest > 0 {
                    let pair = unsafe Int(bytes[index]) << 16 | (rest > 1 ? Int(bytes[index + 1]) << 8 : 0)
                    unsafe text[written] = letters[pair >> 18]
                    unsafe text[written + 1] = letters[pair >> 12 & 0x3F]
                    if rest > 1 { unsafe text[written + 2] = letters[pair >> 6 & 0x3F] }
                    written += rest + 1
                }
                return written
            }
        }
    }

    /// The bytes of `text`; nil for padding, other characters, a length that cannot be, or bits left
    /// over that are not zero.
    public static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var text = String(text)
        return text.withUTF8 { text in unsafe decode(text) }
    }

    /// The same of bytes, without making a `String` of them.
    public static func decode(utf8 text: ArraySlice<UInt8>) -> [UInt8]? {
        unsafe text.withUnsafeBufferPointer { text in unsafe decode(text) }
    }

    private static func decode(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var pending: UInt32 = 0
        var bits = 0
        for index in 0..<text.count {
            guard let value = unsafe value(of: text[index]) else { return nil }
            pending = (pending << 6 | UInt32(value)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> UInt32(bits)))
            }
        }
        let leftOver = pending & (1 << UInt32(bits) - 1)
        return bits < 6 && leftOver == 0 ? bytes : nil
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
