internal import Crypto
internal import Experiments

extension Measurements {
    /// The counts as the analysis takes them.
    func analysisInput() throws(AnalysisError) -> AnalysisInput {
        try reading.input()
    }

    /// Of the shoppers of one value of a segment; nil where the plan does not declare it.
    func analysisInput(within segment: SegmentChoice) throws(AnalysisError) -> AnalysisInput? {
        try reading.input(within: segment)
    }

    private var reading: CountReading {
        CountReading(
            experiment: CountedExperiment(experiment, asOf: asOf), counts: counts,
            hash: SHA256.hash(canonicalEncoding()))
    }

    /// One line a fact, cells in order: whatever the analysis reads is here, and only that. Part of the published
    /// meaning of `input_hash`.
    func canonicalEncoding() -> [UInt8] {
        var lines = ["cournot measurements 2"]
        let plan = experiment.analysis
        lines.append("experiment \(experiment.id) \(experiment.version) \(experiment.status.rawValue)")
        lines.append("as_of \(asOf.milliseconds)")
        lines.append("currency \(experiment.currency.code)")
        lines.append("window \(experiment.attributionDays)")
        lines.append("target \(experiment.targetSampleSize.map(String.init) ?? "-")")
        lines.append("plan \(plan.method.rawValue) \(plan.alpha) \(plan.power) \(plan.minimumEffect)")
        if let covariate = plan.covariate { lines.append("covariate \(covariate.utf8.count) \(covariate)") }
        if plan.winsorise != AnalysisPlan.standardWinsorise { lines.append("winsorise \(plan.winsorise)") }
        if plan.method == .groupSequential { lines.append("looks \(plan.looks) \(plan.spending.rawValue)") }
        if let bandit = plan.bandit {
            lines.append("bandit \(bandit.rule.rawValue) \(bandit.floor) \(bandit.everyHours)")
        }
        for segment in plan.segments {
            let words = ([segment.attribute] + segment.values).map { "\($0.utf8.count) \($0)" }
            lines.append("segment " + words.joined(separator: " "))
        }
        lines.append("prior \(plan.prior.map { "\($0.alpha) \($0.beta)" } ?? "-")")
        lines.append("primary \(experiment.primaryMetric.rawValue)")
        lines.append("name \(experiment.name.utf8.count) \(experiment.name)")
        for guardrail in experiment.guardrails {
            lines.append("guardrail \(guardrail.metric.rawValue) \(guardrail.maxDrop)")
        }
        for variant in experiment.variants {
            lines.append("variant \(variant.offered) \(variant.weight) \(variant.name.utf8.count) \(variant.name)")
        }
        for phase in experiment.phases {
            lines.append("phase " + phase.weights.map(String.init).joined(separator: " "))
            lines.append("phase_start \(phase.startedAt.milliseconds)")
        }
        for (key, cell) in cells.sorted(by: { $0.key < $1.key }) where cell != UnitSums() {
            let numbers: [Int128] = [
                Int128(cell.units), Int128(cell.excluded), Int128(cell.converted), Int128(cell.orders),
                cell.quantity.sum, cell.quantity.sumOfSquares, cell.revenue.sum, cell.revenue.sumOfSquares,
                cell.profit.sum, cell.profit.sumOfSquares, Int128(cell.unitsWithoutCost), cell.profitAtMost,
                cell.profitAtLeast,
            ]
            let text = numbers.map(\.description).joined(separator: " ")
            lines.append("cell \(key.variant) \(key.phase) \(key.day) \(text)")
        }
        for (key, tally) in tallies.sorted(by: { $0.key < $1.key }) where tally != Tally() {
            lines.append(
                "tally \(key.variant) \(key.phase) \(key.series) \(key.place) \(tally.units) \(tally.sum) \(tally.sumOfSquares)"
            )
        }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }
}
