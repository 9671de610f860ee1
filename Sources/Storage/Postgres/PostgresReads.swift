internal import Experiments
internal import Postgres

/// What is read without changing anything, each in one round trip.
enum PostgresReads {
    // MARK: Replies

    static func reply(in scope: ReplyScope, at now: Timestamp) -> PostgresCommand {
        PostgresCommand(
            "SELECT body_hash, status, body, at FROM replies WHERE tenant_id = $1 AND scope = $2 AND at > $3",
            .id(scope.tenant), .bits(scope.hash), .int8(now.milliseconds - SavedReply.kept))
    }

    /// All of a tenant's that were found, each with its scope before it.
    static func replies(_ rows: PostgresRows, of tenant: TenantID) throws -> [SavedReply] {
        try (0..<rows.count).map { row in
            SavedReply(
                scope: ReplyScope(tenant: tenant, hash: try rows.bits(row, 0)), bodyHash: try rows.bits(row, 1),
                status: try rows.int(row, 2), sealedBody: try rows.bytes(row, 3), at: try rows.timestamp(row, 4))
        }
    }

    static func reply(_ rows: PostgresRows, in scope: ReplyScope) throws -> SavedReply? {
        guard rows.count > 0 else { return nil }
        return SavedReply(
            scope: scope, bodyHash: try rows.bits(0, 0), status: try rows.int(0, 1), sealedBody: try rows.bytes(0, 2),
            at: try rows.timestamp(0, 3))
    }

    static func audit(
        of tenant: TenantID, below: Int64?, limit: Int, _ session: PostgresSession
    ) async throws -> [AuditEntry] {
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    SELECT sequence, at, actor, action, target, request_id, previous, hash FROM audit
                    WHERE tenant_id = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3
                    """, .id(tenant), .int8(below ?? .max), .int8(Int64(limit)))
            ])[0]
        return try (0..<rows.count).map { row in
            let draft = AuditDraft(
                at: try rows.timestamp(row, 1), actor: try rows.text(row, 2), action: try rows.text(row, 3),
                target: try rows.text(row, 4), requestID: try rows.text(row, 5))
            return AuditEntry(
                sequence: try rows.int8(row, 0), draft: draft, previous: try rows.bytes(row, 6),
                hash: try rows.bytes(row, 7))
        }
    }

    static func decisions(
        of experiment: ExperimentID?, in tenant: TenantID, before: DecisionID?, limit: Int,
        _ session: PostgresSession
    ) async throws -> [DecisionRecord] {
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    SELECT document FROM decisions WHERE tenant_id = $1 AND decision_id < $2
                        \(experiment == nil ? "" : "AND experiment_id = $4")
                    ORDER BY decision_id DESC LIMIT $3
                    """,
                    [
                        .id(tenant), .bits(before?.bits ?? Bits128(high: .max, low: .max)), .int8(Int64(limit)),
                    ] + (experiment.map { [.id($0)] } ?? []))
            ])[0]
        return try (0..<rows.count).map { try Documents.value(DecisionRecord.self, from: try rows.text($0, 0)) }
    }

    // MARK: Prices

    /// `NOT by_unit` is true of every list price, and said as else their index is not used.
    static func standing(
        of subject: Subject, product: TenantKey, proposal: Proposal, listPrice: Money, in tenant: TenantID,
        _ session: PostgresSession
    ) async throws -> Standing {
        let owner = PostgresParameter.id(tenant)
        let canonical =
            "coalesce((SELECT canonical FROM identities WHERE tenant_id = $1 AND subject = $2), $2)"
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    SELECT \(PostgresColumns.unit) FROM units
                    WHERE tenant_id = $1 AND subject = \(canonical) AND experiment_id = ANY($3)
                    """, owner, .bits(subject), .bits(proposal.candidates.map(\.experiment.bits))),
                PostgresCommand(
                    """
                    SELECT \(PostgresColumns.offer) FROM offers
                    WHERE tenant_id = $1 AND subject = \(canonical) AND sku = $3 AND variant = -1 AND price = $4
                        AND currency = $5 AND repeated = 0 AND NOT by_unit
                    """, owner, .bits(subject), .text(product.text), .int8(listPrice.amount),
                    .text(listPrice.currency.code)),
            ])
        var variants: [ExperimentID: Int] = [:]
        for row in 0..<rows[0].count {
            let (unit, experiment) = try rows[0].unit(row)
            variants[experiment] = unit.unit.variant
        }
        for candidate in proposal.candidates {
            guard let variant = variants[candidate.experiment] else { continue }
            return Standing(
                placement: Offer.Placement(experiment: candidate.experiment, variant: variant), offer: nil)
        }
        return Standing(placement: nil, offer: rows[1].count > 0 ? try rows[1].offer(0) : nil)
    }

    static func usage(of tenant: TenantID, on days: Range<Int32>) -> PostgresCommand {
        PostgresCommand(
            "SELECT type, day, used FROM usage WHERE tenant_id = $1 AND day >= $2 AND day < $3", .id(tenant),
            .int4(days.lowerBound), .int4(days.upperBound))
    }

    static func usage(_ rows: PostgresRows) throws -> UsageRecords {
        var records = UsageRecords()
        for row in 0..<rows.count {
            // A type of a later version's is not this one's to count.
            guard let type = UsageType(rawValue: try rows.text(row, 0)) else { continue }
            records.add(type, day: try rows.int4(row, 1), try rows.int8(row, 2))
        }
        return records
    }

    /// Offers by their tails, which are in rising order.
    static func offers(
        _ tails: [UInt64], in tenant: TenantID, _ session: PostgresSession
    ) async throws -> [UInt64: Offer] {
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    ManyRows.find(PostgresColumns.offer, in: "offers", key: "tail"), .id(tenant),
                    .int8s(tails.map { Int64(bitPattern: $0) }))
            ])[0]
        var offers: [UInt64: Offer] = [:]
        for row in 0..<rows.count {
            let offer = try rows.offer(row)
            offers[offer.tail] = offer
        }
        return offers
    }

    // MARK: Counts

    /// The newest counts, recorded under their time.
    static func record(
        of experiment: ExperimentID, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> Measurements? {
        guard let (measurements, isRecorded) = try await newest(of: experiment, in: tenant, session) else { return nil }
        if isRecorded { return measurements }
        _ = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    INSERT INTO recorded (tenant_id, experiment_id, as_of, document) VALUES ($1, $2, $3, $4)
                    ON CONFLICT DO NOTHING
                    """, .id(tenant), .id(experiment), .time(measurements.asOf),
                    .text(try Documents.text(RecordedMeasurements(measurements))))
            ])
        return measurements
    }

    /// The newest counts, and whether they are recorded. Counts and time are read in one statement, so that they are of
    /// one moment.
    static func newest(
        of experiment: ExperimentID, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> (Measurements, isRecorded: Bool)? {
        let (owner, id) = (PostgresParameter.id(tenant), PostgresParameter.id(experiment))
        let columns = PostgresColumns.cell.split(separator: ",").map { "c.\($0.drop { $0 == " " })" }
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    SELECT \(columns.joined(separator: ", ")), e.changed_at,
                        CASE WHEN row_number() OVER () = 1 THEN e.document END,
                        EXISTS (SELECT FROM recorded r WHERE r.tenant_id = e.tenant_id
                            AND r.experiment_id = e.experiment_id AND r.as_of = e.changed_at),
                        CASE WHEN row_number() OVER () = 1 THEN (
                            SELECT string_agg(concat_ws(' ', t.variant, t.phase, t.series, t.place, t.units, t.total,
                                t.squares), ',') FROM tallies t
                            WHERE t.tenant_id = e.tenant_id AND t.experiment_id = e.experiment_id) END
                    FROM experiments e LEFT JOIN cells c
                        ON c.tenant_id = e.tenant_id AND c.experiment_id = e.experiment_id
                    WHERE e.tenant_id = $1 AND e.experiment_id = $2
                    """, owner, id)
            ])[0]
        guard rows.count > 0 else { return nil }
        var cells: [CellKey: UnitSums] = [:]
        for row in 0..<rows.count where !rows.isNull(row, 0) {
            let (key, sums) = try rows.cell(row)
            if sums != UnitSums() { cells[key] = sums }
        }
        let measurements = Measurements(
            experiment: try Documents.value(Experiment.self, from: try rows.text(0, 17)),
            asOf: try rows.timestamp(0, 16), cells: cells,
            tallies: try rows.isNull(0, 19) ? [:] : tallies(try rows.text(0, 19)))
        return (measurements, try rows.bool(0, 18))
    }

    /// Of rows as the statement above strings them together.
    private static func tallies(_ text: String) throws(StoreError) -> [TallyKey: Tally] {
        var out: [TallyKey: Tally] = [:]
        for line in text.split(separator: ",") {
            let (key, tally) = try RecordedMeasurements.tally(parsing: line)
            if tally != Tally() { out[key] = tally }
        }
        return out
    }

    /// Keeps the last of each day and what decisions rest on; returns how many went. A document is text, which may say
    /// U+0000 and then is no `jsonb`; a key is found in it by its quotes, which within a string would be escaped.
    static func thinRecorded(
        of tenant: TenantID, before: Timestamp, _ session: PostgresSession
    ) async throws -> Int {
        let rows = try await session.once(
            .tenant(tenant), timeout: session.configuration.analyticsTimeout,
            [
                PostgresCommand(
                    """
                    WITH gone AS (
                        DELETE FROM recorded o WHERE o.tenant_id = $1 AND o.as_of < $2 AND EXISTS (
                            SELECT FROM recorded r WHERE r.tenant_id = $1 AND r.experiment_id = o.experiment_id
                                AND r.as_of > o.as_of AND r.as_of < $2
                                AND r.as_of / 86400000 = o.as_of / 86400000)
                            AND NOT EXISTS (
                                SELECT FROM decisions d WHERE d.tenant_id = $1 AND d.experiment_id = o.experiment_id
                                    AND substring(d.document FROM '"asOf":(-?[0-9]+)')::bigint = o.as_of)
                        RETURNING 1)
                    SELECT count(*) FROM gone
                    """, .id(tenant), .time(before))
            ])[0]
        return Int(clamping: try rows.int8(0, 0))
    }

    static func changedAt(
        of experiment: ExperimentID, in tenant: TenantID, _ session: PostgresSession
    ) async throws -> Timestamp? {
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    "SELECT changed_at FROM experiments WHERE tenant_id = $1 AND experiment_id = $2",
                    .id(tenant), .id(experiment))
            ])[0]
        return rows.count > 0 ? try rows.timestamp(0, 0) : nil
    }

    static func recorded(
        of experiment: ExperimentID, in tenant: TenantID, asOf: Timestamp, _ session: PostgresSession
    ) async throws -> Measurements? {
        let rows = try await session.once(
            .tenant(tenant),
            [
                PostgresCommand(
                    """
                    SELECT as_of, document FROM recorded WHERE tenant_id = $1 AND experiment_id = $2 AND as_of = $3
                    """, .id(tenant), .id(experiment), .time(asOf))
            ])[0]
        guard rows.count > 0 else { return nil }
        return try Documents.value(RecordedMeasurements.self, from: try rows.text(0, 1))
            .measurements(asOf: try rows.timestamp(0, 0))
    }

    static func units(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int, _ session: PostgresSession
    ) async throws -> [UnitRow] {
        let rows = try await session.once(
            .tenant(tenant), timeout: session.configuration.analyticsTimeout,
            [page(of: experiment, in: tenant, after: after, limit: limit)])[0]
        return try (0..<rows.count).map { try rows.unit($0).row }
    }

    private static func page(
        of experiment: ExperimentID, in tenant: TenantID, after: Subject?, limit: Int
    ) -> PostgresCommand {
        PostgresCommand(
            """
            SELECT \(PostgresColumns.unit) FROM units
            WHERE tenant_id = $1 AND experiment_id = $2 AND subject \(after == nil ? ">=" : ">") $3
            ORDER BY subject LIMIT $4
            """, .id(tenant), .id(experiment), .bits(after ?? Bits128(high: 0, low: 0)), .int8(Int64(limit)))
    }

    /// All counts made anew from every shopper's events, as they stood at one moment.
    static func recount(
        of id: ExperimentID, in snapshot: TenantSnapshot, _ session: PostgresSession
    ) async throws -> UnitCounts {
        guard let experiment = snapshot.experiments[id] else { return UnitCounts() }
        let tenant = snapshot.tenant.id
        let patience = session.limit(session.configuration.analyticsTimeout)
        do {
            _ = try await session.connection.run(
                [
                    PostgresCommand("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
                    session.say(.tenant(tenant), timeout: session.configuration.analyticsTimeout),
                ], within: patience)
            var out = UnitCounts()
            var after: Subject?
            while true {
                let rows = try await session.connection.run(
                    [page(of: id, in: tenant, after: after, limit: 1000)], within: patience)[0]
                if rows.count == 0 { break }
                let units = try (0..<rows.count).map { try rows.unit($0).row }
                let told = try await session.connection.run(
                    [
                        PostgresCommand(
                            ManyRows.find(PostgresColumns.outcome, in: "outcomes", key: "subject"),
                            .id(tenant), .bits(units.map(\.subject)))
                    ], within: patience)[0]
                var events: [Subject: [OutcomeEvent]] = [:]
                for row in 0..<told.count {
                    let (subject, event) = try told.outcome(row)
                    events[subject, default: []].append(event)
                }
                for row in units {
                    var unit = row.unit
                    guard let exposedAt = unit.exposedAt else { continue }
                    unit.outcome = experiment.outcome(
                        of: events[row.subject] ?? [], exposedAt: exposedAt, variant: unit.variant)
                    out.count(unit, times: 1)
                }
                after = units.last?.subject
            }
            _ = try await session.connection.run([PostgresCommand("COMMIT")], within: patience)
            return out.withoutZeros
        } catch {
            session.rollback(after: error)
            throw error
        }
    }
}
