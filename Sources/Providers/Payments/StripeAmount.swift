internal import Experiments

/// An amount in the units that Stripe counts a currency in, which are not always ISO 4217's.
///
/// Source: docs.stripe.com/currencies, "Zero-decimal", "Three-decimal" and "Special cases".
enum StripeAmount {
    /// Counted whole, whatever ISO 4217 says: the ariary has fifths, which nobody can pay.
    private static let whole: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF",
    ]
    /// Without a minor unit, and yet counted in hundredths.
    private static let hundredfold: Set<String> = ["ISK", "UGX"]
    /// Counted in thousandths, of which the last digit is zero.
    private static let thousandths: Set<String> = ["BHD", "JOD", "KWD", "OMR", "TND"]

    /// Nil where Stripe cannot take exactly this.
    static func units(of money: Money) -> Int64? {
        let amount = money.amount
        guard amount >= 0, amount <= Money.largestAmount else { return nil }
        switch (money.currency.code, money.currency.exponent) {
        case (let code, _) where hundredfold.contains(code): return amount * 100
        case (let code, 2) where whole.contains(code): return amount % 100 == 0 ? amount / 100 : nil
        case (let code, _) where whole.contains(code): return amount
        case (let code, _) where thousandths.contains(code): return amount % 10 == 0 ? amount : nil
        case (_, 2): return amount
        default: return nil
        }
    }

    /// The amount that Stripe says; nil for what is none.
    ///
    /// - Parameter currency: three letters, in lower case as Stripe has them.
    static func money(_ units: Int64, _ currency: String) -> Money? {
        guard let currency = Currency(currency.uppercased()), (0...Money.largestAmount).contains(units) else {
            return nil
        }
        switch (currency.code, currency.exponent) {
        case (let code, _) where hundredfold.contains(code):
            return units % 100 == 0 ? Money(amount: units / 100, currency: currency) : nil
        case (let code, 2) where whole.contains(code):
            guard units <= Money.largestAmount / 100 else { return nil }
            return Money(amount: units * 100, currency: currency)
        default: return Money(amount: units, currency: currency)
        }
    }

    /// What the platform keeps of an amount, to the nearest unit, halves up.
    static func fee(_ units: Int64, basisPoints: Int64) -> Int64 {
        Int64(clamping: (Int128(units) * Int128(basisPoints) + 5000) / 10_000)
    }
}
