/// Offers that some process told, where every process finds them again for minutes.
///
/// Never the only copy: what is missing, out of reach or not as we sealed it costs a question to the store. What it
/// finds is believed as the store would be, so whoever changes what is due to a shopper makes it forget.
public protocol AssignmentCache: Sendable {
    /// What is kept, in the order asked; nil when the cache cannot be asked, which is not the same as a miss.
    func find(_ places: [CachedPlace], in snapshot: TenantSnapshot) async -> [CachedOffer]?

    /// The same for one place, for who cannot wait: calls back on the caller's own loop, without a task, with nil when the
    /// cache cannot be asked.
    ///
    /// - Returns: false when that is not to be had here; then nothing is called.
    func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool

    /// What an answer is kept with of whom the cache was not asked: as of one of whom it has nothing.
    var ticketOfNothing: [UInt8] { get }

    /// Keeps what the store said for some minutes, unless its shopper was forgotten since the ticket was taken; of one who was
    /// forgotten lately perhaps nothing, which costs another question. Where several keep what they found nothing of, the first
    /// one's stays. Does not wait.
    func keep(_ offers: [CacheEntry], in snapshot: TenantSnapshot)

    /// Forgets shoppers; answers under way will not be kept.
    func forget(_ subjects: [Subject], of tenant: TenantID) async

    /// Says, before it is committed, that the tenant's configuration may change: for some seconds nothing is claimed.
    func announceChange(of tenant: TenantID) async

    /// Takes places for offers that the store cannot be asked about; outcomes in order. Each is granted only if the snapshot is
    /// the newest that any process is known to have and nobody has the place, an earlier one of `entries` included.
    func claim(_ entries: [CacheEntry], in snapshot: TenantSnapshot) async -> [CacheClaim]
}

extension AssignmentCache {
    public func find(
        _ place: CachedPlace, in snapshot: TenantSnapshot, _ done: @escaping @Sendable (CachedOffer?) -> Void
    ) -> Bool { false }
}

/// A shopper's place for a product.
public struct CachedPlace: Sendable, Hashable {
    public let subject: Subject
    public let product: TenantKey

    public init(subject: Subject, product: TenantKey) {
        self.subject = subject
        self.product = product
    }
}

/// What the cache has for a place, and what an answer of the store may be kept with.
public struct CachedOffer: Sendable {
    public let offer: Offer?
    /// The state of the place, and where something stood there of its shopper, when it was looked up.
    public let ticket: [UInt8]

    public init(offer: Offer?, ticket: [UInt8]) {
        self.offer = offer
        self.ticket = ticket
    }
}

/// An offer to keep.
public struct CacheEntry: Sendable {
    public let offer: Offer
    public let place: CachedPlace
    public let ticket: [UInt8]

    public init(offer: Offer, place: CachedPlace, ticket: [UInt8]) {
        self.offer = offer
        self.place = place
        self.ticket = ticket
    }
}

public enum CacheClaim: Sendable, Equatable {
    case granted
    /// The place has this one, told by another process or earlier in the same call.
    case taken(Offer)
    case refused
    /// The cache did not say: it may have granted the place, and others find the offer there.
    case unknown
}
