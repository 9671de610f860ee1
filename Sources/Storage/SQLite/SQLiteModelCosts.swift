public import AgentRuntime
public import Experiments
internal import SQLite

extension SQLiteStore: ModelLedger {
    public func reserve(
        _ reservation: ModelReservation, ofDay day: ModelCost, ofConversation conversation: ModelCost,
        in tenant: TenantID
    ) async throws(StoreError) -> Bool {
        try await writer.write { session in
            try session.reserve(reservation, ofDay: day, ofConversation: conversation, in: tenant)
        }
    }

    public func settle(
        _ reservation: ModelReservation, _ charges: [ModelCharge], in tenant: TenantID
    ) async throws(StoreError) {
        try await writer.write { session in try session.settle(reservation, charges, in: tenant) }
    }

    public func note(
        _ arms: [ModelArm], of conversation: ConversationID, in tenant: TenantID
    ) async throws(StoreError) {
        try await writer.write { session in
            let insert = try session.database.prepare(
                """
                INSERT INTO model_arms (tenant_id, conversation_id, experiment_id, variant) VALUES (?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """)
            for arm in arms {
                try insert.bind(tenant.bits, conversation.bits, arm.experiment.bits, arm.variant)
                try insert.run()
            }
        }
    }

    public func costs(
        of tenant: TenantID, from: Int32, through: Int32, conversations: Int
    ) async throws(StoreError) -> ModelCosts {
        try await readers.read { database in
            let (first, last) = (Int64(from), Int64(through))
            var days: [ModelCosts.DayRow] = []
            let byDay = try database.prepare(
                """
                SELECT sum(cost IS NOT NULL), sum(estimated), sum(cost IS NULL), coalesce(sum(cost), 0),
                    sum(CASE WHEN cost IS NULL THEN most ELSE 0 END), sum(input), sum(output), sum(cache_read),
                    sum(cache_write), sum(long_cache_write), day, model
                FROM model_calls WHERE tenant_id = ? AND day BETWEEN ? AND ? GROUP BY day, model ORDER BY day, model
                """)
            try byDay.bind(tenant.bits, first, last)
            while try byDay.step() {
                days.append(
                    ModelCosts.DayRow(
                        day: Int32(clamping: try byDay.int64(10)), model: try byDay.string(11),
                        sum: try ModelSums.sum(byDay)))
            }
            var dearest: [ModelCosts.ConversationRow] = []
            let byConversation = try database.prepare(
                """
                SELECT sum(cost IS NOT NULL), sum(estimated), sum(cost IS NULL), coalesce(sum(cost), 0),
                    sum(CASE WHEN cost IS NULL THEN most ELSE 0 END), sum(input), sum(output), sum(cache_read),
                    sum(cache_write), sum(long_cache_write), conversation_id
                FROM model_calls WHERE tenant_id = ? AND day BETWEEN ? AND ? GROUP BY conversation_id
                ORDER BY 4 DESC, conversation_id LIMIT ?
                """)
            try byConversation.bind(tenant.bits, first, last, conversations)
            while try byConversation.step() {
                dearest.append(
                    ModelCosts.ConversationRow(
                        conversation: try byConversation.identifier(10), sum: try ModelSums.sum(byConversation)))
            }
            var arms: [ModelCosts.ArmRow] = []
            let byArm = try database.prepare(
                """
                SELECT sum(c.cost IS NOT NULL), sum(c.estimated), sum(c.cost IS NULL), coalesce(sum(c.cost), 0),
                    sum(CASE WHEN c.cost IS NULL THEN c.most ELSE 0 END), sum(c.input), sum(c.output),
                    sum(c.cache_read), sum(c.cache_write), sum(c.long_cache_write), a.experiment_id, a.variant,
                    count(DISTINCT c.conversation_id)
                FROM model_calls c JOIN model_arms a
                    ON a.tenant_id = c.tenant_id AND a.conversation_id = c.conversation_id
                WHERE c.tenant_id = ? AND c.day BETWEEN ? AND ?
                GROUP BY a.experiment_id, a.variant ORDER BY a.experiment_id, a.variant
                """)
            try byArm.bind(tenant.bits, first, last)
            while try byArm.step() {
                arms.append(
                    ModelCosts.ArmRow(
                        arm: ModelArm(experiment: try byArm.identifier(10), variant: try byArm.string(11)),
                        conversations: try byArm.int64(12), sum: try ModelSums.sum(byArm)))
            }
            return ModelCosts(days: days, conversations: dearest, arms: arms)
        }
    }
}

private enum ModelSums {
    /// Of a row that begins with the sums.
    static func sum(_ row: borrowing Statement) throws -> ModelCosts.Sum {
        var sum = ModelCosts.Sum()
        sum.calls = try row.int64(0)
        sum.estimated = try row.int64(1)
        sum.unknown = try row.int64(2)
        sum.cost = ModelCost(picodollars: try row.int64(3))
        sum.unknownAtMost = ModelCost(picodollars: try row.int64(4))
        sum.usage = ModelUsage(
            input: try row.int64(5), output: try row.int64(6), cacheRead: try row.int64(7),
            cacheWrite: try row.int64(8), longCacheWrite: try row.int64(9), isEstimate: sum.estimated > 0)
        return sum
    }
}

extension WriteSession {
    fileprivate func reserve(
        _ reservation: ModelReservation, ofDay day: ModelCost, ofConversation conversation: ModelCost,
        in tenant: TenantID
    ) throws -> Bool {
        let most = StoredCost.kept(reservation.most)
        for (scope, budget) in zip(StoredCost.scopes(of: reservation), [day, conversation]) {
            let select = try database.prepare("SELECT spent FROM model_budgets WHERE tenant_id = ? AND scope = ?")
            try select.bind(tenant.bits, scope)
            let spent = try select.step() ? try select.int64(0) : 0
            guard StoredCost.hasRoom(for: most, beside: spent, in: budget) else { return false }
        }
        try spend(most, for: reservation, in: tenant)
        let insert = try database.prepare(
            """
            INSERT INTO model_calls (tenant_id, call_id, number, conversation_id, day, at, model, most, cost, input,
                output, cache_read, cache_write, long_cache_write, estimated)
            VALUES (?, ?, 0, ?, ?, ?, ?, ?, NULL, 0, 0, 0, 0, 0, 0)
            """)
        try insert.bind(
            tenant.bits, reservation.id.bits, reservation.conversation.bits, Int64(reservation.day),
            reservation.at.milliseconds, reservation.model, most)
        try insert.run()
        return true
    }

    fileprivate func settle(_ reservation: ModelReservation, _ charges: [ModelCharge], in tenant: TenantID) throws {
        let delete = try database.prepare(
            "DELETE FROM model_calls WHERE tenant_id = ? AND call_id = ? AND number = 0")
        try delete.bind(tenant.bits, reservation.id.bits)
        try delete.run()
        guard database.changes > 0 else { return }
        var spent = -StoredCost.kept(reservation.most)
        let insert = try database.prepare(
            """
            INSERT INTO model_calls (tenant_id, call_id, number, conversation_id, day, at, model, most, cost, input,
                output, cache_read, cache_write, long_cache_write, estimated)
            VALUES (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?)
            """)
        for (index, charge) in charges.enumerated() {
            let cost = StoredCost.kept(charge.cost)
            spent += cost
            let usage = charge.usage
            try insert.bind(
                tenant.bits, reservation.id.bits, index + 1, reservation.conversation.bits, Int64(reservation.day),
                reservation.at.milliseconds, charge.model, cost, StoredCost.kept(usage.input),
                StoredCost.kept(usage.output), StoredCost.kept(usage.cacheRead), StoredCost.kept(usage.cacheWrite),
                StoredCost.kept(usage.longCacheWrite), usage.isEstimate ? 1 : 0)
            try insert.run()
        }
        try spend(spent, for: reservation, in: tenant)
    }

    private func spend(_ amount: Int64, for reservation: ModelReservation, in tenant: TenantID) throws {
        let put = try database.prepare(
            """
            INSERT INTO model_budgets (tenant_id, scope, spent) VALUES (?, ?, ?)
            ON CONFLICT (tenant_id, scope) DO UPDATE SET spent = spent + excluded.spent
            """)
        for scope in StoredCost.scopes(of: reservation) {
            try put.bind(tenant.bits, scope, amount)
            try put.run()
        }
    }
}
