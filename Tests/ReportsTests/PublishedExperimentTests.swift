import Analysis
import CSV
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

    var json: JSONValue {
        get throws { try JSONValue(parsing: ReportJSON.encode(report, engineVersion: "1")) }
    }

    /// The sheet's.
    var rows: [[String]] {
        get throws {
            var table = try CSVTable(ReportCSV.encode(report, engineVersion: "1"))
            var rows: [[String]] = []
            while let row = try table.next() { rows.append(row.fields) }
            return rows
        }
    }

    var page: String {
        get throws {
            String(decoding: ReportHTML.encode(report, engineVersion: "1"), as: UTF8.self).replacing("&#39;", with: "'")
        }
    }

    /// All its texts.
    func text(_ json: JSONValue) -> String {
        if let text = json.string { return text + "\n" }
        if let values = json.array { return values.map(text).joined() }
        return json.object.map { object in object.keys.compactMap { object[$0] }.map(text).joined() } ?? ""
    }

    func text(_ rows: [[String]]) -> String { rows.filter { $0[3] == "warning" }.map { $0[8] + "\n" }.joined() }

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

    /// What each form has to say, as readers of it find it: JSON's numbers whole, a sheet's row by row, a page's rounded.
    @Test func `the price test's figures and warnings stand in every form of its report`() throws {
        let test = try Published("price_test_39_59") { $0.weights = [2, 1] }
        let json = try test.json
        let comparison = json["metrics"]?.array?.first { $0["name"] == "conversion_rate" }?["comparisons"]?.array?.first
        #expect(agrees(comparison?["fixed_horizon"]?["p_value"]?.double, try test.number("conversion_p"), digits: 5))
        #expect(
            agrees(comparison?["fixed_horizon"]?["statistic"]?.double, -(try test.number("conversion_z")), digits: 5))
        let quality = json["data_quality"]
        #expect(agrees(quality?["sample_ratio"]?["p_value"]?.double, try test.number("sample_ratio_p"), digits: 2))
        #expect(quality?["sample_ratio"]?["alarm"] == true)
        let optimum = json["demand"]?["revenue_optimal_price"]
        #expect(
            agrees((optimum?["amount"]?.double).map { $0 / 100 }, try test.number("revenue_optimal_price"), digits: 3))
        #expect(optimum?["extrapolated"] == true, "\(String(describing: optimum))")

        let rows = try test.rows
        func value(_ metric: String, _ quantity: String) -> Double? {
            rows.first { $0[0] == metric && $0[3] == quantity }.flatMap { Double($0[4]) }
        }
        #expect(agrees(value("conversion_rate", "fixed_p_value"), try test.number("conversion_p"), digits: 5))
        #expect(agrees(value("conversion_rate", "fixed_statistic"), -(try test.number("conversion_z")), digits: 5))
        #expect(agrees(value("data_quality", "sample_ratio_p"), try test.number("sample_ratio_p"), digits: 2))
        #expect(
            agrees(
                value("demand", "revenue_optimal_price").map { $0 / 100 }, try test.number("revenue_optimal_price"),
                digits: 3))
        let revenue = rows.filter { $0[0] == "revenue_per_visitor" && $0[3] == "estimate" }.compactMap { Double($0[4]) }
        let published = try #require(test.answers["revenue_per_user"]?.array).compactMap(\.double)
        #expect(revenue.count == 2 && zip(revenue, published).allSatisfy { agrees($0 / 100, $1, digits: 3) })

        for form in [test.text(json), test.text(rows), try test.page] {
            #expect(form.contains("Sample ratio mismatch: 202,517 / 113,918 shoppers"))
            #expect(form.contains("The revenue-optimal price of $80.73 lies outside the prices tested"))
        }
        for figure in ["-8.7438", "2.2549e-18", "$0.776", "$0.918", "e-222", "$80.73"] {
            #expect(try test.page.contains(figure), "\(figure)")
        }
    }

    @Test func `Cookie Cats' figures and warnings stand in every form of its report`() throws {
        let test = try Published("cookie_cats_summary")
        let (json, rows, page) = (try test.json, try test.rows, try test.page)
        for (name, key) in [("retained_day1", "day1_p"), ("retained_day7", "day7_p")] {
            let metric = json["metrics"]?.array?.first { $0["name"]?.string == name }
            let p = metric?["comparisons"]?.array?.first?["fixed_horizon"]?["p_value"]?.double
            #expect(agrees(p, try test.number(key), digits: 3))
            let row = rows.first { $0[0] == name && $0[3] == "fixed_p_value" }
            #expect(agrees(row.flatMap { Double($0[4]) }, try test.number(key), digits: 3))
        }
        let better = rows.first { $0[0] == "retained_day7" && $0[3] == "probability_better" }
        #expect(
            agrees(
                better.flatMap { Double($0[4]) }, try test.number("day7_probability_b_beats_a"), digits: 2))
        let split = rows.first { $0[0] == "data_quality" && $0[3] == "sample_ratio_p" }
        #expect(agrees(split.flatMap { Double($0[4]) }, try test.number("sample_ratio_p"), digits: 2))
        for form in [test.text(json), test.text(rows), page] {
            #expect(form.contains("Sample ratio mismatch: 44,700 / 45,489 shoppers"))
            #expect(form.contains("One outlier of 49,854 makes"))
            #expect(form.contains("without it t moves from -0.885 to -0.063"))
        }
        for figure in ["0.0744", "0.00155", "0.078%"] { #expect(page.contains(figure), "\(figure)") }
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
