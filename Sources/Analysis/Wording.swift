public import Experiments

/// How numbers are said to people. What programs read is never rounded.

extension Double {
    /// With so many digits after the point, halves away from zero: `0.1235`. Plain decimal for anything a person would
    /// read, the shortest exact form beyond.
    public func rounded(digits: Int) -> String {
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 1e15 else { return description }
        let whole = Int64(scaled)
        let unit = Int64(scale)
        var text = String(whole / unit)
        if digits > 0 {
            let fraction = String(whole % unit)
            text += "." + String(repeating: "0", count: digits - fraction.count) + fraction
        }
        return self < 0 && whole != 0 ? "-" + text : text
    }

    /// `12.3%`
    public func percent(digits: Int = 1) -> String { (self * 100).rounded(digits: digits) + "%" }

    /// As many digits as say it, four at most: `95%`, `97.5%`. Of what was chosen: a level of 99.5% is no level of 100%.
    public var plainPercent: String {
        for digits in 0..<4 {
            let text = percent(digits: digits)
            if let said = Double(text.dropLast()), (said - self * 100).magnitude < 1e-6 { return text }
        }
        return percent(digits: 4)
    }

    /// `+12.3%`, `−` kept as a hyphen.
    public func signedPercent(digits: Int = 1) -> String { (self >= 0 ? "+" : "") + percent(digits: digits) }

    /// Small ones with their exponent: `0.0744`, `0.00155`, `2.2549e-18`.
    public var probabilityText: String {
        if self == 0 || self >= 0.01 { return rounded(digits: 4) }
        if self >= 0.001 { return rounded(digits: 5) }
        var exponent = 0
        var mantissa = self
        while mantissa < 1 {
            mantissa *= 10
            exponent -= 1
        }
        let text = mantissa.rounded(digits: 4)
        return text == "10.0000" ? "1.0000e\(exponent + 1)" : text + "e\(exponent)"
    }
}

extension Currency {
    /// An amount that need not be whole minor units: `$0.776` with one digit more than the currency has.
    public func display(minorUnits: Double, extraDigits: Int = 0) -> String {
        var scale = 1.0
        for _ in 0..<exponent { scale *= 10 }
        let number = (minorUnits.magnitude / scale).rounded(digits: exponent + extraDigits)
        let isZero = !number.contains { $0 != "0" && $0 != "." }
        let sign = minorUnits < 0 && !isZero ? "-" : ""
        if let symbol { return sign + symbol + number }
        return sign + code + " " + number
    }
}

extension MetricReport.Kind {
    /// A value: `12.34%`, `$0.776`, `1.204`; with so many digits `more`.
    public func number(_ value: Double, in currency: Currency, more: Int = 0) -> String {
        switch self {
        case .ratio: value.percent(digits: 2 + more)
        case .money: currency.display(minorUnits: value, extraDigits: 1 + more)
        case .count: value.rounded(digits: 3 + more)
        }
    }

    /// A difference, with its sign: of shares in percentage points, so that nobody takes it for a relative one.
    public func difference(_ value: Double, in currency: Currency, more: Int = 0) -> String {
        let sign = value > 0 ? "+" : ""
        return sign
            + (self == .ratio
                ? (value * 100).rounded(digits: 2 + more) + " pp" : number(value, in: currency, more: more))
    }
}

extension ConfidenceInterval {
    /// Both ends as people read them, `-0.2713 to -0.0004`: never zero for an end that is not, as if zero were inside.
    ///
    /// The ends have the same digits after the point: as many more than usual as that takes, nine at most. An end that is
    /// nearer to zero even then is said with its first digit in the last place.
    ///
    /// - Parameters:
    ///   - joint: what stands between them.
    ///   - write: a number with so many digits more than usual.
    public func said(joint: String = " to ", _ write: (_ end: Double, _ more: Int) -> String) -> String {
        func isHidden(_ end: Double, _ more: Int) -> Bool {
            end != 0 && !write(end, more).contains { ("1"..."9").contains($0) }
        }
        let more = (0..<Self.mostDigits).first { !isHidden(lower, $0) && !isHidden(upper, $0) } ?? Self.mostDigits
        let ends = [lower, upper].map { end in
            var end = end
            while isHidden(end, more) { end *= 10 }
            return write(end, more)
        }
        return ends.joined(separator: joint)
    }

    private static let mostDigits = 9
}

extension Int64 {
    /// `12,345`
    public var grouped: String {
        let digits = Array(String(magnitude).utf8)
        var out: [UInt8] = self < 0 ? [UInt8(ascii: "-")] : []
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { out.append(UInt8(ascii: ",")) }
            out.append(digit)
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension Int64 {
    /// Three digits that tell something, rounded up: `about 11,700`. Of counts from 0 on.
    var roughly: String {
        var scale: Int64 = 1
        while self / scale >= 1000 { scale *= 10 }
        let whole = (self - 1) / scale + 1
        return (self > 0 ? whole * scale : self).grouped
    }
}

extension String {
    /// The name of a metric in a sentence: `profit per visitor`.
    var asMetricWords: String { String(map { $0 == "_" ? " " : $0 }) }
}
