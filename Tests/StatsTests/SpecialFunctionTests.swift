import Glibc
import Stats
import Testing

/// Expected values at 50 digits with mpmath 1.3 (`mp.dps = 50`), rounded to doubles.
@Suite struct SpecialFunctionTests {
    @Test func `the normal tail keeps its digits where doubles begin to fail`() {
        expectClose(Normal.upperTail(of: 10), 7.619853024160526e-24, relative: 5e-15)
        expectClose(Normal.upperTail(of: 30), 4.906713927148188e-198, relative: 5e-15)
        expectClose(Normal.upperTail(of: 37), 5.725571222524577e-300, relative: 5e-15)
        expectClose(Normal.logLowerTail(of: -100), -5005.524208694205, relative: 1e-14)
    }

    @Test(arguments: [
        Double.leastNonzeroMagnitude, 1e-300, 1e-17, 0.0749999, 0.075, 0.3, 0.4999999999, 0.5, 0.7, 0.9250001, 0.999999,
    ])
    func `the normal quantile undoes the tail`(p: Double) {
        let x = Normal.quantile(p)
        let back = p < 1e-290 ? 0 : Normal.lowerTail(of: x) / p - 1
        // The density over the tail magnifies one rounding of x by at most x² or so.
        #expect(abs(back) < 4e-16 * (1 + x * x))
    }

    @Test func `incomplete beta at a million million trials`() {
        // One standard deviation below the mean of Beta(5e10 + 1, 9.5e11 + 1).
        let a = 5e10 + 1
        let b = 9.5e11 + 1
        let lower = IncompleteBeta.lower(a, b, 0.05)
        let upper = IncompleteBeta.upper(a, b, 0.05)
        expectClose(lower + upper, 1, relative: 1e-15)
        #expect(abs(lower - 0.5) < 1e-5)
        expectClose(
            IncompleteBeta.lower(500_000_000_001, 500_000_000_001, 0.49999), 2.753624006254838e-89, relative: 1e-12)
    }

    @Test func `incomplete beta with parameters at either end of the range`() {
        expectClose(IncompleteBeta.lower(1e-300, 2, 0.5), 1)
        expectClose(IncompleteBeta.lower(2, 3, 1e-100), 6e-200, relative: 1e-13)
        expectClose(IncompleteBeta.upper(3, 4, 1e-100), 1)
        expectClose(IncompleteBeta.lower(0.5, 0.5, 0.5), 0.5, relative: 1e-14)
    }

    @Test(arguments: [0.01, 0.7, 1, 3, 250, 3001, 1e6, 1e10], [0.02, 1, 7, 999, 4000, 1e8])
    func `beta tails add to one, mirror, and invert`(a: Double, b: Double) {
        for p in [1e-200, 1e-12, 0.03, 0.5, 0.97] {
            let x = IncompleteBeta.lowerInverse(a, b, p)
            guard x > 1e-300, x < 1 else { continue }
            let lower = IncompleteBeta.lower(a, b, x)
            let upper = IncompleteBeta.upper(a, b, x)
            expectClose(lower + upper, 1, relative: 1e-13)
            // Where 1 − x carries enough digits the pair (b, a, 1 − x) is the same question.
            if x > 0.25, x < 0.75 { expectClose(IncompleteBeta.upper(b, a, 1 - x), lower, relative: 1e-12) }
            if x < 0.999 { expectClose(lower, p, relative: 1e-9) }
        }
    }

    @Test(arguments: [1e-8, 0.3, 1, 5, 199, 201, 1e5, 1e9])
    func `gamma tails add to one and invert`(a: Double) {
        for p in [1e-250, 1e-9, 0.2, 0.5, 0.9] {
            let x = IncompleteGamma.lowerInverse(a, p)
            if x > 1e-300 {
                expectClose(IncompleteGamma.lower(a, x) + IncompleteGamma.upper(a, x), 1, relative: 1e-13)
                expectClose(IncompleteGamma.lower(a, x), p, relative: 1e-9)
            }
            let y = IncompleteGamma.upperInverse(a, p)
            if y > 1e-300 { expectClose(IncompleteGamma.upper(a, y), p, relative: 1e-9) }
        }
    }

    @Test func `gamma tails grow with x across every change of method`() {
        for a in [0.4, 0.999, 1, 1.5, 199.9, 200.1, 5000] {
            var previous = 0.0
            for step in 1...400 {
                let value = IncompleteGamma.lower(a, a * Double(step) / 100 + 0.001)
                #expect(value >= previous - 2e-16)
                previous = value
            }
        }
    }

    @Test func `published quantiles`() {
        // Abramowitz & Stegun (1964), tables 26.8 and 26.10.
        expectClose(ChiSquare(degreesOfFreedom: 1).upperQuantile(0.05), 3.841458820694124)
        expectClose(ChiSquare(degreesOfFreedom: 10).upperQuantile(0.01), 23.209251158954356)
        expectClose(StudentT(degreesOfFreedom: 4).quantile(0.975), 2.7764451051977987)
        expectClose(StudentT(degreesOfFreedom: 1).quantile(0.975), 12.706204736174693)
        expectClose(FRatio(numerator: 3, denominator: 7).upperTail(of: 0.2), 0.8931679556624897)
        expectClose(
            NoncentralT(degreesOfFreedom: 10, noncentrality: 1).lowerTail(of: 2), 0.8076115625303752, relative: 1e-10)
    }

    @Test func `special values of the gamma family`() {
        expectClose(GammaFunctions.logGamma(0.5), 0.5723649429247001)
        expectClose(GammaFunctions.digamma(1), -0.5772156649015329)
        expectClose(GammaFunctions.trigamma(1), 1.6449340668482264)
        expectClose(GammaFunctions.digamma(1.4616321449683622), -9.241265521729427e-17, relative: 1e-9)
        expectClose(GammaFunctions.logBeta(1e15, 1e-9), 20.723265801830419, relative: 1e-12)
    }

    @Test(arguments: [-0.36787944117144, -0.3, -1e-9, 1e-9, 0.5, 3, 1e3, 1e10, 1e300])
    func `Lambert's w times its exponential is x`(x: Double) {
        let w = LambertW.principal(x)
        // w + log w = log x where exponentials would overflow; near −1/e, w is ill-conditioned by nature.
        if x > 1 {
            expectClose(w + log(w), log(x), relative: 1e-15)
        } else {
            expectClose(w * exp(w), x, relative: 1e-13)
        }
    }
}
