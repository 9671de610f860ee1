internal import Experiments

extension Conversation {
    /// What to do on a shopper's message. Actions are done in their order; what comes of one that is answered is told to
    /// `received(_:)` before the next message.
    public mutating func received(_ message: Understanding) -> [Action] {
        guard state != .handedOff else { return [] }
        if let spoken = message.language, languages.contains(spoken) { language = spoken }
        awaited = nil
        isOneOfSeveral = nil
        return settled(decided(recalling(message)))
    }

    private mutating func decided(_ message: Understanding) -> [Action] {
        if message.intent == .confirm, asked?.offersPerson ?? false { return handOff() }
        // What waits to be paid may have been paid meanwhile, elsewhere.
        return due.map { look(at: $0, message) } ?? answer(message)
    }

    /// The message with the number of pieces that was said before it was asked of what.
    private mutating func recalling(_ message: Understanding) -> Understanding {
        defer { wanted = nil }
        guard asked == .which, message.quantity == nil, !message.isUnclearCount else { return message }
        var message = message
        switch message.intent {
        case .search, .choose, .buy: message.quantity = wanted
        default: break
        }
        return message
    }

    /// Remembers what was said last. Whatever is said but the question whether to prepare the checkout withdraws what it
    /// was asked about: a yes is only ever a yes to the message before it.
    mutating func settled(_ actions: [Action]) -> [Action] {
        var actions = actions
        for (index, action) in actions.enumerated() {
            guard case .say(var line) = action else { continue }
            asked = line.topic
            if !line.topic.asksToConfirm { withdraw() }
            if isOneOfSeveral == true, line.topic.goesOn {
                line.preludes.append(.oneAtATime)
                actions[index] = .say(line)
            }
            isOneOfSeveral = nil
        }
        return actions
    }

    /// Takes back what the shopper was asked to confirm.
    mutating func withdraw() {
        proposal = nil
        if state == .confirming { state = focus == nil ? .asking : .quoting }
    }

    mutating func answer(_ message: Understanding) -> [Action] {
        if message.intent != .unclear { misunderstandings = 0 }
        if let wishes = message.wishes, let actions = several(wishes, message) { return actions }
        switch message.intent {
        case .greet: return ask(.greeting)
        case .search:
            if message.asksForAll { return browse() }
            return named(message).map { chosen($0, message) } ?? search(message.matter)
        case .price: return priceAsked(message)
        case .details: return one(message).map { price($0, .details) } ?? lookUp(message)
        case .compare: return shown.count > 1 ? quoteShown(.compare) : more()
        case .more: return more()
        case .choose: return one(message).map { chosen($0, message) } ?? lookUp(message)
        case .quantity: return quantityGiven(message)
        case .buy: return buy(message)
        case .confirm: return confirmed(message)
        case .deny: return denied(message)
        case .negotiate: return negotiated(message)
        case .currency:
            if let product = one(message) { return price(product, .currency) }
            return shown.isEmpty ? ask(.ask) : quoteShown(.compare)
        case .whyPrice: return one(message).map { price($0, .whyPrice) } ?? [.say(Line(.whyPriceNothing))]
        case .status: return paid.map { look(at: $0, message) } ?? [.say(Line(.noOrder))]
        case .service, .payment: return [.say(Line(.service, policy: message.policy))]
        case .robot: return [.say(Line(.automatic))]
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
        asked = .handedOff
        return [.handOff, .say(Line(.handedOff))]
    }

    /// Takes the conversation back from a person.
    public mutating func resumed() {
        guard state == .handedOff else { return }
        state = .asking
    }

    // MARK: Looking

    private mutating func search(_ words: [String]) -> [Action] {
        guard !words.isEmpty else { return ask(.ask) }
        query = words
        passed = 0
        return [.search(words, skipping: 0)]
    }

    /// Several products were asked for, each with its number: the first of them is begun with, where it was shown, and
    /// else they are shown. Nil where what reads as several is one, or only asked about.
    private mutating func several(_ asked: [Wish], _ message: Understanding) -> [Action]? {
        switch message.intent {
        case .search, .choose, .quantity, .buy, .confirm, .deny: break
        default: return nil
        }
        let found = asked.map(product)
        // "The second" and "those" say what is meant only here and now.
        let named = zip(asked, found).map { wish, product in
            product.map { Wish(quantity: wish.quantity, words: SaidWords($0.title).list) } ?? wish
        }
        if let first = found[0] {
            guard found.dropFirst().contains(where: { $0 != first }) else { return nil }
            wishes = named
            isOneOfSeveral = true
            return propose(first, quantity: asked[0].quantity)
        }
        guard named.allSatisfy({ !$0.words.isEmpty && IntentRules.place(in: $0.words) == nil }) else {
            return which(message)
        }
        wishes = named
        isOneOfSeveral = true
        return search(asked.flatMap(\.words))
    }

    /// What the shop sells, from the beginning of its catalogue.
    private mutating func browse() -> [Action] {
        query = []
        passed = 0
        return [.search([], skipping: 0)]
    }

    private mutating func lookUp(_ message: Understanding) -> [Action] {
        if shown.isEmpty, !message.matter.isEmpty { return search(message.matter) }
        return which(message)
    }

    /// Asks which of those shown is meant, and keeps in mind how many of it.
    private mutating func which(_ message: Understanding) -> [Action] {
        guard !shown.isEmpty else { return ask(.ask) }
        wanted = message.quantity
        return [.say(Line(.which))]
    }

    /// One was named: its price, or the question whether to prepare the checkout where the number of pieces was said too.
    private mutating func chosen(_ product: Shown, _ message: Understanding) -> [Action] {
        if let count = pieces(message, of: product) ?? wished(product), count > 1 {
            return propose(product, quantity: count)
        }
        return price(product, .price)
    }

    private mutating func more() -> [Action] {
        query.isEmpty && passed == 0 ? ask(.ask) : [.search(query, skipping: passed)]
    }

    private mutating func ask(_ topic: Line.Topic) -> [Action] {
        if state == .greeting || state == .done { state = .asking }
        return [.say(Line(topic))]
    }

    // MARK: Prices

    private mutating func price(_ product: Shown, _ topic: Line.Topic, of count: Int64? = nil) -> [Action] {
        if focus != product { quantity = wished(product) ?? 1 }
        if let count, count > 1 { quantity = count }
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
            if let product = one(message) {
                let count = pieces(message, of: product)
                let ofAll = (count ?? 1) > 1 || message.asksForTotal && product == focus && quantity > 1
                return price(product, ofAll ? .each : .price, of: count)
            }
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
        guard let product = focus ?? (shown.count == 1 ? shown[0] : nil) else { return which(message) }
        guard !message.isUnclearCount else { return howMany(product) }
        if let step = message.step {
            // One more of what? Only of what is being ordered.
            guard state == .confirming || state == .paying || focus != nil && quantity > 1 else {
                return shown.count > 1 ? more() : howMany(product)
            }
            let count = quantity + step
            return (1...Self.mostPieces).contains(count) ? propose(product, quantity: count) : howMany(product)
        }
        if state == .confirming, message.agrees, message.quantity == proposal?.quantity { return confirmed(message) }
        return propose(product, quantity: message.quantity ?? quantity)
    }

    private mutating func howMany(_ product: Shown) -> [Action] {
        focus = product
        if state != .paying { state = .quoting }
        return [.say(Line(.howMany))]
    }

    private mutating func buy(_ message: Understanding) -> [Action] {
        let hasCount = message.quantity != nil || message.isUnclearCount
        if message.place == nil, message.matter.isEmpty, !hasCount, state == .confirming {
            return confirmed(message)
        }
        guard let product = one(message) else { return lookUp(message) }
        // A thing that was never shown is looked for first.
        if message.place == nil, !message.matter.isEmpty, !message.pointsBack, named(message) == nil {
            return search(message.matter)
        }
        let count = pieces(message, of: product)
        if message.isUnclearCount, count == nil, Self.titled(message.said, among: [product]) == nil {
            return howMany(product)
        }
        return propose(product, quantity: count ?? (product == focus ? quantity : wished(product) ?? 1))
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
            // A yes to "what are you looking for?" agrees to nothing.
            if asked?.asksForWords ?? false { return ask(.ask) }
            guard let product = one(message) else { return which(message) }
            if asked == .howMany, message.quantity == nil { return howMany(product) }
            return state == .quoting
                ? propose(product, quantity: message.quantity ?? quantity) : price(product, .price)
        default: return ask(.ask)
        }
    }

    private mutating func denied(_ message: Understanding) -> [Action] {
        // How many were declined with the rest.
        quantity = 1
        wishes = nil
        guard state == .confirming else {
            if message.cancels, let paid { return look(at: paid, message) }
            return ask(.ask)
        }
        withdraw()
        return [.say(Line(.cancelled))]
    }

    private mutating func unclear() -> [Action] {
        misunderstandings += 1
        guard misunderstandings >= Self.patience else { return [.say(Line(.unclear))] }
        misunderstandings = 0
        return [.say(Line(.offerPerson))]
    }
}
