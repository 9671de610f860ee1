import Glibc

/// The running mean and variance from which the next bet is sized: only what came before decides it.
///
/// Waudby-Smith & Ramdas (2024), eq. 24–26: one imagined observation of mean ½ and variance ¼ stands at the beginning.
struct PlugInBets: Sendable, Equatable, Codable {
    private(set) var count = 0.0
    private(set) var sum = 0.0
    private var squares = 0.0
    private var variance = 0.25

    /// 1/√(t log(1 + t) σ̂²_{t−1}): times √(2 log(1/α)) it is the next bet.
    var next: Double { (1 / ((count + 1) * log1p(count + 1) * variance)).squareRoot() }

    /// 1/√(t log(1 + t)): the same for a variance that is not estimated.
    var nextUnscaled: Double { (1 / ((count + 1) * log1p(count + 1))).squareRoot() }

    /// The mean so far, 0 before the first observation.
    var mean: Double { count == 0 ? 0 : sum / count }

    mutating func add(_ x: Double) {
        count += 1
        sum += x
        let centre = min(1, (0.5 + sum) / (count + 1))
        squares += (x - centre) * (x - centre)
        variance = (0.25 + squares) / (count + 1)
    }
}
