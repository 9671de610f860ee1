internal import Analysis
internal import Experiments

/// How numbers are said along an axis: with the digits that tell one tick from the next, and no more.
enum TickLabel {
    case share(signed: Bool)
    case money(Currency)
    case number

    init(_ kind: MetricReport.Kind, _ currency: Currency) {
        switch kind {
        case .ratio: self = .share(signed: false)
        case .money: self = .money(currency)
        case .count: self = .number
        }
    }

    func text(_ value: Double, step: Double) -> String {
        switch self {
        case .share(let signed):
            let digits = Self.digits(step * 100)
            let value = abs(value) < step / 1000 ? 0 : value
            return (signed && value > 0 ? "+" : "") + value.percent(digits: digits)
        case .money(let currency):
            var scale = 1.0
            for _ in 0..<currency.exponent { scale *= 10 }
            return currency.display(
                minorUnits: value,
                extraDigits: Self.digits(step / scale, atLeast: currency.exponent) - currency.exponent)
        case .number: return value.rounded(digits: Self.digits(step))
        }
    }

    /// Digits after the point of a step such as 0.05.
    ///
    /// - Parameter fine: once there are any, as many as this: `$0.50`, not `$0.5`.
    private static func digits(_ step: Double, atLeast fine: Int = 0) -> Int {
        var digits = 0
        var scaled = step
        while digits < 9, abs(scaled - scaled.rounded()) > 1e-6 * max(1, abs(scaled)) {
            scaled *= 10
            digits += 1
        }
        return digits == 0 ? 0 : max(digits, fine)
    }
}
