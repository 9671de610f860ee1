internal import Experiments
internal import Postgres

/// Columns and how rows of them are read, in one place for all who select them.
enum PostgresColumns {
    static let unit =
        """
        subject, experiment_id, variant, phase, assigned_at, exposed_at, excluded, orders, quantity, gross, refunds, \
        cost, gross_without_cost, lacks_cost, tallied, covariate, segments, checkouts
        """
    static let offer =
        "subject, sku, experiment_id, variant, price, currency, tail, told_at, exposed, accepted_window, repeated"
    static let outcome =
        """
        subject, is_refund, timestamp, experiment_id, sku, quantity, revenue, currency, order_id, unit_cost, is_checkout
        """
    static let sums = [
        "quantity", "quantity_squares", "revenue", "revenue_squares", "profit", "profit_squares", "profit_at_most",
        "profit_at_least",
    ]
    static let counts = ["units", "excluded", "converted", "orders", "units_without_cost"]
    static let cell =
        "variant, phase, day, \(counts.joined(separator: ", ")), \(sums.map { $0 + "::text" }.joined(separator: ", "))"
}

extension PostgresRows {
    /// A row of `PostgresColumns.unit`.
    func unit(_ row: Int) throws -> (row: UnitRow, experiment: ExperimentID) {
        var outcome = UnitOutcome()
        outcome.orders = try int8(row, 7)
        outcome.quantity = try int8(row, 8)
        outcome.gross = try int8(row, 9)
        outcome.refunds = try int8(row, 10)
        outcome.cost = try int8(row, 11)
        outcome.grossWithoutCost = try int8(row, 12)
        outcome.lacksCost = try bool(row, 13)
        var unit = UnitState(
            variant: try int(row, 2), phase: try int(row, 3), assignedAt: try timestamp(row, 4),
            exposedAt: try optionalTimestamp(row, 5), isExcluded: try bool(row, 6), outcome: outcome,
            isTallied: try bool(row, 14),
            traits: UnitTraits(
                covariate: try optionalInt8(row, 15), segments: try UnitTraits.segments(stored: try text(row, 16))))
        unit.takeCheckouts(code: try int(row, 17))
        return (UnitRow(subject: try bits(row, 0), unit: unit), try identifier(row, 1))
    }

    /// A row of `PostgresColumns.offer`.
    func offer(_ row: Int) throws -> Offer {
        let variant = try int(row, 3)
        return Offer(
            tail: UInt64(bitPattern: try int8(row, 6)), subject: try bits(row, 0), product: try tenantKey(row, 1),
            placement: variant < 0 ? nil : Offer.Placement(experiment: try identifier(row, 2), variant: variant),
            price: try int8(row, 4), currency: try currency(row, 5), toldAt: try timestamp(row, 7),
            isExposed: try bool(row, 8), acceptedWindow: try optionalTimestamp(row, 9),
            isRepeated: try int8(row, 10) != 0)
    }

    /// A row of `PostgresColumns.outcome`.
    func outcome(_ row: Int) throws -> (subject: Subject, event: OutcomeEvent) {
        var revenue: Money?
        if let amount = try optionalInt8(row, 6) { revenue = Money(amount: amount, currency: try currency(row, 7)) }
        let experiment: ExperimentID? = isNull(row, 3) ? nil : try identifier(row, 3)
        let event = OutcomeEvent(
            kind: try bool(row, 1) ? .refund : try bool(row, 10) ? .checkout : .conversion,
            timestamp: try timestamp(row, 2), experiment: experiment,
            product: try optionalTenantKey(row, 4), quantity: try int8(row, 5), revenue: revenue,
            order: try optionalTenantKey(row, 8), unitCost: try optionalInt8(row, 9))
        return (try bits(row, 0), event)
    }

    /// A row of `PostgresColumns.cell`.
    func cell(_ row: Int) throws -> (CellKey, UnitSums) {
        var sums = UnitSums()
        sums.units = try int8(row, 3)
        sums.excluded = try int8(row, 4)
        sums.converted = try int8(row, 5)
        sums.orders = try int8(row, 6)
        sums.unitsWithoutCost = try int8(row, 7)
        sums.quantity = ExactSum(sum: try int128(row, 8), sumOfSquares: try int128(row, 9))
        sums.revenue = ExactSum(sum: try int128(row, 10), sumOfSquares: try int128(row, 11))
        sums.profit = ExactSum(sum: try int128(row, 12), sumOfSquares: try int128(row, 13))
        sums.profitAtMost = try int128(row, 14)
        sums.profitAtLeast = try int128(row, 15)
        return (CellKey(variant: try int(row, 0), phase: try int(row, 1), day: try int4(row, 2)), sums)
    }
}
