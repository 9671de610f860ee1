internal import Synchronization

/// How something is decided anew where the configuration moved on before the decision came to be kept.
///
/// A store that has the newest configuration at hand where it keeps things has it decided there and then. Sent back, whoever
/// is late would come late again: while configuration changes faster than a store is reached, nobody would ever arrive.
public final class Renewal<Decision: Sendable>: Sendable {
    private let tenant: TenantID
    private let directory: Directory
    private let body: @Sendable (TenantSnapshot) -> Decision?
    private let latest = Mutex<(snapshot: TenantSnapshot, decision: Decision)?>(nil)

    /// - Parameter body: decides; pure, and nil where it cannot be decided on that configuration.
    init(of tenant: TenantID, in directory: Directory, _ body: @escaping @Sendable (TenantSnapshot) -> Decision?) {
        self.tenant = tenant
        self.directory = directory
        self.body = body
    }

    /// The newest configuration that is known without asking.
    public var newest: TenantSnapshot? { directory[tenant] }

    /// Takes a newer configuration, which this process knows from then on.
    public func known(_ configuration: TenantConfiguration) -> TenantSnapshot? {
        directory.put(configuration)
        return newest
    }

    /// What is decided on a configuration; nil where nothing can be. What was decided last is what is kept.
    public func decide(on snapshot: TenantSnapshot) -> Decision? {
        guard let decision = body(snapshot) else { return nil }
        latest.withLock { $0 = (snapshot, decision) }
        return decision
    }

    /// What was decided last, and on which configuration; nil where the first decision stands.
    var last: (snapshot: TenantSnapshot, decision: Decision)? { latest.withLock { $0 } }
}
