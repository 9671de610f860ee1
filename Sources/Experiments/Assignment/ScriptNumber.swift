/// Numbers to text and back as ECMAScript does it ("Number::toString", "StringToNumber").
///
/// GrowthBook's rules were defined by a JavaScript program: an id 123 is hashed as "123" and not as
/// "123.0", and "8" lies between 5 and 10.
enum ScriptNumber {
    /// The shortest digits that read back as the number, laid out as JavaScript does.
    static func text(of number: Double) -> String {
        if number.isNaN { return "NaN" }
        if number == 0 { return "0" }
        if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
        if number.magnitude < 1e15, Double(Int64(number)) == number { return String(Int64(number)) }

        // Swift's description has the same shortest digits, otherwise arranged.
        var digits: [UInt8] = []
        var exponent = 0
        var pointPosition: Int?
        var bytes = number.magnitude.description.utf8[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "."): pointPosition = digits.count
            case UInt8(ascii: "e"):
                exponent = Int(Substring(bytes)) ?? 0
                bytes = bytes[bytes.endIndex...]
            default: digits.append(byte)
            }
        }
        // The number is 0.d1d2d3… × 10^point.
        var point = (pointPosition ?? digits.count) + exponent
        while digits.first == UInt8(ascii: "0") {
            digits.removeFirst()
            point -= 1
        }
        while digits.last == UInt8(ascii: "0") { digits.removeLast() }

        let sign = number < 0 ? "-" : ""
        let shown = String(decoding: digits, as: UTF8.self)
        if point > 21 || point < -5 {
            let fraction = shown.dropFirst()
            let power = point - 1
            return sign + shown.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e" + (power < 0 ? "-" : "+")
                + String(power.magnitude)
        }
        if point <= 0 { return sign + "0." + String(repeating: "0", count: -point) + shown }
        if point >= digits.count { return sign + shown + String(repeating: "0", count: point - digits.count) }
        return sign + shown.prefix(point) + "." + shown.dropFirst(point)
    }

    /// The number a text stands for, NaN if none. Blank text is 0.
    static func value(of text: String) -> Double {
        let scalars = text.unicodeScalars
        guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace && $0 != "\u{feff}" }),
            let last = scalars.lastIndex(where: { !$0.properties.isWhitespace && $0 != "\u{feff}" })
        else { return 0 }
        let trimmed = String(scalars[first...last])
        switch trimmed {
        case "Infinity", "+Infinity": return .infinity
        case "-Infinity": return -.infinity
        default: break
        }
        for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] where trimmed.lowercased().hasPrefix(prefix) {
            return wholeValue(of: trimmed.dropFirst(2), radix: Double(radix))
        }
        // `Double` would also read "nan", "inf" and hexadecimal fractions, which JavaScript does not.
        let isDecimal = trimmed.utf8.allSatisfy { byte in
            (48...57).contains(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e")
                || byte == UInt8(ascii: "E") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-")
        }
        return isDecimal ? Double(trimmed) ?? .nan : .nan
    }

    private static func wholeValue(of digits: Substring, radix: Double) -> Double {
        guard !digits.isEmpty else { return .nan }
        var value = 0.0
        for character in digits {
            guard character.isASCII, let digit = character.hexDigitValue, Double(digit) < radix else { return .nan }
            value = value * radix + Double(digit)
        }
        return value
    }
}
