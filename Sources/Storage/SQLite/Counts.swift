internal import Experiments
internal import SQLite

/// The read side of what was counted.
enum Counts {
    /// The newest counts, recorded under their time.
    static func record(
        of experiment: ExperimentID, in tenant: TenantID, _ database: Database
    ) throws -> Measurements? {
        guard let measurements = try newest(of: experiment, in: tenant, database) else { return nil }
        let insert = try database.prepare(
            "INSERT OR IGNORE INTO recorded (tenant_id, experiment_id, as_of, document) VALUES (?, ?, ?, ?)")
        try insert.bind(
            tenant.bits, experiment.bits, measurements.asOf.milliseconds,
            try Documents.text(RecordedMeasurements(measurements)))
        try insert.run()
        return measurements
    }

    /// The newest counts. Within a transaction: the cells and their time are read one after the other.
    static func newest(
        of experiment: ExperimentID, in tenant: TenantID, _ database: Database
    ) throws -> Measurements? {
        let select = try database.prepare(
            "SELECT document, changed_at FROM experiments WHERE tenant_id = ? AND experiment_id = ?")
        try select.bind(tenant.bits, experiment.bits)
        guard try select.step() else { return nil }
        return Measurements(
            experiment: try Documents.value(Experiment.self, from: try select.string(0)),
            asOf: try select.timestamp(1), cells: try cells(of: experiment, in: tenant, database),
            tallies: try tallies(of: experiment, in: tenant, database))
    }

    static func changedAt(
        of experiment: ExperimentID, in tenant: TenantID, _ database: Database
    ) throws -> Timestamp? {
        let select = try database.prepare(
            "SELECT changed_at FROM experiments WHERE tenant_id = ? AND experiment_id = ?")
        try select.bind(tenant.bits, experiment.bits)
        return try select.step() ? try select.timestamp(0) : nil
    }

    /// Keeps the last of each day, and what decisions rest on. The day of a time before 1970 would round the other way; none is recorded.
    static func thinRecorded(of tenant: TenantID, before: Timestamp, _ database: Database) throws -> Int {
        let delete = try database.prepare(
            """
            DELETE FROM recorded WHERE tenant_id = ? AND as_of < ? AND EXISTS (
                SELECT 1 FROM recorded r WHERE r.tenant_id = recorded.tenant_id
                    AND r.experiment_id = recorded.experiment_id AND r.as_of > recorded.as_of AND r.as_of < ?
                    AND r.as_of / 86400000 = recorded.as_of / 86400000)
                AND NOT EXISTS (
                    SELECT 1 FROM decisions d WHERE d.tenant_id = recorded.tenant_id
                        AND d.experiment_id = recorded.experiment_id
                        AND json_extract(d.document, '$.evidence.asOf') = recorded.as_of)
            """)
        try delete.bind(tenant.bits, before.milliseconds, before.milliseconds)
        try delete.run()
        return Int(clamping: database.changes)
    }

    /// The counts recorded at a time.
    static func recorded(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp, _ database: Database
    ) throws -> Measurements? {
        let select = try database.prepare(
            """
            SELECT as_of, document FROM recorded WHERE tenant_id = ? AND experiment_id = ? AND as_of = ?
            """)
        try select.bind(tenant.bits, experiment.bits, asOf.milliseconds)
        guard try select.step() else { return nil }
        return try Documents.value(RecordedMeasurements.self, from: try select.string(1))
            .measurements(asOf: try select.timestamp(0))
    }

    static func cells(
        of experiment: ExperimentID, in tenant: TenantID, _ database: Database
    ) throws -> [CellKey: UnitSums] {
        let select = try database.prepare(
            """
            SELECT variant, phase, day, units, excluded, converted, orders, quantity, quantity_squares, revenue,
                revenue_squares, profit, profit_squares, units_without_cost, profit_at_most, profit_at_least
            FROM cells WHERE tenant_id = ? AND experiment_id = ?
            """)
        try select.bind(tenant.bits, experiment.bits)
        var out: [CellKey: UnitSums] = [:]
        while try select.step() {
            let (key, sums) = try Rows.cell(select)
            if sums != UnitSums() { out[key] = sums }
        }
        return out
    }

    private static func tallies(
        of experiment: ExperimentID, in tenant: TenantID, _ database: Database
    ) throws -> [TallyKey: Tally] {
        let select = try database.prepare(
            """
            SELECT variant, phase, series, place, units, total, squares FROM tallies
            WHERE tenant_id = ? AND experiment_id = ?
            """)
        try select.bind(tenant.bits, experiment.bits)
        var out: [TallyKey: Tally] = [:]
        while try select.step() {
            let (key, tally) = try Rows.tally(select)
            if tally != Tally() { out[key] = tally }
        }
        return out
    }

    /// All counts made anew from every shopper's events.
    static func recount(
        of id: ExperimentID, in snapshot: TenantSnapshot, _ database: Database
    ) throws -> UnitCounts {
        guard let experiment = snapshot.experiments[id] else { return UnitCounts() }
        var out = UnitCounts()
        var after: Subject?
        while true {
            let rows = try units(of: id, in: snapshot.tenant.id, after: after, limit: 1000, database)
            for row in rows {
                var unit = row.unit
                guard let exposedAt = unit.exposedAt else { continue }
                let events = try Rows.outcomes(of: row.subject, in: snapshot.tenant.id, database)
                unit.outcome = experiment.outcome(of: events, exposedAt: exposedAt, variant: unit.variant)
                out.count(unit, times: 1)
            }
            guard let last = rows.last else { return out.withoutZeros }
            after = last.subject
        }
    }

    static func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int, _ database: Database
    ) throws -> [UnitRow] {
        let select = try database.prepare(
            """
            SELECT subject, variant, phase, assigned_at, exposed_at, excluded, orders, quantity, gross, refunds, cost,
                gross_without_cost, lacks_cost, tallied, covariate, segments, checkouts
            FROM units WHERE tenant_id = ? AND experiment_id = ? AND subject > ? ORDER BY subject LIMIT ?
            """)
        // An empty blob sorts before every subject.
        if let after {
            try select.bind(tenant.bits, experiment.bits, after, limit)
        } else {
            try select.bind(tenant.bits, experiment.bits, [UInt8](), limit)
        }
        var out: [UnitRow] = []
        while try select.step() { out.append(try Rows.unit(select)) }
        return out
    }
}
