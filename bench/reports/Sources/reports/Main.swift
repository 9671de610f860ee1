import Analysis
import Crypto
import Experiments
import Reports
import Stats

/// `reports` times each form for 10,000 and for 100 million shoppers; `reports page` and `reports json` write the smaller
/// one to standard output, to be looked at, and `reports NAME` one of its pictures.
@main
enum Bench {
    static let names = ["control", "a little dearer", "dearer", "dearest"]
    static let prices: [Int64] = [3900, 4500, 5200, 5900]
    static let rates = [60, 57, 48, 33]
    static let days = 90

    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst()
        if let what = arguments.first {
            let report = try Analyst.report(of: input(shoppersPerCell: 600, days: days))
            switch what {
            case "page": print(String(decoding: ReportHTML.encode(report, engineVersion: "bench"), as: UTF8.self))
            case "json": print(String(decoding: ReportJSON.encode(report, engineVersion: "bench"), as: UTF8.self))
            default:
                guard let name = PictureName(rawValue: what), let picture = Picture(name, of: report) else {
                    return print("no such picture")
                }
                print(String(decoding: picture.file, as: UTF8.self))
            }
            return
        }
        for perCell in [Int64(28), 280_000] {
            let input = try input(shoppersPerCell: perCell, days: days)
            let report = try Analyst.report(of: input)
            var counted = input
            counted.metrics = Array(input.metrics.prefix(4))
            print("4 variants, 8 metrics, 90 days, \(perCell * 4 * Int64(days)) shoppers (median of 201, milliseconds)")
            try time("analysis") { try Analyst.report(of: input).metrics.count }
            try time("analysis + JSON") {
                ReportJSON.encode(try Analyst.report(of: input), engineVersion: "1").count
            }
            try time("analysis + JSON of the four metrics that experiments count") {
                ReportJSON.encode(try Analyst.report(of: counted), engineVersion: "1").count
            }
            try time("analysis + CSV") { ReportCSV.encode(try Analyst.report(of: input), engineVersion: "1").count }
            try time("analysis + HTML") { ReportHTML.encode(try Analyst.report(of: input), engineVersion: "1").count }
            try time("one picture") { Picture(.history, of: report)?.file.count ?? 0 }
            print(
                "  bytes: JSON \(ReportJSON.encode(report, engineVersion: "1").count), HTML \(ReportHTML.encode(report, engineVersion: "1").count)"
            )
        }
    }

    static func time(_ what: String, _ work: () throws -> Int) throws {
        let clock = ContinuousClock()
        var times: [Duration] = []
        var total = 0
        for _ in 0..<201 {
            let start = clock.now
            total &+= try work()
            times.append(clock.now - start)
        }
        times.sort()
        func milliseconds(_ time: Duration) -> Double {
            Double(time.components.attoseconds / 1_000_000_000) / 1_000_000
        }
        print("  \(what): \(milliseconds(times[100])), least \(milliseconds(times[0])) (\(total / 201))")
    }

    /// Four prices, bought less the dearer; every fourth day a few buyers more or less.
    static func input(shoppersPerCell n: Int64, days: Int) throws -> AnalysisInput {
        guard let currency = Currency("USD") else { preconditionFailure("USD is a currency") }
        let weights = [1, 1, 1, 1]
        func wobble(_ day: Int, _ variant: Int) -> Int64 { Int64((day * 7 + variant * 5) % 9 - 4) }
        func shoppers(_ day: Int, _ variant: Int) -> Int64 { n + wobble(day, variant) * n / 60 }
        func buyers(_ day: Int, _ variant: Int) -> Int64 {
            // Rounded so that a day's part is carried on to the next.
            let rate = Int64(rates[variant])
            return (shoppers(day, variant) * rate * Int64(day + 1)) / 1000
                - (shoppers(day, variant) * rate * Int64(day)) / 1000
        }
        func sample(_ values: [(n: Int64, buyers: Int64)], each: Int64) throws -> Sample {
            let n = values.reduce(0) { $0 + $1.n }
            let buyers = Int128(values.reduce(0) { $0 + $1.buyers })
            return Sample(
                try ExactMoments(
                    count: n, sum: buyers * Int128(each), sumOfSquares: buyers * Int128(each) * Int128(each)))
        }
        func cells(_ variant: Int) -> [(n: Int64, buyers: Int64)] {
            (0..<days).map { (shoppers($0, variant), buyers($0, variant)) }
        }
        let cost: Int64 = 1400
        // What was spent before, by as many as bought, half of them the same.
        func covariate(beside outcome: ExactMoments) throws -> ExactPairMoments {
            let buyers = Int128(outcome.count / 20)
            let first = try ExactMoments(
                count: outcome.count, sum: buyers * 1000, sumOfSquares: buyers * 2_000_000)
            return try ExactPairMoments(first: first, second: outcome, sumOfProducts: outcome.sum * 300)
        }
        // Buyers in two hundred buckets.
        func spread(_ values: [(n: Int64, buyers: Int64)], each: Int64) throws -> ValueHistogram {
            let n = values.reduce(0) { $0 + $1.n }
            let buyers = values.reduce(0) { $0 + $1.buyers }
            var buckets: [Int32: ExactMoments] = [:]
            try buckets[0, default: ExactMoments()].add(0, times: n - buyers)
            for part in 0..<Int64(200) {
                let value = each + each * part / 20
                let share = buyers / 200 + (part < buyers % 200 ? 1 : 0)
                try buckets[ValueBucket.index(of: value), default: ExactMoments()].add(value, times: share)
            }
            return try ValueHistogram(
                buckets.compactMap { index, moments in ValueBucket.bounds(of: index).map { ($0, moments) } })
        }
        var metrics: [MetricInput] = []
        let kinds: [(String, MetricReport.Kind, (Int) -> Int64)] = [
            ("profit_per_visitor", .money, { prices[$0] - cost }), ("conversion_rate", .ratio, { _ in 1 }),
            ("revenue_per_visitor", .money, { prices[$0] }), ("units_per_visitor", .count, { _ in 1 }),
            ("second_conversion_rate", .ratio, { _ in 1 }), ("second_revenue", .money, { prices[$0] + 100 }),
            ("second_profit", .money, { prices[$0] - cost - 100 }), ("second_units", .count, { _ in 2 }),
        ]
        for (name, kind, each) in kinds {
            let samples = try names.indices.map { [try sample(cells($0), each: each($0))] }
            metrics.append(
                MetricInput(
                    name: name, kind: kind, samples: samples,
                    covariates: try samples.map { try $0.map { try covariate(beside: $0.moments) } },
                    spreads: kind == .ratio
                        ? nil : try names.indices.map { [try spread(cells($0), each: each($0))] }))
        }
        return AnalysisInput(
            subject: "exp_00000000000070008000000000000001", name: "Spring price of the good chair",
            configurationVersion: 3, asOf: Timestamp(milliseconds: 1_798_000_000_000),
            hash: SHA256.hash(Array("bench".utf8)), status: .running, plan: AnalysisPlan(),
            currency: currency,
            arms: names.indices.map { variant in
                AnalysisInput.Arm(
                    name: names[variant], price: prices[variant],
                    units: cells(variant).reduce(0) { $0 + $1.n },
                    conversions: cells(variant).reduce(0) { $0 + $1.buyers })
            },
            control: 0,
            strata: [
                Stratum(weights: weights, arrivals: (0..<days).map { day in names.indices.map { shoppers(day, $0) } })
            ],
            metrics: metrics,
            days: try (0..<days).map { day in
                DayInput(
                    day: 20_700 + Int32(day),
                    samples: try names.indices.map {
                        [try sample([(shoppers(day, $0), buyers(day, $0))], each: prices[$0] - cost)]
                    })
            },
            multipleExposure: 12, maturity: 0.94, costCoverage: 1, unitCost: Double(cost),
            covariate: AnalysisInput.Covariate(name: "spent_before", unit: 1),
            segments: try ["device", "region", "channel"].map { attribute in
                SegmentInput(
                    attribute: attribute,
                    values: try (1...5).map { value in
                        let samples = try names.indices.map {
                            [try sample(Array(cells($0).dropFirst(value * 5)), each: prices[$0] - cost)]
                        }
                        return (
                            "value \(value)",
                            MetricInput(name: "profit_per_visitor", kind: .money, samples: samples)
                        )
                    })
            })
    }
}
