import Glibc

/// How much of the error rate may be spent by the time a share t of the information is in (Lan & DeMets 1983).
public enum SpendingFunction: Sendable, Equatable {
    /// O'Brien–Fleming-like: hardly anything early. `sides` 2 is twice the one-sided function at alpha/2.
    case obrienFleming(sides: Int)
    /// Pocock-like: α log[1 + (e − 1) t].
    case pocock
    /// Kim & DeMets (1987): α t^ρ.
    case kimDeMets(exponent: Double)
    /// Hwang, Shih & De Cani (1990): α (1 − e^{−γt})/(1 − e^{−γ}); linear at γ = 0.
    case hwangShihDeCani(gamma: Double)

    /// The error spent by `t`, in [0, alpha].
    ///
    /// - Parameter t: share of the information, in [0, 1].
    public func spent(_ t: Double, alpha: Double) -> Double {
        guard t > 0 else { return 0 }
        if t >= 1 { return alpha }
        switch self {
        case .obrienFleming(let sides):
            let level = alpha / Double(sides)
            return 2 * Double(sides) * Normal.upperTail(of: Normal.upperQuantile(level / 2) / t.squareRoot())
        case .pocock: return alpha * log1p(expm1(1.0) * t)
        case .kimDeMets(let exponent): return alpha * pow(t, exponent)
        case .hwangShihDeCani(let gamma):
            return gamma == 0 ? alpha * t : alpha * expm1(-gamma * t) / expm1(-gamma)
        }
    }
}
