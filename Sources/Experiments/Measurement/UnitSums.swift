/// Where a unit is counted: its variant, the phase it was assigned in, and the UTC day of its first exposure.
public struct CellKey: Sendable, Hashable, Comparable {
    public let variant: Int
    public let phase: Int
    /// Days since 1970-01-01.
    public let day: Int32

    public init(variant: Int, phase: Int, day: Int32) {
        self.variant = variant
        self.phase = phase
        self.day = day
    }

    public static func < (a: CellKey, b: CellKey) -> Bool {
        (a.variant, a.phase, a.day) < (b.variant, b.phase, b.day)
    }
}

/// The exact sum of integers and of their squares: adds and subtracts without loss, so that any order of merging
/// gives the same bits.
public struct ExactSum: Sendable, Equatable {
    public var sum: Int128
    public var sumOfSquares: Int128

    public init(sum: Int128 = 0, sumOfSquares: Int128 = 0) {
        self.sum = sum
        self.sumOfSquares = sumOfSquares
    }

    /// - Parameter value: at most `Int64.largestUnitSum` in size, so 10^8 of them cannot overflow.
    mutating func add(_ value: Int64, times sign: Int128) {
        sum &+= sign * Int128(value)
        sumOfSquares &+= sign * Int128(value) * Int128(value)
    }

    public static func + (a: ExactSum, b: ExactSum) -> ExactSum {
        ExactSum(sum: a.sum &+ b.sum, sumOfSquares: a.sumOfSquares &+ b.sumOfSquares)
    }
}

/// The sufficient statistics of a set of shoppers: what a report is made from. Adding two gives those of the union.
public struct UnitSums: Sendable, Equatable {
    /// Exposed shoppers in the analysis.
    public var units: Int64 = 0
    /// Exposed shoppers who left it because they saw two variants.
    public var excluded: Int64 = 0
    public var converted: Int64 = 0
    public var orders: Int64 = 0
    public var quantity = ExactSum()
    /// Net of refunds.
    public var revenue = ExactSum()
    /// Of the units whose costs are all known; for the others see the next two.
    public var profit = ExactSum()
    public var unitsWithoutCost: Int64 = 0
    /// Of units without cost: the sum of what profit would be if the missing costs were nothing.
    public var profitAtMost: Int128 = 0
    /// And if they were all that was paid for those items.
    public var profitAtLeast: Int128 = 0

    public init() {}

    public static func + (a: UnitSums, b: UnitSums) -> UnitSums {
        var out = a
        out.units += b.units
        out.excluded += b.excluded
        out.converted += b.converted
        out.orders += b.orders
        out.quantity = a.quantity + b.quantity
        out.revenue = a.revenue + b.revenue
        out.profit = a.profit + b.profit
        out.unitsWithoutCost += b.unitsWithoutCost
        out.profitAtMost += b.profitAtMost
        out.profitAtLeast += b.profitAtLeast
        return out
    }

    /// Counts a unit in (`sign` 1) or out (−1). A unit that is not exposed counts nowhere.
    public mutating func count(_ unit: UnitState, times sign: Int64) {
        guard unit.exposedAt != nil else { return }
        guard !unit.isExcluded else {
            excluded += sign
            return
        }
        let outcome = unit.outcome
        let wide = Int128(sign)
        units += sign
        if outcome.converted { converted += sign }
        orders += sign * outcome.orders
        quantity.add(outcome.quantity, times: wide)
        revenue.add(outcome.revenue, times: wide)
        if outcome.lacksCost {
            unitsWithoutCost += sign
            profitAtMost += wide * Int128(outcome.profit)
            profitAtLeast += wide * Int128(outcome.profit - outcome.grossWithoutCost)
        } else {
            profit.add(outcome.profit, times: wide)
        }
    }
}
