internal import Crypto
internal import Synchronization

/// Every tenant's newest snapshot, and who holds which key: what the hot path looks in.
final class Directory: Sendable {
    private struct State {
        var tenants: [TenantID: TenantSnapshot] = [:]
        var keys: [Digest256: (tenant: TenantID, key: APIKeyID)] = [:]

        mutating func put(_ snapshot: TenantSnapshot) {
            if let old = tenants[snapshot.tenant.id], old.version >= snapshot.version { return }
            replace(with: snapshot)
        }

        mutating func replace(with snapshot: TenantSnapshot) {
            if let old = tenants[snapshot.tenant.id] {
                for key in old.keys.values { keys[key.hash] = nil }
            }
            for key in snapshot.keys.values { keys[key.hash] = (snapshot.tenant.id, key.id) }
            tenants[snapshot.tenant.id] = snapshot
        }
    }

    private let state = Mutex(State())

    subscript(tenant: TenantID) -> TenantSnapshot? { state.withLock { $0.tenants[tenant] } }

    var count: Int { state.withLock { $0.tenants.count } }

    var versions: [TenantID: Int] { state.withLock { $0.tenants.mapValues(\.version) } }

    var all: [TenantSnapshot] { state.withLock { Array($0.tenants.values) } }

    func find(_ keyHash: Digest256) -> (TenantSnapshot, APIKey)? {
        state.withLock { state in
            guard let place = state.keys[keyHash], let snapshot = state.tenants[place.tenant],
                let key = snapshot.keys[place.key]
            else { return nil }
            return (snapshot, key)
        }
    }

    /// Takes a snapshot unless a newer one is there.
    func put(_ snapshot: TenantSnapshot) { state.withLock { $0.put(snapshot) } }

    /// Takes what was read unless what is there is as new.
    func put(_ configuration: TenantConfiguration) {
        let known = self[configuration.tenant.id]
        if let known, known.version >= configuration.version { return }
        put(TenantSnapshot(configuration, after: known))
    }

    /// Takes what a store has that lost the version known here: what was decided on that is remembered no more.
    func goBack(to configuration: TenantConfiguration, from version: Int) {
        let snapshot = TenantSnapshot(configuration)
        state.withLock { state in
            if state.tenants[snapshot.tenant.id]?.version == version { state.replace(with: snapshot) }
        }
    }

    func replaceAll(_ snapshots: [TenantSnapshot]) {
        state.withLock { state in
            state = State()
            for snapshot in snapshots { state.put(snapshot) }
        }
    }
}
