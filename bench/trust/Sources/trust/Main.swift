import Analysis
import Experiments
import Glibc
import Stats

/// `trust [RUNS [SEED]]`: a table of promises and what came of them.
@main
enum Trust {
    static func main() async throws {
        let numbers = CommandLine.arguments.dropFirst().compactMap(Int.init)
        let runs = numbers.first ?? 1000
        let seed = UInt64(numbers.dropFirst().first ?? 1)
        var table = Table(runs: runs)
        try await nothingThere(&table, runs, seed)
        try await besides(&table, runs, seed)
        try await learned(&table, runs, seed)
        try await somethingThere(&table, runs, seed)
        try await bestPrices(&table, runs, seed)
        if table.isBroken { exit(1) }
    }

    private static let lognormal = (median: 3000.0, sigma: 1.0)

    // MARK: A/A

    private static func nothingThere(_ table: inout Table, _ runs: Int, _ seed: UInt64) async throws {
        let plain = Shoppers(rate: 0.05)
        let skewed = Shoppers(rate: 0.05, spend: lognormal)
        let kinds = [
            Kind(
                name: "conversion, sequential", metric: .conversionRate, method: .sequential, truth: [plain, plain],
                perDay: 300, seed: 10),
            Kind(
                name: "conversion of 4 prices, sequential", metric: .conversionRate, method: .sequential,
                truth: [plain, plain, plain, plain], perDay: 300, seed: 11),
            Kind(
                name: "revenue, log-normal spend, sequential", metric: .revenuePerVisitor, method: .sequential,
                truth: [skewed, skewed], perDay: 300, seed: 12),
            Kind(
                name: "revenue, few shoppers (20 a day), sequential", metric: .revenuePerVisitor, method: .sequential,
                truth: [skewed, skewed], perDay: 20, seed: 13),
            Kind(name: "conversion, fixed", metric: .conversionRate, method: .fixed, truth: [plain, plain], seed: 14),
            Kind(
                name: "conversion of 4 prices, fixed", metric: .conversionRate, method: .fixed,
                truth: [plain, plain, plain, plain], seed: 15),
            Kind(
                name: "revenue, log-normal spend, fixed", metric: .revenuePerVisitor, method: .fixed,
                truth: [skewed, skewed], seed: 16),
        ]
        for kind in kinds {
            let target = try kind.target()
            let lives = try await simulate(runs, seed: seed &* 1000 &+ kind.seed) {
                try Life.lived(kind, target: target, &$0)
            }
            let called = lives.count { $0.action != nil }
            let sure = lives.count { $0.posteriorCalled }
            let alarmed = lives.count { $0.alarmed }
            table.atMost(0.05, called, "A/A \(kind.name)\(shoppers(target)): ever called")
            table.shown(
                "    posterior ever beyond 97.5%: \(percent(sure, runs)); sample ratio ever alarmed: \(percent(alarmed, runs))"
            )
        }
    }

    /// Readings that stand beside the plain one, of the same experiments: each at every look.
    private static func besides(_ table: inout Table, _ runs: Int, _ seed: UInt64) async throws {
        let lives = try await simulate(runs, seed: seed &* 1000 &+ 20) { try BesideLife.lived(&$0) }
        let name = "A/A revenue, log-normal spend, 100 shoppers a day, sequential"
        table.atMost(0.05, lives.count { $0.called }, "\(name): ever called")
        table.atMost(
            0.05, lives.count { $0.adjusted }, "    adjusted for what was spent before (CUPED): ever without zero")
        table.atMost(0.05, lives.count { $0.winsorised }, "    winsorised: ever without zero")
        table.atMost(0.05, lives.count { $0.segment }, "    any of five segments: ever without zero")
        table.shown("    any of seven quantiles, ever: \(percent(lives.count { $0.quantile }, runs))")
    }

    // MARK: Planned looks and bandits

    private static func learned(_ table: inout Table, _ runs: Int, _ seed: UInt64) async throws {
        func looks(_ spending: AnalysisPlan.Spending) -> AnalysisPlan {
            AnalysisPlan(method: .groupSequential, minimumEffect: 0.1, spending: spending)
        }
        func bandit(_ rule: AnalysisPlan.Bandit.Rule) -> AnalysisPlan {
            AnalysisPlan(minimumEffect: 0.1, bandit: .init(rule: rule, floor: 0.1, everyHours: 24))
        }
        let plans = [
            ("five looks, O'Brien-Fleming", looks(.obrienFleming)), ("five looks, Pocock", looks(.pocock)),
            ("bandit, Thompson", bandit(.thompson)), ("bandit, top two", bandit(.topTwo)),
        ]
        var number: UInt64 = 60
        for (name, plan) in plans {
            for arms in [2, 4] {
                let kind = Learned(
                    name: "conversion of \(arms) prices, \(name)", plan: plan,
                    rates: (0..<arms).map { _ in 0.05 }, target: 8400 * arms, seed: number)
                number += 1
                let lives = try await simulate(runs, seed: seed &* 1000 &+ kind.seed) { try kind.lived(&$0) }
                table.atMost(0.05, lives.count { $0.action != nil }, "A/A \(kind.name): ever called")
                table.shown("    sample ratio ever alarmed: \(percent(lives.count { $0.alarmed }, runs))")
            }
            for effect in [0.1, -0.1] {
                // What one look would need, and as much more as five cost.
                let fixed = Kind(
                    name: name, metric: .conversionRate, method: .fixed,
                    truth: [Shoppers(rate: 0.05), Shoppers(rate: 0.05 * (1 + effect))], minimumEffect: 0.1, seed: number
                )
                let share = plan.spending == .pocock ? 1.25 : 1.05
                let target = Int((Double(try fixed.target() ?? 0) * share).rounded(.up))
                let kind = Learned(
                    name: "conversion, \(name), \(effect > 0 ? "+" : "−")10% (\(target) shoppers)", plan: plan,
                    rates: [0.05, 0.05 * (1 + effect)], target: target, seed: number)
                number += 1
                let lives = try await simulate(runs, seed: seed &* 1000 &+ kind.seed) { try kind.lived(&$0) }
                let decided = lives.filter { $0.action != nil }
                let right = decided.count { effect > 0 ? $0.action == .ship && $0.variant == "v1" : $0.action == .stop }
                table.atLeast(0.95, right, of: decided.count, "\(kind.name): calls that are right")
                if plan.bandit == nil {
                    table.atLeast(0.8, right, of: runs, "    found by the planned end (planned 80%)")
                } else {
                    table.shown("    found by the end, for which nothing was planned: \(percent(right, runs))")
                }
                let days = decided.map(\.day).sorted()
                if !days.isEmpty { table.shown("    median day of the call: \(days[days.count / 2]) of \(Kind.days)") }
            }
        }
    }

    // MARK: A true effect

    private static func somethingThere(_ table: inout Table, _ runs: Int, _ seed: UInt64) async throws {
        func better(_ one: Shoppers, by effect: Double) -> Shoppers {
            var copy = one
            copy.rate *= 1 + effect
            return copy
        }
        let plain = Shoppers(rate: 0.05)
        let skewed = Shoppers(rate: 0.05, spend: lognormal)
        var kinds: [(Kind, Bool)] = []
        var number: UInt64 = 30
        for method in [AnalysisPlan.Method.sequential, .fixed] {
            for (name, metric, base) in [
                ("conversion", Metric.conversionRate, plain), ("revenue", .revenuePerVisitor, skewed),
            ] {
                for effect in [0.1, -0.1] {
                    kinds.append(
                        (
                            Kind(
                                name: "\(name), \(method.rawValue), \(effect > 0 ? "+" : "−")10%", metric: metric,
                                method: method, truth: [base, better(base, by: effect)], minimumEffect: 0.1,
                                seed: number), effect > 0
                        ))
                    number += 1
                }
            }
        }
        for (kind, isBetter) in kinds {
            let target = try kind.target()
            let lives = try await simulate(runs, seed: seed &* 1000 &+ kind.seed) {
                try Life.lived(kind, target: target, &$0)
            }
            let decided = lives.filter { $0.action != nil }
            let right = decided.count { isBetter ? $0.action == .ship && $0.variant == "v1" : $0.action == .stop }
            table.atLeast(0.95, right, of: decided.count, "\(kind.name)\(shoppers(target)): calls that are right")
            table.atLeast(0.8, right, of: runs, "    found by the planned end (planned 80%)")
            let days = decided.map(\.day).sorted()
            if !days.isEmpty { table.shown("    median day of the call: \(days[days.count / 2]) of \(Kind.days)") }
        }
    }

    // MARK: The best price

    private static func bestPrices(_ table: inout Table, _ runs: Int, _ seed: UInt64) async throws {
        let (cost, intercept) = (1500.0, -0.6)
        for (number, slope) in [-0.0004, -0.0006].enumerated() {
            // Revenue is highest at p (1 − s(p)) = −1/slope, profit at (p − c)(1 − s(p)) = −1/slope.
            func optimum(_ cost: Double) -> Double {
                var (low, high) = (cost, 100_000.0)
                for _ in 0..<200 {
                    let middle = (low + high) / 2
                    let rate = 1 / (1 + exp(-(intercept + slope * middle)))
                    if (middle - cost) * (1 - rate) * -slope < 1 { low = middle } else { high = middle }
                }
                return low
            }
            let truth = (revenue: optimum(0), profit: optimum(cost))
            for tested in [[1500, 2500, 3500, 5000], [2000, 3000, 4000]] as [[Int64]] {
                for perVariant in [500, 5000] {
                    let kind = Kind(
                        name: "demand", metric: .conversionRate, method: .sequential,
                        truth: tested.map {
                            Shoppers(rate: 1 / (1 + exp(-(intercept + slope * Double($0)))), price: $0)
                        },
                        perDay: perVariant, unitCost: cost, seed: 50 + UInt64(number))
                    let seen = try await simulate(runs, seed: seed &* 1000 &+ kind.seed &* 100 &+ UInt64(perVariant)) {
                        generator in
                        var counted = tested.map { _ in Counted() }
                        for place in tested.indices { counted[place].meet(perVariant, kind.truth[place], &generator) }
                        let report = try Analyst.report(
                            of: kind.input(counted, arrivals: [Int64(perVariant)], target: nil, method: .sequential))
                        func holds(_ best: DemandReport.Optimum?, _ truth: Double) -> Bool? {
                            best?.interval.map { $0.lower <= truth && truth <= $0.upper }
                        }
                        return (
                            holds(report.demand?.revenueOptimal, truth.revenue),
                            holds(report.demand?.profitOptimal, truth.profit)
                        )
                    }
                    for (what, answers, best) in [
                        ("revenue", seen.map(\.0), truth.revenue), ("profit", seen.map(\.1), truth.profit),
                    ] {
                        let said = answers.compactMap(\.self)
                        table.atLeast(
                            0.93, said.count { $0 }, of: said.count,
                            "\(what)-optimal price \(Int(best.rounded())) of prices \(tested), \(perVariant) shoppers each: in its interval"
                        )
                        if said.count < answers.count {
                            table.shown("    no interval given: \(percent(answers.count - said.count, answers.count))")
                        }
                    }
                }
            }
        }
    }

    private static func shoppers(_ target: Int?) -> String { target.map { " (\($0) shoppers)" } ?? "" }
}

func percent(_ hits: Int, _ runs: Int) -> String {
    let tenths = (Double(hits) / Double(max(1, runs)) * 1000).rounded()
    return "\(Int(tenths) / 10).\(Int(tenths) % 10)%"
}

/// Promises and what came of them, with Wilson's 95% interval of each share. A promise is broken when that interval lies
/// beyond it.
struct Table {
    let runs: Int
    private(set) var isBroken = false

    init(runs: Int) { self.runs = runs }

    private func wilson(_ hits: Int, _ n: Int) -> (lower: Double, upper: Double) {
        guard n > 0, let interval = try? Proportion(successes: Double(hits), trials: Double(n)).wilson(alpha: 0.05)
        else { return (0, 1) }
        return (interval.lower, interval.upper)
    }

    private func range(_ band: (lower: Double, upper: Double)) -> String {
        "[\((band.lower * 1000).rounded() / 10), \((band.upper * 1000).rounded() / 10)]"
    }

    mutating func atMost(_ limit: Double, _ hits: Int, _ what: String) {
        let band = wilson(hits, runs)
        let holds = band.lower <= limit
        if !holds { isBroken = true }
        print(
            "\(holds ? "holds " : "BROKEN") \(what): \(percent(hits, runs)) \(range(band)), at most \(percent(Int(limit * 1000), 1000))"
        )
    }

    mutating func atLeast(_ limit: Double, _ hits: Int, of n: Int, _ what: String) {
        let band = wilson(hits, n)
        let holds = n > 0 && band.upper >= limit
        if !holds { isBroken = true }
        print(
            "\(holds ? "holds " : "BROKEN") \(what): \(percent(hits, n)) of \(n) \(range(band)), at least \(percent(Int(limit * 1000), 1000))"
        )
    }

    mutating func shown(_ text: String) { print("       \(text)") }
}
