extension PricingService {
    /// Has something done that must be decided on the configuration in force, and once more whenever the configuration
    /// moved on meanwhile.
    ///
    /// - Parameter body: throws `StoreError.outdated` when it was done on an older configuration, and then has done
    ///   nothing.
    public func onNewest<Value: Sendable>(
        _ snapshot: TenantSnapshot, _ body: (TenantSnapshot) async throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        var snapshot = snapshot
        var tries = Tries(at: clock.now())
        while tries.another(at: clock.now()) {
            do throws(StoreError) {
                let value = try await body(snapshot)
                noteAnswer()
                return value
            } catch {
                note(error)
                guard case .outdated(let version) = error else { throw error }
                guard let newer = try await newer(than: snapshot, atLeast: version) else { break }
                snapshot = newer
            }
        }
        throw .unavailable("the configuration changes faster than it can be read")
    }
}
