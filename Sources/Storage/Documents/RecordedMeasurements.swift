internal import Experiments

/// The counts of an experiment as they are recorded for a report.
struct RecordedMeasurements: Codable {
    struct Cell: Codable {
        let variant: Int
        let phase: Int
        let day: Int32
        let units: Int64
        let excluded: Int64
        let converted: Int64
        let orders: Int64
        /// Sum and sum of squares of quantity, revenue and profit; then profit at most and at least. Decimal.
        let sums: [String]
        let unitsWithoutCost: Int64
    }

    let experiment: Experiment
    let cells: [Cell]
    /// Of each: variant, phase, series, place, shoppers, sum and sum of squares, in decimal with a space between.
    let tallies: [String]?

    init(_ measurements: Measurements) {
        experiment = measurements.experiment
        cells = measurements.cells.sorted { $0.key < $1.key }.map { key, sums in
            Cell(
                variant: key.variant, phase: key.phase, day: key.day, units: sums.units, excluded: sums.excluded,
                converted: sums.converted, orders: sums.orders,
                sums: [
                    sums.quantity.sum, sums.quantity.sumOfSquares, sums.revenue.sum, sums.revenue.sumOfSquares,
                    sums.profit.sum, sums.profit.sumOfSquares, sums.profitAtMost, sums.profitAtLeast,
                ].map { String($0) },
                unitsWithoutCost: sums.unitsWithoutCost)
        }
        tallies =
            measurements.tallies.isEmpty
            ? nil
            : measurements.tallies.sorted { $0.key < $1.key }.map { key, tally in
                "\(key.variant) \(key.phase) \(key.series) \(key.place) \(tally.units) \(tally.sum) \(tally.sumOfSquares)"
            }
    }

    func measurements(asOf: Timestamp) throws -> Measurements {
        var out: [CellKey: UnitSums] = [:]
        for cell in cells {
            let numbers = cell.sums.compactMap { Int128($0) }
            guard numbers.count == 8 else { throw StoreError.corrupt("a recorded count is not a number") }
            var sums = UnitSums()
            sums.units = cell.units
            sums.excluded = cell.excluded
            sums.converted = cell.converted
            sums.orders = cell.orders
            sums.quantity = ExactSum(sum: numbers[0], sumOfSquares: numbers[1])
            sums.revenue = ExactSum(sum: numbers[2], sumOfSquares: numbers[3])
            sums.profit = ExactSum(sum: numbers[4], sumOfSquares: numbers[5])
            sums.profitAtMost = numbers[6]
            sums.profitAtLeast = numbers[7]
            sums.unitsWithoutCost = cell.unitsWithoutCost
            out[CellKey(variant: cell.variant, phase: cell.phase, day: cell.day)] = sums
        }
        var tallies: [TallyKey: Tally] = [:]
        for line in self.tallies ?? [] {
            let (key, tally) = try Self.tally(parsing: line)
            tallies[key] = tally
        }
        return Measurements(experiment: experiment, asOf: asOf, cells: out, tallies: tallies)
    }

    static func tally(parsing line: some StringProtocol) throws(StoreError) -> (TallyKey, Tally) {
        let numbers = line.split(separator: " ").map { Int128($0) }
        guard numbers.count == 7, let variant = numbers[0].flatMap({ Int(exactly: $0) }),
            let phase = numbers[1].flatMap({ Int(exactly: $0) }),
            let series = numbers[2].flatMap({ Int32(exactly: $0) }),
            let place = numbers[3].flatMap({ Int32(exactly: $0) }),
            let units = numbers[4].flatMap({ Int64(exactly: $0) }), let sum = numbers[5], let squares = numbers[6]
        else { throw .corrupt("a tally reads \"\(line.prefix(100))\"") }
        return (
            TallyKey(variant: variant, phase: phase, series: series, place: place),
            Tally(units: units, sum: sum, sumOfSquares: squares)
        )
    }
}
