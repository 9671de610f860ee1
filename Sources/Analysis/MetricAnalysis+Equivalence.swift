internal import Stats
internal import Experiments

extension MetricAnalysis {
    /// What is believed of the difference, and how much of it lies in the region of practical equivalence: relative
    /// differences within ± the plan's smallest effect (Kruschke 2018).
    ///
    /// Rates under one set of weights have beta posteriors, whose uplift is integrated exactly; all else is taken as
    /// normal, a relative difference by the delta method. Left out where there is no spread or control is zero.
    func addEquivalence(
        to out: inout Comparison, _ variant: Int, _ base: StratifiedMean, _ mean: StratifiedMean
    ) throws(StatsError) {
        let limit = input.plan.minimumEffect
        if isBeta(variant) {
            let (a, b) = (try posterior(of: input.control), try posterior(of: variant))
            out.posterior = Comparison.DifferencePosterior(
                mean: b.mean - a.mean, standardDeviation: (a.variance + b.variance).squareRoot())
            let law = BetaDifference(BetaComparison(a, b))
            let inside = law.lowerTail(ofUplift: limit) - law.lowerTail(ofUplift: -limit)
            out.equivalence = Comparison.Equivalence(
                lower: -limit, upper: limit, probability: min(1, max(0, inside)))
            return
        }
        guard let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
        else { return }
        let difference = try Effect(.absolute, control: first, treatment: second)
        out.posterior = Comparison.DifferencePosterior(
            mean: difference.estimate, standardDeviation: difference.standardError)
        guard base.mean != 0 else { return }
        let relative = try EffectPosterior(Effect(.relative, control: first, treatment: second), prior: nil)
        out.equivalence = Comparison.Equivalence(
            lower: -limit, upper: limit, probability: relative.probability(between: -limit, and: limit))
    }
}

extension Beta {
    /// ab / [(a + b)² (a + b + 1)]
    fileprivate var variance: Double {
        let whole = alpha + beta
        return alpha / whole * (beta / whole) / (whole + 1)
    }
}
