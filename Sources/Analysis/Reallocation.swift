internal import Stats
public import Experiments

/// Weights that follow what is learned.
///
/// Only shoppers still to come are moved: who has heard a price keeps it. Each set of weights is a phase, within which
/// variants stay comparable whatever made the weights; phases are combined by all their shoppers, which is what weighting
/// each shopper by one over its chance of its variant comes to. So estimates stay right while weights move.
public enum Reallocation {
    /// Of so many new shoppers each variant gets its weight.
    public static let whole = 10_000

    /// The weights of the next phase; nil where nothing was learned that they could follow: no estimate yet, too few
    /// conversions, or a sample ratio that is not what it should be.
    public static func weights(of measurements: Measurements) throws(AnalysisError) -> [Int]? {
        guard let bandit = measurements.experiment.analysis.bandit else { return nil }
        return try weights(after: Analyst.report(of: measurements), by: bandit)
    }

    /// The same from a report at hand.
    public static func weights(
        after report: Report, by bandit: AnalysisPlan.Bandit
    ) throws(AnalysisError) -> [Int]? {
        guard !report.dataQuality.sampleRatio.alarm, let primary = report.metrics.first,
            let conversions = report.metrics.first(where: { $0.name == Metric.conversionRate.rawValue }),
            conversions.variants.reduce(Int128(0), { $0 + ($1.total ?? 0) }) >= Int128(MetricAnalysis.fewestConversions)
        else { return nil }
        let best = primary.variants.compactMap(\.probabilityBest)
        guard best.count == primary.variants.count else { return nil }
        do throws(StatsError) {
            let policy: BatchPlan.Policy =
                switch bandit.rule {
                case .thompson: .thompson
                case .topTwo: .topTwo(leader: 0.5)
                }
            return try BatchPlan(
                policy, probabilityBest: best.map { min(1, max(0, $0)) }, floor: bandit.floor, newcomers: whole
            ).newcomers
        } catch {
            throw .inconsistent("weights: \(error)")
        }
    }
}
