internal import Experiments
internal import JSON

/// A price as programs that know only flags ask for it.
///
/// | key | value |
/// |---|---|
/// | `price.<sku>` | a number in major units, always with a fraction: `10.0` |
/// | `price.<sku>.minor` | a whole number of minor units: `1000` |
/// | `price.<sku>.quote` | the quote, as `POST /quotes` says it |
/// | `price.<sku>.disclosure` | the sentence that has to stand beside the price; empty where none has to |
///
/// **The longest SKU wins.** Where the catalogue has `mug` and `mug.minor`, the key `price.mug.minor` is the price of
/// `mug.minor` in major units; `mug` then has no key of its own for minor units (its quote has the amount). A key says
/// the same as long as no such product is added, and then changes its type, so that a typed client falls back to its
/// default rather than read one product's price as another's.
struct PriceFlag: Sendable, Equatable {
    enum Form: String, Sendable, CaseIterable {
        case major = ""
        case minor = ".minor"
        case quote = ".quote"
        case disclosure = ".disclosure"
    }

    let sku: TenantKey
    let form: Form

    var key: String { Self.prefix + sku.text + form.rawValue }

    private static let prefix = "price."

    /// Nil when no product of the catalogue is meant.
    init?(_ key: String, in snapshot: TenantSnapshot) {
        guard key.hasPrefix(Self.prefix) else { return nil }
        let rest = key.dropFirst(Self.prefix.count)
        for form in Form.allCases where rest.hasSuffix(form.rawValue) {
            guard let sku = TenantKey(String(rest.dropLast(form.rawValue.count))), snapshot.catalogue[sku] != nil
            else { continue }
            self.sku = sku
            self.form = form
            return
        }
        return nil
    }

    /// The flag of a product in a form, unless a longer SKU has taken its key.
    init?(_ sku: TenantKey, _ form: Form, in snapshot: TenantSnapshot) {
        if form != .major, let longer = TenantKey(sku.text + form.rawValue), snapshot.catalogue[longer] != nil {
            return nil
        }
        self.sku = sku
        self.form = form
    }
}

extension Money {
    /// In major units: the nearest double. For programs that know no amounts; never for sums.
    var major: Double {
        var scale = 1.0
        for _ in 0..<currency.exponent { scale *= 10 }
        return Double(amount) / scale
    }
}

extension JSONWriter {
    /// A price in a flag's form; the forms of a quote and a disclosure are written elsewhere.
    mutating func price(_ money: Money, as form: PriceFlag.Form) {
        switch form {
        case .major: double(money.major)
        case .minor: int(money.amount)
        case .quote, .disclosure: null()
        }
    }
}

/// How many products one request may evaluate, and how many a payload may list.
enum FlagLimits {
    static let evaluated = 1000
    static let listed = 10_000
}
