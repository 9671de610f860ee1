public import AgentRuntime
public import Experiments
internal import Postgres

extension PostgresStore: CheckoutStore {
    public func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> CheckoutCommitted {
        try await write(snapshot, Concern(commit, of: snapshot.tenant, at: now)) { tenant in
            tenant.commit(commit, in: snapshot, at: now)
        }.get()
    }

    public func checkout(_ id: CheckoutID, in tenant: TenantID) async throws(StoreError) -> Checkout? {
        try await read { session in
            try await Self.documents(
                Checkout.self, of: tenant,
                PostgresCommand(
                    "SELECT document FROM checkouts WHERE tenant_id = $1 AND checkout_id = $2", .id(tenant), .id(id)),
                session
            ).first
        }
    }

    public func order(_ id: OrderID, in tenant: TenantID) async throws(StoreError) -> Order? {
        try await read { session in
            try await Self.documents(
                Order.self, of: tenant,
                PostgresCommand(
                    "SELECT document FROM orders WHERE tenant_id = $1 AND order_id = $2", .id(tenant), .id(id)),
                session
            ).first
        }
    }

    public func orders(in tenant: TenantID, before: OrderID?, limit: Int) async throws(StoreError) -> [Order] {
        try await read { session in
            try await Self.documents(
                Order.self, of: tenant,
                PostgresCommand(
                    """
                    SELECT document FROM orders WHERE tenant_id = $1 AND order_id < $2
                    ORDER BY order_id DESC LIMIT $3
                    """, .id(tenant), .bits(before?.bits ?? Bits128(high: .max, low: .max)), .int8(Int64(limit))),
                session)
        }
    }

    public func unfinished(
        in tenant: TenantID, limit: Int
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [("checkouts", "checkout_id"), ("orders", "order_id")].map { table, id in
                    PostgresCommand(
                        "SELECT \(id) FROM \(table) WHERE tenant_id = $1 AND unfinished ORDER BY \(id) LIMIT $2",
                        .id(tenant), .int8(Int64(limit)))
                })
            return (
                try (0..<rows[0].count).map { try rows[0].identifier($0, 0) },
                try (0..<rows[1].count).map { try rows[1].identifier($0, 0) }
            )
        }
    }

    public func purchases(
        of subject: Subject, in tenant: TenantID
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try await read { session in
            let owner = PostgresParameter.id(tenant)
            let known = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        SELECT subject FROM identities WHERE tenant_id = $1 AND canonical =
                            coalesce((SELECT canonical FROM identities WHERE tenant_id = $1 AND subject = $2), $2)
                        UNION SELECT canonical FROM identities WHERE tenant_id = $1 AND subject = $2
                        """, owner, .bits(subject))
                ])[0]
            let members = PostgresParameter.bits(try (0..<known.count).map { try known.bits($0, 0) } + [subject])
            let rows = try await session.once(
                .tenant(tenant),
                [("checkouts", "checkout_id"), ("orders", "order_id")].map { table, id in
                    PostgresCommand(
                        "SELECT \(id) FROM \(table) WHERE tenant_id = $1 AND subject = ANY($2) ORDER BY \(id)", owner,
                        members)
                })
            return (
                try (0..<rows[0].count).map { try rows[0].identifier($0, 0) },
                try (0..<rows[1].count).map { try rows[1].identifier($0, 0) }
            )
        }
    }

    public func keep(_ payment: TestPayment, in tenant: TenantID) async throws(StoreError) -> TestPayment {
        // Done twice it is done once, so that it may be tried again as if it only read.
        try await read { session in
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        INSERT INTO test_payments (tenant_id, payment_key, document) VALUES ($1, $2, $3)
                        ON CONFLICT DO NOTHING
                        """, .id(tenant), .text(payment.key), .text(try Documents.text(payment))),
                    Self.testPayment(payment.key, of: tenant),
                ])
            return try Documents.value(TestPayment.self, from: try rows[1].text(0, 0))
        }
    }

    public func testPayment(_ key: String, in tenant: TenantID) async throws(StoreError) -> TestPayment? {
        try await read { session in
            try await Self.documents(TestPayment.self, of: tenant, Self.testPayment(key, of: tenant), session).first
        }
    }

    private static func testPayment(_ key: String, of tenant: TenantID) -> PostgresCommand {
        PostgresCommand(
            "SELECT document FROM test_payments WHERE tenant_id = $1 AND payment_key = $2", .id(tenant), .text(key))
    }

    private static func documents<Value: Decodable>(
        _ type: Value.Type, of tenant: TenantID, _ command: PostgresCommand, _ session: PostgresSession
    ) async throws -> [Value] {
        let rows = try await session.once(.tenant(tenant), [command])[0]
        return try (0..<rows.count).map { try Documents.value(type, from: try rows.text($0, 0)) }
    }
}
