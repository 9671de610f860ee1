/// Decimal numbers as people write them in files, read exactly.
enum DecimalText {
    /// The number times 10^`scale`, as an integer.
    ///
    /// - Parameter text: an optional sign, digits, and optionally a point with at most `scale` digits that matter.
    /// - Returns: nil for anything else, or where it does not fit.
    static func integer(_ text: String, scale: Int) -> Int128? {
        var digits = text.utf8[...]
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        var value: Int128 = 0
        var fraction: Int?
        var count = 0
        for byte in digits {
            if byte == UInt8(ascii: "."), fraction == nil {
                fraction = 0
                continue
            }
            guard (48...57).contains(byte) else { return nil }
            count += 1
            if let places = fraction {
                guard places < scale else {
                    if byte == 48 { continue }
                    return nil
                }
                fraction = places + 1
            }
            guard let next = appending(Int128(byte - 48), to: value) else { return nil }
            value = next
        }
        guard count > 0 else { return nil }
        for _ in (fraction ?? 0)..<max(scale, fraction ?? 0) {
            guard let next = appending(0, to: value) else { return nil }
            value = next
        }
        return isNegative ? -value : value
    }

    /// A whole number that fits 64 bits.
    static func whole(_ text: String) -> Int64? { integer(text, scale: 0).flatMap { Int64(exactly: $0) } }

    /// `1`, `true`, `yes`, `t`, `y` and their opposites, in any case.
    static func flag(_ text: String) -> Bool? {
        switch text.lowercased() {
        case "1", "true", "yes", "t", "y": true
        case "0", "false", "no", "f", "n": false
        default: nil
        }
    }

    private static func appending(_ digit: Int128, to value: Int128) -> Int128? {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflowToo) = tens.addingReportingOverflow(digit)
        return overflow || overflowToo ? nil : sum
    }
}
