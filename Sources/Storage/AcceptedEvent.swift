internal import Experiments

/// Where an event belongs: what it names, or what the quote that it names was given for.
struct EventPlace: Sendable {
    let experiment: ExperimentID?
    let product: TenantKey?
    /// The offer its quote names, and the window of that quote.
    let quoted: (offer: Offer, window: Timestamp)?

    /// Of an event that names no quote.
    init(naming event: Event) {
        experiment = event.experiment
        product = event.product
        quoted = nil
    }

    /// Of an event that names a quote, if all that it says fits together.
    ///
    /// - Parameters:
    ///   - subject: whose event it is, as it is known by.
    ///   - offer: what the quote names; nil where there is none.
    ///   - owner: whom the offer was made to, as it is known by.
    init(
        quoting event: Event, of subject: Subject, offer: Offer?, owner: Subject?, at now: Timestamp
    ) throws(EventRejection) {
        guard let quote = event.quote, let offer,
            let window = QuoteWindow(issuedAt: quote.issuedAt, of: offer.toldAt, at: now)
        else { throw EventRejection(.quoteNotFound, "There is no such quote.") }
        guard owner == subject else {
            throw EventRejection(.quoteMismatch, "The quote was given to another shopper.")
        }
        if let product = event.product, product != offer.product {
            throw EventRejection(.quoteMismatch, "The quote is for \(offer.product).")
        }
        if let experiment = event.experiment, experiment != offer.placement?.experiment {
            throw EventRejection(.quoteMismatch, "The quote does not belong to this experiment.")
        }
        if let revenue = event.revenue, revenue.currency != offer.currency {
            throw EventRejection(.currencyMismatch, "The quote is in \(offer.currency).")
        }
        experiment = offer.placement?.experiment ?? Offer.noExperiment
        product = offer.product
        quoted = (offer, window.issuedAt)
    }
}

/// An event that counts, with all it names found.
struct AcceptedEvent: Sendable {
    let id: Bits128
    let type: EventType
    let subject: Subject
    /// When it happened: what names a quote, not before the quote was told, whatever the sender's clock says.
    let timestamp: Timestamp
    let experiment: ExperimentID?
    let product: TenantKey?
    let quantity: Int64
    let revenue: Money?
    let order: TenantKey?
    let unitCost: Int64?
    let quote: QuoteID?
    let properties: [UInt8]

    /// - Parameters:
    ///   - unitCost: of one item, frozen with the event; nil for what its product costs now.
    init(_ event: Event, of subject: Subject, at place: EventPlace, unitCost: Int64?, in snapshot: TenantSnapshot) {
        id = event.id
        type = event.type
        self.subject = subject
        timestamp = place.quoted.map { max(event.timestamp, $0.offer.toldAt) } ?? event.timestamp
        experiment = place.experiment
        product = place.product
        quantity = event.quantity
        order = event.order
        self.unitCost = unitCost ?? place.product.flatMap { snapshot.catalogue[$0]?.product.unitCost }
        quote = event.quote
        properties = event.properties
        var revenue = event.revenue
        if revenue == nil, event.type == .conversion, let (offer, _) = place.quoted {
            // What the shopper was quoted is what the shopper paid.
            let (paid, overflow) = offer.price.multipliedReportingOverflow(by: event.quantity)
            if !overflow { revenue = Money(amount: paid, currency: offer.currency) }
        }
        self.revenue = revenue
    }

    /// What it adds to the shopper's outcomes; nil for an event that is none.
    var outcome: OutcomeEvent? {
        guard let kind = type.outcome else { return nil }
        return OutcomeEvent(
            kind: kind, timestamp: timestamp, experiment: experiment, product: product,
            quantity: quantity, revenue: revenue, order: order, unitCost: unitCost)
    }
}
