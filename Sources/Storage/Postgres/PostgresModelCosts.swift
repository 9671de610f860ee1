public import AgentRuntime
public import Experiments
internal import Postgres

extension PostgresStore: ModelLedger {
    public func reserve(
        _ reservation: ModelReservation, ofDay day: ModelCost, ofConversation conversation: ModelCost,
        in tenant: TenantID
    ) async throws(StoreError) -> Bool {
        let scopes = StoredCost.scopes(of: reservation)
        let budgets = Dictionary(uniqueKeysWithValues: zip(scopes, [day, conversation]))
        return try await alone { session in
            let owner = PostgresParameter.id(tenant)
            // Locked in one order by everybody, so that nobody waits in a circle.
            let rows = try await session.connection.run(
                [
                    PostgresSession.begin, session.say(.tenant(tenant)), TransactionName.command,
                    PostgresCommand(
                        """
                        INSERT INTO model_budgets (tenant_id, scope, spent)
                        SELECT $1, s.scope, 0 FROM unnest($2) AS s (scope) ON CONFLICT DO NOTHING
                        """, owner, .texts(scopes)),
                    PostgresCommand(
                        """
                        SELECT scope, spent FROM model_budgets WHERE tenant_id = $1 AND scope = ANY($2)
                        ORDER BY scope FOR UPDATE
                        """, owner, .texts(scopes)),
                    PostgresCommand(
                        "SELECT 1::bigint FROM model_calls WHERE tenant_id = $1 AND call_id = $2", owner,
                        .id(reservation.id)),
                ], within: session.limit())
            let transaction = try TransactionName(rows[2])
            // Tried again after an answer was lost: it is set aside already.
            if rows[5].count > 0 { return ([], true, transaction) }
            let most = StoredCost.kept(reservation.most)
            for row in 0..<rows[4].count {
                guard let budget = budgets[try rows[4].text(row, 0)],
                    StoredCost.hasRoom(for: most, beside: try rows[4].int8(row, 1), in: budget)
                else { return ([], false, transaction) }
            }
            let writes = [
                Self.spend(most, scopes, owner),
                PostgresCommand(
                    """
                    INSERT INTO model_calls (tenant_id, call_id, number, conversation_id, day, at, model, most, input,
                        output, cache_read, cache_write, long_cache_write, estimated)
                    VALUES ($1, $2, 0, $3, $4, $5, $6, $7, 0, 0, 0, 0, 0, false)
                    """, owner, .id(reservation.id), .id(reservation.conversation), .int4(reservation.day),
                    .time(reservation.at), .text(reservation.model), .int8(most)),
            ]
            return (writes, true, transaction)
        }
    }

    public func settle(
        _ reservation: ModelReservation, _ charges: [ModelCharge], in tenant: TenantID
    ) async throws(StoreError) {
        try await alone { session in
            let owner = PostgresParameter.id(tenant)
            let scopes = StoredCost.scopes(of: reservation)
            let rows = try await session.connection.run(
                [
                    PostgresSession.begin, session.say(.tenant(tenant)), TransactionName.command,
                    PostgresCommand(
                        """
                        SELECT scope FROM model_budgets WHERE tenant_id = $1 AND scope = ANY($2)
                        ORDER BY scope FOR UPDATE
                        """, owner, .texts(scopes)),
                    PostgresCommand(
                        """
                        SELECT most FROM model_calls WHERE tenant_id = $1 AND call_id = $2 AND number = 0 FOR UPDATE
                        """, owner, .id(reservation.id)),
                ], within: session.limit())
            let transaction = try TransactionName(rows[2])
            guard rows[4].count > 0 else { return ([], (), transaction) }
            let costs = charges.map { StoredCost.kept($0.cost) }
            let spent = costs.reduce(-(try rows[4].int8(0, 0)), +)
            func counts(_ count: (ModelUsage) -> Int64) -> PostgresParameter {
                .int8s(charges.map { StoredCost.kept(count($0.usage)) })
            }
            let writes = [
                Self.spend(spent, scopes, owner),
                PostgresCommand(
                    "DELETE FROM model_calls WHERE tenant_id = $1 AND call_id = $2 AND number = 0", owner,
                    .id(reservation.id)),
                PostgresCommand(
                    """
                    INSERT INTO model_calls (tenant_id, call_id, number, conversation_id, day, at, model, most, cost,
                        input, output, cache_read, cache_write, long_cache_write, estimated)
                    SELECT $1, $2, c.number, $3, $4, $5, c.model, 0, c.cost, c.input, c.output, c.cache_read,
                        c.cache_write, c.long_cache_write, c.estimated
                    FROM unnest($6, $7, $8, $9, $10, $11, $12, $13, $14) AS c (
                        number, model, cost, input, output, cache_read, cache_write, long_cache_write, estimated)
                    """,
                    [
                        owner, .id(reservation.id), .id(reservation.conversation), .int4(reservation.day),
                        .time(reservation.at), .int4s((0..<charges.count).map { Int32($0 + 1) }),
                        .texts(charges.map(\.model)), .int8s(costs), counts(\.input), counts(\.output),
                        counts(\.cacheRead), counts(\.cacheWrite), counts(\.longCacheWrite),
                        .bools(charges.map(\.usage.isEstimate)),
                    ]),
            ]
            return (writes, (), transaction)
        }
    }

    private static func spend(_ amount: Int64, _ scopes: [String], _ owner: PostgresParameter) -> PostgresCommand {
        PostgresCommand(
            "UPDATE model_budgets SET spent = spent + $3 WHERE tenant_id = $1 AND scope = ANY($2)", owner,
            .texts(scopes), .int8(amount))
    }

    public func note(
        _ arms: [ModelArm], of conversation: ConversationID, in tenant: TenantID
    ) async throws(StoreError) {
        // Done twice it is done once, so that it may be tried again as if it only read.
        try await read { session in
            _ = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        INSERT INTO model_arms (tenant_id, conversation_id, experiment_id, variant)
                        SELECT $1, $2, a.experiment, a.variant FROM unnest($3, $4) AS a (experiment, variant)
                        ON CONFLICT DO NOTHING
                        """, .id(tenant), .id(conversation), .bits(arms.map(\.experiment.bits)),
                        .texts(arms.map(\.variant)))
                ])
        }
    }

    public func costs(
        of tenant: TenantID, from: Int32, through: Int32, conversations: Int
    ) async throws(StoreError) -> ModelCosts {
        try await read { session in
            let asked: [PostgresParameter] = [.id(tenant), .int4(from), .int4(through)]
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT \(Self.sums), c.day, c.model FROM model_calls c
                        WHERE c.tenant_id = $1 AND c.day BETWEEN $2 AND $3 GROUP BY c.day, c.model ORDER BY c.day, c.model
                        """, asked),
                    PostgresCommand(
                        """
                        SELECT \(Self.sums), c.conversation_id FROM model_calls c
                        WHERE c.tenant_id = $1 AND c.day BETWEEN $2 AND $3 GROUP BY c.conversation_id
                        ORDER BY 4 DESC, c.conversation_id LIMIT $4
                        """, asked + [.int8(Int64(conversations))]),
                    PostgresCommand(
                        """
                        SELECT \(Self.sums), a.experiment_id, a.variant, count(DISTINCT c.conversation_id)
                        FROM model_calls c JOIN model_arms a
                            ON a.tenant_id = c.tenant_id AND a.conversation_id = c.conversation_id
                        WHERE c.tenant_id = $1 AND c.day BETWEEN $2 AND $3
                        GROUP BY a.experiment_id, a.variant ORDER BY a.experiment_id, a.variant
                        """, asked),
                ])
            return ModelCosts(
                days: try (0..<rows[0].count).map { row in
                    ModelCosts.DayRow(
                        day: try rows[0].int4(row, 10), model: try rows[0].text(row, 11),
                        sum: try Self.sum(rows[0], row))
                },
                conversations: try (0..<rows[1].count).map { row in
                    ModelCosts.ConversationRow(
                        conversation: try rows[1].identifier(row, 10), sum: try Self.sum(rows[1], row))
                },
                arms: try (0..<rows[2].count).map { row in
                    ModelCosts.ArmRow(
                        arm: ModelArm(experiment: try rows[2].identifier(row, 10), variant: try rows[2].text(row, 11)),
                        conversations: try rows[2].int8(row, 12), sum: try Self.sum(rows[2], row))
                })
        }
    }

    private static let sums = """
        count(c.cost), count(*) FILTER (WHERE c.estimated), count(*) FILTER (WHERE c.cost IS NULL), \
        coalesce(sum(c.cost), 0)::bigint, coalesce(sum(c.most) FILTER (WHERE c.cost IS NULL), 0)::bigint, \
        sum(c.input)::bigint, sum(c.output)::bigint, sum(c.cache_read)::bigint, sum(c.cache_write)::bigint, \
        sum(c.long_cache_write)::bigint
        """

    /// Of a row that begins with the sums.
    private static func sum(_ rows: PostgresRows, _ row: Int) throws -> ModelCosts.Sum {
        var sum = ModelCosts.Sum()
        sum.calls = try rows.int8(row, 0)
        sum.estimated = try rows.int8(row, 1)
        sum.unknown = try rows.int8(row, 2)
        sum.cost = ModelCost(picodollars: try rows.int8(row, 3))
        sum.unknownAtMost = ModelCost(picodollars: try rows.int8(row, 4))
        sum.usage = ModelUsage(
            input: try rows.int8(row, 5), output: try rows.int8(row, 6), cacheRead: try rows.int8(row, 7),
            cacheWrite: try rows.int8(row, 8), longCacheWrite: try rows.int8(row, 9), isEstimate: sum.estimated > 0)
        return sum
    }
}
