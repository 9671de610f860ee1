internal import Synchronization

/// What tenants used since the start, summed by plan and, for the tenants that came first, by tenant. There are never more
/// rows than the caps allow, whoever comes: the rest is counted together.
public final class UsageTally: Sendable {
    /// What was used under one name.
    public final class Row: Sendable {
        private let toldQuotes = Atomic<Int>(0)
        private let acceptedEvents = Atomic<Int>(0)

        /// Prices told.
        public var quotes: Int { toldQuotes.load(ordering: .relaxed) }
        /// Events counted; neither duplicates nor those refused.
        public var events: Int { acceptedEvents.load(ordering: .relaxed) }

        fileprivate func add(quotes: Int, events: Int) {
            if quotes != 0 { toldQuotes.add(quotes, ordering: .relaxed) }
            if events != 0 { acceptedEvents.add(events, ordering: .relaxed) }
        }
    }

    /// The rows that one tenant on one plan is counted in. Its snapshot keeps them, so that counting looks nothing up.
    final class Place: Sendable {
        fileprivate let plan: Row
        fileprivate let tenant: Row

        fileprivate init(plan: Row, tenant: Row) {
            self.plan = plan
            self.tenant = tenant
        }
    }

    /// Rows by name, of which no more than `limit` have one.
    private struct Ledger<Name: Hashable & Sendable> {
        let limit: Int
        let rest = Row()
        private(set) var named: [Name: Row] = [:]

        init(limit: Int) { self.limit = limit }

        mutating func row(of name: Name) -> Row {
            if let row = named[name] { return row }
            guard named.count < limit else { return rest }
            let row = Row()
            named[name] = row
            return row
        }
    }

    /// What the rest is called; a plan of that name is part of it.
    public static let rest = "other"

    /// Plans that have a row of their own; there are as many as the platform sells.
    public static let namedPlans = 50

    private let state: Mutex<(plans: Ledger<String>, tenants: Ledger<TenantID>)>

    /// - Parameter namedTenants: tenants that have a row of their own, in the order in which they came; at least 0.
    public init(namedTenants: Int) {
        precondition(namedTenants >= 0, "a number of tenants")
        state = Mutex((Ledger(limit: Self.namedPlans), Ledger(limit: namedTenants)))
    }

    /// Counts for the snapshot's tenant. Without a lock from the second time on that a snapshot is counted for.
    public func count(quotes: Int = 0, events: Int = 0, in snapshot: TenantSnapshot) {
        let place = snapshot.usage.load() ?? snapshot.usage.storeIfNil(place(of: snapshot.tenant))
        place.plan.add(quotes: quotes, events: events)
        place.tenant.add(quotes: quotes, events: events)
    }

    private func place(of tenant: Tenant) -> Place {
        state.withLock { state in
            Place(
                plan: tenant.plan == Self.rest ? state.plans.rest : state.plans.row(of: tenant.plan),
                tenant: state.tenants.row(of: tenant.id))
        }
    }

    /// By plan, in the order of names; and what was used on plans beyond ``namedPlans``.
    public var plans: (named: [(plan: String, row: Row)], rest: Row) {
        let (named, rest) = state.withLock { ($0.plans.named, $0.plans.rest) }
        return (named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, rest)
    }

    /// By tenant, in the order of ids; and what was used by all others.
    public var tenants: (named: [(tenant: TenantID, row: Row)], rest: Row) {
        let (named, rest) = state.withLock { ($0.tenants.named, $0.tenants.rest) }
        return (named.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }, rest)
    }
}
