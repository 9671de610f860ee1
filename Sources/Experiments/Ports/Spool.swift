/// Keeps what shoppers were told while the store was out of reach, until the store has it.
public protocol Spool: Sendable {
    /// Whether what it keeps outlives this process. Prices of experiments are told on such a spool alone.
    var isDurable: Bool { get }

    /// Returns once they are kept, with their numbers.
    func keep(_ offers: [SpooledOffer]) async throws(StoreError) -> [Int64]

    /// Those that wait, oldest first.
    func waiting(limit: Int) async throws(StoreError) -> [(number: Int64, offer: SpooledOffer)]

    func drop(_ numbers: [Int64]) async throws(StoreError)

    /// How many wait.
    var count: Int { get }
}

/// An offer with what the store needs to take it over as it was told.
public struct SpooledOffer: Sendable, Equatable {
    public let tenant: TenantID
    public let offer: Offer
    /// The experiment's phase the shopper came in.
    public let phase: Int

    public init(tenant: TenantID, offer: Offer, phase: Int) {
        self.tenant = tenant
        self.offer = offer
        self.phase = phase
    }
}
