internal import Experiments
internal import SQLite

/// Rows as values: what the write and read sides of the store share.
enum Rows {
    static func version(of tenant: TenantID, in database: Database) throws -> Int {
        let select = try database.prepare("SELECT version FROM tenants WHERE tenant_id = ?")
        try select.bind(tenant.bits)
        return try select.step() ? try select.int(0) : 0
    }

    /// Whom a subject is one with: itself unless it was linked.
    static func canonical(_ subject: Subject, of tenant: TenantID, in database: Database) throws -> Subject {
        let select = try database.prepare("SELECT canonical FROM identities WHERE tenant_id = ? AND subject = ?")
        try select.bind(tenant.bits, subject)
        return try select.step() ? try select.bits(0) : subject
    }

    /// Whether a subject is one with others.
    static func isShared(_ canonical: Subject, of tenant: TenantID, in database: Database) throws -> Bool {
        let select = try database.prepare("SELECT 1 FROM identities WHERE tenant_id = ? AND canonical = ? LIMIT 1")
        try select.bind(tenant.bits, canonical)
        return try select.step()
    }

    static func unit(
        _ subject: Subject, in experiment: ExperimentID, of tenant: TenantID, _ database: Database
    ) throws -> UnitState? {
        let select = try database.prepare(
            """
            SELECT subject, variant, phase, assigned_at, exposed_at, excluded, orders, quantity, gross, refunds, cost,
                gross_without_cost, lacks_cost, tallied, covariate, segments, checkouts
            FROM units WHERE tenant_id = ? AND experiment_id = ? AND subject = ?
            """)
        try select.bind(tenant.bits, experiment.bits, subject)
        return try select.step() ? try unit(select).unit : nil
    }

    /// Of a row that begins with the subject and goes on with the columns of `units` in order.
    static func unit(_ row: borrowing Statement) throws -> UnitRow {
        var outcome = UnitOutcome()
        outcome.orders = try row.int64(6)
        outcome.quantity = try row.int64(7)
        outcome.gross = try row.int64(8)
        outcome.refunds = try row.int64(9)
        outcome.cost = try row.int64(10)
        outcome.grossWithoutCost = try row.int64(11)
        outcome.lacksCost = try row.bool(12)
        var unit = UnitState(
            variant: try row.int(1), phase: try row.int(2), assignedAt: try row.timestamp(3),
            exposedAt: try row.optionalInt64(4).map { Timestamp(milliseconds: $0) }, isExcluded: try row.bool(5),
            outcome: outcome, isTallied: try row.bool(13),
            traits: UnitTraits(
                covariate: try row.optionalInt64(14), segments: try UnitTraits.segments(stored: try row.string(15))))
        unit.takeCheckouts(code: try row.int(16))
        return UnitRow(subject: try row.bits(0), unit: unit)
    }

    static func put(
        _ unit: UnitState, _ subject: Subject, in experiment: ExperimentID, of tenant: TenantID, _ database: Database
    ) throws {
        let put = try database.prepare(
            """
            INSERT INTO units (
                tenant_id, experiment_id, subject, variant, phase, assigned_at, exposed_at, excluded, orders, quantity,
                gross, refunds, cost, gross_without_cost, lacks_cost, tallied, covariate, segments, checkouts)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET variant = excluded.variant, phase = excluded.phase,
                assigned_at = excluded.assigned_at, exposed_at = excluded.exposed_at, excluded = excluded.excluded,
                orders = excluded.orders, quantity = excluded.quantity, gross = excluded.gross,
                refunds = excluded.refunds, cost = excluded.cost,
                gross_without_cost = excluded.gross_without_cost, lacks_cost = excluded.lacks_cost,
                tallied = excluded.tallied, covariate = excluded.covariate, segments = excluded.segments,
                checkouts = excluded.checkouts
            """)
        let outcome = unit.outcome
        try put.bind(
            tenant.bits, experiment.bits, subject, unit.variant, unit.phase, unit.assignedAt.milliseconds,
            unit.exposedAt?.milliseconds, unit.isExcluded, outcome.orders, outcome.quantity, outcome.gross,
            outcome.refunds, outcome.cost, outcome.grossWithoutCost, outcome.lacksCost, unit.isTallied,
            unit.traits.covariate, unit.traits.segmentCodes, unit.checkoutCode)
        try put.run()
    }

    /// Of a row: subject, sku, experiment, variant, price, currency, tail, told_at, exposed, accepted_window, repeated.
    static func offer(_ row: borrowing Statement) throws -> Offer {
        let variant = try row.int(3)
        return Offer(
            tail: UInt64(bitPattern: try row.int64(6)), subject: try row.bits(0), product: try row.tenantKey(1),
            placement: variant < 0
                ? nil : Offer.Placement(experiment: try row.identifier(2), variant: variant),
            price: try row.int64(4), currency: try row.currency(5), toldAt: try row.timestamp(7),
            isExposed: try row.bool(8),
            acceptedWindow: try row.optionalInt64(9).map { Timestamp(milliseconds: $0) },
            isRepeated: try row.int64(10) != 0)
    }

    static func offer(
        _ subject: Subject, _ product: TenantKey, _ placement: Offer.Placement?, price: Money, of tenant: TenantID,
        _ database: Database
    ) throws -> Offer? {
        let select = try database.prepare(
            """
            SELECT subject, sku, experiment_id, variant, price, currency, tail, told_at, exposed, accepted_window,
                repeated
            FROM offers WHERE tenant_id = ? AND subject = ? AND sku = ? AND experiment_id = ? AND variant = ?
                AND price = ? AND currency = ? AND repeated = 0
            """)
        try select.bind(
            tenant.bits, subject, product.text, experimentColumn(placement), placement?.variant ?? -1, price.amount,
            price.currency.code)
        return try select.step() ? try offer(select) : nil
    }

    static func usage(of tenant: TenantID, on days: Range<Int32>, _ database: Database) throws -> UsageRecords {
        let select = try database.prepare(
            "SELECT type, day, used FROM usage WHERE tenant_id = ? AND day >= ? AND day < ?")
        try select.bind(tenant.bits, Int64(days.lowerBound), Int64(days.upperBound))
        var records = UsageRecords()
        while try select.step() {
            // A type of a later version's is not this one's to count.
            guard let type = UsageType(rawValue: try select.string(0)) else { continue }
            records.add(type, day: Int32(clamping: try select.int64(1)), try select.int64(2))
        }
        return records
    }

    static func offer(tail: UInt64, of tenant: TenantID, _ database: Database) throws -> Offer? {
        let select = try database.prepare(
            """
            SELECT subject, sku, experiment_id, variant, price, currency, tail, told_at, exposed, accepted_window,
                repeated
            FROM offers WHERE tenant_id = ? AND tail = ?
            """)
        try select.bind(tenant.bits, Int64(bitPattern: tail))
        return try select.step() ? try offer(select) : nil
    }

    /// The experiment of an offer; sixteen zero bytes for the list price.
    static func experimentColumn(_ placement: Offer.Placement?) -> Bits128 {
        placement?.experiment.bits ?? Bits128(high: 0, low: 0)
    }

    /// Of a row: variant, phase, day, then the columns of `cells` in order.
    static func cell(_ row: borrowing Statement) throws -> (CellKey, UnitSums) {
        var sums = UnitSums()
        sums.units = try row.int64(3)
        sums.excluded = try row.int64(4)
        sums.converted = try row.int64(5)
        sums.orders = try row.int64(6)
        sums.quantity = ExactSum(sum: try row.int128(7), sumOfSquares: try row.int128(8))
        sums.revenue = ExactSum(sum: try row.int128(9), sumOfSquares: try row.int128(10))
        sums.profit = ExactSum(sum: try row.int128(11), sumOfSquares: try row.int128(12))
        sums.unitsWithoutCost = try row.int64(13)
        sums.profitAtMost = try row.int128(14)
        sums.profitAtLeast = try row.int128(15)
        let key = CellKey(
            variant: try row.int(0), phase: try row.int(1), day: Int32(clamping: try row.int64(2)))
        return (key, sums)
    }

    /// Of a row: variant, phase, series, place, units, total, squares.
    static func tally(_ row: borrowing Statement) throws -> (TallyKey, Tally) {
        let key = TallyKey(
            variant: try row.int(0), phase: try row.int(1), series: Int32(clamping: try row.int64(2)),
            place: Int32(clamping: try row.int64(3)))
        return (key, Tally(units: try row.int64(4), sum: try row.int128(5), sumOfSquares: try row.int128(6)))
    }

    /// Every conversion, refund and checkout of a shopper.
    static func outcomes(of subject: Subject, in tenant: TenantID, _ database: Database) throws -> [OutcomeEvent] {
        let select = try database.prepare(
            """
            SELECT type, timestamp, experiment_id, sku, quantity, revenue, currency, order_id, unit_cost
            FROM events WHERE tenant_id = ? AND subject = ? AND type IN ('conversion', 'refund', 'checkout')
            """)
        try select.bind(tenant.bits, subject)
        var out: [OutcomeEvent] = []
        while try select.step() {
            let name = try select.string(0)
            guard let kind = EventType(name)?.outcome else {
                throw StoreError.corrupt("an outcome's type reads \"\(name.prefix(50))\"")
            }
            var revenue: Money?
            if let amount = try select.optionalInt64(5) {
                revenue = Money(amount: amount, currency: try select.currency(6))
            }
            let experiment: ExperimentID? = select.isNull(2) ? nil : try select.identifier(2)
            out.append(
                OutcomeEvent(
                    kind: kind, timestamp: try select.timestamp(1), experiment: experiment,
                    product: select.isNull(3) ? nil : try select.tenantKey(3), quantity: try select.int64(4),
                    revenue: revenue, order: select.isNull(7) ? nil : try select.tenantKey(7),
                    unitCost: try select.optionalInt64(8)))
        }
        return out
    }
}
