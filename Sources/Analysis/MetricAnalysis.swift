internal import Stats
internal import Experiments

/// One metric read: an estimate for each variant, and each variant against control.
struct MetricAnalysis {
    let input: AnalysisInput
    let metric: MetricInput
    let isPrimary: Bool

    var plan: AnalysisPlan { input.plan }
    private var level: Double { 1 - plan.alpha }
    /// Bonferroni: each comparison's share of the error rate.
    private var alphaEach: Double { plan.alpha / Double(input.comparisons) }

    func report() throws(AnalysisError) -> MetricReport {
        do throws(StatsError) {
            var variants: [VariantEstimate] = []
            for variant in input.arms.indices { variants.append(try estimate(of: variant)) }
            try addBests(to: &variants)
            let winsorised = try WinsorisedMetric(metric, of: input.units, keeping: plan.winsorise)
            var comparisons: [Comparison] = []
            for variant in input.arms.indices where variant != input.control {
                comparisons.append(try comparison(of: variant, winsorised))
            }
            return MetricReport(
                name: metric.name, kind: metric.kind, isPrimary: isPrimary, variants: variants,
                comparisons: comparisons)
        } catch {
            throw .inconsistent("\(metric.name): \(error)")
        }
    }

    // MARK: One variant

    private func estimate(of variant: Int) throws(StatsError) -> VariantEstimate {
        let units = metric.units(of: variant)
        var out = VariantEstimate(
            name: input.arms[variant].name, n: units, total: metric.total(of: variant),
            intervalMethod: intervalMethod(of: variant),
            posterior: isBeta(variant) ? "beta" : "normal", absent: [])
        let all = ["estimate", "interval", "posterior_mean", "credible_interval"]
        guard units > 0 else {
            out.leaveOut(all, .noUnits)
            return out
        }
        let unknown = metric.unknown(of: variant)
        guard unknown == 0 else {
            if let (lower, upper) = metric.bounds(of: variant) {
                out.bounds = ConfidenceInterval(lower: lower, upper: upper, level: 1)
            }
            let buyers = input.arms[variant].conversions ?? 0
            if buyers > 0 { out.coverage = Double(max(0, buyers - unknown)) / Double(buyers) }
            out.leaveOut(all, .missingCost)
            return out
        }
        guard let mean = try metric.mean(of: variant) else {
            out.leaveOut(all, .noUnits)
            return out
        }
        out.estimate = mean.mean
        out.standardError = mean.standardError
        if isBeta(variant) {
            let rate = try proportion(of: variant)
            out.interval = try interval(of: rate)
            let posterior = try posterior(of: variant)
            out.posteriorMean = posterior.mean
            let middle = try posterior.equalTailed(mass: level)
            out.credibleInterval = ConfidenceInterval(lower: middle.lower, upper: middle.upper, level: level)
            return out
        }
        guard let error = mean.standardError else {
            out.leaveOut(["interval", "credible_interval"], .oneUnit)
            out.leaveOut(["posterior_mean"], .oneUnit)
            return out
        }
        guard error > 0 else {
            out.leaveOut(["interval", "posterior_mean", "credible_interval"], flatness(of: [variant]))
            return out
        }
        out.interval = try interval(of: mean, error: error)
        out.posteriorMean = mean.mean
        let half = Normal.upperQuantile(plan.alpha / 2) * error
        out.credibleInterval = ConfidenceInterval(lower: mean.mean - half, upper: mean.mean + half, level: level)
        return out
    }

    /// Conversion under one set of weights has an exact posterior; all else a normal approximation.
    func isBeta(_ variant: Int) -> Bool {
        metric.kind == .ratio && !metric.isStratified(Array(input.arms.indices))
    }

    private func proportion(of variant: Int) throws(StatsError) -> Proportion {
        try Proportion(
            successes: Double(metric.total(of: variant) ?? 0), trials: Double(metric.units(of: variant)))
    }

    func posterior(of variant: Int) throws(StatsError) -> Beta {
        let prior = plan.prior ?? AnalysisPlan.Prior(alpha: 1, beta: 1)
        return try Beta(prior: prior.alpha, prior.beta).posterior(after: proportion(of: variant))
    }

    /// The tuning of one arm's sequence: its part of the pair's.
    private var armTuning: Double { input.pairTuning / 2 }

    private func intervalMethod(of variant: Int) -> String {
        switch (plan.method, isBeta(variant)) {
        case (.sequential, true), (.groupSequential, true): "beta_binomial_confidence_sequence"
        case (.sequential, false), (.groupSequential, false): "asymptotic_confidence_sequence"
        case (.fixed, true): "wilson"
        case (.fixed, false): "student_t"
        }
    }

    private func interval(of rate: Proportion) throws(StatsError) -> ConfidenceInterval {
        let interval =
            switch plan.method {
            case .sequential, .groupSequential:
                try BetaBinomialMixture.confidenceInterval(
                    rate, alpha: plan.alpha, tOpt: armTuning, alphaOpt: plan.alpha)
            case .fixed: try rate.wilson(alpha: plan.alpha)
            }
        return ConfidenceInterval(lower: interval.lower, upper: interval.upper, level: level)
    }

    private func interval(of mean: StratifiedMean, error: Double) throws(StatsError) -> ConfidenceInterval {
        let half: Double
        switch plan.method {
        case .sequential, .groupSequential:
            half = try AsymptoticConfidenceSequence(
                estimate: mean.mean, standardError: error, count: Double(mean.count), alpha: plan.alpha,
                tuning: armTuning
            ).halfWidth
        case .fixed:
            half = StudentT(degreesOfFreedom: Double(mean.count - 1)).upperQuantile(plan.alpha / 2) * error
        }
        return ConfidenceInterval(lower: mean.mean - half, upper: mean.mean + half, level: level)
    }

    /// Why variants show no spread.
    private func flatness(of variants: [Int]) -> Absence {
        variants.allSatisfy { input.successes(metric, $0) == 0 } ? .noConversions : .zeroVariance
    }

    // MARK: The best

    private func addBests(to variants: inout [VariantEstimate]) throws(StatsError) {
        let fields = ["probability_best", "expected_loss"]
        let ready = variants.indices.filter { variants[$0].posteriorMean != nil }
        guard ready.count == variants.count else {
            for variant in variants.indices {
                let own = variants[variant].absent.first { $0.field == "posterior_mean" }?.reason
                for field in fields {
                    variants[variant].absent.append(Absent(field, own ?? .otherVariantAbsent))
                }
            }
            return
        }
        let best: BestArm
        if isBeta(0) {
            var posteriors: [Beta] = []
            for variant in variants.indices { posteriors.append(try posterior(of: variant)) }
            best = try BestArm(rates: posteriors)
        } else {
            best = try BestArm(
                means: variants.map { $0.posteriorMean ?? 0 }, standardErrors: variants.map { $0.standardError ?? 0 })
        }
        for variant in variants.indices {
            variants[variant].probabilityBest = best.probability[variant]
            variants[variant].expectedLoss = best.expectedLoss[variant]
        }
    }

    // MARK: Against control

    private func comparison(of variant: Int, _ winsorised: WinsorisedMetric?) throws(StatsError) -> Comparison {
        let control = input.control
        var out = Comparison(
            variant: input.arms[variant].name, against: input.arms[control].name, comparisons: input.comparisons,
            warnings: try warnings(variant), absent: [])
        let spread = [
            "confidence_sequence", "relative_confidence_sequence", "always_valid_p_value", "fixed_horizon",
            "probability_better", "expected_loss",
        ]
        let all = ["difference", "relative"] + spread
        guard metric.units(of: variant) > 0, metric.units(of: control) > 0 else {
            out.leaveOut(all, .noUnits)
            return out
        }
        guard metric.unknown(of: variant) == 0, metric.unknown(of: control) == 0 else {
            if let (low, high) = metric.bounds(of: variant), let (base, top) = metric.bounds(of: control) {
                out.bounds = ConfidenceInterval(lower: low - top, upper: high - base, level: 1)
            }
            out.leaveOut(all, .missingCost)
            return out
        }
        guard let (base, mean) = try metric.means(of: (control, variant)) else {
            out.leaveOut(all, metric.isStratified([control, variant]) ? .noCommonPhase : .oneUnit)
            return out
        }
        out.difference = mean.mean - base.mean
        if base.mean != 0 {
            out.relative = (mean.mean - base.mean) / base.mean
        } else {
            out.leaveOut(["relative"], .controlIsZero)
        }
        try addBeliefs(to: &out, variant, base, mean)
        try addEquivalence(to: &out, variant, base, mean)
        try addAdjusted(to: &out, variant)
        try addWinsorised(to: &out, variant, winsorised)

        guard let first = try base.summary(), let second = try mean.summary() else {
            out.leaveOut(Array(spread.prefix(4)), .oneUnit)
            return out
        }
        guard first.variance + second.variance > 0 else {
            out.leaveOut(Array(spread.prefix(4)), flatness(of: [control, variant]))
            return out
        }
        let effect = try Effect(.absolute, control: first, treatment: second)
        let sequence = try effect.confidenceSequence(alpha: alphaEach, tuning: input.pairTuning)
        out.confidenceSequence = finite(sequence.interval)
        out.alwaysValidPValue = min(1, sequence.p() * Double(input.comparisons))
        if base.mean != 0 {
            let relative = try Effect(.relative, control: first, treatment: second)
            out.relativeConfidenceSequence = finite(
                try relative.confidenceSequence(alpha: alphaEach, tuning: input.pairTuning).interval)
        } else {
            out.leaveOut(["relative_confidence_sequence"], .controlIsZero)
        }
        if plan.method == .fixed {
            out.fixedHorizon = try fixedHorizon(variant, effect, first, second)
            if out.fixedHorizon == nil { out.leaveOut(["fixed_horizon"], .notComputable) }
        } else {
            out.leaveOut(["fixed_horizon"], .notFixedHorizon)
        }
        return out
    }

    private func finite(_ interval: Interval) -> ConfidenceInterval? {
        guard interval.lower.isFinite, interval.upper.isFinite else { return nil }
        return ConfidenceInterval(lower: interval.lower, upper: interval.upper, level: level)
    }

    private func addBeliefs(
        to out: inout Comparison, _ variant: Int, _ base: StratifiedMean, _ mean: StratifiedMean
    ) throws(StatsError) {
        let control = input.control
        if isBeta(variant) {
            let posteriors = try BetaComparison(posterior(of: control), posterior(of: variant)).summary
            out.probabilityBetter = posteriors.probabilityBBeatsA
            out.expectedLoss = posteriors.expectedLossChoosingB
            return
        }
        guard let e0 = base.standardError, let e1 = mean.standardError else {
            return out.leaveOut(["probability_better", "expected_loss"], .oneUnit)
        }
        guard e0 + e1 > 0 else {
            return out.leaveOut(["probability_better", "expected_loss"], flatness(of: [control, variant]))
        }
        let both = try BestArm(means: [base.mean, mean.mean], standardErrors: [e0, e1])
        out.probabilityBetter = both.probability[1]
        out.expectedLoss = both.expectedLoss[1]
    }

    private func fixedHorizon(
        _ variant: Int, _ effect: Effect, _ first: ArmSummary, _ second: ArmSummary
    ) throws(StatsError) -> Comparison.FixedHorizon? {
        let test: String
        let statistic: Double
        let p: Double
        let interval: Interval
        if isBeta(variant) {
            let rates = try TwoProportions(proportion(of: input.control), proportion(of: variant))
            let z = try rates.zTest(alpha: alphaEach)
            (test, statistic, p) = ("pooled_z", z.zPooled, z.pPooled)
            interval = try rates.newcombe(alpha: alphaEach)
        } else {
            test = metric.isStratified([input.control, variant]) ? "stratified_t" : "welch_t"
            (statistic, p) = (effect.estimate / effect.standardError, effect.p)
            interval = try effect.interval(alpha: alphaEach)
        }
        guard statistic.isFinite, let absolute = finite(interval) else { return nil }
        var relative: ConfidenceInterval?
        if first.mean != 0 {
            relative = finite(
                try Effect(.relative, control: first, treatment: second).interval(alpha: alphaEach))
        }
        return Comparison.FixedHorizon(
            test: test, statistic: statistic, pValue: p, adjustedPValue: min(1, p * Double(input.comparisons)),
            interval: absolute, relativeInterval: relative)
    }
}

extension VariantEstimate {
    fileprivate mutating func leaveOut(_ fields: [String], _ reason: Absence) {
        absent += fields.map { Absent($0, reason) }
    }
}

extension Comparison {
    mutating func leaveOut(_ fields: [String], _ reason: Absence) {
        absent += fields.map { Absent($0, reason) }
    }
}
