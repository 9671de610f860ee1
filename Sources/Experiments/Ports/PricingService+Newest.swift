extension PricingService {
    /// Has something done that must be decided on the configuration in force, and once more whenever the configuration
    /// moved on meanwhile. What the store says of itself is noted.
    ///
    /// - Parameter body: throws `StoreError.outdated` when it was done on an older configuration, and then has done
    ///   nothing.
    public func onNewest<Value: Sendable>(
        _ snapshot: TenantSnapshot, _ body: (TenantSnapshot) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        try await untilInForce(snapshot) { snapshot throws(StoreError) in
            do throws(StoreError) {
                let value = try await body(snapshot)
                noteAnswer()
                return value
            } catch {
                note(error)
                throw error
            }
        }
    }

    /// Runs `body` until it was not outdated.
    func untilInForce<Value: Sendable>(
        _ snapshot: TenantSnapshot, _ body: (TenantSnapshot) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        var snapshot = snapshot
        var tries = Tries(at: clock.now())
        while tries.another(at: clock.now()) {
            do throws(StoreError) {
                return try await body(snapshot)
            } catch .outdated(let version) {
                guard let newer = try await newer(than: snapshot, atLeast: version) else { break }
                snapshot = newer
            }
        }
        throw .unavailable("the configuration changes faster than it can be read")
    }
}
