public import AgentRuntime
public import Experiments

extension MemoryStore: CheckoutStore {
    public func commit(
        _ commit: CheckoutCommit, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(StoreError) -> CheckoutCommitted {
        if let reply = commit.reply, let known = try await self.reply(in: reply.scope, at: reply.at) {
            throw .repeated(known)
        }
        return try change(snapshot) { tenant in tenant.commit(commit, in: snapshot, at: now) }.get()
    }

    public func checkout(_ id: CheckoutID, in tenant: TenantID) async throws(StoreError) -> Checkout? {
        try read { state in state.tenants[tenant]?.sales.checkouts[id] }
    }

    public func order(_ id: OrderID, in tenant: TenantID) async throws(StoreError) -> Order? {
        try read { state in state.tenants[tenant]?.sales.orders[id] }
    }

    public func orders(in tenant: TenantID, before: OrderID?, limit: Int) async throws(StoreError) -> [Order] {
        try read { state in
            let all = state.tenants[tenant]?.sales.orders.values.sorted { $0.id > $1.id } ?? []
            return Array(all.filter { one in before.map { one.id < $0 } ?? true }.prefix(limit))
        }
    }

    public func unfinished(
        in tenant: TenantID, limit: Int
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try read { state in
            guard let sales = state.tenants[tenant]?.sales else { return ([], []) }
            let checkouts = sales.checkouts.values.filter(\.isUnfinished).map(\.id).sorted()
            let orders = sales.orders.values.filter(\.isUnfinished).map(\.id).sorted()
            return (Array(checkouts.prefix(limit)), Array(orders.prefix(limit)))
        }
    }

    public func purchases(
        of subject: Subject, in tenant: TenantID
    ) async throws(StoreError) -> (checkouts: [CheckoutID], orders: [OrderID]) {
        try read { state in
            guard let tenant = state.tenants[tenant] else { return ([], []) }
            let known = tenant.canonical(subject)
            return (
                tenant.sales.checkouts.values.filter { tenant.canonical($0.subject) == known }.map(\.id).sorted(),
                tenant.sales.orders.values.filter { tenant.canonical($0.subject) == known }.map(\.id).sorted()
            )
        }
    }

    public func keep(_ payment: TestPayment, in tenant: TenantID) async throws(StoreError) -> TestPayment {
        try change { state in state.tenants[tenant]?.keep(payment) ?? payment }
    }

    public func testPayment(_ key: String, in tenant: TenantID) async throws(StoreError) -> TestPayment? {
        try read { state in state.tenants[tenant]?.sales.testPayments[key] }
    }
}
