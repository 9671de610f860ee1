import Analysis
import Experiments
import FoundationEssentials
import JSON
import Reports
import Testing

/// A published experiment of `notebooks-data` with its published answers.
private struct Published {
    let report: Report
    let answers: JSONValue

    init(_ name: String, _ change: (inout AnalyzeOptions) -> Void = { _ in }) throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../notebooks-data")
        let csv = try Data(contentsOf: folder.appending(path: name + ".csv"))
        let json = try Data(contentsOf: folder.appending(path: name + ".published.json"))
        var options = AnalyzeOptions(currency: try #require(Currency("USD")))
        options.name = name
        change(&options)
        report = try Analyzer.analyze(csv: Array(csv), options: options)
        answers = try JSONValue(parsing: Array(json))
    }

    func number(_ key: String) throws -> Double { try #require(answers[key]?.double) }

    func metric(_ name: String) throws -> MetricReport {
        try #require(report.metrics.first { $0.name == name })
    }
}

/// Whether `got` rounds to the published digits: within half a unit of the last of `digits` significant ones.
private func agrees(_ got: Double?, _ published: Double, digits: Int) -> Bool {
    guard let got else { return false }
    var unit = 1.0
    var size = published.magnitude
    while size >= 10 {
        size /= 10
        unit *= 10
    }
    while size < 1 {
        size *= 10
        unit /= 10
    }
    for _ in 1..<digits { unit /= 10 }
    return (got - published).magnitude <= 0.5 * unit * (1 + 1e-9)
}

@Suite struct PublishedExperimentTests {
    @Test func `the price test gives its published figures`() throws {
        let test = try Published("price_test_39_59") { $0.weights = [2, 1] }
        let rate = try #require(try test.metric("conversion_rate").comparisons.first?.fixedHorizon)
        #expect(agrees(rate.statistic.magnitude, try test.number("conversion_z"), digits: 5))
        #expect(agrees(rate.pValue, try test.number("conversion_p"), digits: 5))
        let revenue = try test.metric("revenue_per_visitor").variants.map { ($0.estimate ?? .nan) / 100 }
        let published = try #require(test.answers["revenue_per_user"]?.array).compactMap(\.double)
        #expect(revenue.count == published.count)
        for (got, want) in zip(revenue, published) { #expect(agrees(got, want, digits: 3)) }
        #expect(test.report.metrics[0].name == "revenue_per_visitor")
    }

    @Test func `the price test's split and extrapolation are flagged`() throws {
        let test = try Published("price_test_39_59") { $0.weights = [2, 1] }
        let ratio = test.report.dataQuality.sampleRatio
        #expect(agrees(ratio.pValue, try test.number("sample_ratio_p"), digits: 2))
        #expect(ratio.alarm)
        #expect(test.report.recommendation.rule == .sampleRatioAlarm)
        #expect(test.report.recommendation.action == .inconclusive)
        let optimum = try #require(test.report.demand?.revenueOptimal)
        #expect(agrees(optimum.price / 100, try test.number("revenue_optimal_price"), digits: 3))
        #expect(optimum.isExtrapolated)
        #expect(test.report.demand?.warnings.contains { $0.contains("extrapolation") } == true)
        #expect(test.report.demand?.elasticities.map(\.model) == ["logit", "arc"])
    }

    @Test func `Cookie Cats gives its published figures`() throws {
        let test = try Published("cookie_cats_summary")
        #expect(test.report.metrics[0].variants.reduce(0) { $0 + $1.n } == 90_189)
        let day1 = try test.metric("retained_day1").comparisons[0]
        let day7 = try test.metric("retained_day7").comparisons[0]
        #expect(agrees(day1.fixedHorizon?.pValue, try test.number("day1_p"), digits: 3))
        #expect(agrees(day7.fixedHorizon?.pValue, try test.number("day7_p"), digits: 3))
        #expect(agrees(day7.probabilityBetter, try test.number("day7_probability_b_beats_a"), digits: 2))
    }

    @Test func `Cookie Cats' split and outlier are flagged`() throws {
        let test = try Published("cookie_cats_summary")
        let ratio = test.report.dataQuality.sampleRatio
        #expect(agrees(ratio.pValue, try test.number("sample_ratio_p"), digits: 2))
        #expect(ratio.alarm)
        #expect(test.report.recommendation.rule == .sampleRatioAlarm)
        let rounds = try test.metric("rounds").comparisons[0]
        let outlier = try #require(test.answers["outlier"])
        #expect(agrees(rounds.fixedHorizon?.statistic, try #require(outlier["t_with"]?.double), digits: 3))
        let note = try #require(rounds.warnings.first { $0.contains("outlier of 49,854") })
        #expect(note.contains("from -0.885 to -0.063"))
        #expect(rounds.warnings.count { $0.contains("outlier") } == 1)
    }
}
