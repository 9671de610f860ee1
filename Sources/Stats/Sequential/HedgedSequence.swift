import Glibc

/// A betting confidence sequence for the mean of observations in [0, 1] that is fed one observation after another.
///
/// The running intersection of Waudby-Smith & Ramdas (2024), §4.2: the means that no earlier look has ruled out either.
/// Each end is the root of its player's wealth, not a point of a grid. An update costs a constant amount of work; now
/// and then, as often as the number of observations doubles, one looks back at all of them.
public struct HedgedSequence: Sendable, Equatable {
    private var upwards: BettingEdge?
    private var downwards: BettingEdge?
    private var bets = PlugInBets()
    private let alpha: Double
    private let theta: Double
    private let truncation: Double
    private var observations: [Double] = []

    /// - Parameters:
    ///   - alpha: two-sided.
    ///   - theta: the share of capital bet upwards, in [0, 1].
    ///   - truncation: bets stay below this over m, in (0, 1].
    public init(alpha: Double, theta: Double = 0.5, truncation: Double = 0.5) throws(StatsError) {
        try BettingSequence.check(alpha, theta, truncation)
        self.alpha = alpha
        self.theta = theta
        self.truncation = truncation
        if theta > 0 { upwards = BettingEdge(alpha: alpha * theta, truncation: truncation) }
        if theta < 1 { downwards = BettingEdge(alpha: alpha * (1 - theta), truncation: truncation) }
    }

    /// - Throws: `invalid` for an observation outside [0, 1].
    public mutating func add(_ x: Double) throws(StatsError) {
        guard x >= 0, x <= 1 else { throw .invalid("observations must lie in [0, 1]") }
        let bet = bets.next
        bets.add(x)
        observations.append(x)
        upwards?.add(x, bet: bet)
        downwards?.add(1 - x, bet: bet)
    }

    /// The means that no look has ruled out. [0, 1] before the first observation.
    public var interval: Interval {
        Interval(lower: upwards?.bound ?? 0, upper: 1 - (downwards?.bound ?? 0))
    }
}

// The state is the observations in their order, for each bet depends on those before; saved and read back it goes on
// bit for bit. Two sequences cannot be merged: nobody bet on the second knowing the first.
extension HedgedSequence: Codable {
    private enum CodingKeys: String, CodingKey {
        case alpha, theta, truncation, observations
    }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            alpha: values.decode(Double.self, forKey: .alpha), theta: values.decode(Double.self, forKey: .theta),
            truncation: values.decode(Double.self, forKey: .truncation))
        for x in try values.decode([Double].self, forKey: .observations) { try add(x) }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(alpha, forKey: .alpha)
        try values.encode(theta, forKey: .theta)
        try values.encode(truncation, forKey: .truncation)
        try values.encode(observations, forKey: .observations)
    }
}

/// The least mean that the player who bets upwards has not beaten at any look.
///
/// log K_t(m) = Σ log{1 + min(λ_i, c/m) (x_i − m)} falls in m. It is kept at the present bound, where passing the level
/// calls for a new one, and at eight Chebyshev nodes of a bracket above it, where interpolation finds that. The bets
/// whose truncation sets in inside the bracket have a kink there and are kept apart; the rest is analytic.
struct BettingEdge: Sendable, Equatable {
    private let level: Double
    private let scale: Double
    private let truncation: Double
    private var data: [Double] = []
    private var bets: [Double] = []
    private var sum = 0.0
    /// Every mean below has been ruled out.
    private(set) var bound = 0.0
    private var capital = Capital()
    private var bracket: BettingBracket?

    /// - Parameter alpha: one-sided.
    init(alpha: Double, truncation: Double) {
        level = -log(alpha)
        scale = (-2 * log(alpha)).squareRoot()
        self.truncation = truncation
    }

    mutating func add(_ x: Double, bet unit: Double) {
        let bet = unit * scale
        data.append(x)
        bets.append(bet)
        sum += x
        capital.multiply(1 + min(bet, truncation / bound) * (x - bound))
        bracket?.add(x, bet: bet)
        guard capital.isAtLeast(level) else { return }
        advance()
    }

    /// log K at any mean, from all observations.
    private func logCapital(_ m: Double) -> Double {
        let cap = truncation / m
        var capital = Capital()
        for i in data.indices { capital.multiply(1 + min(bets[i], cap) * (data[i] - m)) }
        return capital.log
    }

    private mutating func advance() {
        if let bracket, bracket.logCapital(bracket.upper) < level {
            let root = Self.root(from: bound, to: bracket.upper, level) { bracket.logCapital($0) }
            if root.isFinite {
                bound = root
                capital = Capital(log: level)
                return
            }
        }
        let root = Self.root(from: bound, to: 1, level, logCapital)
        bound = root
        capital = Capital(log: min(level, logCapital(root)))
        // A quarter of the way to the sample mean lasts about until the observations have doubled.
        let width = 0.25 * (sum / Double(data.count) - root)
        // Bets of nearly all the wealth leave factors near zero, whose logarithms no polynomial follows.
        guard width > 1e-9, root + width < 1, data.count >= 16, truncation <= 0.75 else {
            bracket = nil
            return
        }
        var fresh = BettingBracket(lower: root, upper: root + width, truncation: truncation)
        for i in data.indices { fresh.add(data[i], bet: bets[i]) }
        bracket = fresh
    }

    /// The root of a falling function less its level, positive at `low`: false position (Illinois) within a bracket.
    private static func root(
        from low: Double, to high: Double, _ level: Double, _ function: (Double) -> Double
    ) -> Double {
        var (x0, x1) = (low, high)
        var (f0, f1) = (function(low) - level, function(high) - level)
        if f0 <= 0 { return low }
        if f1 > 0 { return high }
        for step in 0..<200 {
            if x1 - x0 <= 1e-14 * x1 + 1e-300 { break }
            // Halving now and then keeps a hard corner from stalling the secant.
            let secant = x0 + (x1 - x0) * (f0 / (f0 - f1))
            let isUsable = secant > x0 && secant < x1 && step % 8 != 7 && f1 > -.infinity
            let x = isUsable ? secant : 0.5 * (x0 + x1)
            if x <= x0 || x >= x1 { break }
            let f = function(x) - level
            if f.isNaN { return .nan }
            if abs(f) < 1e-12 { return x }
            if f > 0 {
                (x0, f0) = (x, f)
                f1 *= 0.5
            } else {
                (x1, f1) = (x, f)
                f0 *= 0.5
            }
        }
        return x0
    }
}

/// A product of many factors near one, as a product and the logarithm of what would overflow it.
private struct Capital: Sendable, Equatable {
    private var product = 1.0
    private var offset = 0.0

    init() {}

    init(log: Double) { offset = log }

    var log: Double { offset + Glibc.log(product) }

    mutating func multiply(_ factor: Double) {
        product *= factor
        if product > 1e150 || product < 1e-150 {
            offset += Glibc.log(product)
            product = offset > -.infinity ? 1 : 0
        }
    }

    func isAtLeast(_ level: Double) -> Bool {
        // log p ≤ p − 1 settles most looks without a logarithm.
        offset + product - 1 >= level && log >= level
    }
}

/// log K over a narrow range of means: eight nodes, and the observations whose bet is truncated in part of it.
private struct BettingBracket: Sendable, Equatable {
    let lower: Double
    let upper: Double
    private let truncation: Double
    private let nodes: SIMD8<Double>
    private let caps: SIMD8<Double>
    private var products = SIMD8<Double>(repeating: 1)
    private var logs = SIMD8<Double>()
    private var sinceFolded = 0
    private var kinked: [(x: Double, bet: Double)] = []

    static func == (a: Self, b: Self) -> Bool {
        a.lower == b.lower && a.upper == b.upper && a.products == b.products && a.logs == b.logs
            && a.kinked.elementsEqual(b.kinked, by: ==)
    }

    init(lower: Double, upper: Double, truncation: Double) {
        self.lower = lower
        self.upper = upper
        self.truncation = truncation
        nodes = lower + (upper - lower) * Self.chebyshev
        caps = truncation / nodes
    }

    /// On [0, 1].
    private static let chebyshev: SIMD8<Double> = {
        var nodes = SIMD8<Double>()
        for k in 0..<8 { nodes[k] = 0.5 - 0.5 * cos(Double.pi * (Double(k) + 0.5) / 8) }
        return nodes
    }()

    /// Barycentric weights of the Chebyshev points of the first kind.
    private static let weights: SIMD8<Double> = {
        var weights = SIMD8<Double>()
        for k in 0..<8 { weights[k] = (k.isMultiple(of: 2) ? 1 : -1) * sin(Double.pi * (Double(k) + 0.5) / 8) }
        return weights
    }()

    mutating func add(_ x: Double, bet: Double) {
        if bet * upper <= truncation {
            products *= 1 + bet * (x - nodes)
        } else if bet * lower >= truncation {
            products *= 1 + caps * (x - nodes)
        } else {
            kinked.append((x, bet))
            return
        }
        // A factor lies between 0 and 1 + λ, λ below 10 from the start: 64 of them do not overflow.
        sinceFolded += 1
        if sinceFolded == 64 { fold() }
    }

    private mutating func fold() {
        for k in 0..<8 { logs[k] += Glibc.log(products[k]) }
        products = SIMD8(repeating: 1)
        sinceFolded = 0
    }

    /// NaN where a factor was zero.
    func logCapital(_ m: Double) -> Double {
        var numerator = 0.0
        var denominator = 0.0
        var exact: Double?
        for k in 0..<8 {
            let value = logs[k] + Glibc.log(products[k])
            let distance = m - nodes[k]
            if distance == 0 { exact = value }
            let share = Self.weights[k] / distance
            numerator += share * value
            denominator += share
        }
        var log = exact ?? numerator / denominator
        for (x, bet) in kinked { log += log1p(min(bet, truncation / m) * (x - m)) }
        return log
    }
}
