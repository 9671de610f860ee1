import Glibc

/// Vigna's splitmix64: seeds other generators from one word.
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// xoshiro256++ 1.0 (Blackman & Vigna 2019): period 2²⁵⁶ − 1, seeded through splitmix64.
///
/// Randomness enters every simulation by argument, so the same seed gives the same answer.
public struct Xoshiro256PlusPlus: RandomNumberGenerator, Sendable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    public init(seed: UInt64) {
        var seeder = SplitMix64(seed: seed)
        s0 = seeder.next()
        s1 = seeder.next()
        s2 = seeder.next()
        s3 = seeder.next()
    }

    public mutating func next() -> UInt64 {
        let sum = s0 &+ s3
        let result = ((sum << 23) | (sum >> 41)) &+ s0
        let t = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= t
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// Advances by 2¹²⁸ draws: generators a jump apart never overlap.
    public mutating func jump() {
        let words: [UInt64] = [
            0x180E_C6D3_3CFD_0ABA, 0xD5A6_1266_F0C9_392C, 0xA958_2618_E03F_C9AA, 0x39AB_DC45_29B1_661C,
        ]
        var (t0, t1, t2, t3): (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        for word in words {
            for bit in 0..<64 {
                if word & (1 << UInt64(bit)) != 0 {
                    t0 ^= s0
                    t1 ^= s1
                    t2 ^= s2
                    t3 ^= s3
                }
                _ = next()
            }
        }
        (s0, s1, s2, s3) = (t0, t1, t2, t3)
    }
}

/// The layers of the ziggurat under e^{−x²/2}: 256 of one area.
private enum Ziggurat {
    /// Where the tail begins, and the area of a layer (Doornik 2005, table 1, for 256 layers).
    static let start = 3.654_152_885_361_009
    private static let area = 0.004_928_673_233_974_655

    /// Right edges, widest first; the first one stands for the base layer with the tail.
    static let edge: [Double] = {
        var density = exp(-0.5 * start * start)
        var x = [area / density, start]
        for _ in 2..<256 {
            x.append((-2 * log(area / x[x.count - 1] + density)).squareRoot())
            density = exp(-0.5 * x[x.count - 1] * x[x.count - 1])
        }
        x.append(0)
        return x
    }()

    /// The share of each layer that lies wholly under the curve.
    static let ratio: [Double] = (0..<256).map { edge[$0 + 1] / edge[$0] }
}

/// Variates of the distributions, from any generator.
extension RandomNumberGenerator {
    /// Uniform on [0, 1), 53 bits.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform on (0, 1): never a zero to take the logarithm of.
    public mutating func openUniform() -> Double { (Double(next() >> 12) + 0.5) * 0x1p-52 }

    /// Uniform on 0 ..< n, n > 0, without bias (Lemire 2019): the draws of `Int.random`, which is ten times slower where the
    /// generator's type is not known.
    mutating func index(below n: Int) -> Int {
        precondition(n > 0, "an index needs a place to point to")
        let bound = UInt64(n)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let least = (0 &- bound) % bound
            while product.low < least { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }

    /// Standard normal, by the ziggurat (Marsaglia & Tsang 2000, in Doornik's 2005 form without correlated bits).
    public mutating func normal() -> Double {
        while true {
            let word = next()
            let layer = Int(word & 0xFF)
            let u = Double(Int64(bitPattern: word) >> 11) * 0x1p-52
            if abs(u) < Ziggurat.ratio[layer] { return u * Ziggurat.edge[layer] }
            if layer == 0 {
                // The tail beyond the last layer (Marsaglia 1964).
                let r = Ziggurat.start
                while true {
                    let x = exponential() / r
                    if 2 * exponential() > x * x { return u < 0 ? -(r + x) : r + x }
                }
            }
            let x = u * Ziggurat.edge[layer]
            let top = exp(-0.5 * (Ziggurat.edge[layer] * Ziggurat.edge[layer] - x * x))
            let bottom = exp(-0.5 * (Ziggurat.edge[layer + 1] * Ziggurat.edge[layer + 1] - x * x))
            if bottom + uniform() * (top - bottom) < 1 { return x }
        }
    }

    /// Exponential with mean 1.
    public mutating func exponential() -> Double { -log(openUniform()) }

    /// Gamma with shape at least 1, by Marsaglia & Tsang (2000).
    private mutating func largeGamma(shape: Double) -> Double {
        let d = shape - 1.0 / 3
        let c = 1 / (9 * d).squareRoot()
        while true {
            let x = normal()
            let root = 1 + c * x
            guard root > 0 else { continue }
            let v = root * root * root
            let u = openUniform()
            let square = x * x
            if u < 1 - 0.0331 * square * square || log(u) < 0.5 * square + d * (1 - v + log(v)) { return d * v }
        }
    }

    /// The logarithm of a gamma variate with the given shape and rate 1, which does not underflow for tiny shapes:
    /// shapes below 1 by Marsaglia & Tsang's boost log G(a) = log G(a+1) + log(U)/a.
    public mutating func logGamma(shape: Double) -> Double {
        precondition(shape > 0, "a gamma variate needs a positive shape")
        if shape < 1 { return logGamma(shape: shape + 1) + log(openUniform()) / shape }
        return log(largeGamma(shape: shape))
    }

    /// Gamma with the given shape and rate 1.
    public mutating func gamma(shape: Double) -> Double {
        shape >= 1 ? largeGamma(shape: shape) : exp(logGamma(shape: shape))
    }

    /// Beta, as a ratio of gammas; in log space for shapes below 1, so that Beta(1e-3, 1e-3) is never 0/0.
    public mutating func beta(_ a: Double, _ b: Double) -> Double {
        if a >= 1, b >= 1 {
            let x = largeGamma(shape: a)
            return x / (x + largeGamma(shape: b))
        }
        let x = logGamma(shape: a)
        let y = logGamma(shape: b)
        return 1 / (1 + exp(y - x))
    }

    /// Binomial: small means by counting geometric gaps, larger ones by splitting at the median order statistic, which
    /// is a beta variate (Relles 1972; Ahrens & Dieter 1974). Exact, and logarithmic in n.
    public mutating func binomial(trials: Int, probability: Double) -> Int {
        precondition(
            trials >= 0 && probability >= 0 && probability <= 1, "a binomial variate needs n >= 0, 0 <= p <= 1")
        var n = trials
        var p = probability
        var successes = 0
        while n > 40 {
            if p == 0 { return successes }
            if p == 1 { return successes + n }
            let i = n / 2 + 1
            let cut = beta(Double(i), Double(n + 1 - i))
            if cut <= p {
                successes += i
                n -= i
                p = Swift.min(1, (p - cut) / (1 - cut))
            } else {
                n = i - 1
                p = Swift.min(1, p / cut)
            }
        }
        for _ in 0..<n where uniform() < p { successes += 1 }
        return successes
    }

    /// Poisson: Knuth's product below 12, above it by splitting at a gamma waiting time (Ahrens & Dieter 1974). Exact.
    public mutating func poisson(mean: Double) -> Int {
        precondition(mean >= 0 && mean < 1e15, "a Poisson variate needs 0 <= mean < 1e15")
        var remaining = mean
        var count = 0
        while remaining > 12 {
            let m = Int(remaining * 0.875)
            let wait = gamma(shape: Double(m))
            if wait > remaining { return count + binomial(trials: m - 1, probability: remaining / wait) }
            count += m
            remaining -= wait
        }
        let limit = exp(-remaining)
        var product = openUniform()
        while product > limit {
            count += 1
            product *= openUniform()
        }
        return count
    }
}
