public import AgentRuntime
public import Experiments

extension SQLiteStore: CheckoutStore {
    public func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> CheckoutCommitted {
        try await writer.write { session in
            try session.require(snapshot)
            return try session.commit(commit, in: snapshot, at: now)
        }
    }

    public func checkout(_ id: CheckoutID, in tenant: TenantID) async throws(StoreError) -> Checkout? {
        try await readers.read { database in try Checkouts.checkout(id, in: tenant, database) }
    }

    public func order(_ id: OrderID, in tenant: TenantID) async throws(StoreError) -> Order? {
        try await readers.read { database in try Checkouts.order(id, in: tenant, database) }
    }

    public func orders(in tenant: TenantID, before: OrderID?, limit: Int) async throws(StoreError) -> [Order] {
        try await readers.read { database in
            try Checkouts.orders(in: tenant, before: before, limit: limit, database)
        }
    }

    public func unfinished(
        in tenant: TenantID, limit: Int
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try await readers.read { database in try Checkouts.unfinished(in: tenant, limit: limit, database) }
    }

    public func purchases(
        of subject: Subject, in tenant: TenantID
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try await readers.read { database in try Checkouts.purchases(of: subject, in: tenant, database) }
    }

    public func keep(_ payment: TestPayment, in tenant: TenantID) async throws(StoreError) -> TestPayment {
        try await writer.write { session in try session.keep(payment, of: tenant) }
    }

    public func testPayment(_ key: String, in tenant: TenantID) async throws(StoreError) -> TestPayment? {
        try await readers.read { database in try Checkouts.testPayment(key, in: tenant, database) }
    }
}
