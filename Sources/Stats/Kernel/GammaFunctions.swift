import Glibc

/// The gamma function and its relatives.
public enum GammaFunctions {
    /// The natural logarithm of |Γ(x)|. +∞ at 0 and the negative integers.
    public static func logGamma(_ x: Double) -> Double {
        Glibc.lgamma(x).0
    }

    /// lgamma(x) − [(x − ½) log x − x + ½ log 2π], the part Stirling's formula leaves out. x > 0; absolute error 3e-15.
    ///
    /// Abramowitz & Stegun 6.1.40; below 8 by the recurrence Γ(x+1) = xΓ(x).
    static func stirlingError(_ x: Double) -> Double {
        guard x < 8 else { return stirlingSeries(x) }
        var product = 1.0
        var shifted = x
        while shifted < 8 {
            product *= shifted
            shifted += 1
        }
        let above = (shifted - 0.5) * log(shifted) - shifted + stirlingSeries(shifted)
        return above - log(product) - (x - 0.5) * log(x) + x
    }

    private static func stirlingSeries(_ x: Double) -> Double {
        let r = 1 / x
        var sum = 0.0
        let w = r * r
        for coefficient in stirlingCoefficients { sum = sum * w + coefficient }
        return sum * r
    }

    /// B_2k / (2k (2k−1)), highest k first.
    static let stirlingCoefficients: [Double] = [
        43867.0 / 244188, -3617.0 / 122400, 1.0 / 156, -691.0 / 360360, 1.0 / 1188, -1.0 / 1680, 1.0 / 1260, -1.0 / 360,
        1.0 / 12,
    ]

    /// log Γ(1 + x) for −0.5 < x, to full relative accuracy around 0.
    static func logGamma1p(_ x: Double) -> Double {
        guard abs(x) < 0.25 else { return logGamma(1 + x) }
        // −γ x + Σ_{k≥2} ζ(k) (−x)^k / k, with ζ(k) = 1 + (ζ(k) − 1): the ones sum to x − log(1+x) in closed form.
        var sum = 0.0
        var power = x * x
        for (index, zetaMinusOne) in zetaMinusOne.enumerated() {
            let k = Double(index + 2)
            let term = zetaMinusOne * power / k
            sum += index.isMultiple(of: 2) ? term : -term
            power *= x
            if abs(power) < 1e-22 * abs(x) { break }
        }
        return sum - 0.577_215_664_901_532_9 * x - Elementary.log1pMinusX(x)
    }

    /// ζ(k) − 1 for k = 2, 3, …
    private static let zetaMinusOne: [Double] = [
        0.644_934_066_848_226_4, 0.202_056_903_159_594_3, 0.082_323_233_711_138_19, 0.036_927_755_143_369_93,
        0.017_343_061_984_449_14, 0.008_349_277_381_922_827, 0.004_077_356_197_944_339, 0.002_008_392_826_082_214_4,
        0.000_994_575_127_818_085_3, 0.000_494_188_604_119_464_6, 0.000_246_086_553_308_048_3,
        0.000_122_713_347_578_489_15, 6.124_813_505_870_483e-05, 3.058_823_630_702_049e-05,
        1.528_225_940_865_187_2e-05, 7.637_197_637_899_762e-06, 3.817_293_264_999_84e-06,
        1.908_212_716_553_939e-06, 9.539_620_338_727_962e-07, 4.769_329_867_878_064e-07,
    ]

    /// log Γ(b + a) − log Γ(b) for a ≥ 0, b > 0, to full relative accuracy however small a or large b.
    static func logGammaRise(_ b: Double, by a: Double) -> Double {
        if a == 0 { return 0 }
        var shift = 0.0
        var base = b
        while base < 10 {
            shift += log1p(a / base)
            base += 1
        }
        let step = log1p(a / base)
        // The difference of the two Stirling series, each power by expm1 so that a small a does not cancel.
        var correction = 0.0
        var k = GammaFunctions.stirlingCoefficients.count
        let r = 1 / base
        var power = r
        for coefficient in GammaFunctions.stirlingCoefficients.reversed() {
            let exponent = Double(2 * (GammaFunctions.stirlingCoefficients.count - k) + 1)
            correction += coefficient * power * expm1(-exponent * step)
            power *= r * r
            k -= 1
        }
        return (base - 0.5) * step + a * (log(base + a) - 1) + correction - shift
    }

    /// log B(a, b) for a, b > 0.
    ///
    /// Large arguments by the Stirling difference, so that nothing of size lgamma(a + b) is subtracted.
    public static func logBeta(_ a: Double, _ b: Double) -> Double {
        let (small, large) = a <= b ? (a, b) : (b, a)
        guard small > 0 else { return small == 0 ? .infinity : .nan }
        if small > 0.75, large < 1.25 {
            // About B(1, 1) = 1: by log Γ(1 + u), which keeps its digits where it vanishes.
            let (u, v) = (small - 1, large - 1)
            return logGamma1p(u) + logGamma1p(v) - logGamma1p(u + v) - log1p(u + v)
        }
        if small < 8 {
            // log Γ(small) − [log Γ(large + small) − log Γ(large)]
            return (small < 0.25 ? logGamma1p(small) - log(small) : logGamma(small)) - logGammaRise(large, by: small)
        }
        let ratio = small / large
        let entropy = small * log(ratio / (1 + ratio)) - large * log1p(ratio)
        return entropy - 0.5 * log(small) + Elementary.halfLogTwoPi + 0.5 * log1p(ratio) + stirlingError(small)
            + stirlingError(large) - stirlingError(small + large)
    }

    /// ψ(x) = d/dx log Γ(x). NaN at the poles 0, −1, −2, …
    ///
    /// Recurrence to x ≥ 10, then Abramowitz & Stegun 6.3.18; reflection for negative x.
    public static func digamma(_ x: Double) -> Double {
        if x <= 0 {
            if x == x.rounded() { return .nan }
            return digamma(1 - x) - Double.pi / tanPi(x)
        }
        // Around the positive zero the sum of terms would cancel; a Taylor series about it keeps relative accuracy.
        if abs(x - digammaZero) < 0.02 { return digammaNearZero(x) }
        var y = x
        var sum = 0.0
        while y < 10 {
            sum -= 1 / y
            y += 1
        }
        let w = 1 / (y * y)
        var series = 0.0
        for coefficient in digammaCoefficients { series = series * w + coefficient }
        return sum + log(y) - 0.5 / y - series * w
    }

    /// B_2k / 2k, highest first.
    private static let digammaCoefficients: [Double] = [
        43867.0 / 14364, -3617.0 / 8160, 1.0 / 12, -691.0 / 32760, 1.0 / 132, -1.0 / 240, 1.0 / 252, -1.0 / 120,
        1.0 / 12,
    ]

    private static let digammaZero = 1.461_632_144_968_362_2

    /// Taylor series about the zero x₀ = 1.46163214496836234126…; the low part of x₀ keeps x − x₀ exact to 33 digits.
    private static func digammaNearZero(_ x: Double) -> Double {
        let h = (x - digammaZero) - 9.549_995_429_965_697_7e-17
        var sum = 0.0
        for coefficient in digammaTaylor.reversed() { sum = (sum + coefficient) * h }
        return sum
    }

    /// ψ⁽ᵏ⁾(x₀)/k! for k = 1, 2, …: (−1)^{k+1} ζ(k+1, x₀).
    private static let digammaTaylor: [Double] = (1...9).map { k in
        let value = hurwitzZeta(Double(k + 1), digammaZero)
        return k.isMultiple(of: 2) ? -value : value
    }

    /// ζ(s, q) = Σ (q + n)^−s by Euler–Maclaurin, s ≥ 2, q > 0.
    private static func hurwitzZeta(_ s: Double, _ q: Double) -> Double {
        var sum = 0.0
        for n in 0..<12 { sum += pow(q + Double(n), -s) }
        let y = q + 12
        var tail = pow(y, 1 - s) / (s - 1) + 0.5 * pow(y, -s)
        var rising = s
        var power = pow(y, -s - 1)
        let bernoulliOverFactorial = [1.0 / 12, -1.0 / 720, 1.0 / 30240, -1.0 / 1_209_600, 1.0 / 47_900_160]
        for (j, coefficient) in bernoulliOverFactorial.enumerated() {
            tail += coefficient * rising * power
            let i = Double(2 * j + 1)
            rising *= (s + i) * (s + i + 1)
            power /= y * y
        }
        return sum + tail
    }

    /// ψ′(x). +∞ at the poles.
    public static func trigamma(_ x: Double) -> Double {
        if x <= 0 {
            if x == x.rounded() { return .infinity }
            let sine = sinPi(x)
            return Double.pi * Double.pi / (sine * sine) - trigamma(1 - x)
        }
        var y = x
        var sum = 0.0
        while y < 10 {
            sum += 1 / (y * y)
            y += 1
        }
        let w = 1 / (y * y)
        var series = 0.0
        for coefficient in trigammaCoefficients { series = series * w + coefficient }
        return sum + 1 / y + 0.5 * w + series * w / y
    }

    /// B_2k, highest first.
    private static let trigammaCoefficients: [Double] = [
        43867.0 / 798, -3617.0 / 510, 7.0 / 6, -691.0 / 2730, 5.0 / 66, -1.0 / 30, 1.0 / 42, -1.0 / 30, 1.0 / 6,
    ]

    private static func sinPi(_ x: Double) -> Double {
        let r = x - 2 * (x / 2).rounded()
        return sin(Double.pi * r)
    }

    private static func tanPi(_ x: Double) -> Double {
        let r = x - x.rounded()
        return tan(Double.pi * r)
    }
}
