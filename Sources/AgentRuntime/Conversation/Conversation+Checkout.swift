internal import Experiments

// The checkout of a chat. There is at most one that can be paid: what is refused or replaced is cancelled before that is
// told, and what cannot be cancelled any more is said to be so.
extension Conversation {
    /// Has a checkout looked at before a message is answered that may be about it.
    mutating func look(at checkout: CheckoutID, _ message: Understanding) -> [Action] {
        self.message = message
        return [.readCheckout(checkout)]
    }

    mutating func opened(_ id: CheckoutID) -> [Action] {
        checkout = id
        isOver = nil
        proposal = nil
        bought()
        state = .paying
        return [.say(Line(.checkout, quantity: quantity, checkout: id))]
    }

    mutating func read(_ id: CheckoutID, _ standing: CheckoutStanding) -> [Action] {
        guard let message else { return [] }
        self.message = nil
        guard id == due else {
            let isCancelled = message.intent == .deny && standing == .paid
            return [.say(Line(isCancelled ? .tooLate : order(standing), checkout: id))]
        }
        note(id, standing)
        let waited = state == .paying
        if standing.isPaid { return answer(message, whenPaid: id, waited: waited) }
        if standing == .over { return answer(message, whenOver: waited) }
        if refuses(message, waited) { return [.cancelCheckout(id, for: nil)] }
        switch message.intent {
        case .payment: return [.say(Line(.unpaid, checkout: id))]
        case .buy where message.wantsToPay: return [.say(Line(.unpaid, checkout: id))]
        // The one total there is.
        case .price where waited && isOfSame(message) && message.asksForTotal && message.quantity == nil:
            return [.say(Line(.unpaid, checkout: id))]
        case .status where waited || paid == nil: return [.say(Line(.unpaid, checkout: id))]
        case .confirm where waited, .unclear where waited: return [.say(Line(.unpaid, checkout: id))]
        case .buy where waited && isSame(message), .quantity where waited && isSame(message):
            return [.say(Line(.unpaid, checkout: id))]
        default: return answer(message)
        }
    }

    /// It was paid since the shopper was told of it last.
    private mutating func answer(_ message: Understanding, whenPaid id: CheckoutID, waited: Bool) -> [Action] {
        if waited { state = .done }
        if refuses(message, waited) { return [.say(Line(.tooLate, checkout: id))] }
        switch message.intent {
        case .status: return [.say(Line(.paid, checkout: id))]
        case .confirm where waited, .thanks where waited, .unclear where waited:
            return [.say(Line(.paid, checkout: id))]
        case .buy where waited && isSame(message), .quantity where waited && isSame(message):
            return [.say(Line(.paid, checkout: id))]
        // Who changes how many takes it for changeable.
        case .buy where waited && isOfSame(message), .quantity where waited:
            return [.say(Line(.tooLate, checkout: id))]
        default: return answer(message)
        }
    }

    private mutating func answer(_ message: Understanding, whenOver waited: Bool) -> [Action] {
        if waited { state = focus == nil ? .asking : .quoting }
        if refuses(message, waited) {
            quantity = 1
            wishes = nil
            return [.say(Line(.checkoutCancelled))]
        }
        switch message.intent {
        case .status where waited || paid == nil, .unclear where waited: return [.say(Line(.over))]
        // What was agreed to has ended: the price is told again and asked about again.
        case .confirm where waited, .buy where waited && isSame(message): return answer(Understanding(.buy))
        default: return answer(message)
        }
    }

    mutating func canceled(_ id: CheckoutID, for replacement: ActionOutcome.Quoted?) -> [Action] {
        note(id, .over)
        if let replacement { return propose(replacement, .confirm, after: [.replaced]) }
        if state == .paying { state = focus == nil ? .asking : .quoting }
        quantity = 1
        wishes = nil
        return [.say(Line(.checkoutCancelled))]
    }

    mutating func kept(_ id: CheckoutID, _ standing: CheckoutStanding) -> [Action] {
        note(id, standing)
        state = standing.isPaid ? .done : .paying
        return [.say(Line(standing.isPaid ? .tooLate : .underway, checkout: id))]
    }

    private mutating func note(_ id: CheckoutID, _ standing: CheckoutStanding) {
        guard id == checkout else { return }
        if standing == .over { isOver = true }
        if standing.isPaid { paid = id }
    }

    private func order(_ standing: CheckoutStanding) -> Line.Topic {
        switch standing {
        case .refunded: .refunded
        case .partlyRefunded: .partlyRefunded
        case .paid: .placed
        case .open, .paying, .over: .noOrder
        }
    }

    /// Whether the checkout is not wanted: by a no where it is spoken of, or by a word that takes back what was ordered.
    private func refuses(_ message: Understanding, _ waited: Bool) -> Bool {
        switch message.intent {
        case .deny: message.takesBack || waited && asked?.isOfCheckout ?? false
        // "Cancel my order".
        case .status: message.cancels
        default: false
        }
    }

    /// Whether what waits is meant, as it is.
    private func isSame(_ message: Understanding) -> Bool {
        isOfSame(message) && !message.isUnclearCount && message.step == nil
            && (message.quantity ?? quantity) == quantity
    }

    private func isOfSame(_ message: Understanding) -> Bool {
        message.place == nil && message.matter.allSatisfy(SaidCount.isNumeral)
    }
}
