/// Percent-encoding of paths and queries, strictly: every `%` is followed by two hexadecimal digits, nothing decodes
/// to NUL, and the whole is UTF-8.
public enum PercentEncoding {
    /// Decodes once; what was encoded twice stays encoded once.
    ///
    /// - Returns: nil for a stray `%`, an encoded NUL or what is not UTF-8.
    public static func decoded(_ bytes: some Collection<UInt8>) -> [UInt8]? {
        guard let result = decodedBytes(bytes, plusIsSpace: false), isUTF8(result) else { return nil }
        return result
    }

    /// Decodes what a request's head was checked for; a stray `%` would stand for itself.
    static func decodedChecked(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        decodedBytes(bytes, plusIsSpace: false) ?? Array(bytes)
    }

    /// The pairs of an `application/x-www-form-urlencoded` query: `+` is a space, a name without `=` has an empty
    /// value, empty pairs are left out, and a pair that does not decode stands as it was sent.
    public static func formItems(_ query: ArraySlice<UInt8>) -> [(name: String, value: String)] {
        query.split(separator: UInt8(ascii: "&")).map { pair in
            let equals = pair.firstIndex(of: UInt8(ascii: "="))
            let name = pair[..<(equals ?? pair.endIndex)]
            let value = equals.map { pair[($0 + 1)...] } ?? []
            return (formText(name), formText(value))
        }
    }

    private static func formText(_ bytes: ArraySlice<UInt8>) -> String {
        guard let text = decodedBytes(bytes, plusIsSpace: true) else { return String(decoding: bytes, as: UTF8.self) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether each `%` in `bytes` begins an encoded byte other than NUL and all decodes to UTF-8.
    static func isWellFormed(_ bytes: ArraySlice<UInt8>) -> Bool {
        decoded(bytes) != nil
    }

    private static func decodedBytes(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            if byte == ASCII.percent {
                guard let first = iterator.next(), let high = ASCII.hexValue(first),
                    let second = iterator.next(), let low = ASCII.hexValue(second)
                else { return nil }
                let value = high << 4 | low
                guard value != 0 else { return nil }
                result.append(value)
            } else {
                result.append(plusIsSpace && byte == UInt8(ascii: "+") ? ASCII.space : byte)
            }
        }
        return result
    }

    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }

    /// Whether a path, once decoded, has a segment `.` or `..`, slashes of either kind counted.
    static func hasDotSegment(_ decodedPath: some Collection<UInt8>) -> Bool {
        decodedPath.split { $0 == ASCII.slash || $0 == UInt8(ascii: "\\") }.contains { segment in
            segment.count <= 2 && segment.allSatisfy { $0 == UInt8(ascii: ".") }
        }
    }
}
