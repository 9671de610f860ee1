internal import Stats
internal import Experiments

/// Whether each variant received the shoppers its weights promise.
///
/// Two tests, each over all strata: Pearson's χ² at this look, its statistics and degrees of freedom added; and the
/// sequential test of Lindon & Malek (2022) at the end of every day so far, the strata's e-values multiplied.
///
/// The alarm goes by the test that fits how the experiment is read. Read at any time (`sequential`), by the always-valid
/// p-value below 0.001: of a thousand sound experiments, watched for as long as they run, one is alarmed. Read once
/// (`fixed`), by χ² below 0.01: one look has one chance of a false alarm, and one in a hundred is worth checking.
enum SampleRatioAnalysis {
    static let sequentialThreshold = 0.001
    static let fixedThreshold = 0.01

    static func read(_ input: AnalysisInput) throws(AnalysisError) -> DataQuality.SampleRatio {
        let observed = input.arms.map(\.units)
        let isSequential = input.plan.method != .fixed
        var out = DataQuality.SampleRatio(
            observed: observed, expected: expected(input), alarm: false,
            rule: isSequential
                ? "always_valid_p_value < \(sequentialThreshold)" : "p_value < \(fixedThreshold)",
            absent: [])
        let fields = ["p_value", "always_valid_p_value"]
        guard observed.contains(where: { $0 > 0 }) else {
            out.absent = fields.map { Absent($0, .noUnits) }
            return out
        }
        do throws(StatsError) {
            out.pValue = try chiSquare(input)
            out.alwaysValidPValue = try sequential(input)
        } catch {
            throw .inconsistent("sample ratio: \(error)")
        }
        if out.pValue == nil { out.absent = fields.map { Absent($0, .oneVariantHasWeight) } }
        if isSequential {
            out.alarm = out.alwaysValidPValue.map { $0 < sequentialThreshold } ?? false
        } else {
            out.alarm = out.pValue.map { $0 < fixedThreshold } ?? false
        }
        return out
    }

    private static func counts(_ stratum: Stratum) -> [Double] {
        stratum.weights.indices.map { variant in
            Double(stratum.arrivals.reduce(Int64(0)) { $0 + $1[variant] })
        }
    }

    private static func expected(_ input: AnalysisInput) -> [Double] {
        var sums = input.arms.map { _ in 0.0 }
        for stratum in input.strata {
            let total = counts(stratum).reduce(0, +)
            let weights = stratum.weights.map(Double.init)
            let whole = weights.reduce(0, +)
            guard whole > 0 else { continue }
            for variant in sums.indices { sums[variant] += total * (weights[variant] / whole) }
        }
        return sums
    }

    /// Shoppers where only one variant has weight can be wrong only by being elsewhere, which is impossible under the
    /// weights.
    private static func testable(_ stratum: Stratum) -> Bool { stratum.weights.count { $0 > 0 } >= 2 }

    private static func hasStray(_ stratum: Stratum) -> Bool {
        zip(counts(stratum), stratum.weights).contains { $0 > 0 && $1 == 0 }
    }

    private static func chiSquare(_ input: AnalysisInput) throws(StatsError) -> Double? {
        if input.strata.contains(where: hasStray) { return 0 }
        var tests: [SampleRatioTest] = []
        for stratum in input.strata where testable(stratum) {
            let observed = counts(stratum)
            guard observed.contains(where: { $0 > 0 }) else { continue }
            tests.append(try SampleRatioTest(observed: observed, weights: stratum.weights.map(Double.init)))
        }
        if tests.count == 1 { return tests[0].p }
        guard !tests.isEmpty else { return nil }
        let law = ChiSquare(degreesOfFreedom: tests.reduce(0) { $0 + $1.degreesOfFreedom })
        return law.upperTail(of: tests.reduce(0) { $0 + $1.chiSquare })
    }

    private static func sequential(_ input: AnalysisInput) throws(StatsError) -> Double? {
        if input.strata.contains(where: hasStray) { return 0 }
        var watches: [(stratum: Stratum, test: SequentialSampleRatio)] = []
        for stratum in input.strata where testable(stratum) {
            watches.append((stratum, try SequentialSampleRatio(weights: stratum.weights.map(Double.init))))
        }
        guard !watches.isEmpty else { return nil }
        let days = input.strata.map(\.arrivals.count).max() ?? 0
        var highest = 0.0
        for day in 0..<days {
            var sum = 0.0
            for index in watches.indices {
                let arrivals = watches[index].stratum.arrivals
                if arrivals.indices.contains(day) { try watches[index].test.add(arrivals[day].map(Double.init)) }
                sum += watches[index].test.logBayesFactor
            }
            highest = max(highest, sum)
        }
        return MixtureSPRT.p(logLikelihoodRatio: highest)
    }
}
