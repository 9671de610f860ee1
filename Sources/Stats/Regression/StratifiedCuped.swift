extension Cuped {
    /// Several strata that are compared within themselves: one θ from the deviations within all of them, each stratum
    /// adjusted about its own mean, and the results weighted by the strata's share of all units (Miratrix, Sekhon & Yu
    /// 2013, eq. 2). One stratum gives what `init(control:treatment:)` does.
    ///
    /// Units without a covariate are a stratum whose covariate does not vary: it is not adjusted.
    ///
    /// - Parameter sizes: what each stratum weighs, > 0; its units of both arms without them.
    public init(strata: [(control: Arm, treatment: Arm)], sizes: [Double]? = nil) throws(StatsError) {
        guard !strata.isEmpty else { throw .insufficient("need a stratum") }
        let sizes = sizes ?? strata.map { $0.control.outcome.count + $0.treatment.outcome.count }
        try Require.sameLength(strata.count, sizes.count, "strata, sizes")
        for size in sizes { try Require.positive(size, "sizes") }
        let total = sizes.reduce(0, +)
        var cross = 0.0
        var squares = 0.0
        var means: [Double] = []
        for (control, treatment) in strata {
            let both = control.covariate.merging(treatment.covariate)
            let (nc, nt) = (control.outcome.count, treatment.outcome.count)
            guard nc >= 2, nt >= 2 else { throw .insufficient("each arm of a stratum needs two units") }
            cross +=
                control.crossDeviation + treatment.crossDeviation
                + (treatment.covariate.mean - control.covariate.mean) * (treatment.outcome.mean - control.outcome.mean)
                * nc * nt / (nc + nt)
            squares += both.sumOfSquaredDeviations
            means.append(both.mean)
        }
        let theta = squares > 0 ? cross / squares : 0
        func combined(
            _ arm: (Int) throws(StatsError) -> ArmSummary
        ) throws(StatsError) -> ArmSummary {
            var mean = CompensatedSum()
            var variance = 0.0
            var count = 0.0
            for index in strata.indices {
                let share = sizes[index] / total
                let summary = try arm(index)
                mean.add(share * summary.mean)
                variance += share * share * summary.variance / summary.count
                count += summary.count
            }
            return try ArmSummary(count: count, mean: mean.value, variance: variance * count)
        }
        let control = try combined { (index) throws(StatsError) in
            try strata[index].control.adjusted(theta, about: means[index])
        }
        let treatment = try combined { (index) throws(StatsError) in
            try strata[index].treatment.adjusted(theta, about: means[index])
        }
        let plainControl = try combined { (index) throws(StatsError) in try ArmSummary(strata[index].control.outcome) }
        let plainTreatment = try combined { (index) throws(StatsError) in
            try ArmSummary(strata[index].treatment.outcome)
        }
        self.init(
            theta: theta, control: control, treatment: treatment, unadjustedControl: plainControl,
            unadjustedTreatment: plainTreatment)
    }
}
