internal import Experiments
internal import SQLite

extension WriteSession {
    /// Makes two ids one shopper: what either did is one story from now on.
    ///
    /// - Returns: every id of that shopper; none when they were one already.
    func link(_ a: Subject, _ b: Subject, in snapshot: TenantSnapshot, audit: AuditDraft) throws -> [Subject] {
        let tenant = snapshot.tenant.id
        let kept = try Rows.canonical(a, of: tenant, in: database)
        let gone = try Rows.canonical(b, of: tenant, in: database)
        if kept == gone { return [] }

        let repoint = try database.prepare(
            "UPDATE identities SET canonical = ? WHERE tenant_id = ? AND canonical = ?")
        try repoint.bind(kept, tenant.bits, gone)
        try repoint.run()
        noteLink(of: tenant)
        let insert = try database.prepare(
            "INSERT INTO identities (tenant_id, subject, canonical) VALUES (?, ?, ?)")
        try insert.bind(tenant.bits, gone, kept)
        try insert.run()
        let events = try database.prepare("UPDATE events SET subject = ? WHERE tenant_id = ? AND subject = ?")
        try events.bind(kept, tenant.bits, gone)
        try events.run()
        // An offer that both had stays where it was: its quotes are still found by their tail.
        let offers = try database.prepare(
            "UPDATE OR IGNORE offers SET subject = ? WHERE tenant_id = ? AND subject = ?")
        try offers.bind(kept, tenant.bits, gone)
        try offers.run()

        let story = try Rows.outcomes(of: kept, in: tenant, database)
        for id in snapshot.experiments.keys.sorted() {
            try merge(gone, into: kept, story, in: id, snapshot, at: audit.at)
        }
        try append(audit, of: tenant)

        var members = [kept]
        let select = try database.prepare("SELECT subject FROM identities WHERE tenant_id = ? AND canonical = ?")
        try select.bind(tenant.bits, kept)
        while try select.step() { members.append(try select.bits(0)) }
        return members
    }

    private func merge(
        _ gone: Subject, into kept: Subject, _ story: [OutcomeEvent], in id: ExperimentID,
        _ snapshot: TenantSnapshot, at now: Timestamp
    ) throws {
        let tenant = snapshot.tenant.id
        guard let experiment = snapshot.experiments[id] else { return }
        let old = try Rows.unit(gone, in: id, of: tenant, database)
        let known = try Rows.unit(kept, in: id, of: tenant, database)
        guard old != nil || known != nil else { return }
        var merged: UnitState
        if let old, let known {
            // The counts of an archived experiment stand: there the two stay the two they were counted as.
            guard experiment.countsOutcomes else { return }
            merged = UnitState.merging(known, old)
        } else if let only = old ?? known {
            merged = only
        } else {
            return
        }
        if experiment.countsOutcomes, let exposedAt = merged.exposedAt {
            merged.outcome = experiment.outcome(of: story, exposedAt: exposedAt, variant: merged.variant)
        }
        if old != nil {
            let delete = try database.prepare(
                "DELETE FROM units WHERE tenant_id = ? AND experiment_id = ? AND subject = ?")
            try delete.bind(tenant.bits, id.bits, gone)
            try delete.run()
        }
        try Rows.put(merged, kept, in: id, of: tenant, database)
        count(tenant, id, from: old, to: nil, at: now)
        count(tenant, id, from: known, to: merged, at: now)
    }
}
