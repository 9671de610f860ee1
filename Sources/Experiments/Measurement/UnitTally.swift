/// One number of the tallies: what is counted, in which variant and phase, and where in it.
public struct TallyKey: Sendable, Hashable, Comparable {
    public let variant: Int
    public let phase: Int
    public let series: Int32
    /// A bucket, a metric or a segment's value, by the series.
    public let place: Int32

    public init(variant: Int, phase: Int, series: Int32, place: Int32) {
        self.variant = variant
        self.phase = phase
        self.series = series
        self.place = place
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(UInt64(UInt32(bitPattern: series)) << 32 | UInt64(UInt32(bitPattern: place)))
        hasher.combine(variant &* 4096 &+ phase)
    }

    public static func < (a: TallyKey, b: TallyKey) -> Bool {
        (a.variant, a.phase, a.series, a.place) < (b.variant, b.phase, b.series, b.place)
    }
}

/// What the series of the tallies are.
public enum TallySeries {
    /// Place 0: shoppers in the tallies, and as the sum those of them whose checkouts are counted. Place 1: those with a
    /// cost that is not known. Place 2: those who began a checkout, and as the sum those of them who did not buy.
    public static let shoppers: Int32 = 0
    /// Amounts by `ValueBucket`. Shoppers with an amount of 0 are in none: they are the rest.
    public static let quantity: Int32 = 1
    public static let revenue: Int32 = 2
    /// Of shoppers whose costs are all known.
    public static let profit: Int32 = 3
    /// Shoppers with a covariate x. Place 0: how many, Σx and Σx². Place 1 + metric: Σy and Σy². Place 8 + metric: Σxy.
    public static let covariate: Int32 = 4
    /// The first declared segment; the next ones follow. Place: its value times 8, plus the metric, with how many
    /// shoppers at the conversion rate; at 4 more those with a cost that is not known.
    public static let segments: Int32 = 16

    public static func amounts(of metric: Metric) -> Int32? {
        switch metric {
        case .conversionRate: nil
        case .revenuePerVisitor: revenue
        case .profitPerVisitor: profit
        case .unitsPerVisitor: quantity
        }
    }

    /// A metric's number within `covariate` and the segments.
    public static func place(of metric: Metric) -> Int32 {
        switch metric {
        case .conversionRate: 0
        case .revenuePerVisitor: 1
        case .profitPerVisitor: 2
        case .unitsPerVisitor: 3
        }
    }
}

/// How many shoppers, the sum of their amounts and of the squares: exact, and adds.
public struct Tally: Sendable, Equatable {
    public var units: Int64 = 0
    public var sum: Int128 = 0
    public var sumOfSquares: Int128 = 0

    public init(units: Int64 = 0, sum: Int128 = 0, sumOfSquares: Int128 = 0) {
        self.units = units
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    public static func + (a: Tally, b: Tally) -> Tally {
        Tally(units: a.units + b.units, sum: a.sum &+ b.sum, sumOfSquares: a.sumOfSquares &+ b.sumOfSquares)
    }

    /// The same with its number of shoppers left to another.
    fileprivate var sumsAlone: Tally { Tally(sum: sum, sumOfSquares: sumOfSquares) }
}

/// Everything that is counted of an experiment's shoppers. Adding two gives the counts of both.
public struct UnitCounts: Sendable, Equatable {
    public var cells: [CellKey: UnitSums]
    public var tallies: [TallyKey: Tally]

    public init(cells: [CellKey: UnitSums] = [:], tallies: [TallyKey: Tally] = [:]) {
        self.cells = cells
        self.tallies = tallies
    }

    /// Counts a unit in (`sign` 1) or out (−1). One that is not exposed counts nowhere.
    public mutating func count(_ unit: UnitState, times sign: Int64) {
        guard let cell = unit.cell else { return }
        cells[cell, default: UnitSums()].count(unit, times: sign)
        guard unit.isTallied, !unit.isExcluded else { return }
        let tallies = UnitTallies(unit, sign)
        for (series, place, tally) in tallies.all {
            let key = TallyKey(variant: unit.variant, phase: unit.phase, series: series, place: place)
            self.tallies[key, default: Tally()] = self.tallies[key, default: Tally()] + tally
        }
    }

    /// Without what came to nothing, as stores keep it.
    public var withoutZeros: UnitCounts {
        UnitCounts(
            cells: cells.filter { $0.value != UnitSums() }, tallies: tallies.filter { $0.value != Tally() })
    }
}

/// What one shopper adds to the tallies.
private struct UnitTallies {
    private(set) var all: [(series: Int32, place: Int32, tally: Tally)] = []
    private let sign: Int64

    init(_ unit: UnitState, _ sign: Int64) {
        self.sign = sign
        let outcome = unit.outcome
        var values: [(metric: Metric, value: Int64)] = [
            (.conversionRate, outcome.converted ? 1 : 0), (.revenuePerVisitor, outcome.revenue),
            (.unitsPerVisitor, outcome.quantity),
        ]
        add(TallySeries.shoppers, 0, Tally(units: sign, sum: unit.countsCheckouts ? Int128(sign) : 0))
        if unit.countsCheckouts, outcome.beganCheckout {
            add(TallySeries.shoppers, 2, Tally(units: sign, sum: outcome.converted ? 0 : Int128(sign)))
        }
        if outcome.lacksCost {
            add(TallySeries.shoppers, 1, Tally(units: sign))
        } else {
            values.append((.profitPerVisitor, outcome.profit))
        }
        for (metric, value) in values {
            guard let series = TallySeries.amounts(of: metric), value != 0 else { continue }
            add(series, ValueBucket.index(of: value), tally(value))
        }
        if let x = unit.traits.covariate {
            add(TallySeries.covariate, 0, tally(x))
            for (metric, y) in values {
                let place = TallySeries.place(of: metric)
                add(TallySeries.covariate, 1 + place, tally(y).sumsAlone)
                add(TallySeries.covariate, 8 + place, Tally(sum: Int128(sign) * Int128(x) * Int128(y)))
            }
        }
        for (number, code) in unit.traits.segments.enumerated() {
            let series = TallySeries.segments + Int32(clamping: number)
            for (metric, value) in values {
                let own = metric == .conversionRate ? tally(value) : tally(value).sumsAlone
                add(series, Int32(code) * 8 + TallySeries.place(of: metric), own)
            }
            if outcome.lacksCost { add(series, Int32(code) * 8 + 4, Tally(units: sign)) }
        }
    }

    private func tally(_ value: Int64) -> Tally {
        Tally(
            units: sign, sum: Int128(sign) * Int128(value), sumOfSquares: Int128(sign) * Int128(value) * Int128(value))
    }

    private mutating func add(_ series: Int32, _ place: Int32, _ tally: Tally) {
        if tally != Tally() { all.append((series, place, tally)) }
    }
}
