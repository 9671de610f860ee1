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
    public var display: String { displayText.description }

    /// `display`, in place.
    public var displayText: ShortText {
        var text = ShortText()
        if amount < 0 { text.append(UInt8(ascii: "-")) }
        if let symbol = currency.symbol {
            text.append(symbol)
        } else {
            for index in currency.letters.indices { text.append(currency.letters[index]) }
            text.append(UInt8(ascii: " "))
        }
        let exponent = currency.exponent
        var scale: UInt64 = 1
        for _ in 0..<exponent { scale *= 10 }
        let (whole, fraction) = amount.magnitude.quotientAndRemainder(dividingBy: scale)
        Self.appendGrouped(whole, to: &text)
        if exponent > 0 {
            text.append(UInt8(ascii: "."))
            text.append(fraction, width: exponent)
        }
        return text
    }

    public var description: String { display }

    /// Thousands apart.
    private static func appendGrouped(_ value: UInt64, to text: inout ShortText) {
        var scale: UInt64 = 1
        while value / scale >= 1000 { scale *= 1000 }
        text.append(value / scale)
        while scale > 1 {
            scale /= 1000
            text.append(UInt8(ascii: ","))
            text.append(value / scale % 1000, width: 3)
        }
    }
}
