internal import Stats
internal import Experiments

/// What stands beside the plain difference: adjusted for what was known before, and with the largest amounts pulled in.
extension MetricAnalysis {
    // MARK: CUPED

    func addAdjusted(to out: inout Comparison, _ variant: Int) throws(StatsError) {
        guard let covariates = metric.covariates, let covariate = input.covariate else {
            return out.leaveOut(["adjusted"], .noCovariate)
        }
        var strata: [(control: Cuped.Arm, treatment: Cuped.Arm)] = []
        var sizes: [Double] = []
        var known: Int64 = 0
        let weighing = metric.weighsByAll ? Array(input.arms.indices) : [input.control, variant]
        for stratum in input.strata.indices {
            let pairs = [input.control, variant].map { covariates[$0][stratum] }
            let samples = [input.control, variant].map { metric.samples[$0][stratum].moments }
            if pairs.allSatisfy({ $0.count >= 2 }) {
                strata.append(
                    (
                        try Cuped.Arm(pairs[0], covariateUnit: covariate.unit),
                        try Cuped.Arm(pairs[1], covariateUnit: covariate.unit)
                    ))
                known += pairs[0].count + pairs[1].count
                sizes.append(Double(weighing.reduce(Int64(0)) { $0 + covariates[$1][stratum].count }))
            }
            let rest = try [0, 1].map { (side) throws(StatsError) in
                try samples[side].removing(pairs[side].second)
            }
            if rest.allSatisfy({ $0.count >= 2 }) {
                let none = try rest.map { (moments) throws(StatsError) in
                    Cuped.Arm(
                        outcome: try moments.moments(),
                        covariate: Moments(count: Double(moments.count), mean: 0, variance: 0),
                        crossDeviation: 0)
                }
                strata.append((none[0], none[1]))
                sizes.append(
                    Double(
                        weighing.reduce(Int64(0)) {
                            $0 + metric.samples[$1][stratum].units - covariates[$1][stratum].count
                        }))
            }
        }
        guard known > 0 else { return out.leaveOut(["adjusted"], .noCovariate) }
        let varies = strata.contains {
            $0.control.covariate.merging($0.treatment.covariate).sumOfSquaredDeviations > 0
        }
        guard varies else { return out.leaveOut(["adjusted"], .constantCovariate) }
        let cuped = try Cuped(strata: strata, sizes: sizes)
        guard cuped.control.variance + cuped.treatment.variance > 0 else {
            return out.leaveOut(["adjusted"], .zeroVariance)
        }
        let relative = cuped.unadjustedControl.mean != 0 ? try cuped.effect(.relative) : nil
        out.adjusted = AdjustedDifference(
            covariate: covariate.name, withCovariate: known, theta: cuped.theta,
            varianceReduction: cuped.varianceReduction,
            estimate: try EffectReader(input).estimate(try cuped.effect(.absolute), relative))
    }

    // MARK: Winsorising

    func addWinsorised(to out: inout Comparison, _ variant: Int, _ winsorised: WinsorisedMetric?) throws(StatsError) {
        // A share has no large amounts.
        guard metric.kind != .ratio else { return }
        guard let winsorised else {
            return out.leaveOut(["winsorised"], metric.spreads == nil ? .noDistribution : .countedBefore)
        }
        guard let (base, mean) = try winsorised.metric.means(of: (input.control, variant)),
            let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
        else { return out.leaveOut(["winsorised"], .zeroVariance) }
        let absolute = try Effect(.absolute, control: first, treatment: second)
        let relative = base.mean != 0 ? try Effect(.relative, control: first, treatment: second) : nil
        out.winsorised = WinsorisedDifference(
            share: plan.winsorise, cap: winsorised.cap, cappedInControl: winsorised.changed[input.control],
            cappedInVariant: winsorised.changed[variant],
            influence: (out.difference ?? absolute.estimate) - absolute.estimate,
            estimate: try EffectReader(input).estimate(absolute, relative))
    }
}
