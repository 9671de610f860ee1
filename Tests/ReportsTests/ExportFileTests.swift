import Analysis
import Experiments
import Reports
import Testing

@Suite struct ExportFileTests {
    private static let header =
        "unit,variant,phase,assigned_at,exposed_at,excluded,orders,quantity,gross,refunds,revenue,cost,profit,currency,"
        + "variant_number,price,weights,known_cost,gross_without_cost,tallied,spent_before,segment_device\r\n"

    /// A shopper of the second variant, who bought for 24.00.
    private func row(
        _ unit: Int, variant: Int = 1, phase: Int = 0, exposed: String = "2026-03-01T10:00:00Z", excluded: Bool = false,
        orders: Int = 1, gross: Int = 2400, refunds: Int = 0, cost: Int? = 700, weights: String = "1|2",
        before: String = "100", device: String = "mobile"
    ) -> String {
        let known = cost.map(String.init) ?? ""
        let profit = cost.map { String(gross - refunds - $0) } ?? ""
        return "\(unit),\(variant == 0 ? "control" : "'=dear"),\(phase),2026-03-01T09:00:00Z,\(exposed),\(excluded),"
            + "\(orders),\(orders),\(gross),\(refunds),\(gross - refunds),\(known),\(profit),USD,\(variant),"
            + "\(variant == 0 ? 1900 : 2400),\(weights),\(cost ?? 0),\(cost == nil ? "\(gross)" : ""),true,\(before),"
            + "\(device)\r\n"
    }

    /// A shopper of an export since checkouts are counted; the end of a line is one character.
    private func later(_ row: String, _ beganCheckout: String, _ guardrails: String) -> String {
        String(row.dropLast()) + ",\(beganCheckout),\(guardrails)\r\n"
    }

    private static let laterHeader = String(header.dropLast()) + ",began_checkout,guardrails\r\n"

    private func analyze(
        _ text: String, _ change: (inout AnalyzeOptions) -> Void = { _ in }
    ) throws -> Report {
        // The file says its currency itself.
        var options = AnalyzeOptions(currency: try #require(Currency("JPY")))
        change(&options)
        return try Analyzer.analyze(csv: Array(text.utf8), options: options)
    }

    private func faults(_ text: String) throws -> String {
        var said = ""
        do { _ = try analyze(text) } catch { said = "\(error)" }
        return said
    }

    @Test func `units are counted as the server counts them`() throws {
        var text = Self.header
        for unit in 0..<40 {
            text += row(
                unit, variant: unit % 2, orders: unit % 4 == 1 ? 1 : 0, gross: unit % 4 == 1 ? 2400 : 0, cost: 0)
        }
        // Who left the analysis, and who never saw the price.
        text += row(100, excluded: true) + row(101, exposed: "", device: "")
        text += row(102, refunds: 400, cost: 700, before: "", device: "not told")
        let report = try analyze(text)
        #expect(report.currency.code == "USD")
        #expect(report.control == "control")
        let revenue = try #require(report.metrics.first { $0.name == "revenue_per_visitor" })
        #expect(revenue.variants.map(\.name) == ["control", "=dear"])
        #expect(revenue.variants.map(\.n) == [20, 21])
        #expect(revenue.variants.map(\.total) == [0, 26_000])
        let profit = try #require(report.metrics.first { $0.isPrimary })
        #expect(profit.name == "profit_per_visitor" && profit.variants.map(\.total) == [0, 25_300])
        #expect(report.dataQuality.multipleExposure == 1)
        #expect(report.dataQuality.sampleRatio.expected.map { $0.rounded() } == [14, 27])
        #expect(report.segments.map(\.attribute) == ["device"])
        #expect(report.segments[0].values.map(\.name) == ["mobile", "not told"])
        #expect(report.demand != nil)
    }

    @Test func `phases of other weights are compared within themselves, and costs that lack bound the profit`() throws {
        var text = Self.header
        for unit in 0..<60 {
            text += row(
                unit, variant: unit % 2, phase: unit / 20, cost: unit == 59 ? nil : 700,
                weights: unit < 20 ? "1|2" : unit < 40 ? "1|1" : "2|4")
        }
        let report = try analyze(text)
        #expect(report.phases?.phases.map(\.weights) == [[1, 2], [1, 1], [2, 4]])
        let profit = try #require(report.metrics.first { $0.isPrimary })
        let bounds = try #require(profit.variants[1].bounds)
        #expect(abs(bounds.lower - 29 * 1700 / 30.0) < 1e-9 && abs(bounds.upper - (29 * 1700 + 2400) / 30.0) < 1e-9)
        #expect(report.recommendation.rule == .costMissing)
    }

    @Test func `checkouts and guardrails are those of the rows, where an export says them`() throws {
        func report(_ checkout: (Int) -> String, _ guardrails: String) throws -> Report {
            var text = Self.laterHeader
            for unit in 0..<200 {
                let buys = unit % 10 < 2
                let own = row(unit, variant: unit % 2, orders: buys ? 1 : 0, gross: buys ? 2400 : 0, cost: 0)
                text += later(own, checkout(unit), guardrails)
            }
            return try analyze(text)
        }
        let told = try report({ $0 % 10 == 5 ? "true" : "false" }, "conversion_rate:0.25|revenue_per_visitor:0.9")
        #expect(told.funnel?.variants.map(\.checkouts) == [20, 40])
        #expect(told.guardrails.map(\.metric) == ["conversion_rate", "revenue_per_visitor"])
        #expect(told.guardrails.map(\.maxDrop) == [0.25, 0.9])
        // One of whom nobody counted is enough not to say it of any.
        let some = try report({ $0 == 0 ? "" : "true" }, "")
        #expect(some.funnel?.variants.map(\.checkouts) == [nil, nil] && some.guardrails.isEmpty)
        // An earlier version's says neither.
        let earlier = try analyze(Self.header + row(1, variant: 0) + row(2))
        #expect(earlier.funnel?.variants.map(\.checkouts) == [nil, nil] && earlier.guardrails.isEmpty)
        for (checkout, guardrails, words) in [
            ("maybe", "", "`began_checkout` is neither"), ("true", "conversion_rate", "the guardrails are none"),
            ("true", "conversion_rate:2", "the guardrails are none"), ("true", "clicks:0.1", "the guardrails are none"),
            ("true", "conversion_rate:0.1|", "the guardrails are none"),
            ("true", "revenue_per_visitor:0.1", "not those of the other rows"),
        ] {
            let first = later(row(1, variant: 0), "true", "conversion_rate:0.1")
            let said = try faults(Self.laterHeader + first + later(row(2), checkout, guardrails))
            #expect(said.hasPrefix("line 3: ") && said.contains(words), "\(guardrails): \(said)")
        }
    }

    private static let plan =
        "primary_metric:revenue_per_visitor|method:sequential|alpha:0.1|power:0.9|minimum_effect:0.2|winsorise:0.99"

    /// A report of shoppers of an export that says its plan, as many states as rows go round by.
    private func planned(
        _ plan: String = plan, states: [String] = ["running"], _ change: (inout AnalyzeOptions) -> Void = { _ in }
    ) throws -> Report {
        var text = String(Self.laterHeader.dropLast()) + ",status,plan\r\n"
        for unit in 0..<200 {
            let buys = unit % 10 < 2
            let own = row(unit, variant: unit % 2, orders: buys ? 1 : 0, gross: buys ? 2400 : 0, cost: 0)
            text += later(own, "", "").dropLast() + ",\(states[unit * states.count / 200]),\(plan)\r\n"
        }
        return try analyze(text, change)
    }

    @Test func `an export is read as its experiment was planned and stands`() throws {
        let report = try planned()
        #expect(report.method == .sequential && report.alpha == 0.1 && report.minimumEffect == 0.2)
        #expect(report.metrics[0].name == "revenue_per_visitor" && report.status == .running)
        #expect(report.metrics[0].comparisons[0].winsorised?.share == 0.99)
        #expect(!report.dataQuality.warnings.contains { $0.contains("lanned") })
        // It was ended while it was exported.
        #expect(try planned(states: ["running", "completed"]).status == .completed)
        let target = try planned(Self.plan + "|target_sample_size:400")
        let narrower = target.metrics[0].comparisons[0].confidenceSequence
        #expect(narrower != nil && narrower != report.metrics[0].comparisons[0].confidenceSequence)
        let prior = try planned(Self.plan + "|prior_alpha:50.0|prior_beta:50.0")
        let rate = try #require(prior.metrics.first { $0.name == "conversion_rate" })
        // 20 of 100 shoppers of the second variant bought.
        #expect(rate.variants[1].posteriorMean == (50 + 20.0) / 200)
    }

    @Test func `what an export is read as, where it was not planned so or does not say, is said`() throws {
        let other = try planned { ($0.method, $0.alpha) = (.fixed, 0.05) }
        #expect(other.method == .fixed && other.alpha == 0.05)
        #expect(
            other.dataQuality.warnings.contains { $0.hasPrefix("Planned was “sequential” at an error rate of 0.1") })
        #expect(try planned { $0.method = .sequential }.dataQuality.warnings == planned().dataQuality.warnings)
        let looks = try planned(Self.plan.replacing("sequential", with: "group_sequential") + "|target_sample_size:400")
        #expect(looks.method == .sequential && looks.plannedLooks == nil)
        #expect(looks.dataQuality.warnings.contains { $0.hasPrefix("Planned looks cannot be taken from an export") })
        let earlier = try analyze(Self.header + row(1, variant: 0) + row(2))
        #expect(earlier.method == .fixed && earlier.status == .completed)
        #expect(
            earlier.dataQuality.warnings.contains {
                $0.hasPrefix("This export does not say how its experiment was planned") && $0.contains("“fixed”")
            })
        // A file of one's own was never planned here.
        let own = try analyze("variant,n,conversions\na,10,1\nb,10,1\n")
        #expect(!own.dataQuality.warnings.contains { $0.contains("planned was") || $0.contains("export") })
    }

    @Test(arguments: [
        "", "method:sequential", plan + "|", plan + "|extra:1", plan.replacing("alpha:0.1", with: "alpha:0.9"),
        plan.replacing("alpha:0.1", with: "alpha:0.10"), plan.replacing("sequential", with: "always"),
        plan + "|prior_alpha:1.0", plan + "|target_sample_size:0", plan + "|bandit_rule:top_two|bandit_floor:0.1",
    ])
    func `a plan that none wrote is refused by its line`(plan: String) throws {
        var said = ""
        do { _ = try planned(plan) } catch { said = "\(error)" }
        #expect(said.hasPrefix("line 2: the plan is none"), "\(plan): \(said)")
    }

    @Test func `a state that is none is refused by its line`() throws {
        var said = ""
        do { _ = try planned(states: ["running", "asleep"]) } catch { said = "\(error)" }
        #expect(said.hasPrefix("line 102: `status` is none"), "\(said)")
    }

    @Test func `what is not as an export is, is named by its line`() throws {
        let one = row(1, variant: 0)
        for (bad, words) in [
            (row(1), "has a row already"), (row(2, weights: "1"), "the weights are none"),
            (row(2, weights: "2|2"), "the weights are none, or not those of the other rows"),
            (row(2, orders: -1), "`orders` is no whole number"), (row(2, exposed: "soon"), "`exposed_at` is no time"),
            (row(2, before: "1.5"), "is no covariate"), (row(2, variant: 7), "the weights are none"),
            (row(2, gross: .max), "`gross` is no whole number"),
            (row(2).replacing("USD", with: "EUR"), "not that of the other rows"),
            (row(2).replacing("false", with: "no"), "`excluded` is neither"),
        ] {
            let said = try faults(Self.header + one + bad)
            #expect(said.hasPrefix("line 3: ") && said.contains(words), "\(bad): \(said)")
        }
        #expect(try faults(Self.header).contains("has no rows"))
        #expect(try faults(Self.header.replacing("weights,", with: "")).contains("Export it again"))
        #expect(throws: AnalyzeError.self) { try analyze(Self.header + one) { $0.weights = [1, 1] } }
        #expect(throws: AnalyzeError.self) { try analyze(Self.header + one) { $0.primaryMetric = "clicks" } }
        #expect(throws: AnalyzeError.self) { try analyze(Self.header + one) { $0.control = "nobody" } }
    }
}
