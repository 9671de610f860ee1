public import Experiments

extension CheckoutService {
    /// Takes away who bought from all checkouts and orders of a shopper. What was bought and paid stays, as books have to
    /// be kept.
    ///
    /// - Returns: how many checkouts and orders said it.
    public func eraseBuyer(_ shopper: TenantKey, in snapshot: TenantSnapshot) async throws(CheckoutError) -> Int {
        let tenant = snapshot.tenant.id
        let found: (checkouts: [CheckoutID], orders: [OrderID])
        do throws(StoreError) {
            found = try await store.purchases(of: snapshot.subject(of: shopper), in: tenant)
        } catch {
            throw .store(error)
        }
        var erased = 0
        // A checkout first: an order made of it meanwhile would have its buyer.
        for id in found.checkouts {
            if try await changed(
                { () throws(CheckoutError) in
                    try await stored(id, of: tenant).forgettingBuyer().map { CheckoutCommit(checkout: $0) }
                }, in: snapshot)
            {
                erased += 1
            }
        }
        let orders: [OrderID]
        do throws(StoreError) {
            orders = try await store.purchases(of: snapshot.subject(of: shopper), in: tenant).orders
        } catch {
            throw .store(error)
        }
        for id in orders {
            if try await changed(
                { () throws(CheckoutError) in
                    try await stored(id, of: tenant).forgettingBuyer().map { CheckoutCommit(order: $0) }
                }, in: snapshot)
            {
                erased += 1
            }
        }
        return erased
    }

    /// Commits a step, decided again while others step between; false where there is none to do.
    private func changed(
        _ step: () async throws(CheckoutError) -> CheckoutCommit?, in snapshot: TenantSnapshot
    ) async throws(CheckoutError) -> Bool {
        for _ in 0..<Self.tries {
            guard let next = try await step() else { return false }
            if case .kept = try await commit(next, in: snapshot, at: pricing.clock.now()) { return true }
        }
        throw Self.contended
    }
}
