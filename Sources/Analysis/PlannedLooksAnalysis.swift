internal import Stats
internal import Experiments

/// Takes the looks that are due.
struct PlannedLooksAnalysis {
    let input: AnalysisInput
    let target: Int

    /// Nil unless the plan is of looks.
    static func read(_ input: AnalysisInput) throws(AnalysisError) -> PlannedLooks? {
        guard input.plan.method == .groupSequential, let target = input.targetSampleSize, target > 0 else { return nil }
        do throws(StatsError) { return try PlannedLooksAnalysis(input: input, target: target).looks() } catch {
            throw .inconsistent("planned looks: \(error)")
        }
    }

    private var others: [Int] { input.arms.indices.filter { $0 != input.control } }
    private var alpha: Double { input.plan.alpha / Double(input.comparisons) }
    private var level: Double { 1 - input.plan.alpha }

    private func looks() throws(StatsError) -> PlannedLooks {
        let (looks, cohorts) = try schedule()
        let taken = looks.indices.filter { looks[$0].state == .taken }
        var out = PlannedLooks(
            metric: input.metrics[0].name, spending: input.plan.spending, target: target, looks: looks, comparisons: [])
        guard let design = try design(looks, taken) else {
            out.comparisons = others.map {
                PlannedLooks.Comparison(
                    variant: input.arms[$0].name, against: input.arms[input.control].name, readings: [])
            }
            return out
        }
        for (place, look) in taken.enumerated() {
            out.looks[look].boundary = design.criticalZ[place].isFinite ? design.criticalZ[place] : nil
        }
        for variant in others {
            out.comparisons.append(try comparison(variant, design, looks, taken, cohorts))
        }
        return out
    }

    // MARK: When

    /// The looks, and for each that is reached the primary metric of its shoppers.
    private func schedule() throws(StatsError) -> ([PlannedLooks.Look], [Int: MetricInput]) {
        let count = input.plan.looks
        var looks = (1...count).map { number in
            let share = Double(number) / Double(count)
            return PlannedLooks.Look(
                number: number, share: share, shoppers: Int64((share * Double(target)).rounded(.up)), state: .waiting)
        }
        var soFar = input.metrics[0]
        soFar.samples = input.arms.map { _ in input.strata.map { _ in Sample(ExactMoments()) } }
        var cohorts: [Int: MetricInput] = [:]
        var next = 0
        for day in input.days {
            for variant in input.arms.indices {
                for stratum in input.strata.indices {
                    try soFar.samples[variant][stratum].add(day.samples[variant][stratum])
                }
            }
            let n = input.arms.indices.reduce(Int64(0)) { $0 + soFar.units(of: $1) }
            var reached: Int?
            while next < looks.count, n >= looks[next].shoppers {
                if let reached { looks[reached].state = .skipped }
                reached = next
                next += 1
            }
            guard let reached else { continue }
            looks[reached].day = day.day
            looks[reached].n = n
            looks[reached].information = reached == looks.count - 1 ? 1 : min(1, Double(n) / Double(target))
            looks[reached].state = day.day <= input.lastMatureDay ?? .min ? .taken : .maturing
            cohorts[reached] = soFar
        }
        return (looks, cohorts)
    }

    /// The boundaries of the looks taken, by how much of the target each has; nil before the first.
    private func design(
        _ looks: [PlannedLooks.Look], _ taken: [Int]
    ) throws(StatsError) -> GroupSequentialDesign? {
        guard !taken.isEmpty else { return nil }
        var shares = taken.compactMap { looks[$0].information }
        // What is spent by a look depends on no later one, so that the end may stand for all that are to come.
        if shares.last != 1 { shares.append(1) }
        return try GroupSequentialDesign(
            .spending(input.plan.spending.function), alpha: alpha, sides: 2, infoFractions: shares)
    }

    // MARK: What

    private func comparison(
        _ variant: Int, _ design: GroupSequentialDesign, _ looks: [PlannedLooks.Look], _ taken: [Int],
        _ cohorts: [Int: MetricInput]
    ) throws(StatsError) -> PlannedLooks.Comparison {
        var out = PlannedLooks.Comparison(
            variant: input.arms[variant].name, against: input.arms[input.control].name, readings: [])
        for (place, look) in taken.enumerated() {
            guard let cohort = cohorts[look], cohort.unknown(of: variant) == 0, cohort.unknown(of: input.control) == 0,
                let (base, mean) = try cohort.means(of: (input.control, variant)),
                let first = try base.summary(), let second = try mean.summary(), first.variance + second.variance > 0
            else { continue }
            let effect = try Effect(.absolute, control: first, treatment: second)
            let z = effect.estimate / effect.standardError
            let repeated = try design.repeatedInterval(
                look: place, estimate: effect.estimate, standardError: effect.standardError)
            guard repeated.lower.isFinite, repeated.upper.isFinite else { continue }
            let hasCrossed = abs(z) >= design.criticalZ[place]
            out.readings.append(
                PlannedLooks.Reading(
                    look: look + 1, z: z, difference: effect.estimate,
                    interval: ConfidenceInterval(lower: repeated.lower, upper: repeated.upper, level: level),
                    hasCrossed: hasCrossed))
            guard out.stoppedAt == nil, hasCrossed || look == looks.count - 1 else { continue }
            if hasCrossed { out.stoppedAt = look + 1 }
            let result = try StagewiseResult(design, look: place, z: z, alpha: alpha)
            // The error that the difference has with the whole target.
            let error = effect.standardError * design.infoFractions[place].squareRoot()
            out.pValue = min(1, result.p * Double(input.comparisons))
            out.estimate = result.medianDrift * error
            if result.driftInterval.lower.isFinite, result.driftInterval.upper.isFinite {
                out.interval = ConfidenceInterval(
                    lower: result.driftInterval.lower * error, upper: result.driftInterval.upper * error, level: level)
            }
        }
        return out
    }
}

extension AnalysisPlan.Spending {
    var function: SpendingFunction {
        switch self {
        case .obrienFleming: .obrienFleming(sides: 2)
        case .pocock: .pocock
        }
    }
}
