internal import Crypto
internal import Experiments

/// What a buyer agrees to, as one hash: whoever completes a checkout repeats it, so that nobody pays what nobody saw.
///
/// SHA-256 over netstrings (`<bytes>:<UTF-8>,`): `cournot.totals.1`, the currency; of each line its quote, SKU, unit
/// price, quantity, subtotal, tax and total; subtotal, tax and total of all; and of each part of the buyer that is
/// known its name and value. Numbers are decimal.
enum TotalsHash {
    static func of(_ lines: [CheckoutLine], _ totals: CheckoutTotals, _ buyer: Buyer?) -> String {
        var hash = SHA256()
        func take(_ text: String) {
            hash.update(Array("\(text.utf8.count):".utf8) + Array(text.utf8) + [UInt8(ascii: ",")])
        }
        take("cournot.totals.1")
        take(totals.currency.code)
        for line in lines {
            take(line.quote.description)
            take(line.product.text)
            for number in [line.unitPrice, line.quantity, line.subtotal, line.tax, line.total] { take(String(number)) }
        }
        for number in [totals.subtotal, totals.tax, totals.total] { take(String(number)) }
        for (key, value) in buyer?.parts ?? [] {
            guard let value else { continue }
            take(key)
            take(value)
        }
        return hash.finished().hex
    }
}
