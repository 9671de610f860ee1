/// What a caller asks: the price of a product for a shopper.
public struct QuoteRequest: Sendable {
    public let shopper: TenantKey
    public let product: TenantKey
    public let attributes: Attributes
    public let quantity: Int64
    /// The currency the caller expects; nil for whatever the product has.
    public let currency: Currency?
    /// Whether the price is being told to the shopper now.
    public let expose: Bool
    /// In which the shopper is spoken to, as a BCP 47 tag; nil where nobody said.
    public let language: String?

    public init(
        shopper: TenantKey, product: TenantKey, attributes: Attributes = [:], quantity: Int64 = 1,
        currency: Currency? = nil, expose: Bool = true, language: String? = nil
    ) {
        self.shopper = shopper
        self.product = product
        self.attributes = attributes
        self.quantity = quantity
        self.currency = currency
        self.expose = expose
        if let language {
            self.language = language
        } else if case .string(let named)? = attributes["language"] {
            self.language = named
        } else {
            self.language = nil
        }
    }

    /// Where the shopper is, as far as the caller said.
    public var place: ShopperPlace { ShopperPlace(attributes) }
}

public enum QuoteError: Error, Sendable, Equatable {
    case unknownProduct
    case wrongCurrency(Currency)
    case quantity(largest: Int64)
    /// The store cannot make the price durable now, so it is not told.
    case store(StoreError)
}

/// Where prices come from. **No price is computed outside this file.**
public enum Quoter {
    /// What would happen to a shopper whom an experiment has not seen before.
    public enum Decision: Sendable, Equatable {
        case enrol(variant: Int)
        case decline(Quote.Reason)
    }

    /// Audience → layer → holdout → bucket. Pure: the same for every process, restart and replica.
    static func decide(
        _ live: LiveExperiment, shopper: TenantKey, attributes: Attributes, at now: Timestamp
    ) -> Decision {
        let experiment = live.experiment
        if experiment.status == .paused { return .decline(.pausedIntake) }
        if let audience = experiment.audience, !audience.matches(attributes) { return .decline(.notInAudience) }
        if let namespace = live.namespace, !namespace.contains(shopper.text) { return .decline(.layerTaken) }
        if experiment.holdout > 0, live.holdoutSeed.unit(of: shopper.text) < experiment.holdout {
            return .decline(.holdout)
        }
        guard let variant = live.variant(for: shopper, at: now) else { return .decline(.notInAudience) }
        return .enrol(variant: variant)
    }

    /// What each experiment on a product would do with a shopper, and why the list price would be told if none takes
    /// it.
    static func propose(
        _ entry: CatalogueEntry, shopper: TenantKey, attributes: Attributes, at now: Timestamp
    ) -> Proposal {
        var proposal = Proposal()
        for live in entry.live where live.honoured.contains(now) {
            switch decide(live, shopper: shopper, attributes: attributes, at: now) {
            case .enrol(let variant):
                proposal.candidates.append(
                    candidate(live, variant: variant, traits: live.experiment.traits(of: attributes)))
            case .decline(let reason):
                proposal.candidates.append(candidate(live, variant: nil))
                if proposal.considered == nil {
                    proposal.considered = live.experiment.id
                    proposal.reason = reason
                }
            }
        }
        return proposal
    }

    /// An experiment that takes nobody new: whom it has taken before it keeps.
    static func standing(in experiment: Experiment) -> Candidate {
        Candidate(
            experiment: experiment.id, variant: nil, phase: max(0, experiment.phases.count - 1),
            prices: experiment.variants.map(\.offered))
    }

    private static func candidate(
        _ live: LiveExperiment, variant: Int?, traits: UnitTraits = UnitTraits()
    ) -> Candidate {
        Candidate(
            experiment: live.experiment.id, variant: variant,
            phase: max(0, live.experiment.phases.count - 1), prices: live.experiment.variants.map(\.offered),
            traits: traits)
    }

    /// The quote of an offer that is durable.
    ///
    /// - Parameters:
    ///   - entry: what the catalogue has of the product; nil where it has nothing any more.
    ///   - attributes: what was said of who hears it, and in which language it hears; nothing where it is read back.
    static func quote(
        _ offer: Offer, on entry: CatalogueEntry?, in snapshot: TenantSnapshot, shopper: TenantKey?,
        reason: Quote.Reason, considered: ExperimentID?, at now: Timestamp, window fixed: QuoteWindow? = nil,
        attributes: Attributes = [:], language: String? = nil
    ) -> Quote {
        let window = fixed ?? QuoteWindow(of: offer.toldAt, at: now)
        let id = QuoteID(tail: offer.tail, issuedAt: window.issuedAt)
        let price = Money(amount: offer.price, currency: offer.currency)
        // A quote outlives its product: it is a promise.
        let listPrice = entry?.product.listPrice ?? price
        let token = snapshot.seal.seal(
            SealedQuote(
                tenant: snapshot.tenant.id, quote: id, subject: offer.subject, product: offer.product,
                placement: offer.placement, price: price, maximumQuantity: Quote.largestQuantity,
                expiresAt: window.expiresAt))
        let told = offer.placement.flatMap { snapshot.variant(of: $0, on: entry) }
        return Quote(
            id: id, shopper: shopper, product: offer.product, price: price, listPrice: listPrice,
            experiment: offer.placement?.experiment ?? considered, variant: told?.name, reason: reason,
            state: state(of: offer, in: window, at: now), issuedAt: window.issuedAt, expiresAt: window.expiresAt,
            maximumQuantity: Quote.largestQuantity, token: token,
            disclosure: offer.placement.flatMap { _ in
                snapshot.disclosure(ofPriceBasedOn: told?.basis, at: ShopperPlace(attributes), in: language)
            })
    }

    private static func state(of offer: Offer, in window: QuoteWindow, at now: Timestamp) -> Quote.State {
        if offer.acceptedWindow == window.issuedAt { return .accepted }
        if now >= window.expiresAt { return .expired }
        return offer.isExposed ? .quoted : .evaluated
    }
}

/// What is asked of the store for a shopper it may or may not know.
public struct Proposal: Sendable, Equatable {
    /// Every experiment that holds prices for the product now, first come first.
    public var candidates: [Candidate] = []
    /// The first experiment that declined, with its reason; `noExperiment` when there was none.
    public var considered: ExperimentID?
    public var reason: Quote.Reason = .noExperiment

    /// Where a shopper falls whom no candidate has: to the first that takes it.
    public var taker: Offer.Placement? {
        for candidate in candidates {
            if let variant = candidate.variant {
                return Offer.Placement(experiment: candidate.experiment, variant: variant)
            }
        }
        return nil
    }

    /// The same for a shopper who was told a variant's price before the weights changed for the first time.
    func seating(at seat: Offer.Placement) -> Proposal {
        var proposal = self
        proposal.candidates = candidates.map { $0.seating(at: seat) }
        return proposal
    }

    /// Why a shopper has the price it has, and the experiment of which that is said; nil where none holds prices.
    ///
    /// - Parameters:
    ///   - placement: what the price belongs to; nil for the list price.
    ///   - isNew: whether the shopper has its placement only now.
    ///   - isOverLimit: whether the tenant's use of the month alone keeps the shopper out of an experiment.
    func reason(
        for placement: Offer.Placement?, isNew: Bool, isOverLimit: Bool
    ) -> (reason: Quote.Reason, experiment: ExperimentID?) {
        if let placement { return (isNew ? .split : .sticky, placement.experiment) }
        return isOverLimit ? (.usageLimit, taker?.experiment) : (reason, considered)
    }
}

/// One experiment, and the variant a shopper new to it falls to (nil: it would not take the shopper; one it has taken
/// before it keeps).
public struct Candidate: Sendable, Equatable {
    public let experiment: ExperimentID
    public let variant: Int?
    /// The phase a new shopper belongs to.
    public let phase: Int
    /// Offered price by variant, in minor units.
    public let prices: [Int64]
    /// What is known of a new shopper before it is told a price.
    public var traits = UnitTraits()

    /// See ``Proposal``.
    func seating(at seat: Offer.Placement) -> Candidate {
        guard seat.experiment == experiment else { return self }
        return Candidate(experiment: experiment, variant: seat.variant, phase: 0, prices: prices, traits: traits)
    }
}
