public import AgentRuntime
public import Experiments
internal import Postgres

extension PostgresStore: VectorStore {
    public func vectors(
        of model: String, in tenant: TenantID, after sku: TenantKey?, limit: Int
    ) async throws(StoreError) -> [ProductVector] {
        let command = PostgresCommand(
            """
            SELECT sku, content, vector FROM product_vectors
            WHERE tenant_id = $1 AND sku > $2 AND model = $3 ORDER BY sku LIMIT $4
            """, .id(tenant), .text(sku?.text ?? ""), .text(model), .int8(Int64(limit)))
        return try await read { session in
            try Self.vectors(in: try await session.once(.tenant(tenant), [command])[0])
        }
    }

    private static func vectors(in rows: PostgresRows) throws -> [ProductVector] {
        var vectors: [ProductVector] = []
        for row in 0..<rows.count {
            vectors.append(
                ProductVector(
                    sku: try rows.tenantKey(row, 0), content: try rows.bits(row, 1), bytes: try rows.bytes(row, 2)))
        }
        return vectors
    }

    public func keep(
        _ vectors: [ProductVector], of model: String, in tenant: TenantID
    ) async throws(StoreError) {
        try await alone { session in
            // Beside no change of the catalogue: a product that goes meanwhile leaves none behind.
            let rows = try await session.connection.run(
                [
                    PostgresSession.begin, session.say(.tenant(tenant)), TransactionName.command,
                    TurnLoad.lockConfiguration(of: tenant, isShared: true, in: session),
                ], within: session.limit())
            let writes = vectors.map { vector in
                PostgresCommand(
                    """
                    INSERT INTO product_vectors (tenant_id, sku, model, content, vector)
                    SELECT p.tenant_id, p.sku, $3, $4, $5 FROM products p WHERE p.tenant_id = $1 AND p.sku = $2
                    ON CONFLICT (tenant_id, sku, model) DO UPDATE SET content = excluded.content,
                        vector = excluded.vector
                    """, .id(tenant), .text(vector.sku.text), .text(model), .bits(vector.content),
                    .bytes(vector.bytes))
            }
            return (writes, (), try TransactionName(rows[2]))
        }
    }

    public func forgetVectors(
        exceptOf model: String, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try await read { session in
            // Done twice it is done once, but for the number, which is for people.
            let rows = try await session.once(
                .tenant(tenant),
                [
                    PostgresCommand(
                        """
                        WITH gone AS (DELETE FROM product_vectors WHERE tenant_id = $1 AND model <> $2 RETURNING 1)
                        SELECT count(*) FROM gone
                        """, .id(tenant), .text(model))
                ])[0]
            return Int(try rows.int8(0, 0))
        }
    }
}
