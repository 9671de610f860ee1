internal import Experiments
internal import SQLite

/// One turn of the writer: its connection inside a transaction, and the counts that the turn changes. Counts are
/// gathered and written once at the end, however many shoppers of a cell the turn touched.
final class WriteSession {
    let database: Database
    private let gathered = Gathered()

    private final class Gathered {
        var counts: [ExperimentPlace: UnitCounts] = [:]
        var changed: [ExperimentPlace: Timestamp] = [:]
        /// Used in this turn.
        var usage: [TenantID: UsageRecords] = [:]
        /// What had been used before, of tenants with a limit; by the first day of its month.
        var before: [TenantID: [Int32: UsageRecords]] = [:]
        /// Which tenants have linked ids at all: most have none, and then nobody need be looked up.
        var links: [TenantID: Bool] = [:]
    }

    private struct ExperimentPlace: Hashable, Comparable {
        let tenant: TenantID
        let experiment: ExperimentID

        static func < (a: Self, b: Self) -> Bool { (a.tenant, a.experiment) < (b.tenant, b.experiment) }
    }

    init(database: Database) { self.database = database }

    /// Counts a unit out as it was and in as it is.
    func count(
        _ tenant: TenantID, _ experiment: ExperimentID, from old: UnitState?, to new: UnitState?, at now: Timestamp
    ) {
        let place = ExperimentPlace(tenant: tenant, experiment: experiment)
        for (unit, sign) in [(old, Int64(-1)), (new, 1)] {
            if let unit { gathered.counts[place, default: UnitCounts()].count(unit, times: sign) }
        }
        gathered.changed[place] = max(now, gathered.changed[place] ?? now)
    }

    /// Notes that an experiment changed, so that its next report has a time of its own.
    func touch(_ tenant: TenantID, _ experiment: ExperimentID, at now: Timestamp) {
        let place = ExperimentPlace(tenant: tenant, experiment: experiment)
        gathered.changed[place] = max(now, gathered.changed[place] ?? now)
    }

    /// Writes what was gathered, in the order of the keys: as pages lie, and the same whenever the same is done again.
    func flush() throws {
        defer {
            gathered.counts = [:]
            gathered.changed = [:]
            gathered.usage = [:]
            gathered.before = [:]
        }
        for (place, counts) in gathered.counts.sorted(by: { $0.key < $1.key }) { try put(counts, at: place) }
        for (place, now) in gathered.changed.sorted(by: { $0.key < $1.key }) {
            let touch = try database.prepare(
                """
                UPDATE experiments SET changed_at = max(changed_at + 1, ?)
                WHERE tenant_id = ? AND experiment_id = ?
                """)
            try touch.bind(now.milliseconds, place.tenant.bits, place.experiment.bits)
            try touch.run()
        }
        for (tenant, usage) in gathered.usage.sorted(by: { $0.key < $1.key }) {
            for (key, number) in usage.counts.sorted(by: { $0.key < $1.key }) {
                let put = try database.prepare(
                    """
                    INSERT INTO usage (tenant_id, type, day, used) VALUES (?, ?, ?, ?)
                    ON CONFLICT (tenant_id, type, day) DO UPDATE SET used = used + excluded.used
                    """)
                try put.bind(tenant.bits, key.type.rawValue, Int64(key.day), number)
                try put.run()
            }
        }
    }

    // MARK: Use

    /// Counts what a tenant used.
    func use(_ type: UsageType, _ number: Int = 1, by tenant: TenantID, at now: Timestamp) {
        gathered.usage[tenant, default: UsageRecords()].add(type, day: now.day, Int64(number))
    }

    /// Whether one more shopper may be assigned.
    func mayAssign(for tenant: Tenant, at now: Timestamp) throws -> Bool {
        guard tenant.usageLimit != nil else { return true }
        let month = now.monthDays
        var usage: UsageRecords
        if let known = gathered.before[tenant.id]?[month.lowerBound] {
            usage = known
        } else {
            usage = try Rows.usage(of: tenant.id, on: month, database)
            gathered.before[tenant.id, default: [:]][month.lowerBound] = usage
        }
        for (key, number) in gathered.usage[tenant.id]?.counts ?? [:] { usage.add(key.type, day: key.day, number) }
        return tenant.mayAssign(at: now, after: usage)
    }

    private func put(_ counts: UnitCounts, at place: ExperimentPlace) throws {
        let tenant = place.tenant.bits
        let experiment = place.experiment.bits
        for (cell, delta) in counts.cells.sorted(by: { $0.key < $1.key }) where delta != UnitSums() {
            let sums = try stored(cell, of: place) + delta
            let put = try database.prepare(
                """
                INSERT OR REPLACE INTO cells (
                    tenant_id, experiment_id, variant, phase, day, units, excluded, converted, orders, quantity,
                    quantity_squares, revenue, revenue_squares, profit, profit_squares, units_without_cost,
                    profit_at_most, profit_at_least)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            try put.bind(
                tenant, experiment, cell.variant, cell.phase, Int64(cell.day), sums.units,
                sums.excluded, sums.converted, sums.orders, String(sums.quantity.sum),
                String(sums.quantity.sumOfSquares), String(sums.revenue.sum), String(sums.revenue.sumOfSquares),
                String(sums.profit.sum), String(sums.profit.sumOfSquares), sums.unitsWithoutCost,
                String(sums.profitAtMost), String(sums.profitAtLeast))
            try put.run()
        }
        for (key, delta) in counts.tallies.sorted(by: { $0.key < $1.key }) where delta != Tally() {
            let tally = try stored(key, of: place) + delta
            let put = try database.prepare(
                """
                INSERT OR REPLACE INTO tallies (
                    tenant_id, experiment_id, variant, phase, series, place, units, total, squares)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
            try put.bind(
                tenant, experiment, key.variant, key.phase, Int64(key.series), Int64(key.place), tally.units,
                String(tally.sum), String(tally.sumOfSquares))
            try put.run()
        }
    }

    private func stored(_ key: TallyKey, of place: ExperimentPlace) throws -> Tally {
        let select = try database.prepare(
            """
            SELECT variant, phase, series, place, units, total, squares FROM tallies
            WHERE tenant_id = ? AND experiment_id = ? AND variant = ? AND phase = ? AND series = ? AND place = ?
            """)
        try select.bind(
            place.tenant.bits, place.experiment.bits, key.variant, key.phase, Int64(key.series), Int64(key.place))
        return try select.step() ? try Rows.tally(select).1 : Tally()
    }

    private func stored(_ cell: CellKey, of place: ExperimentPlace) throws -> UnitSums {
        let select = try database.prepare(
            """
            SELECT variant, phase, day, units, excluded, converted, orders, quantity, quantity_squares, revenue,
                revenue_squares, profit, profit_squares, units_without_cost, profit_at_most, profit_at_least
            FROM cells WHERE tenant_id = ? AND experiment_id = ? AND variant = ? AND phase = ? AND day = ?
            """)
        try select.bind(
            place.tenant.bits, place.experiment.bits, cell.variant, cell.phase, Int64(cell.day))
        return try select.step() ? try Rows.cell(select).1 : UnitSums()
    }

    /// Whom a subject is one with: itself unless it was linked.
    func canonical(_ subject: Subject, of tenant: TenantID) throws -> Subject {
        try hasLinks(tenant) ? try Rows.canonical(subject, of: tenant, in: database) : subject
    }

    /// Whether a subject is one with others.
    func isShared(_ canonical: Subject, of tenant: TenantID) throws -> Bool {
        try hasLinks(tenant) ? try Rows.isShared(canonical, of: tenant, in: database) : false
    }

    private func hasLinks(_ tenant: TenantID) throws -> Bool {
        if let known = gathered.links[tenant] { return known }
        let select = try database.prepare("SELECT 1 FROM identities WHERE tenant_id = ? LIMIT 1")
        try select.bind(tenant.bits)
        let found = try select.step()
        gathered.links[tenant] = found
        return found
    }

    /// Notes that a tenant has linked ids now.
    func noteLink(of tenant: TenantID) { gathered.links[tenant] = true }

    /// Refuses a decision made against an older configuration.
    func require(_ snapshot: TenantSnapshot) throws {
        let current = try Rows.version(of: snapshot.tenant.id, in: database)
        if current != snapshot.version { throw StoreError.outdated(current: current) }
    }
}
