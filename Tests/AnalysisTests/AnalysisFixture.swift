import Testing

@testable import Analysis
@testable import Experiments

/// A started experiment and counts for it.
struct MeasuredShop {
    var experiment: Experiment
    var cells: [CellKey: UnitSums] = [:]
    var tallies: [TallyKey: Tally] = [:]
    static let day: Int32 = 20_000
    static let start = Timestamp(milliseconds: Int64(day) * 86_400_000)
    var asOf = start.advanced(by: .seconds(86_400 * 20))

    init(
        prices: [(name: String, price: Int64, weight: Int64)] = [("control", 2000, 1), ("higher", 2500, 1)],
        configure: (inout ExperimentDraft) -> Void = { _ in }
    ) throws {
        let currency = try #require(Currency("USD"))
        let sku = try #require(TenantKey("sku-1"))
        let product = Product(
            sku: sku, title: "Thing", listPrice: Money(amount: 2000, currency: currency), unitCost: 500)
        var draft = ExperimentDraft()
        draft.name = "Spring price"
        draft.products = ["sku-1"]
        draft.currency = "USD"
        draft.primaryMetric = "revenue_per_visitor"
        draft.variants = prices.map {
            ExperimentDraft.VariantDraft(name: $0.name, price: $0.price, currency: "USD", weight: $0.weight)
        }
        configure(&draft)
        let design = try ExperimentDesign(validating: draft, product: { $0 == sku ? product : nil })
        let id = try #require(ExperimentID("exp_00000000000070008000000000000001"))
        experiment = try Experiment(design, id: id, at: Self.start).after(.start, at: Self.start)
    }

    /// Changes the weights from now on: a new phase.
    mutating func reweigh(_ weights: [Int]) throws {
        var design = ExperimentDesign(experiment)
        for (index, weight) in weights.enumerated() { design.variants[index].weight = weight }
        experiment = try experiment.revised(by: design, at: Self.start)
    }

    /// Adds shoppers of whom some bought at their variant's price, one item unless said otherwise.
    mutating func add(
        _ variant: Int, phase: Int = 0, day: Int32 = 0, shoppers: Int64, buyers: Int64, cost: Int64? = 500,
        excluded: Int64 = 0, items: Int64 = 1, refund: Int64 = 0
    ) {
        let key = CellKey(variant: variant, phase: phase, day: Self.day + day)
        var sums = cells[key] ?? UnitSums()
        func unit(_ outcome: UnitOutcome, isExcluded: Bool = false) -> UnitState {
            UnitState(
                variant: variant, phase: phase, assignedAt: Self.start, exposedAt: Self.start, isExcluded: isExcluded,
                outcome: outcome)
        }
        var bought = UnitOutcome()
        bought.orders = 1
        bought.quantity = items
        bought.gross = experiment.variants[variant].offered * items
        bought.refunds = refund
        bought.cost = (cost ?? 0) * items
        bought.lacksCost = cost == nil
        bought.grossWithoutCost = cost == nil ? bought.gross : 0
        sums.count(unit(bought), times: buyers)
        sums.count(unit(UnitOutcome()), times: shoppers - buyers)
        sums.count(unit(bought, isExcluded: true), times: excluded)
        cells[key] = sums
    }

    var measurements: Measurements { Measurements(experiment: experiment, asOf: asOf, cells: cells, tallies: tallies) }

    /// Adds one shopper who is in the tallies.
    mutating func add(
        _ variant: Int, spending amount: Int64, covariate: Int64? = nil, segments: [UInt8] = [], phase: Int = 0,
        isTallied: Bool = true, beganCheckout: Bool? = nil, refund: Int64 = 0
    ) {
        var outcome = UnitOutcome()
        outcome.beganCheckout = beganCheckout ?? false
        if amount > 0 { (outcome.orders, outcome.quantity, outcome.gross, outcome.cost) = (1, 1, amount, amount / 4) }
        outcome.refunds = refund
        let unit = UnitState(
            variant: variant, phase: phase, assignedAt: Self.start, exposedAt: Self.start, outcome: outcome,
            isTallied: isTallied, countsCheckouts: beganCheckout != nil,
            traits: UnitTraits(covariate: covariate, segments: segments))
        var counts = measurements.counts
        counts.count(unit, times: 1)
        (cells, tallies) = (counts.cells, counts.tallies)
    }

    func report() throws -> Report { try Analyst.report(of: measurements) }
}

extension Report {
    func metric(_ metric: Metric) throws -> MetricReport {
        try #require(metrics.first { $0.name == metric.rawValue })
    }
}
