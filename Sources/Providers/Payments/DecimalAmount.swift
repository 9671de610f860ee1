internal import Experiments

/// An amount as decimal digits (`12.34`), exact in both directions; no floating-point number in between.
enum DecimalAmount {
    /// - Parameter exponent: digits after the point.
    static func text(_ amount: Int64, exponent: Int) -> String {
        let digits = String(amount.magnitude)
        let sign = amount < 0 ? "-" : ""
        guard exponent > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, exponent + 1 - digits.utf8.count)) + digits
        return sign + padded.dropLast(exponent) + "." + padded.suffix(exponent)
    }

    /// Nil for what is none, is negative, has other digits than zeros beyond the exponent, or is more than is ever taken.
    static func amount(_ text: String, exponent: Int) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), let whole = parts.first, !whole.isEmpty else { return nil }
        let fraction = parts.count == 2 ? parts[1] : ""
        guard parts.count == 1 || !fraction.isEmpty else { return nil }
        let digits = whole + fraction
        guard digits.utf8.count <= 24, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        guard fraction.dropFirst(exponent).allSatisfy({ $0 == "0" }) else { return nil }
        let kept = fraction.prefix(exponent)
        let padded = String(whole) + kept + String(repeating: "0", count: exponent - kept.count)
        guard let amount = Int64(padded), amount <= Money.largestAmount else { return nil }
        return amount
    }
}
