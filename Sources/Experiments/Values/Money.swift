/// An exact amount: an integer in the currency's minor unit. Never a floating-point number.
public struct Money: Sendable, Hashable, Codable, CustomStringConvertible {
    /// In minor units (cents for USD, yen for JPY). May be negative in results, never in prices.
    public let amount: Int64
    public let currency: Currency

    public init(amount: Int64, currency: Currency) {
        self.amount = amount
        self.currency = currency
    }

    /// The largest amount that is taken from outside: 10^14 minor units. Its square times 10^9 units still fits the
    /// 128-bit sums of `UnitSums`.
    public static let largestAmount: Int64 = 100_000_000_000_000

    /// For people: `$24.99`, `¥1,500`, `BHD 1.250`.
    public var display: String {
        let magnitude = amount.magnitude
        var scale: UInt64 = 1
        for _ in 0..<currency.exponent { scale *= 10 }
        var text = Self.grouped(magnitude / scale)
        if currency.exponent > 0 {
            let fraction = String(magnitude % scale)
            text += "." + String(repeating: "0", count: currency.exponent - fraction.count) + fraction
        }
        let sign = amount < 0 ? "-" : ""
        if let symbol = currency.symbol { return sign + symbol + text }
        return sign + currency.code + " " + text
    }

    public var description: String { display }

    private static func grouped(_ value: UInt64) -> String {
        let digits = String(value)
        guard digits.utf8.count > 3 else { return digits }
        var out: [UInt8] = []
        let count = digits.utf8.count
        for (index, digit) in digits.utf8.enumerated() {
            if index > 0, (count - index) % 3 == 0 { out.append(UInt8(ascii: ",")) }
            out.append(digit)
        }
        return String(decoding: out, as: UTF8.self)
    }
}
