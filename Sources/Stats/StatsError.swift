/// Why a quantity cannot be given. Never a plausible-looking default instead.
public enum StatsError: Error, Equatable, Sendable {
    /// The input means nothing: NaN or an infinity, a negative count, more successes than trials, lengths that differ,
    /// a level outside (0, 1), an impossible design. The text names the input.
    case invalid(String)
    /// Too few observations for the quantity to exist. The text says how many are needed.
    case insufficient(String)
    /// All observations agree, so a standardised quantity has no denominator.
    case zeroVariance(String)
    /// The data cannot tell the parameters apart (one price only, separated outcomes).
    case notIdentified(String)
    /// An exact integer sum left its 128 bits.
    case overflow(String)
}
