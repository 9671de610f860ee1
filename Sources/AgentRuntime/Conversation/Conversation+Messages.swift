internal import Experiments

extension Conversation {
    /// What to do on a shopper's message. Actions are done in their order; what comes of one that is answered is told to
    /// `received(_:)` before the next message.
    public mutating func received(_ message: Understanding) -> [Action] {
        guard state != .handedOff else { return [] }
        if let spoken = message.language, languages.contains(spoken) { language = spoken }
        awaited = nil
        // What waits to be paid may have been paid meanwhile, elsewhere.
        if state == .paying, let checkout {
            self.message = message
            return [.readCheckout(checkout)]
        }
        return answer(message)
    }

    mutating func answer(_ message: Understanding) -> [Action] {
        if message.intent != .unclear { misunderstandings = 0 }
        switch message.intent {
        case .greet: return ask(.greeting)
        case .search: return named(message).map { price($0, .price) } ?? search(message.matter)
        case .price: return priceAsked(message)
        case .details: return one(message).map { price($0, .details) } ?? lookUp(message)
        case .compare: return shown.count > 1 ? quoteShown(.compare) : more()
        case .more: return more()
        case .choose: return one(message).map { price($0, .price) } ?? lookUp(message)
        case .quantity: return quantityGiven(message)
        case .buy: return buy(message)
        case .confirm: return confirmed(message)
        case .deny: return denied()
        case .negotiate: return negotiated(message)
        case .status: return [.say(Line(.noOrder))]
        case .person: return handOff()
        case .thanks: return [.say(Line(.thanks))]
        case .bye: return [.say(Line(.bye))]
        case .unclear: return unclear()
        }
    }

    /// Gives the conversation to a person.
    public mutating func handOff() -> [Action] {
        guard state != .handedOff else { return [] }
        state = .handedOff
        proposal = nil
        awaited = nil
        return [.handOff, .say(Line(.handedOff))]
    }

    /// Takes the conversation back from a person.
    public mutating func resumed() {
        guard state == .handedOff else { return }
        state = .asking
    }

    // MARK: What is spoken of

    /// The product that a message speaks of, if it is one.
    private func one(_ message: Understanding) -> Shown? {
        if let place = message.place {
            let index = place < 0 ? shown.count - 1 : place
            return shown.indices.contains(index) ? shown[index] : nil
        }
        return named(message) ?? focus ?? (shown.count == 1 ? shown[0] : nil)
    }

    /// The one of those shown whose title alone has a word of the message.
    private func named(_ message: Understanding) -> Shown? {
        guard !message.matter.isEmpty else { return nil }
        let scores = shown.map { product in
            let title = SaidWords(product.title).list
            return message.matter.count { word in title.contains { Self.sameWord($0, word) } }
        }
        guard let best = scores.max(), best > 0, scores.count(where: { $0 == best }) == 1,
            let index = scores.firstIndex(of: best)
        else { return nil }
        // "a red lamp" after a red mug is another thing.
        return best * 2 >= message.matter.count ? shown[index] : nil
    }

    /// The same but for an ending: mug and mugs, Tasse and Tassen.
    private static func sameWord(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        return short.count >= 3 && long.hasPrefix(short) && long.count - short.count <= 2
    }

    // MARK: Looking

    private mutating func search(_ words: [String]) -> [Action] {
        guard !words.isEmpty else { return ask(.ask) }
        query = words
        passed = 0
        return [.search(words, skipping: 0)]
    }

    private mutating func lookUp(_ message: Understanding) -> [Action] {
        if shown.isEmpty, !message.matter.isEmpty { return search(message.matter) }
        return shown.isEmpty ? ask(.ask) : [.say(Line(.which))]
    }

    private mutating func more() -> [Action] {
        query.isEmpty ? ask(.ask) : [.search(query, skipping: passed)]
    }

    private mutating func ask(_ topic: Line.Topic) -> [Action] {
        if state == .greeting || state == .done { state = .asking }
        return [.say(Line(topic))]
    }

    // MARK: Prices

    private mutating func price(_ product: Shown, _ topic: Line.Topic) -> [Action] {
        if focus != product { quantity = 1 }
        focus = product
        awaited = .focus(topic)
        return [.quote([product.sku], quantity: quantity)]
    }

    private mutating func quoteShown(_ what: Awaited) -> [Action] {
        awaited = what
        return [.quote(shown.map(\.sku), quantity: 1)]
    }

    private mutating func priceAsked(_ message: Understanding) -> [Action] {
        if message.place != nil || named(message) != nil || message.matter.isEmpty {
            if let product = one(message) { return price(product, .price) }
        } else if let focus, message.pointsBack {
            return price(focus, .price)
        }
        if !message.matter.isEmpty { return search(message.matter) }
        return shown.isEmpty ? ask(.ask) : quoteShown(.compare)
    }

    private mutating func negotiated(_ message: Understanding) -> [Action] {
        guard let product = one(message) else { return [.say(Line(.negotiationNothing))] }
        focus = product
        awaited = .negotiation
        return [.quote([product.sku], quantity: quantity)]
    }

    // MARK: Buying

    private mutating func quantityGiven(_ message: Understanding) -> [Action] {
        guard let product = focus ?? (shown.count == 1 ? shown[0] : nil) else {
            // "2" after a list means the second.
            if let number = message.quantity, shown.indices.contains(Int(clamping: number) - 1) {
                return price(shown[Int(clamping: number) - 1], .price)
            }
            return shown.isEmpty ? ask(.ask) : [.say(Line(.which))]
        }
        return propose(product, quantity: message.quantity ?? quantity)
    }

    private mutating func buy(_ message: Understanding) -> [Action] {
        if message.place == nil, message.matter.isEmpty, message.quantity == nil, state == .confirming {
            return confirmed(message)
        }
        guard let product = one(message) else { return lookUp(message) }
        // A thing that was never shown is looked for first.
        if message.place == nil, !message.matter.isEmpty, !message.pointsBack, named(message) == nil {
            return search(message.matter)
        }
        return propose(product, quantity: message.quantity ?? (product == focus ? quantity : 1))
    }

    private mutating func propose(_ product: Shown, quantity: Int64) -> [Action] {
        focus = product
        self.quantity = min(max(1, quantity), Self.mostPieces)
        awaited = .confirmation
        return [.quote([product.sku], quantity: self.quantity)]
    }

    private mutating func confirmed(_ message: Understanding) -> [Action] {
        switch state {
        case .confirming:
            guard let proposal else { return ask(.ask) }
            if let wanted = message.quantity, wanted != proposal.quantity { return quantityGiven(message) }
            // The price once more, live: only if it is the one agreed to is there a checkout.
            awaited = .checkout
            return [.quote([proposal.sku], quantity: proposal.quantity)]
        case .quoting, .offering:
            guard let product = one(message) else { return [.say(Line(.which))] }
            return state == .quoting
                ? propose(product, quantity: message.quantity ?? quantity) : price(product, .price)
        default: return ask(.ask)
        }
    }

    private mutating func denied() -> [Action] {
        proposal = nil
        switch state {
        case .confirming, .paying:
            state = focus == nil ? .asking : .quoting
            return [.say(Line(.cancelled))]
        default: return ask(.ask)
        }
    }

    private mutating func unclear() -> [Action] {
        misunderstandings += 1
        guard misunderstandings >= Self.patience else { return [.say(Line(.unclear))] }
        misunderstandings = 0
        return [.say(Line(.offerPerson))]
    }
}
