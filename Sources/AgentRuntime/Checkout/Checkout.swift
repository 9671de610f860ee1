internal import Crypto
public import Experiments

/// Quotes on their way to an order. A value that decides: each transition returns the checkout after it or says why it
/// cannot be; whoever acts on it writes the next before doing anything that rests on it.
public struct Checkout: Sendable, Equatable, Codable, Named {
    public static let identifierPrefix: StaticString = "chk"

    public enum State: Sendable, Equatable, Codable {
        /// Can transition to: paying, canceled, expired.
        case open
        /// Claimed: the provider is asked, was asked, or will be asked again, by the attempt's key. Can transition to:
        /// completed, and open where nothing was paid.
        case paying(since: Timestamp)
        /// Can transition to: nothing.
        case completed(order: OrderID, at: Timestamp)
        /// Can transition to: nothing.
        case canceled(at: Timestamp)
        /// Can transition to: nothing.
        case expired(at: Timestamp)
    }

    /// A state without what it holds.
    public enum Status: String, Sendable, CaseIterable {
        case open, paying, completed, canceled, expired
    }

    public let id: CheckoutID
    /// Rises by one with each transition; what is stored is only replaced by its successor.
    public private(set) var revision: Int64
    /// Whose quotes they are.
    public let subject: Subject
    public let lines: [CheckoutLine]
    public let totals: CheckoutTotals
    /// 64 hexadecimal digits (``TotalsHash``).
    public let totalsHash: String
    /// Nil where nobody said, or once the shopper was erased.
    public private(set) var buyer: Buyer?
    /// Who is asked for the money, by name.
    public let provider: String
    public let createdAt: Timestamp
    /// When its first quote ends.
    public let expiresAt: Timestamp
    public private(set) var state: State
    /// Counts from 1; a new one begins only where the last was declined.
    public private(set) var attempt: Int64
    /// Why the last attempt was not paid.
    public private(set) var lastDecline: Decline?
    /// What the provider made for the attempt, known here before anything could be taken by it. Nil with providers that
    /// make nothing, and before the claim.
    public private(set) var opening: PaymentOpening?

    /// The most lines one may have.
    public static let mostLines = 100
    /// How long after a claim nobody may still be on the way to the provider, in milliseconds.
    static let lease: Int64 = 60_000

    /// - Parameter lines: 1 to 100, of one subject and currency.
    /// - Throws: `invalid` where there are none or too many, or they come to too much.
    init(
        id: CheckoutID, subject: Subject, lines: [CheckoutLine], currency: Currency, buyer: Buyer?, provider: String,
        at now: Timestamp
    ) throws(CheckoutError) {
        guard (1...Self.mostLines).contains(lines.count), let ends = lines.map(\.expiresAt).min() else {
            throw .invalid(Faults([Fault("/lines", "A checkout has 1 to \(Self.mostLines) lines.")]))
        }
        guard let totals = CheckoutTotals(lines, in: currency) else {
            throw .invalid(Faults([Fault("/lines", "Together they pass \(Money.largestAmount) minor units.")]))
        }
        self.id = id
        self.subject = subject
        self.lines = lines
        self.totals = totals
        self.buyer = buyer
        self.provider = provider
        createdAt = now
        expiresAt = ends
        totalsHash = TotalsHash.of(lines, totals, buyer)
        revision = 1
        attempt = 1
        state = .open
    }

    public var status: Status {
        switch state {
        case .open: .open
        case .paying: .paying
        case .completed: .completed
        case .canceled: .canceled
        case .expired: .expired
        }
    }

    /// What the provider knows the attempt by: the same however often it is asked.
    public var attemptKey: String { "\(id)-\(attempt)" }

    /// Whether its prices hold no longer. They do for a moment after the end, for clocks that disagree.
    public func isOver(at now: Timestamp) -> Bool {
        now.milliseconds - expiresAt.milliseconds > QuoteWindow.grace
    }

    /// As whoever looks at it should see it: an open checkout whose prices ended is expired, written or not.
    public func seen(at now: Timestamp) -> Checkout {
        guard case .open = state, isOver(at: now) else { return self }
        return after(.expired(at: expiresAt))
    }

    /// Whether a claim is so old that nobody acts on it any more.
    func isAbandoned(at now: Timestamp) -> Bool {
        guard case .paying(let since) = state else { return false }
        return now.milliseconds - since.milliseconds > Self.lease
    }

    /// The checkout without who buys; nil where it does not say. The hash stays, of what the buyer agreed to.
    func forgettingBuyer() -> Checkout? {
        guard buyer != nil else { return nil }
        var next = self
        next.buyer = nil
        next.revision += 1
        return next
    }

    /// Whether a buyer who was sent to the provider had their time.
    func isForsaken(at now: Timestamp, after patience: Duration) -> Bool {
        guard case .paying(let since) = state else { return false }
        return now.milliseconds - since.milliseconds > patience.components.seconds * 1000
    }

    private func after(_ state: State) -> Checkout {
        var next = self
        next.state = state
        next.revision += 1
        return next
    }
}

/// `chk_…`
public typealias CheckoutID = Identifier<Checkout>

// MARK: - Transitions

extension Checkout {
    /// The buyer agreed: from here on the provider may be asked.
    ///
    /// - Parameter opening: what the provider made for it, if it makes something.
    public func claimed(
        totalsHash agreed: String, opening: PaymentOpening? = nil, at now: Timestamp
    ) throws(CheckoutError) -> Checkout {
        guard case .open = state else { throw refusal(of: "be paid") }
        if isOver(at: now) { throw .expired(at: expiresAt) }
        try check(agreed)
        var next = after(.paying(since: now))
        if let opening { next.opening = opening }
        return next
    }

    /// The provider has another page for the buyer than the one that is known; itself where it is that.
    func leading(to url: String) throws(CheckoutError) -> Checkout {
        guard case .paying = state, let opening else { throw refusal(of: "lead elsewhere") }
        if opening.url == url { return self }
        var next = after(state)
        next.opening?.url = url
        return next
    }

    /// - Throws: `totalsChanged` unless these are the totals the buyer agreed to.
    func check(_ agreed: String) throws(CheckoutError) {
        // Nothing secret: whoever may ask is told the hash.
        if agreed != totalsHash { throw .totalsChanged }
    }

    /// The provider never heard of the attempt: open again, and the attempt stands, so that one who was slow on the way
    /// and the next who tries ask under one key.
    public func released() throws(CheckoutError) -> Checkout {
        guard case .paying = state else { throw refusal(of: "be released") }
        return after(.open)
    }

    /// Nothing was paid, for good: the next attempt has a key of its own.
    public func declined(_ decline: Decline) throws(CheckoutError) -> Checkout {
        guard case .paying = state else { throw refusal(of: "be declined") }
        var next = after(.open)
        next.attempt += 1
        next.opening = nil
        next.lastDecline = decline
        return next
    }

    /// It was paid, and here is the order.
    public func completed(by order: OrderID, at now: Timestamp) throws(CheckoutError) -> Checkout {
        guard case .paying = state else { throw refusal(of: "be completed") }
        var next = after(.completed(order: order, at: now))
        next.lastDecline = nil
        return next
    }

    /// Given up by whoever began it. Once canceled it stays so, without complaint.
    public func canceled(at now: Timestamp) throws(CheckoutError) -> Checkout {
        switch state {
        case .open: return after(.canceled(at: now))
        case .canceled: return self
        case .paying, .completed, .expired: throw refusal(of: "be canceled")
        }
    }

    /// Its prices ended before anybody agreed.
    public func expired(at now: Timestamp) throws(CheckoutError) -> Checkout {
        guard case .open = state, isOver(at: now) else { throw refusal(of: "expire") }
        return after(.expired(at: expiresAt))
    }

    private func refusal(of action: String) -> CheckoutError {
        if case .expired(let end) = state { return .expired(at: end) }
        return .wrongState(status, action: action)
    }
}
