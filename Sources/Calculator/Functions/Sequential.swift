import JSON
import Stats

extension Calculator {
    private static func alpha(_ i: Inputs, _ name: String = "alpha") throws(StatsError) -> Double {
        let alpha = try i.number(name)
        guard alpha > 0, alpha < 1 else { throw .invalid("\(name) must lie strictly between 0 and 1") }
        return alpha
    }

    /// Intrinsic times, not negative.
    private static func times(_ i: Inputs) throws(StatsError) -> [Double] {
        let values = (try i.value("v")).array == nil ? [try i.number("v")] : try i.numbers("v")
        for v in values where !(v >= 0 && v.isFinite) { throw .invalid("v must be finite and 0 or more") }
        return values
    }

    private static func positive(_ i: Inputs, _ name: String) throws(StatsError) -> Double {
        let value = try i.number(name)
        guard value > 0, value.isFinite else { throw .invalid("\(name) must be a finite number above 0") }
        return value
    }

    static let sequentialFunctions: [Function] = [
        Function(
            "msprt_normal", "mixture SPRT of two means, known variance",
            inputs: [
                "nPerArm: observations an arm", "meanDiff: treatment − control", "sigma2: variance of one observation",
                "tau2: mixing variance", "alpha: in (0, 1)",
            ], reference: "Johari et al. (2022), §5"
        ) { (i) throws(StatsError) in
            let n = try i.number("nPerArm")
            let test = try MixtureSPRT(pairVariance: 2 * (try i.number("sigma2")), tau2: try i.number("tau2"))
            let value = try test.logLikelihoodRatio(pairs: n, difference: try i.number("meanDiff"))
            let half = try test.halfWidth(pairs: n, alpha: try i.number("alpha", default: 0.05))
            return [
                "ok": true, "logLR": .number(value), "pValue": .number(MixtureSPRT.p(logLikelihoodRatio: value)),
                "ciHalfWidth": .number(half),
            ]
        },
        Function(
            "msprt_binary", "mixture SPRT of two rates by plug-in variance: unguarded, see the warning in the docs",
            inputs: ["nPerArm: visitors an arm", "xA: conversions", "xB: conversions", "tau2: mixing variance"],
            reference: "Johari et al. (2022), §5"
        ) { (i) throws(StatsError) in
            let n = try i.number("nPerArm")
            let a = try Proportion(successes: try i.number("xA"), trials: n)
            let b = try Proportion(successes: try i.number("xB"), trials: n)
            guard n > 0 else {
                return ["ok": true, "logLR": 0, "pValue": 1]
            }
            let data = try TwoProportions(a, b)
            let variance = MixtureSPRT.plugInPairVariance(data)
            guard variance > 0 else { throw .zeroVariance("nobody or everybody converted in both arms") }
            let test = try MixtureSPRT(pairVariance: variance, tau2: try i.number("tau2"))
            let value = try test.logLikelihoodRatio(pairs: n, difference: data.difference)
            return .fields(["logLR": value, "pValue": MixtureSPRT.p(logLikelihoodRatio: value)])
        },
        Function(
            "msprt_normal_path", "always-valid p over a sequence of looks",
            inputs: ["n: observations an arm at each look", "meanDiff: at each look", "sigma2", "tau2"],
            reference: "Johari et al. (2022), eq. 6: running minimum of 1/Λ"
        ) { (i) throws(StatsError) in
            let n = try i.numbers("n")
            let d = try i.numbers("meanDiff")
            guard n.count == d.count else { throw .invalid("n and meanDiff must have the same length") }
            let test = try MixtureSPRT(pairVariance: 2 * (try i.number("sigma2")), tau2: try i.number("tau2"))
            var p = AlwaysValidP()
            var path: [Double] = []
            for (n, d) in zip(n, d) {
                let value = try test.logLikelihoodRatio(pairs: n, difference: d)
                path.append(p.look(MixtureSPRT.p(logLikelihoodRatio: value)))
            }
            return ["alwaysValidP": .numbers(path)]
        },
        Function(
            "asymptotic_cs_gb", "interval and p-value valid at every look, for a difference or a lift",
            inputs: [
                "kind: p or m", "a: control as [n, successes] or [n, sum, sumOfSquares]", "b: treatment likewise",
                "differenceType: absolute or relative", "tuningN: units at which to be tightest", "alpha: in (0, 1)",
            ], reference: "Waudby-Smith et al. (2021), eq. 9, 155, 161, as gbstats 0.8.0 applies them"
        ) { (i) throws(StatsError) in
            let kind = try i.text("kind")
            let effect = try Effect(
                try i.scale("differenceType"), control: try i.growthBookArm("a", kind: kind),
                treatment: try i.growthBookArm("b", kind: kind))
            let sequence = try effect.confidenceSequence(
                alpha: try i.number("alpha"), tuning: try i.number("tuningN", default: 5000))
            return .fields([
                "expected": effect.estimate, "ciLower": sequence.interval.lower, "ciUpper": sequence.interval.upper,
                "pValue": sequence.p(),
            ])
        },
        Function(
            "normal_mixture_bound_rho", "the normal mixture's boundary",
            inputs: ["v: intrinsic time, >= 0", "alpha", "rho: > 0", "twoSided: true or false"],
            reference: "Howard et al. (2021), eq. 14"
        ) { (i) throws(StatsError) in
            let v = try times(i)
            let alpha = try alpha(i)
            let rho = try positive(i, "rho")
            let twoSided = try i.flag("twoSided", default: true)
            let bounds = v.map {
                twoSided
                    ? UniformBoundary.twoSidedNormalMixture(v: $0, alpha: alpha, rho: rho)
                    : UniformBoundary.oneSidedNormalMixtureClosedForm(v: $0, alpha: alpha, rho: rho)
            }
            return (try i.value("v")).array == nil ? .number(bounds[0]) : .numbers(bounds)
        },
        Function(
            "normal_mixture_bound_vopt", "the normal mixture's boundary, tightest at a chosen time",
            inputs: [
                "v: intrinsic times", "alpha", "vOpt: where to be tightest", "alphaOpt", "twoSided: true or false",
            ],
            reference: "Howard et al. (2021), §3.5; the one-sided mixture exactly"
        ) { (i) throws(StatsError) in
            let alpha = try alpha(i)
            let level = try Self.alpha(i, "alphaOpt")
            let vOpt = try positive(i, "vOpt")
            if try i.flag("twoSided", default: true) {
                let rho = UniformBoundary.rho(vOpt: vOpt, alpha: level)
                return .numbers(
                    try times(i).map { UniformBoundary.twoSidedNormalMixture(v: $0, alpha: alpha, rho: rho) })
            }
            guard level < 0.5 else { throw .invalid("alphaOpt must lie below 0.5 for a one-sided boundary") }
            let rho = UniformBoundary.rho(vOpt: vOpt, alpha: 2 * level)
            return .numbers(try times(i).map { UniformBoundary.oneSidedNormalMixture(v: $0, alpha: alpha, rho: rho) })
        },
        Function(
            "gamma_exponential_bound", "the gamma-exponential mixture's boundary",
            inputs: ["v: intrinsic times", "alpha", "vOpt", "c: scale > 0", "alphaOpt"],
            reference: "Howard et al. (2021), Prop. 9"
        ) { (i) throws(StatsError) in
            let alpha = try alpha(i)
            let level = try Self.alpha(i, "alphaOpt")
            guard level < 0.5 else { throw .invalid("alphaOpt must lie below 0.5") }
            let rho = UniformBoundary.rho(vOpt: try positive(i, "vOpt"), alpha: 2 * level)
            let c = try positive(i, "c")
            return .numbers(try times(i).map { UniformBoundary.gammaExponential(v: $0, alpha: alpha, rho: rho, c: c) })
        },
        Function(
            "poly_stitching_bound", "the polynomial stitched boundary",
            inputs: ["v: intrinsic times", "alpha", "vMin: > 0", "c: >= 0", "s: > 1", "eta: > 1"],
            reference: "Howard et al. (2021), Theorem 1, eq. 6"
        ) { (i) throws(StatsError) in
            let alpha = try alpha(i)
            let vMin = try positive(i, "vMin")
            let c = try i.number("c")
            let s = try i.number("s")
            let eta = try i.number("eta")
            guard c >= 0, c.isFinite, s > 1, s.isFinite, eta > 1, eta.isFinite else {
                throw .invalid("need c >= 0, s > 1, eta > 1")
            }
            return .numbers(
                try times(i).map {
                    UniformBoundary.polyStitched(v: $0, alpha: alpha, vMin: vMin, c: c, s: s, eta: eta)
                })
        },
        Function(
            "beta_binomial_bound", "the beta-binomial mixture's boundary for increments in [−g, h]",
            inputs: ["v: intrinsic times", "alpha", "vOpt", "g: > 0", "h: > 0", "alphaOpt", "twoSided: true or false"],
            reference: "Howard et al. (2021), Prop. 7"
        ) { (i) throws(StatsError) in
            let alpha = try alpha(i)
            let mixture = try BetaBinomialMixture(
                vOpt: try i.number("vOpt"), alphaOpt: try i.number("alphaOpt"), g: try i.number("g"),
                h: try i.number("h"), twoSided: try i.flag("twoSided", default: true))
            return .numbers(try times(i).map { mixture.bound(v: $0, alpha: alpha) })
        },
        Function(
            "bernoulli_cs", "a rate's interval, valid at every look",
            inputs: ["x: successes", "n: trials", "alpha", "tOpt: trials at which to be tightest", "alphaOpt"],
            reference: "Howard et al. (2021), Prop. 7, inverted"
        ) { (i) throws(StatsError) in
            .interval(
                try BetaBinomialMixture.confidenceInterval(
                    try i.proportion(n: "n", x: "x"), alpha: try i.number("alpha"), tOpt: try i.number("tOpt"),
                    alphaOpt: try i.number("alphaOpt", default: 0.05)))
        },
    ]
}
