/// A quote that can be told at once.
public enum KnownQuote: Sendable {
    /// An experiment's price that this process remembers.
    case held(HeldQuote)
    case made(Quote)

    public var quote: Quote {
        switch self {
        case .held(let held): held.quote
        case .made(let quote): quote
        }
    }
}

/// A quote that this process knows, not yet put into words: its seal and its text are the most of what it costs.
public struct HeldQuote: Sendable {
    let found: AssignmentTable.Entry
    let offer: Offer
    let request: QuoteRequest
    let entry: CatalogueEntry
    let snapshot: TenantSnapshot
    let window: QuoteWindow
    let at: Timestamp

    public static let reason = Quote.Reason.sticky

    public var quote: Quote {
        Quoter.quote(
            offer, on: entry, in: snapshot, shopper: request.shopper, reason: Self.reason, considered: nil, at: at,
            window: window, attributes: request.attributes, language: request.language)
    }

    /// All that the quote says follows from this; nil where what is shown beside the price depends on more.
    public var key: HeldQuoteKey? {
        guard request.attributes.isEmpty, request.language == nil else { return nil }
        return HeldQuoteKey(found: found, issuedAt: window.issuedAt, snapshot: snapshot.stamp)
    }
}

/// Two held quotes with the same key are the same to the byte: one shopper, one product, one offer, one window, one
/// snapshot of the configuration in this process.
public struct HeldQuoteKey: Sendable, Equatable {
    let found: AssignmentTable.Entry
    let issuedAt: Timestamp
    let snapshot: UInt64

    /// As good as random, and the same for equal keys.
    public var hash: UInt64 {
        // The subject is the output of a keyed hash; the odd constant is 2^64 / φ.
        found.subject.low ^ found.subject.high &+ found.slot &* 0x9e37_79b9_7f4a_7c15
    }
}
