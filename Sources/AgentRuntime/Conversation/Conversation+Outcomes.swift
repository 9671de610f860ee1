internal import Experiments

extension Conversation {
    /// What to do now that an action came to this.
    public mutating func received(_ outcome: ActionOutcome) -> [Action] {
        guard state != .handedOff else { return [] }
        return settled(decided(outcome))
    }

    private mutating func decided(_ outcome: ActionOutcome) -> [Action] {
        switch outcome {
        case .found(let products, let areNear): return found(products, areNear: areNear)
        case .quoted(let quotes): return quoted(quotes)
        case .opened(let id): return opened(id)
        case .checkout(let id, let standing): return read(id, standing)
        case .canceled(let id, let replacement): return canceled(id, for: replacement)
        case .kept(let id, let standing): return kept(id, standing)
        case .refused: return refused()
        }
    }

    private mutating func found(_ products: [Shown], areNear: Bool) -> [Action] {
        guard !products.isEmpty else {
            if state == .greeting || state == .done { state = .asking }
            return [.say(Line(passed == 0 ? .nothingFound : .noMore))]
        }
        passed += products.count
        self.areNear = areNear ? true : nil
        shown = Array(products.prefix(Self.mostShown))
        // Who names one by its whole title speaks of that one.
        focus = shown.count == 1 ? shown[0] : isOneOfSeveral == true ? nil : Self.titled(query, among: shown)
        quantity = focus.flatMap(wished) ?? 1
        proposal = nil
        awaited = .offer
        return [.quote(shown.map(\.sku), quantity: 1)]
    }

    private mutating func quoted(_ quotes: [ActionOutcome.Quoted]) -> [Action] {
        let what = awaited
        awaited = nil
        guard let what, let first = quotes.first else { return gone() }
        switch what {
        case .offer:
            let isMore = passed > shown.count
            shown = quotes.map(\.product)
            state = shown.count == 1 ? .quoting : .offering
            return [.say(Line(isMore ? .more : areNear == true ? .near : .offer, products: quotes))]
        case .compare:
            shown = quotes.map(\.product)
            // Asked which it prefers: none is spoken of more than the others.
            focus = nil
            state = .offering
            return [.say(Line(.compare, products: quotes))]
        case .focus(let topic):
            state = .quoting
            proposal = nil
            return [.say(Line(topic, products: [first], quantity: quantity))]
        case .negotiation:
            state = .quoting
            return [.say(Line(.negotiation, products: [first]))]
        case .confirmation: return propose(first, .confirm)
        case .checkout:
            guard let proposal, proposal.sku == first.product.sku, proposal.tail == first.quote.tail else {
                // Another price than the one agreed to: it is agreed to anew or not at all.
                return propose(first, .changed)
            }
            return [.openCheckout(first.quote, quantity: proposal.quantity)]
        }
    }

    /// Asks to confirm, once nothing else of this chat can be paid.
    mutating func propose(
        _ quoted: ActionOutcome.Quoted, _ topic: Line.Topic, after preludes: [Line.Topic] = []
    ) -> [Action] {
        if let due { return [.cancelCheckout(due, for: quoted)] }
        guard let tail = quoted.quote.tail else { return gone() }
        state = .confirming
        proposal = Proposal(sku: quoted.product.sku, quantity: quantity, tail: tail)
        var line = Line(topic, products: [quoted], quantity: quantity)
        line.preludes = preludes
        return [.say(line)]
    }

    private mutating func refused() -> [Action] {
        // What has nothing to do with a checkout that cannot be looked at now is answered all the same.
        if let message, state != .paying, message.intent != .status, message.intent != .deny {
            self.message = nil
            return answer(message)
        }
        let wasCheckout = proposal != nil && state == .confirming && awaited == nil
        message = nil
        awaited = nil
        guard wasCheckout else { return [.say(Line(.unavailable))] }
        proposal = nil
        state = .quoting
        return [.say(Line(.checkoutRefused))]
    }

    /// What was asked about is not sold any more.
    private mutating func gone() -> [Action] {
        focus = nil
        proposal = nil
        state = .asking
        return [.say(Line(.unavailable))]
    }
}
