import Analysis
import Experiments
import Reports
import Testing

private func analyze(
    _ text: String, _ change: (inout AnalyzeOptions) -> Void = { _ in }
) throws -> Report {
    var options = AnalyzeOptions(currency: try #require(Currency("USD")))
    change(&options)
    return try Analyzer.analyze(csv: Array(text.utf8), options: options)
}

extension Report {
    fileprivate func named(_ name: String) throws -> MetricReport {
        try #require(metrics.first { $0.name == name })
    }
}

@Suite struct AnalyzerTests {
    private static let units = """
        user,variant,converted,revenue,quantity,retained,visits
        1,control,1,19.99,1,yes,3
        2,control,0,,,no,1
        3,higher,1,24.99,1,no,2
        4,higher,no,0,0,yes,5
        5,control,0,,,no,1
        6,higher,1,49.98,2,yes,2
        7,control,1,19.99,1,yes,3
        7,higher,1,24.99,1,yes,3

        """

    @Test func `a file of shoppers is counted`() throws {
        let report = try analyze(Self.units)
        #expect(report.metrics[0].name == "revenue_per_visitor")
        #expect(try report.named("conversion_rate").variants.map(\.total) == [1, 2])
        #expect(try report.named("conversion_rate").variants.map(\.n) == [3, 3])
        #expect(try report.named("revenue_per_visitor").variants.map(\.total) == [1999, 7497])
        #expect(try report.named("units_per_visitor").variants.map(\.total) == [1, 3])
        #expect(try report.named("retained").variants.map(\.total) == [1, 2])
        #expect(try report.named("retained").kind == .ratio)
        #expect(try report.named("visits").variants.map(\.total) == [5, 9])
        #expect(try report.named("visits").kind == .count)
        #expect(report.dataQuality.multipleExposure == 1)
    }

    @Test func `costs of shoppers make profit and missing ones bounds`() throws {
        let known = try analyze("variant,revenue,unit_cost\na,10,4\na,0,\nb,12,4\nb,0,\n")
        #expect(try known.named("profit_per_visitor").variants.map(\.total) == [600, 800])
        #expect(known.metrics[0].name == "profit_per_visitor")
        let partly = try analyze("variant,revenue,unit_cost\na,10,4\na,0,\nb,12,\nb,0,\n")
        let profit = try partly.named("profit_per_visitor")
        #expect(profit.variants.map(\.estimate) == [300, nil])
        #expect(profit.variants[1].bounds == ConfidenceInterval(lower: 0, upper: 600, level: 1))
        #expect(partly.recommendation.rule == .costMissing)
        #expect(partly.dataQuality.costCoverage == 0.5)
    }

    @Test func `a summary's weights, control and cost are taken`() throws {
        let report = try analyze(
            "variant,price,n,conversions,weight,unit_cost\nb,25.00,1000,80,1,5\na,20.00,2000,200,2,5\n"
        ) { $0.control = "a" }
        #expect(report.control == "a")
        #expect(!report.dataQuality.sampleRatio.alarm)
        #expect(report.dataQuality.sampleRatio.expected == [1000, 2000])
        #expect(try report.named("profit_per_visitor").variants.map(\.estimate) == [160, 150])
        #expect(report.demand?.unitCost == 500)
        #expect(!report.dataQuality.warnings.contains { $0.contains("planned split was not given") })
    }

    @Test func `an equal split is assumed aloud`() throws {
        let report = try analyze("variant,n,conversions\na,100,10\nb,100,12\n")
        #expect(report.dataQuality.warnings.contains { $0.contains("planned split was not given") })
    }

    @Test func `revenue without a spread is left out aloud`() throws {
        let report = try analyze("variant,n,conversions,revenue\na,100,10,250.00\nb,100,12,300.00\n")
        #expect(report.metrics.map(\.name) == ["conversion_rate"])
        #expect(report.dataQuality.warnings.contains { $0.contains("sum_sq_revenue") })
    }

    @Test func `revenue with its squares is exact`() throws {
        let report = try analyze(
            "variant,n,conversions,revenue,sum_sq_revenue\na,3,1,0.10,0.01\nb,3,2,0.30,0.05\n")
        #expect(try report.named("revenue_per_visitor").variants.map(\.total) == [10, 30])
    }

    @Test(arguments: [
        ("variant,n,conversions\na,10,11\nb,10,1\n", 2, "11 conversions of 10"),
        ("variant,n,conversions\na,10,1\nb,ten,1\n", 3, "“ten”"),
        ("variant,n,conversions\na,10,1\na,10,1\n", 3, "has a row already"),
        ("variant,n,conversions\na,10,1\nb,10\n", 3, "2 fields"),
        ("variant,n,conversions\na,10,1\n,10,1\n", 3, "variant is missing"),
        ("variant,converted\na,maybe\n", 2, "“maybe”"),
        ("user,variant,converted\n1,a,1\n1,a,0\n", 3, "line 2"),
        ("variant,revenue\na,1.001\n", 2, "2 digits"),
        ("variant,revenue\na,1e300\n", 2, "“1e300”"),
        ("variant,n,sum_x,sum_sq_x\na,2,10,1\nb,2,10,60\n", 2, "sum of squares"),
        ("variant,\"n\n1,2\n", 1, "never closed"),
    ])
    func `a fault names its line`(text: String, line: Int, detail: String) throws {
        do {
            _ = try analyze(text)
            Issue.record("nothing was wrong")
        } catch AnalyzeError.lines(let faults) {
            #expect(faults.contains { $0.line == line && $0.detail.contains(detail) }, "\(faults)")
        }
    }

    @Test func `a file parted by semicolons, with decimal commas, gives the figures of one parted by commas`() throws {
        let semicolons = Self.units.replacing(",", with: ";").replacing(".", with: ",")
        let (german, plain) = (try analyze(semicolons), try analyze(Self.units))
        #expect(german.metrics == plain.metrics)
        #expect(german.dataQuality == plain.dataQuality)
        #expect(try german.named("revenue_per_visitor").variants.map(\.total) == [1999, 7497])
    }

    @Test(arguments: [
        ("variant;n;conversions\na;1.000;10\nb;1000;12\n", "“1.000” in column “n” is a thousand to some"),
        ("variant;revenue\na;1,250\nb;2\n", "“1,250” in column “revenue” is a thousand to some"),
        ("variant;revenue\na;1.250,50\nb;2\n", "“1.250,50” in column “revenue” is not an amount"),
        ("variant,revenue\na,\"1,25\"\nb,2\n", "“1,25” in column “revenue” is not an amount"),
    ])
    func `a number that may be a thousand or a fraction is refused, not guessed`(text: String, detail: String) throws {
        do {
            _ = try analyze(text)
            Issue.record("nothing was wrong")
        } catch AnalyzeError.lines(let faults) {
            #expect(faults.contains { $0.line == 2 && $0.detail.contains(detail) }, "\(faults)")
        }
    }

    @Test func `a metric of the file's own is left out, not read as a thousandth, where its numbers may be thousands`()
        throws
    {
        for text in [
            "variant;n;conversions;opened\na;9000;10;1.000\nb;9000;12;2.000\n",
            "variant;converted;visits\na;1;1.000\na;0;2\nb;1;2.000\nb;0;1\n",
        ] {
            let report = try analyze(text)
            #expect(report.metrics.map(\.name).contains("conversion_rate"))
            #expect(!report.metrics.contains { ["opened", "visits"].contains($0.name) })
            #expect(report.dataQuality.warnings.contains { $0.contains("was left out") })
        }
    }

    @Test func `all faults are listed at once, and not without end`() throws {
        let rows = (0..<50).map { "v\($0),x,1" }.joined(separator: "\n")
        do {
            _ = try analyze("variant,n,conversions\n" + rows)
            Issue.record("nothing was wrong")
        } catch AnalyzeError.lines(let faults) {
            #expect(faults.count >= 20)
            #expect(faults.count <= 40)
        }
    }

    @Test(arguments: [
        "", "a,b\n1,2\n", "variant,n,conversions\na,10,1\n", "variant,n,conversions\n", "variant,n\na,1\nb,1\n",
        "variant,other\na,x\nb,y\n",
    ])
    func `a file without an experiment is refused`(text: String) {
        #expect(throws: AnalyzeError.self) { try analyze(text) }
    }

    @Test func `options that do not fit the file are refused`() {
        let file = "variant,n,conversions\na,10,1\nb,10,1\n"
        #expect(throws: AnalyzeError.self) { try analyze(file) { $0.weights = [1] } }
        #expect(throws: AnalyzeError.self) { try analyze(file) { $0.weights = [0, 0] } }
        #expect(throws: AnalyzeError.self) { try analyze(file) { $0.weights = [-1, 2] } }
        #expect(throws: AnalyzeError.self) { try analyze(file) { $0.control = "c" } }
        #expect(throws: AnalyzeError.self) { try analyze(file) { $0.primaryMetric = "margin" } }
    }

    @Test func `a split is read as it is written`() {
        #expect(AnalyzeOptions.weights(parsing: "2,1") == [2, 1])
        for text in ["", "2,", "2;1", "-1,2", "a", "1.5,1", "99999999999,1"] {
            #expect(AnalyzeOptions.weights(parsing: text) == nil, "\(text)")
        }
    }

    @Test func `the input hash covers the file and the options`() throws {
        let file = "variant,n,conversions\na,10,1\nb,10,1\n"
        let hash = try analyze(file).inputHash
        #expect(try analyze(file).inputHash == hash)
        #expect(try analyze(file + "\n").inputHash != hash)
        #expect(try analyze(file) { $0.weights = [1, 1] }.inputHash != hash)
    }
}

@Suite struct AnalyzerBesideTests {
    private static let file: String = {
        var lines = ["user,variant,revenue,covariate,segment_device"]
        for n in 0..<400 {
            let spends = n % 4 < 2
            let before = n % 10
            let revenue = spends ? 10 + before + (n % 2) : 0
            lines.append(
                "\(n),\(n % 2 == 0 ? "control" : "higher"),\(revenue),\(before).5,\(n % 3 == 0 ? "mobile" : "")")
        }
        return lines.joined(separator: "\n") + "\n"
    }()

    @Test func `a file with what was known before is adjusted for it, and divided by its segments`() throws {
        let report = try analyze(Self.file)
        let comparison = report.metrics[0].comparisons[0]
        let adjusted = try #require(comparison.adjusted)
        #expect(adjusted.covariate == "covariate" && adjusted.withCovariate == 400)
        #expect(adjusted.varianceReduction > 0)
        let winsorised = try #require(comparison.winsorised)
        #expect(winsorised.cap == 2000 && winsorised.cappedInVariant == 0 && winsorised.influence == 0)
        #expect(report.distribution?.counted == 400)
        let segment = try #require(report.segments.first)
        #expect(segment.attribute == "device" && segment.values.map(\.name) == ["mobile", "not told"])
        #expect(segment.values.flatMap(\.part.variants).map(\.n).reduce(0, +) == 400)
    }

    @Test func `what stands beside is in the CSV, the text and the page`() throws {
        let report = try analyze(Self.file) { $0.winsorise = 0.95 }
        let csv = String(decoding: ReportCSV.encode(report, engineVersion: "1"), as: UTF8.self)
        for row in [
            "revenue_per_visitor,higher,control,adjusted_difference,", "revenue_per_visitor,higher,control,theta,",
            "revenue_per_visitor,higher,control,winsorised_cap,", "distribution,higher,control,visitors_quantile_0.9",
            "segment device=mobile,higher,control,difference,", "segment device,higher,control,heterogeneity_p_value,",
        ] {
            #expect(csv.contains(row), "\(row)")
        }
        let page = String(decoding: ReportHTML.encode(report, engineVersion: "1"), as: UTF8.self)
        let text = String(decoding: ReportText.encode(report, engineVersion: "1"), as: UTF8.self)
        for words in ["read in other ways", "Quantiles of revenue per visitor", "Revenue per visitor by device"] {
            #expect(page.contains(words) && text.contains(words), "\(words)")
        }
    }
}
