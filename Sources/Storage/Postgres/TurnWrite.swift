internal import Experiments
internal import Postgres

/// The second half of a turn: what it changed, as statements that each write many rows, in the order of their keys.
enum TurnWrite {
    /// The statements that keep what `tenant` changed.
    ///
    /// - Parameters:
    ///   - claimed: event ids that this transaction holds; those of events that were not taken are let go.
    ///   - author: what notifications are signed with.
    ///   - byUnit: whether a new unit's first offer is to be found by it alone.
    static func commands(
        _ tenant: MemoryTenant, _ journal: Journal, claimed: Set<Bits128>, of id: TenantID, author: String, byUnit: Bool
    ) throws -> [PostgresCommand] {
        let owner = PostgresParameter.id(id)
        var commands: [PostgresCommand] = []
        let unused = claimed.subtracting(journal.events.map(\.event.id))
        if !unused.isEmpty {
            commands.append(
                PostgresCommand(
                    "DELETE FROM event_ids WHERE tenant_id = $1 AND id_hash = ANY($2)", owner, .bits(unused.sorted())))
        }
        var deltas: [ExperimentID: UnitCounts] = [:]
        let first = byUnit ? firstOffers(tenant, journal) : [:]
        commands += units(tenant, journal, first, owner, &deltas)
        commands += offers(tenant, journal, first, owner)
        commands += events(journal, owner)
        commands += try sales(tenant.sales, owner)
        for (gone, kept) in journal.links {
            commands += [
                PostgresCommand(
                    "UPDATE identities SET canonical = $3 WHERE tenant_id = $1 AND canonical = $2", owner, .bits(gone),
                    .bits(kept)),
                PostgresCommand(
                    "INSERT INTO identities (tenant_id, subject, canonical) VALUES ($1, $2, $3)", owner, .bits(gone),
                    .bits(kept)),
                PostgresCommand(
                    "UPDATE outcomes SET subject = $3 WHERE tenant_id = $1 AND subject = $2", owner, .bits(gone),
                    .bits(kept)),
            ]
        }
        if !journal.joined.isEmpty {
            let news = PostgresNews(author: author, tenant: id, joined: journal.joined)
            commands.append(PostgresCommand("SELECT pg_notify('\(PostgresNews.channel)', $1)", .text(news.text)))
        }
        if !tenant.audit.isEmpty { commands.append(audit(tenant.audit, owner)) }
        commands += counts(deltas, journal.touched, owner)
        if !journal.usage.counts.isEmpty { commands.append(usage(journal.usage, owner)) }
        return commands
    }

    // MARK: Units

    /// For each new unit the smallest tail of its new offers: which one does not matter, units and offers have to agree.
    private static func firstOffers(_ tenant: MemoryTenant, _ journal: Journal) -> [Journal.UnitKey: UInt64] {
        var first: [Journal.UnitKey: UInt64] = [:]
        for (tail, old) in journal.offers where old == nil {
            guard let offer = tenant.offer(tail), !offer.isRepeated, let placement = offer.placement else { continue }
            let key = Journal.UnitKey(subject: offer.subject, experiment: placement.experiment)
            guard case .some(nil) = journal.units[key], tenant.units[key.experiment]?[key.subject] != nil else {
                continue
            }
            first[key] = min(first[key] ?? tail, tail)
        }
        return first
    }

    private static func units(
        _ tenant: MemoryTenant, _ journal: Journal, _ first: [Journal.UnitKey: UInt64], _ owner: PostgresParameter,
        _ deltas: inout [ExperimentID: UnitCounts]
    ) -> [PostgresCommand] {
        var fresh: [(key: Journal.UnitKey, unit: UnitState)] = []
        var made: [(key: Journal.UnitKey, unit: UnitState)] = []
        var changed: [(key: Journal.UnitKey, unit: UnitState)] = []
        var gone: [Journal.UnitKey] = []
        for (key, old) in journal.units.sorted(by: { $0.key < $1.key }) {
            let new = tenant.units[key.experiment]?[key.subject]
            if old == new { continue }
            for (unit, sign) in [(old, Int64(-1)), (new, 1)] {
                if let unit { deltas[key.experiment, default: UnitCounts()].count(unit, times: sign) }
            }
            if let new {
                if old != nil {
                    changed.append((key, new))
                } else if new.outcome == UnitOutcome(), !new.isExcluded, new.countsCheckouts || new.exposedAt == nil {
                    fresh.append((key, new))
                } else {
                    made.append((key, new))
                }
            } else {
                gone.append(key)
            }
        }
        func tails(_ units: [(key: Journal.UnitKey, unit: UnitState)]) -> PostgresParameter {
            .optionalInt8s(units.map { first[$0.key].map { Int64(bitPattern: $0) } })
        }
        var commands: [PostgresCommand] = []
        if !gone.isEmpty {
            commands.append(
                PostgresCommand(
                    """
                    DELETE FROM units u USING unnest($2, $3) AS n (subject, experiment_id)
                    WHERE u.tenant_id = $1 AND u.subject = n.subject AND u.experiment_id = n.experiment_id
                    """, owner, .bits(gone.map(\.subject)), .bits(gone.map(\.experiment.bits))))
        }
        if !fresh.isEmpty { commands.append(PostgresCommand(Text.newUnits, [owner] + place(fresh) + [tails(fresh)])) }
        if !made.isEmpty {
            commands.append(
                PostgresCommand(Text.unitsWithOutcomes, [owner] + place(made) + outcome(made) + [tails(made)]))
        }
        if !changed.isEmpty {
            commands.append(PostgresCommand(Text.changedUnits, [owner] + place(changed) + outcome(changed)))
        }
        return commands
    }

    private static func place(_ units: [(key: Journal.UnitKey, unit: UnitState)]) -> [PostgresParameter] {
        [
            .bits(units.map(\.key.subject)), .bits(units.map(\.key.experiment.bits)),
            .int4s(units.map { Int32(clamping: $0.unit.variant) }),
            .int4s(units.map { Int32(clamping: $0.unit.phase) }),
            .int8s(units.map(\.unit.assignedAt.milliseconds)),
            .optionalInt8s(units.map { $0.unit.exposedAt?.milliseconds }), .bools(units.map(\.unit.isTallied)),
            .optionalInt8s(units.map(\.unit.traits.covariate)), .texts(units.map(\.unit.traits.segmentCodes)),
        ]
    }

    private static func outcome(_ units: [(key: Journal.UnitKey, unit: UnitState)]) -> [PostgresParameter] {
        let outcomes = units.map(\.unit.outcome)
        return [
            .bools(units.map(\.unit.isExcluded)), .int8s(outcomes.map(\.orders)), .int8s(outcomes.map(\.quantity)),
            .int8s(outcomes.map(\.gross)), .int8s(outcomes.map(\.refunds)), .int8s(outcomes.map(\.cost)),
            .int8s(outcomes.map(\.grossWithoutCost)), .bools(outcomes.map(\.lacksCost)),
            .int4s(units.map { Int32(clamping: $0.unit.checkoutCode) }),
        ]
    }

    // MARK: Offers

    private static func offers(
        _ tenant: MemoryTenant, _ journal: Journal, _ first: [Journal.UnitKey: UInt64], _ owner: PostgresParameter
    ) -> [PostgresCommand] {
        var fresh: [Offer] = []
        var changed: [Offer] = []
        for (tail, old) in journal.offers.sorted(by: { $0.key < $1.key }) {
            guard let new = tenant.offer(tail), new != old else { continue }
            if old == nil { fresh.append(new) } else { changed.append(new) }
        }
        var commands: [PostgresCommand] = []
        if !fresh.isEmpty {
            let ofUnits = Set(first.values)
            commands.append(
                PostgresCommand(
                    Text.newOffers,
                    [owner] + columns(fresh) + [.bools(fresh.map { ofUnits.contains($0.tail) })]))
        }
        if !changed.isEmpty { commands.append(PostgresCommand(Text.changedOffers, [owner] + columns(changed))) }
        return commands
    }

    private static func columns(_ offers: [Offer]) -> [PostgresParameter] {
        [
            .int8s(offers.map { Int64(bitPattern: $0.tail) }), .bits(offers.map(\.subject)),
            .texts(offers.map(\.product.text)),
            .bits(offers.map { $0.placement?.experiment.bits ?? Bits128(high: 0, low: 0) }),
            .int4s(offers.map { Int32(clamping: $0.placement?.variant ?? -1) }), .int8s(offers.map(\.price)),
            .texts(offers.map(\.currency.code)), .int8s(offers.map(\.toldAt.milliseconds)),
            .bools(offers.map(\.isExposed)), .optionalInt8s(offers.map { $0.acceptedWindow?.milliseconds }),
            .int8s(offers.map { $0.isRepeated ? Int64(bitPattern: $0.tail) : 0 }),
        ]
    }

    // MARK: Events

    private static func events(_ journal: Journal, _ owner: PostgresParameter) -> [PostgresCommand] {
        guard !journal.events.isEmpty else { return [] }
        let events = journal.events.map(\.event)
        let received = journal.events.map(\.receivedAt)
        var commands = [
            PostgresCommand(
                Text.events,
                [
                    owner, .int4s(received.map(\.day)), .int8s(received.map(\.milliseconds)),
                    .bits(events.map(\.subject)), .bits(events.map(\.id)),
                    .int8s(events.map(\.timestamp.milliseconds)), .texts(events.map(\.type.name)),
                    .optionalUUIDs(events.map { $0.experiment?.bits.uuid }),
                    .optionalTexts(events.map { $0.product?.text }), .int8s(events.map(\.quantity)),
                    .optionalInt8s(events.map { $0.revenue?.amount }),
                    .optionalTexts(events.map { $0.revenue?.currency.code }),
                    .optionalTexts(events.map { $0.order?.text }), .optionalInt8s(events.map(\.unitCost)),
                    .optionalUUIDs(events.map { $0.quote?.bits.uuid }), .bytesArray(events.map(\.properties)),
                ])
        ]
        let outcomes = events.filter { $0.outcome != nil }
        if !outcomes.isEmpty {
            commands.append(
                PostgresCommand(
                    Text.outcomes,
                    [
                        owner, .bits(outcomes.map(\.subject)), .bits(outcomes.map(\.id)),
                        .int8s(outcomes.map(\.timestamp.milliseconds)), .bools(outcomes.map { $0.type == .refund }),
                        .optionalUUIDs(outcomes.map { $0.experiment?.bits.uuid }),
                        .optionalTexts(outcomes.map { $0.product?.text }), .int8s(outcomes.map(\.quantity)),
                        .optionalInt8s(outcomes.map { $0.revenue?.amount }),
                        .optionalTexts(outcomes.map { $0.revenue?.currency.code }),
                        .optionalTexts(outcomes.map { $0.order?.text }), .optionalInt8s(outcomes.map(\.unitCost)),
                        .bools(outcomes.map { $0.type == .checkout }),
                    ]))
        }
        return commands
    }

    // MARK: Counts and audit

    private static func counts(
        _ deltas: [ExperimentID: UnitCounts], _ touched: [ExperimentID: Timestamp], _ owner: PostgresParameter
    ) -> [PostgresCommand] {
        let experiments = deltas.sorted { $0.key < $1.key }.map { (id: $0.key, counts: $0.value.withoutZeros) }
        let cells = experiments.flatMap { experiment in
            experiment.counts.cells.sorted { $0.key < $1.key }.map { (experiment.id, $0.key, $0.value) }
        }
        let tallies = experiments.flatMap { experiment in
            experiment.counts.tallies.sorted { $0.key < $1.key }.map { (experiment.id, $0.key, $0.value) }
        }
        var commands: [PostgresCommand] = []
        if !cells.isEmpty {
            commands.append(
                PostgresCommand(
                    Text.cells,
                    [
                        owner, .bits(cells.map(\.0.bits)),
                        .int4s(cells.map { Int32(clamping: $0.1.variant) }),
                        .int4s(cells.map { Int32(clamping: $0.1.phase) }), .int4s(cells.map(\.1.day)),
                        .int8s(cells.map(\.2.units)), .int8s(cells.map(\.2.excluded)),
                        .int8s(cells.map(\.2.converted)), .int8s(cells.map(\.2.orders)),
                        .int8s(cells.map(\.2.unitsWithoutCost)),
                        .texts(cells.map { String($0.2.quantity.sum) }),
                        .texts(cells.map { String($0.2.quantity.sumOfSquares) }),
                        .texts(cells.map { String($0.2.revenue.sum) }),
                        .texts(cells.map { String($0.2.revenue.sumOfSquares) }),
                        .texts(cells.map { String($0.2.profit.sum) }),
                        .texts(cells.map { String($0.2.profit.sumOfSquares) }),
                        .texts(cells.map { String($0.2.profitAtMost) }),
                        .texts(cells.map { String($0.2.profitAtLeast) }),
                    ]))
        }
        if !tallies.isEmpty {
            commands.append(
                PostgresCommand(
                    Text.tallies,
                    [
                        owner, .bits(tallies.map(\.0.bits)), .int4s(tallies.map { Int32(clamping: $0.1.variant) }),
                        .int4s(tallies.map { Int32(clamping: $0.1.phase) }), .int4s(tallies.map(\.1.series)),
                        .int4s(tallies.map(\.1.place)), .int8s(tallies.map(\.2.units)),
                        .texts(tallies.map { String($0.2.sum) }), .texts(tallies.map { String($0.2.sumOfSquares) }),
                    ]))
        }
        if !touched.isEmpty { commands.append(touch(touched, owner)) }
        return commands
    }

    /// A report's time rises with each turn that changes what it says.
    static func touch(_ touched: [ExperimentID: Timestamp], _ owner: PostgresParameter) -> PostgresCommand {
        let touched = touched.sorted { $0.key < $1.key }
        return PostgresCommand(
            """
            UPDATE experiments e SET changed_at = greatest(e.changed_at + 1, n.at)
            FROM unnest($2, $3) AS n (experiment_id, at)
            WHERE e.tenant_id = $1 AND e.experiment_id = n.experiment_id
            """, owner, .bits(touched.map(\.key.bits)), .int8s(touched.map(\.value.milliseconds)))
    }

    private static func usage(_ records: UsageRecords, _ owner: PostgresParameter) -> PostgresCommand {
        let records = records.counts.sorted { $0.key < $1.key }
        return PostgresCommand(
            Text.usage, owner, .texts(records.map(\.key.type.rawValue)), .int4s(records.map(\.key.day)),
            .int8s(records.map(\.value)))
    }

    static func audit(_ entries: [AuditEntry], _ owner: PostgresParameter) -> PostgresCommand {
        PostgresCommand(
            Text.audit, owner, .int8s(entries.map(\.sequence)), .int8s(entries.map(\.draft.at.milliseconds)),
            .texts(entries.map(\.draft.actor)), .texts(entries.map(\.draft.action)),
            .texts(entries.map(\.draft.target)), .texts(entries.map(\.draft.requestID)),
            .bytesArray(entries.map(\.previous)), .bytesArray(entries.map(\.hash)))
    }

    /// Made once: of a turn's fixed cost, putting them together was a good part.
    private enum Text {
        private static let unit: [ManyRows.Column] = ["subject", "experiment_id"]
        private static let place: [ManyRows.Column] = [
            "variant", "phase", "assigned_at", "exposed_at", "tallied", "covariate", "segments",
        ]
        private static let outcome: [ManyRows.Column] = [
            "excluded", "orders", "quantity", "gross", "refunds", "cost", "gross_without_cost", "lacks_cost",
            "checkouts",
        ]
        private static let cell: [ManyRows.Column] = ["experiment_id", "variant", "phase", "day"]

        static let newUnits = ManyRows.insert(into: "units", unit + place + ["offer"])
        static let unitsWithOutcomes = ManyRows.insert(into: "units", unit + place + outcome + ["offer"])
        static let changedUnits = ManyRows.replace(in: "units", key: unit, place + outcome)
        private static let offer: [ManyRows.Column] = [
            "subject", "sku", "experiment_id", "variant", "price", "currency", "told_at", "exposed", "accepted_window",
            "repeated",
        ]
        static let newOffers = ManyRows.insert(into: "offers", ["tail"] + offer + ["by_unit"])
        /// What is given to another shopper goes on without its unit.
        static let changedOffers = ManyRows.replace(
            in: "offers", key: ["tail"], offer,
            also: "by_unit = offers.by_unit AND offers.subject = excluded.subject")
        static let events = ManyRows.insert(
            into: "events",
            [
                .day("received_on"), "received_at", "subject", "id_hash", "timestamp", "type", "experiment_id", "sku",
                "quantity", "revenue", "currency", "order_id", "unit_cost", "quote", "properties",
            ])
        static let outcomes = ManyRows.insert(
            into: "outcomes",
            [
                "subject", "id_hash", "timestamp", "is_refund", "experiment_id", "sku", "quantity", "revenue",
                "currency", "order_id", "unit_cost", "is_checkout",
            ])
        static let cells = ManyRows.add(
            to: "cells", key: cell,
            PostgresColumns.counts.map { ManyRows.Column(stringLiteral: $0) }
                + PostgresColumns.sums.map { .numeric($0) })
        static let tallies = ManyRows.add(
            to: "tallies", key: ["experiment_id", "variant", "phase", "series", "place"],
            ["units", .numeric("total"), .numeric("squares")])
        static let usage = ManyRows.add(to: "usage", key: ["type", "day"], ["used"])
        static let audit = ManyRows.insert(
            into: "audit",
            ["sequence", "at", "actor", "action", "target", "request_id", "previous", "hash"])
    }
}
