internal import Crypto
internal import Stats
internal import Experiments

/// Counts of an experiment as the analysis takes them, whoever counted.
struct CountReading {
    let experiment: CountedExperiment
    let counts: UnitCounts
    /// Of whatever the counts were made from.
    let hash: Digest256

    private var cells: [CellKey: UnitSums] { counts.cells }

    func input() throws(AnalysisError) -> AnalysisInput {
        try checkCells()
        let strata = Strata(of: experiment)
        let count = strata.weights.count
        var sums = experiment.variants.map { _ in [UnitSums](repeating: UnitSums(), count: count) }
        for (key, cell) in cells {
            sums[key.variant][strata.index(ofPhase: key.phase)] =
                sums[key.variant][strata.index(ofPhase: key.phase)] + cell
        }
        let totals = sums.map { $0.reduce(UnitSums(), +) }
        let all = totals.reduce(UnitSums(), +)

        let tallied = try tallied()
        let others = Metric.allCases.filter { $0 != experiment.primaryMetric }
        var metrics: [MetricInput] = []
        for metric in [experiment.primaryMetric] + others {
            var samples: [[Sample]] = []
            for arm in sums {
                var row: [Sample] = []
                for part in arm { row.append(try part.sample(of: metric)) }
                samples.append(row)
            }
            // Where a cost is not known profit has bounds and nothing beside them.
            let isKnown = metric != .profitPerVisitor || all.unitsWithoutCost == 0
            let spreads = isKnown ? try tallied.spreads(of: metric) : nil
            var input = MetricInput(
                name: metric.rawValue, kind: metric.kind, samples: samples,
                largest: try largest(spreads, of: metric),
                covariates: isKnown ? try tallied.covariates(of: metric) : nil, spreads: spreads)
            input.weighsByAll = experiment.plan.bandit != nil
            metrics.append(input)
        }
        let costsKnown = all.unitsWithoutCost == 0 && all.quantity.sum > 0
        var input = AnalysisInput(
            subject: experiment.subject, name: experiment.name, configurationVersion: experiment.version,
            asOf: experiment.asOf, hash: hash, status: experiment.status, plan: experiment.plan,
            currency: experiment.currency,
            arms: arms(totals, checkouts: tallied.checkouts(beside: totals)),
            control: experiment.control, strata: stratified(strata), metrics: metrics,
            days: try days(strata, of: experiment.primaryMetric),
            guardrails: experiment.guardrails, targetSampleSize: experiment.targetSampleSize,
            multipleExposure: all.excluded, maturity: maturity(units: all.units),
            lastMatureDay: lastMatureDay,
            costCoverage: all.converted > 0
                ? Double(max(0, all.converted - all.unitsWithoutCost)) / Double(all.converted) : nil,
            unitCost: costsKnown ? Double(all.revenue.sum - all.profit.sum) / Double(all.quantity.sum) : nil,
            covariate: experiment.plan.covariate.map { AnalysisInput.Covariate(name: $0, unit: 0.01) }
                ?? AnalysisInput.Covariate(name: "spent_before", unit: 1),
            phases: try phases(of: experiment.primaryMetric),
            segments: try tallied.segments(by: experiment.primaryMetric))
        input.allocation = allocation()
        return input
    }

    private func arms(_ totals: [UnitSums], checkouts: [Int64]?) -> [AnalysisInput.Arm] {
        totals.enumerated().map { place, sums in
            AnalysisInput.Arm(
                name: experiment.variants[place].name, price: experiment.variants[place].price, units: sums.units,
                conversions: sums.converted, orders: sums.orders, checkouts: checkouts?[place])
        }
    }

    func tallied() throws(AnalysisError) -> Tallied {
        let strata = Strata(of: experiment)
        return try Tallied(counts.tallies, of: experiment, strata: strata.weights.count) { strata.index(ofPhase: $0) }
    }

    /// One metric by phase; none where there is only one.
    private func phases(of metric: Metric) throws(AnalysisError) -> [PhaseInput] {
        guard experiment.phases.count > 1 else { return [] }
        var sums = experiment.phases.map { _ in experiment.variants.map { _ in UnitSums() } }
        for (key, cell) in cells { sums[key.phase][key.variant] = sums[key.phase][key.variant] + cell }
        var out: [PhaseInput] = []
        for (phase, arms) in zip(experiment.phases, sums) {
            var samples: [[Sample]] = []
            for arm in arms { samples.append([try arm.sample(of: metric)]) }
            out.append(
                PhaseInput(
                    startedAt: phase.startedAt, weights: phase.weights,
                    metric: MetricInput(name: metric.rawValue, kind: metric.kind, samples: samples)))
        }
        return out
    }

    /// The largest amount of each variant, where all its shoppers are counted by size and the last bucket tells.
    private func largest(_ spreads: [[ValueHistogram]]?, of metric: Metric) throws(AnalysisError) -> [Int64?]? {
        guard let spreads else { return nil }
        var counted: [Int: Int64] = [:]
        for (key, cell) in cells { counted[key.variant, default: 0] += cell.units }
        return spreads.enumerated().map { variant, strata in
            guard strata.reduce(0, { $0 + $1.count }) == counted[variant] ?? 0 else { return nil }
            let largest = strata.filter { $0.count > 0 }.map(\.largest)
            return largest.contains(nil) ? nil : largest.compactMap(\.self).max()
        }
    }

    private func allocation() -> [AllocationPeriod] {
        let nobody = [Int64](repeating: 0, count: experiment.variants.count)
        var shoppers = experiment.phases.map { _ in nobody }
        for (key, cell) in cells where shoppers.indices.contains(key.phase) {
            shoppers[key.phase][key.variant] += cell.units
        }
        return zip(experiment.phases, shoppers).compactMap { phase, shoppers in
            phase.startedAt.map { AllocationPeriod(since: $0, weights: phase.weights, shoppers: shoppers) }
        }
    }

    /// One metric by day of first exposure.
    private func days(_ strata: Strata, of metric: Metric) throws(AnalysisError) -> [DayInput] {
        let nothing = experiment.variants.map { _ in
            [UnitSums](repeating: UnitSums(), count: strata.weights.count)
        }
        var sums: [Int32: [[UnitSums]]] = [:]
        for (key, cell) in cells {
            let stratum = strata.index(ofPhase: key.phase)
            let known = sums[key.day, default: nothing][key.variant][stratum]
            sums[key.day, default: nothing][key.variant][stratum] = known + cell
        }
        var out: [DayInput] = []
        for (day, arms) in sums.sorted(by: { $0.key < $1.key }) {
            var samples: [[Sample]] = []
            for arm in arms {
                var row: [Sample] = []
                for part in arm { row.append(try part.sample(of: metric)) }
                samples.append(row)
            }
            out.append(DayInput(day: day, samples: samples))
        }
        return out
    }

    private func checkCells() throws(AnalysisError) {
        for (key, cell) in cells {
            guard experiment.variants.indices.contains(key.variant) else {
                throw .inconsistent("counts name variant \(key.variant), which the experiment does not have")
            }
            guard key.phase == 0 || experiment.phases.indices.contains(key.phase) else {
                throw .inconsistent("counts name phase \(key.phase), which the experiment does not have")
            }
            guard cell.units >= 0, cell.excluded >= 0, cell.converted >= 0, cell.converted <= cell.units,
                cell.unitsWithoutCost >= 0, cell.unitsWithoutCost <= cell.units
            else { throw .inconsistent("a count is negative, or a part larger than its whole") }
        }
    }

    private func stratified(_ strata: Strata) -> [Stratum] {
        let days = Set(cells.keys.map(\.day)).sorted()
        let place = Dictionary(days.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        let nobody = [Int64](repeating: 0, count: experiment.variants.count)
        var result = strata.weights.map {
            Stratum(weights: $0, arrivals: [[Int64]](repeating: nobody, count: days.count))
        }
        for (key, cell) in cells {
            guard let day = place[key.day] else { continue }
            result[strata.index(ofPhase: key.phase)].arrivals[day][key.variant] += cell.units
        }
        return result
    }

    /// Nil where nobody says when the counts were made, or for how long an outcome counts.
    private var lastMatureDay: Int32? {
        guard let asOf = experiment.asOf, let window = experiment.attributionDays else { return nil }
        return asOf.advanced(by: .seconds(-86_400 * (window + 1))).day
    }

    /// A day's shoppers are mature when the window of the last moment of that day has passed.
    private func maturity(units: Int64) -> Double? {
        guard units > 0, let lastMatureDay else { return nil }
        let mature = cells.reduce(Int64(0)) { $1.key.day <= lastMatureDay ? $0 + $1.value.units : $0 }
        return Double(mature) / Double(units)
    }
}

/// Phases grouped by the proportions of their weights.
private struct Strata {
    private(set) var weights: [[Int]] = []
    private var stratumOfPhase: [Int] = []

    init(of experiment: CountedExperiment) {
        let phases = experiment.phases.isEmpty ? [experiment.variants.map(\.weight)] : experiment.phases.map(\.weights)
        for phase in phases {
            if let known = weights.firstIndex(where: { Self.areProportional($0, phase) }) {
                stratumOfPhase.append(known)
            } else {
                stratumOfPhase.append(weights.count)
                weights.append(phase)
            }
        }
    }

    func index(ofPhase phase: Int) -> Int { stratumOfPhase[phase] }

    private static func areProportional(_ a: [Int], _ b: [Int]) -> Bool {
        let wholeA = a.reduce(Int128(0)) { $0 + Int128($1) }
        let wholeB = b.reduce(Int128(0)) { $0 + Int128($1) }
        return a.count == b.count && zip(a, b).allSatisfy { Int128($0) * wholeB == Int128($1) * wholeA }
    }
}

extension Metric {
    var kind: MetricReport.Kind {
        switch self {
        case .conversionRate: .ratio
        case .revenuePerVisitor, .profitPerVisitor: .money
        case .unitsPerVisitor: .count
        }
    }
}

extension UnitSums {
    fileprivate func sample(of metric: Metric) throws(AnalysisError) -> Sample {
        do throws(StatsError) {
            switch metric {
            case .conversionRate: return Sample(try ExactMoments(trials: units, successes: converted))
            case .revenuePerVisitor: return Sample(try moments(revenue, of: units))
            case .unitsPerVisitor: return Sample(try moments(quantity, of: units))
            case .profitPerVisitor:
                return Sample(
                    try moments(profit, of: units - unitsWithoutCost), unknown: unitsWithoutCost,
                    atLeast: profitAtLeast, atMost: profitAtMost)
            }
        } catch {
            throw .inconsistent("the sums of \(metric.rawValue) belong to no shoppers: \(error)")
        }
    }

    private func moments(_ sums: ExactSum, of units: Int64) throws(StatsError) -> ExactMoments {
        try ExactMoments(count: units, sum: sums.sum, sumOfSquares: sums.sumOfSquares)
    }
}
