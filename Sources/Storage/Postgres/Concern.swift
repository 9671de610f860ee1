internal import AgentRuntime
internal import Experiments

/// What of a tenant a job has to see before it can be decided: what is locked and loaded for it.
struct Concern: Sendable {
    struct Place: Hashable, Sendable {
        let subject: Subject
        let product: TenantKey
    }

    /// As the job names them: under whichever of their ids.
    var subjects: Set<Subject> = []
    /// Whose offers for which product.
    var places: Set<Place> = []
    /// Of quotes that are named.
    var tails: Set<UInt64> = []
    /// Of offers that may be made: the next free ones, where others have them.
    var freshTails: Set<UInt64> = []
    /// Events that may be taken: their ids are claimed.
    var events: Set<Bits128> = []
    /// Events that will not be taken: are they known?
    var refused: Set<Bits128> = []
    /// Subjects that become one: all that they have is concerned, and nobody else may change who is who meanwhile.
    var linked: Set<Subject> = []
    var checkouts: Set<CheckoutID> = []
    var orders: Set<OrderID> = []
    /// Scopes of replies that are to be kept.
    var replies: Set<Bits128> = []
    /// Where somebody may be assigned within a limit of use, the first day of the month: what was used since is concerned,
    /// and nobody else may use any meanwhile.
    var usageSince: Int32?
    /// Whether the keys of what would be written tell, by being free, that the store has nothing of these shoppers which
    /// the job would have to see, but for what they bought.
    var mayBeOfStrangers = false

    var size: Int { subjects.count + events.count + checkouts.count + orders.count }

    init() {}

    init(_ enrolments: [Enrolment], of tenant: Tenant) {
        mayBeOfStrangers =
            !tenant.hasLinkedShoppers && tenant.usageLimit == nil && enrolments.allSatisfy(\.mayBeOfStranger)
        if tenant.usageLimit != nil {
            usageSince = enrolments.lazy.filter { $0.proposal.taker != nil }.map(\.at.monthDays.lowerBound).min()
        }
        for enrolment in enrolments {
            subjects.insert(enrolment.subject)
            places.insert(Place(subject: enrolment.subject, product: enrolment.product))
            freshTails.insert(enrolment.tail)
            // Told already, it may stand already.
            if enrolment.told != nil { tails.insert(enrolment.tail) }
        }
    }

    init(_ incoming: [IncomingEvent], of tenant: Tenant, at now: Timestamp) {
        for one in incoming {
            switch one {
            case .event(let event, _, let proposals):
                if tenant.usageLimit != nil, event.type == .exposure, !proposals.isEmpty {
                    usageSince = now.monthDays.lowerBound
                }
                subjects.insert(event.subject)
                events.insert(event.id)
                if let tail = event.quote?.tail { tails.insert(tail) }
            case .rejected(let id, _):
                if let id { refused.insert(id) }
            }
        }
    }

    init(_ commit: CheckoutCommit, of tenant: Tenant, at now: Timestamp) {
        self.init(commit.events, of: tenant, at: now)
        if let checkout = commit.checkout { checkouts.insert(checkout.id) }
        if let order = commit.order { orders.insert(order.id) }
        if let reply = commit.reply { replies.insert(reply.scope.hash) }
    }

    init(linking a: Subject, _ b: Subject) {
        subjects = [a, b]
        linked = [a, b]
    }

    /// Whether what is loaded for this is all that `other` has to see.
    func covers(_ other: Concern) -> Bool {
        subjects.isSuperset(of: other.subjects) && places.isSuperset(of: other.places)
            && tails.isSuperset(of: other.tails) && freshTails.isSuperset(of: other.freshTails)
            && events.isSuperset(of: other.events) && refused.union(events).isSuperset(of: other.refused)
            && linked.isSuperset(of: other.linked) && checkouts.isSuperset(of: other.checkouts)
            && orders.isSuperset(of: other.orders) && replies.isSuperset(of: other.replies)
            && other.usageSince.map { needed in usageSince.map { $0 <= needed } ?? false } ?? true
    }

    mutating func formUnion(_ other: Concern) {
        subjects.formUnion(other.subjects)
        places.formUnion(other.places)
        tails.formUnion(other.tails)
        freshTails.formUnion(other.freshTails)
        events.formUnion(other.events)
        refused.formUnion(other.refused)
        linked.formUnion(other.linked)
        checkouts.formUnion(other.checkouts)
        orders.formUnion(other.orders)
        replies.formUnion(other.replies)
        usageSince = [usageSince, other.usageSince].compactMap(\.self).min()
    }
}

extension Enrolment {
    /// Whether a seat or an offer that the shopper has would stand where this one's would be written. What was told
    /// already may be part of what stands; where two experiments have a product, or one does not take the shopper, it may
    /// have a seat that is not the one it would get.
    fileprivate var mayBeOfStranger: Bool {
        told == nil && (proposal.candidates.isEmpty || proposal.candidates.count == 1 && proposal.taker != nil)
    }
}
