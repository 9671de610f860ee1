import Analysis
import CSV
import Crypto
import Experiments
import JSON
import Reports
import Stats
import Testing

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

private let hostile = "=<script>alert('x')</script>&\u{1B}[2J"

/// A started experiment of two prices and counts over four days, some shoppers without cost.
struct Counts {
    private(set) var experiment: Experiment
    var cells: [CellKey: UnitSums]
    private let draft: ExperimentDraft
    private let product: Product

    init(name: String = "Spring price", variant: String = "higher") throws {
        let usd = try #require(Currency("USD"))
        let sku = try #require(TenantKey("sku-1"))
        let product = Product(sku: sku, title: "Thing", listPrice: Money(amount: 1999, currency: usd))
        var draft = ExperimentDraft()
        draft.name = name
        draft.products = ["sku-1"]
        draft.currency = "USD"
        draft.primaryMetric = "revenue_per_visitor"
        draft.variants = [("control", 1999), (variant, 2499)].map {
            ExperimentDraft.VariantDraft(name: $0.0, price: $0.1, currency: "USD", weight: 1)
        }
        let design = try ExperimentDesign(validating: draft, product: { $0 == sku ? product : nil })
        self.draft = draft
        self.product = product
        let start = Timestamp(milliseconds: 1_700_000_000_000)
        let id = try #require(ExperimentID("exp_00000000000070008000000000000001"))
        experiment = try Experiment(design, id: id, at: start).after(.start, at: start)
        cells = [:]
        for day in 0..<4 {
            for variant in 0..<2 {
                let key = CellKey(variant: variant, phase: 0, day: start.day + Int32(day))
                for shopper in 0..<100 {
                    var sums = cells[key] ?? UnitSums()
                    sums.count(unit(variant, at: start, buys: (shopper * 7 + day * 3 + variant) % 11 == 0), times: 1)
                    cells[key] = sums
                }
            }
        }
    }

    /// Other weights from a time on: shoppers of that day and later came by them.
    mutating func reweigh(_ weights: [Int], at time: Timestamp) throws {
        var draft = draft
        draft.variants = zip(experiment.variants, weights).map {
            ExperimentDraft.VariantDraft(name: $0.name, price: $0.offered, currency: "USD", weight: Int64($1))
        }
        let design = try ExperimentDesign(validating: draft, product: { $0 == product.sku ? product : nil })
        experiment = try experiment.revised(by: design, at: time)
        for (key, cell) in cells where key.day >= time.day {
            cells[key] = nil
            cells[CellKey(variant: key.variant, phase: 1, day: key.day)] = cell
        }
    }

    func unit(_ variant: Int, at start: Timestamp, buys: Bool) -> UnitState {
        var outcome = UnitOutcome()
        if buys {
            outcome.orders = 1
            outcome.quantity = 1
            outcome.gross = experiment.variants[variant].offered
            outcome.cost = 700
        }
        return UnitState(variant: variant, phase: 0, assignedAt: start, exposedAt: start, outcome: outcome)
    }

    func report() throws -> Report {
        let asOf = Timestamp(milliseconds: 1_700_400_000_000)
        return try Analyst.report(of: Measurements(experiment: experiment, asOf: asOf, cells: cells))
    }
}

@Suite struct ReportJSONTests {
    @Test func `every key of the contract is there`() throws {
        let json = try JSONValue(parsing: ReportJSON.encode(Counts().report(), engineVersion: "1.2.3"))
        func keys(_ value: JSONValue?) -> Set<String> { Set(value?.object?.keys ?? []) }
        #expect(
            keys(json).isSuperset(of: [
                "experiment", "as_of", "input_hash", "engine_version", "status", "method", "recommendation",
                "data_quality", "metrics", "demand",
            ]))
        #expect(json["engine_version"]?.string == "1.2.3")
        #expect(json["as_of"]?.string == "2023-11-19T13:20:00Z")
        #expect(json["status"]?.string == "running")
        #expect(json["method"]?.string == "sequential")
        #expect(json["input_hash"]?.string?.count == 64)
        #expect(keys(json["recommendation"]).isSuperset(of: ["action", "variant", "sentence", "rule"]))
        #expect(
            keys(json["data_quality"]).isSuperset(of: ["sample_ratio", "multiple_exposure", "maturity", "warnings"]))
        let ratio = json["data_quality"]?["sample_ratio"]
        #expect(
            keys(ratio).isSuperset(of: ["observed", "expected", "p_value", "alarm"]))
        let metrics = try #require(json["metrics"]?.array)
        #expect(
            metrics.compactMap { $0["name"]?.string } == [
                "revenue_per_visitor", "conversion_rate", "profit_per_visitor", "units_per_visitor",
            ])
        for metric in metrics {
            #expect(keys(metric).isSuperset(of: ["name", "unit", "variants", "comparisons"]))
            for variant in try #require(metric["variants"]?.array) {
                #expect(
                    keys(variant).isSuperset(of: [
                        "name", "n", "estimate", "interval", "posterior_mean", "credible_interval",
                        "probability_best", "expected_loss",
                    ]))
                #expect(keys(variant["interval"]) == ["lower", "upper", "level"])
            }
            for comparison in try #require(metric["comparisons"]?.array) {
                #expect(
                    keys(comparison).isSuperset(of: [
                        "variant", "against", "difference", "relative", "confidence_sequence",
                        "always_valid_p_value", "probability_better", "expected_loss", "warnings",
                    ]))
            }
        }
    }

    @Test func `an empty experiment has the same keys as a full one`() throws {
        var empty = try Counts()
        empty.cells = [:]
        func shape(_ value: JSONValue) -> Set<String> {
            Set(value["metrics"]?.array?.first?["variants"]?.array?.first?.object?.keys ?? [])
                .union(value["metrics"]?.array?.first?["comparisons"]?.array?.first?.object?.keys ?? [])
        }
        let none = try JSONValue(parsing: ReportJSON.encode(empty.report(), engineVersion: "1"))
        let full = try JSONValue(parsing: ReportJSON.encode(Counts().report(), engineVersion: "1"))
        #expect(shape(none) == shape(full))
        #expect(Set(none.object?.keys ?? []) == Set(full.object?.keys ?? []))
        #expect(none["demand"] == .some(.null))
        #expect(none["recommendation"]?["action"]?.string == "continue")
    }

    @Test func `any split of the counts and any order gives the same bytes`() throws {
        let whole = try Counts()
        let expected = ReportJSON.encode(try whole.report(), engineVersion: "1")
        var random = SplitMix64(seed: 7)
        for _ in 0..<20 {
            // Each cell is taken apart into itself less some shoppers, and those shoppers, and put together again.
            var parts: [(CellKey, UnitSums)] = []
            for (key, sums) in whole.cells {
                var taken = UnitSums()
                let start = Timestamp(milliseconds: Int64(key.day) * 86_400_000)
                for _ in 0..<Int.random(in: 0...5, using: &random) {
                    taken.count(whole.unit(key.variant, at: start, buys: true), times: 1)
                }
                var rest = sums
                for _ in 0..<taken.units { rest.count(whole.unit(key.variant, at: start, buys: true), times: -1) }
                parts += [(key, taken), (key, rest)]
            }
            parts.shuffle(using: &random)
            var again = whole
            again.cells = [:]
            for (key, sums) in parts { again.cells[key] = (again.cells[key] ?? UnitSums()) + sums }
            #expect(ReportJSON.encode(try again.report(), engineVersion: "1") == expected)
        }
    }

    @Test func `one shopper more is another hash`() throws {
        var counts = try Counts()
        let hash = try counts.report().inputHash
        let key = try #require(counts.cells.keys.first)
        counts.cells[key]?.units += 1
        #expect(try counts.report().inputHash != hash)
    }
}

@Suite struct ReportForPeopleTests {
    @Test func `CSV has one number a row and runs no formula`() throws {
        let report = try Counts(name: "=cmd()", variant: "+higher").report()
        var table = try CSVTable(ReportCSV.encode(report, engineVersion: "1"))
        #expect(
            table.names == ["metric", "variant", "against", "quantity", "value", "lower", "upper", "level", "method"])
        var estimates: [String: Double] = [:]
        while let row = try table.next() {
            for field in row.fields where Double(field) == nil {
                #expect(!["=", "+", "-", "@"].contains(field.prefix(1)), "\(field)")
            }
            if row.fields[3] == "estimate", row.fields[1] == "'+higher" {
                estimates[row.fields[0]] = Double(row.fields[4])
            }
        }
        for metric in report.metrics { #expect(estimates[metric.name] == metric.variants[1].estimate) }
    }

    @Test func `a page escapes what came from outside and has no script`() throws {
        let report = try Counts(name: hostile, variant: hostile).report()
        let page = text(ReportHTML.encode(report, engineVersion: "1<2"))
        #expect(!page.contains("<script"))
        #expect(!page.contains("\u{1B}"))
        #expect(page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;"))
        #expect(page.contains("1&lt;2"))
        #expect(page.contains("<th scope=\"col\">variant</th>"))
        #expect(page.contains("<caption>Revenue per visitor (decides)</caption>"))
        for tag in ["table", "section", "tr", "thead", "tbody", "main", "ul", "th", "td", "p"] {
            let opened = page.ranges(of: "<\(tag)>").count + page.ranges(of: "<\(tag) ").count
            #expect(opened == page.ranges(of: "</\(tag)>").count, "\(tag)")
        }
    }

    @Test func `a page says differences in the metric's unit and relative to control, each with its interval`() throws {
        let report = try Counts().report()
        let page = text(ReportHTML.encode(report, engineVersion: "1")).replacing("\u{A0}", with: " ")
            .replacing("<td class=\"range\">", with: "<td>")
        for metric in report.metrics where metric.kind != .count {
            let comparison = metric.comparisons[0]
            guard let difference = comparison.difference, let interval = comparison.confidenceSequence else { continue }
            let words = [difference, interval.lower, interval.upper].map {
                metric.kind.difference($0, in: report.currency)
            }
            #expect(metric.kind == .ratio ? words[0].hasSuffix(" pp") : words[0].contains("$"))
            #expect(page.contains("<td>\(words[0])</td><td>\(words[1]) to \(words[2])</td>"), "\(metric.name)")
            let relative = try #require(comparison.relative)
            #expect(page.contains("<td>\(relative.signedPercent(digits: 2))</td>"))
        }
        #expect(page.contains(" pp</td>"))
    }

    @Test func `a terminal's table says what to do and moves no cursor`() throws {
        let report = try Counts(name: hostile, variant: hostile).report()
        let lines = text(ReportText.encode(report, engineVersion: "1"))
        #expect(!lines.contains("\u{1B}"))
        #expect(lines.contains(report.recommendation.action.rawValue.uppercased()))
        #expect(lines.contains("Revenue per visitor (decides)"))
        #expect(lines.contains(report.inputHash.hex))
    }

    @Test(arguments: [
        (0.12345, 1, "0.1"), (0.95, 1, "1.0"), (-0.04, 1, "0.0"), (-1.25, 1, "-1.3"), (1234.5, 0, "1235"),
        (1e20, 2, "1e+20"),
    ])
    func `numbers are rounded half away from zero`(value: Double, digits: Int, expected: String) {
        #expect(value.rounded(digits: digits) == expected)
    }

    @Test(arguments: [
        (-0.2713, -0.0004282, "-0.2713 to -0.0004"), (0.00051, 0.4, "+0.001 to +0.400"),
        (-0.2, 0.3, "-0.200 to +0.300"),
        (-0.2, 0, "-0.200 to 0.000"), (0, 0, "0.000 to 0.000"), (-1e-7, 2e-5, "-0.0000001 to +0.0000200"),
        (-3, 4e-30, "-3.000000000000 to +0.000000000004"), (-4e-300, 12, "-0.000000000004 to +12.000000000000"),
    ])
    func `an end of an interval that is not zero is never said as zero`(lower: Double, upper: Double, expected: String)
        throws
    {
        let interval = ConfidenceInterval(lower: lower, upper: upper, level: 0.95)
        let usd = try #require(Currency("USD"))
        #expect(interval.said { MetricReport.Kind.count.difference($0, in: usd, more: $1) } == expected)
        for kind in [MetricReport.Kind.ratio, .money] {
            let ends = interval.said(joint: "|") { kind.difference($0, in: usd, more: $1) }.split(separator: "|")
            #expect(ends.map { $0.contains { ("1"..."9").contains($0) } } == [lower != 0, upper != 0], "\(ends)")
        }
    }

    @Test func `a terminal and a page say an interval that just misses zero as one that does`() throws {
        // A difference of which chance explains one in twenty, barely.
        let barely = try report("variant,n,conversions,sum_x,sum_sq_x\na,2000,1,2000,6000\nb,2000,1,1820,6000\n")
        let metric = try #require(barely.metrics.first { $0.name == "x" })
        let interval = try #require(metric.comparisons[0].fixedHorizon?.interval)
        #expect(interval.upper < 0 && interval.upper > -0.0005, "\(interval)")
        let said = interval.said { metric.kind.difference($0, in: barely.currency, more: $1) }
        for form in [ReportText.encode(barely, engineVersion: "1"), ReportHTML.encode(barely, engineVersion: "1")] {
            #expect(text(form).replacing("\u{A0}", with: " ").contains(said), "\(said)")
        }
    }

    @Test(arguments: [(0.95, "95%"), (0.975, "97.5%"), (0.995, "99.5%"), (1 - 0.0001, "99.99%"), (0.8, "80%")])
    func `a level is said with the digits it has, so that no report claims certainty`(level: Double, expected: String) {
        #expect(level.plainPercent == expected)
    }

    @Test func `a difference that is lost relative to control is remarked on`() throws {
        let note = "the difference decides"
        // 0.4 buy against 0.1, of control few: the difference is sure, how many times as much is not.
        let sure = try report("variant,n,conversions\na,60,6\nb,6000,2400\n")
        #expect(try #require(sure.metrics[0].comparisons[0].fixedHorizon).interval.lower > 0)
        #expect(text(ReportHTML.encode(sure, engineVersion: "1")).contains(note))
        // The picture is of what decides.
        #expect(Picture(.difference, of: sure).map { text($0.file).contains(" pp") } == true)
        let both = try report("variant,n,conversions\na,6000,600\nb,6000,2400\n")
        #expect(!text(ReportHTML.encode(both, engineVersion: "1")).contains(note))
    }

    private func report(_ csv: String) throws -> Report {
        let options = AnalyzeOptions(currency: try #require(Currency("USD")))
        return try Analyzer.analyze(csv: Array(csv.utf8), options: options)
    }

    @Test(arguments: [("USD", 77.6, "$0.776"), ("JPY", 1500.26, "¥1500.3"), ("BHD", -1250.04, "-BHD 1.2500")])
    func `amounts follow their currency`(code: String, minor: Double, expected: String) throws {
        let currency = try #require(Currency(code))
        #expect(currency.display(minorUnits: minor, extraDigits: 1) == expected)
    }
}
