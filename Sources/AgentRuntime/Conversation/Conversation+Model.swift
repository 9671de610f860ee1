internal import Experiments

/// What a model may choose in the place of words of its own.
enum ModelChoice: Equatable {
    case tell([Conversation.Shown])
    case decline(Conversation.Shown?)
    case ask(TypedTurn.Question)
    /// To ask the shopper whether to prepare the checkout. Nothing a model says opens one.
    case propose(Conversation.Shown, Int64)
    case offerPerson
}

extension Conversation {
    /// Whether a message is for a model to answer, where there is one: one that no rule knows, or that asks more about
    /// products than rules can tell. What rules do know stays theirs: they cost nothing and are never wrong about money.
    public func leavesToModel(_ message: Understanding) -> Bool {
        // What waits to be paid is looked up first; while a person answers, nobody else does.
        guard state != .handedOff, state != .paying, message.wishes == nil else { return false }
        let isLong = message.said.count > 3
        return switch message.intent {
        case .unclear: true
        case .search: isLong && message.isGuess == true
        case .details: isLong && !message.matter.isEmpty
        default: false
        }
    }

    /// Does what a model chose: the words come from the phrasebook.
    mutating func decided(byModel choice: ModelChoice) -> [Action] {
        misunderstandings = 0
        awaited = nil
        switch choice {
        case .tell(let products):
            shown = Array(products.prefix(Self.mostShown))
            guard products.count == 1, let first = products.first else {
                focus = nil
                quantity = 1
                awaited = .compare
                return [.quote(shown.map(\.sku), quantity: 1)]
            }
            return answered(about: first, .focus(.price))
        case .decline(let product):
            guard let product = product ?? focus ?? (shown.count == 1 ? shown[0] : nil) else {
                return settled([.say(Line(.negotiationNothing))])
            }
            return answered(about: product, .negotiation)
        case .ask(let question): return settled([.say(Line(topic(of: question)))])
        case .propose(let product, let count):
            if !shown.contains(product) { shown = [product] }
            quantity = min(max(1, count), Self.mostPieces)
            focus = product
            awaited = .confirmation
            return [.quote([product.sku], quantity: quantity)]
        case .offerPerson: return settled([.say(Line(.service))])
        }
    }

    private mutating func answered(about product: Shown, _ what: Awaited) -> [Action] {
        if focus != product { quantity = 1 }
        if !shown.contains(product) { shown = [product] }
        focus = product
        awaited = what
        return [.quote([product.sku], quantity: quantity)]
    }

    private func topic(of question: TypedTurn.Question) -> Line.Topic {
        switch question {
        case .quantity: focus == nil ? .which : .howMany
        case .product, .size, .color: shown.isEmpty ? .ask : .which
        case .destination, .other: .service
        }
    }

    /// Keeps what a model's own words were about, so that "the second one" and "yes" mean it. A yes to them asks for a
    /// price or a confirmation, never for a checkout.
    ///
    /// - Parameters:
    ///   - products: those that were named, in their order.
    ///   - hasPrices: whether a price was told.
    ///   - words: what was looked for, and how many of what was found were shown; nil where nothing was.
    ///   - noted: what the shopper wants and how many, where the model noted it.
    mutating func spoke(
        of products: [Shown], hasPrices: Bool, lookedFor words: (query: [String], passed: Int)?,
        noted: (product: Shown, quantity: Int64)?
    ) {
        misunderstandings = 0
        awaited = nil
        message = nil
        wanted = nil
        asked = nil
        if let words {
            query = words.query
            passed = words.passed
        }
        if !products.isEmpty {
            shown = Array(products.prefix(Self.mostShown))
            focus = shown.count == 1 ? shown[0] : nil
            quantity = 1
        }
        if let noted {
            if !shown.contains(noted.product) { shown = [noted.product] }
            focus = noted.product
            quantity = min(max(1, noted.quantity), Self.mostPieces)
        }
        withdraw()
        if hasPrices {
            state = focus == nil ? .offering : .quoting
        } else if state == .greeting || state == .done {
            state = .asking
        }
    }
}
