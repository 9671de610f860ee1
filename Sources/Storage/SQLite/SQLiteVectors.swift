public import AgentRuntime
public import Experiments
internal import SQLite

extension SQLiteStore: VectorStore {
    public func vectors(
        of model: String, in tenant: TenantID, after sku: TenantKey?, limit: Int
    ) async throws(StoreError) -> [ProductVector] {
        try await readers.read { database in
            let select = try database.prepare(
                """
                SELECT sku, content, vector FROM product_vectors
                WHERE tenant_id = ? AND sku > ? AND model = ? ORDER BY sku LIMIT ?
                """)
            // No key is empty.
            try select.bind(tenant.bits, sku?.text ?? "", model, limit)
            var vectors: [ProductVector] = []
            while try select.step() {
                vectors.append(
                    ProductVector(
                        sku: try select.tenantKey(0), content: try select.bits(1), bytes: try select.bytes(2)))
            }
            return vectors
        }
    }

    public func keep(
        _ vectors: [ProductVector], of model: String, in tenant: TenantID
    ) async throws(StoreError) {
        try await writer.write { session in
            let put = try session.database.prepare(
                """
                INSERT OR REPLACE INTO product_vectors (tenant_id, sku, model, content, vector)
                SELECT tenant_id, sku, ?, ?, ? FROM products WHERE tenant_id = ? AND sku = ?
                """)
            for vector in vectors {
                try put.bind(model, vector.content, vector.bytes, tenant.bits, vector.sku.text)
                try put.run()
            }
        }
    }

    public func forgetVectors(
        exceptOf model: String, in tenant: TenantID
    ) async throws(StoreError) -> Int {
        try await writer.write { session in
            let delete = try session.database.prepare(
                "DELETE FROM product_vectors WHERE tenant_id = ? AND model <> ?")
            try delete.bind(tenant.bits, model)
            try delete.run()
            return Int(session.database.changes)
        }
    }
}
