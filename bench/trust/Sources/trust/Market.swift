import Analysis
import Crypto
import Experiments
import Glibc
import Stats

/// Shoppers of one variant: whether they buy, and what a buyer spends.
struct Shoppers: Sendable {
    var rate: Double
    /// Log-normal spend: its median in minor units, and the standard deviation of its logarithm. Nil where a sale has
    /// one price.
    var spend: (median: Double, sigma: Double)?
    var price: Int64 = 4000

    /// In minor units, of a buyer.
    var meanSpend: Double { spend.map { $0.median * exp($0.sigma * $0.sigma / 2) } ?? Double(price) }
    var meanSquare: Double {
        spend.map { $0.median * $0.median * exp(2 * $0.sigma * $0.sigma) } ?? pow(Double(price), 2)
    }
}

/// What was counted of one variant so far.
struct Counted: Sendable {
    var units: Int64 = 0
    var buyers: Int64 = 0
    var revenue: Int128 = 0
    var squares: Int128 = 0

    mutating func meet(_ n: Int, _ shoppers: Shoppers, _ generator: inout Xoshiro256PlusPlus) {
        let bought = generator.binomial(trials: n, probability: shoppers.rate)
        units += Int64(n)
        buyers += Int64(bought)
        guard let spend = shoppers.spend else {
            revenue += Int128(bought) * Int128(shoppers.price)
            squares += Int128(bought) * Int128(shoppers.price) * Int128(shoppers.price)
            return
        }
        for _ in 0..<bought {
            let paid = Int128((spend.median * exp(spend.sigma * generator.normal())).rounded())
            revenue += paid
            squares += paid * paid
        }
    }

    /// What so many shoppers would do on average.
    static func expected(_ shoppers: Shoppers, units: Int64) -> Counted {
        let buyers = Double(units) * shoppers.rate
        return Counted(
            units: units, buyers: Int64(buyers.rounded()), revenue: Int128((buyers * shoppers.meanSpend).rounded()),
            squares: Int128((buyers * shoppers.meanSquare).rounded()))
    }
}

/// A kind of experiment: what is true, and how it is planned.
struct Kind: Sendable {
    var name: String
    var metric: Metric
    var method: AnalysisPlan.Method
    /// Control first.
    var truth: [Shoppers]
    /// Shoppers of a variant on a day; nil for what the planner recommends, spread over the days.
    var perDay: Int?
    var minimumEffect = 0.05
    var unitCost: Double?
    var seed: UInt64

    static let days = 28

    /// Shoppers in all variants.
    func target() throws -> Int? {
        guard perDay == nil else { return nil }
        // A better price varies more too: what the report asks for once it has seen a little of both.
        let pilot = truth.map { Counted.expected($0, units: 1000) }
        let answer = try Analyst.report(of: input(pilot, arrivals: [1000], target: nil, method: method)).recommendation
        guard let more = answer.moreShoppers else { throw Unplanned(kind: name) }
        return Int(more) + 1000 * truth.count
    }

    struct Unplanned: Error { let kind: String }

    func input(
        _ counted: [Counted], arrivals: [Int64], target: Int?, method: AnalysisPlan.Method
    ) throws -> AnalysisInput {
        guard let currency = Currency("USD") else { preconditionFailure("USD is a currency") }
        let isMoney = metric != .conversionRate
        return AnalysisInput(
            subject: "simulated", name: name, hash: SHA256.hash([]), status: .running,
            plan: AnalysisPlan(method: method, minimumEffect: minimumEffect), currency: currency,
            arms: zip(truth, counted).enumerated().map { place, one in
                AnalysisInput.Arm(
                    name: "v\(place)", price: one.0.price, units: one.1.units, conversions: one.1.buyers)
            },
            control: 0,
            strata: [
                Stratum(weights: truth.map { _ in 1 }, arrivals: arrivals.map { day in truth.map { _ in day } })
            ],
            metrics: [
                MetricInput(
                    name: metric.rawValue, kind: isMoney ? .money : .ratio,
                    samples: try counted.map {
                        [
                            Sample(
                                try ExactMoments(
                                    count: $0.units, sum: isMoney ? $0.revenue : Int128($0.buyers),
                                    sumOfSquares: isMoney ? $0.squares : Int128($0.buyers)))
                        ]
                    })
            ],
            targetSampleSize: target, unitCost: unitCost)
    }
}
