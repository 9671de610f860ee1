import Stats

/// The band of a proportion: Wilson's interval with z standard errors.
struct WilsonBand {
    let lower: Double
    let upper: Double

    init(_ hits: Int, of runs: Int, z: Double = 3) {
        let n = Double(runs)
        let p = Double(hits) / n
        let z2 = z * z
        let centre = p + z2 / (2 * n)
        let half = z * (p * (1 - p) / n + z2 / (4 * n * n)).squareRoot()
        lower = (centre - half) / (1 + z2 / n)
        upper = (centre + half) / (1 + z2 / n)
    }

    func contains(_ rate: Double) -> Bool { lower <= rate && rate <= upper }
}

/// One line of the table: what was promised, what was seen.
struct Verdict: Sendable {
    enum Kind: Sendable {
        /// Must hold.
        case promise
        /// Must break: proof that the harness can see a broken promise.
        case control
        /// Shown only.
        case shown
    }

    let what: String
    let observed: String
    let band: String
    let holds: Bool
    var kind = Kind.promise

    /// Whether the line is as it should be.
    var isRight: Bool {
        switch kind {
        case .promise: holds
        case .control: !holds
        case .shown: true
        }
    }
}

extension Verdict {
    /// "Error at most alpha": the lower end of the band does not exceed it.
    static func errorRate(
        _ what: String, _ hits: Int, of runs: Int, atMost alpha: Double, kind: Kind = .promise
    ) -> Verdict {
        let band = WilsonBand(hits, of: runs)
        return Verdict(
            what: what, observed: "\(rate(hits, runs)) of \(runs)",
            band: "≤ \(alpha) (lower end \(digits(band.lower, 4)))", holds: band.lower <= alpha, kind: kind)
    }

    /// "Calibrated to a rate": the band holds it.
    static func calibrated(
        _ what: String, _ hits: Int, of runs: Int, to target: Double, z: Double = 3
    ) -> Verdict {
        let band = WilsonBand(hits, of: runs, z: z)
        return Verdict(
            what: what, observed: "\(rate(hits, runs)) of \(runs)",
            band: "\(target) in [\(digits(band.lower, 4)), \(digits(band.upper, 4))]", holds: band.contains(target))
    }

    /// A number that must lie in a fixed range.
    static func within(
        _ what: String, _ value: Double, _ range: ClosedRange<Double>, places: Int = 4, kind: Kind = .promise
    ) -> Verdict {
        let top = range.upperBound == .infinity ? "∞" : "\(range.upperBound)"
        let bottom = range.lowerBound == -.infinity ? "−∞" : "\(range.lowerBound)"
        return Verdict(
            what: what, observed: digits(value, places), band: "[\(bottom), \(top)]", holds: range.contains(value),
            kind: kind)
    }

    /// A mean that must lie within so many of its standard errors of the truth.
    static func close(_ what: String, _ value: Double, to truth: Double, error: Double, within z: Double) -> Verdict {
        let distance = (value - truth) / error
        return Verdict(
            what: what, observed: "\(significant(value)) (truth \(significant(truth)), \(digits(distance, 2)) SE)",
            band: "within \(Int(z)) SE", holds: abs(distance) <= z)
    }

    private static func rate(_ hits: Int, _ runs: Int) -> String { digits(Double(hits) / Double(runs), 4) }
}

/// Fixed decimals, without Foundation.
func digits(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let rounded = (value.magnitude * scale).rounded()
    guard rounded < 1e18 else { return "\(value)" }
    let whole = Int64(rounded)
    let unit = Int64(scale)
    let sign = value < 0 && whole != 0 ? "-" : ""
    guard places > 0 else { return "\(sign)\(whole)" }
    let fraction = String(whole % unit)
    return "\(sign)\(whole / unit).\(String(repeating: "0", count: places - fraction.count))\(fraction)"
}

/// Four significant digits, nearly.
func significant(_ value: Double) -> String {
    let size = value.magnitude
    if size >= 100 { return digits(value, 1) }
    if size >= 1 { return digits(value, 3) }
    if size >= 0.01 || size == 0 { return digits(value, 5) }
    return digits(value, 8)
}
