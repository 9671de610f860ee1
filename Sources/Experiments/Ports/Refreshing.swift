internal import Synchronization

/// One caller reads a tenant's configuration for all who need it meanwhile: after an outage hundreds learn in the same
/// moment that theirs is old.
final class Refreshing: Sendable {
    private typealias Waiting = CheckedContinuation<Result<Void, StoreError>, Never>

    private let flights = Mutex<[TenantID: [Waiting]]>([:])

    /// Runs `read`, or waits for somebody who began to before; then what was read may be older than what this caller
    /// needs.
    ///
    /// - Throws: what `read` threw, whoever ran it.
    func once(_ tenant: TenantID, _ read: () async throws(StoreError) -> Void) async throws(StoreError) {
        let isFirst = flights.withLock { flights in
            guard flights[tenant] == nil else { return false }
            flights[tenant] = []
            return true
        }
        guard isFirst else { return try await joined(tenant).get() }
        let outcome: Result<Void, StoreError>
        do throws(StoreError) {
            outcome = .success(try await read())
        } catch {
            outcome = .failure(error)
        }
        for waiting in flights.withLock({ $0.removeValue(forKey: tenant) }) ?? [] { waiting.resume(returning: outcome) }
        return try outcome.get()
    }

    /// How many wait for somebody else's reading.
    func waiting(for tenant: TenantID) -> Int { flights.withLock { $0[tenant]?.count ?? 0 } }

    private func joined(_ tenant: TenantID) async -> Result<Void, StoreError> {
        await withCheckedContinuation { continuation in
            let isUnderWay = flights.withLock { flights in
                guard flights[tenant] != nil else { return false }
                flights[tenant]?.append(continuation)
                return true
            }
            // It ended in between: what it read is there to be looked at.
            if !isUnderWay { continuation.resume(returning: .success(())) }
        }
    }
}
