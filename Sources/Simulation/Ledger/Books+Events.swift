internal import Experiments

extension Books {
    /// What must become of an event.
    enum Verdict: Equatable {
        case accepted, duplicate
        case rejected(EventRejection.Code)

        init(_ outcome: EventOutcome) {
            switch outcome {
            case .accepted: self = .accepted
            case .duplicate: self = .duplicate
            case .rejected(let rejection): self = .rejected(rejection.code)
            }
        }
    }

    /// Judges an event, and books it if it is to be taken.
    func judge(_ draft: EventDraft, at now: Int64) -> Verdict {
        guard let id = draft.id, let shopper = draft.shopper, let at = draft.timestamp?.milliseconds,
            let type = draft.type
        else { return .rejected(.invalid) }
        if eventIDs.contains(id) { return .duplicate }
        guard at >= now - 7 * 86_400_000, at <= now + 600_000 else { return .rejected(.timestampOutOfRange) }

        var named: Trial?
        if let product = draft.product, items[product] == nil { return .rejected(.productNotFound) }
        if let text = draft.experiment {
            guard let trial = trials.first(where: { $0.id.description == text }), trial.stage != .draft else {
                return .rejected(.experimentNotFound)
            }
            named = trial
        }
        if let paidIn = draft.revenue?.currency.code {
            let due = named?.currency ?? draft.product.flatMap { items[$0]?.currency }
            if let due, due != paidIn { return .rejected(.currencyMismatch) }
        }
        if let named, let product = draft.product, !named.products.contains(product) { return .rejected(.invalid) }

        var deed = Person.Deed(
            isRefund: type == "refund", at: at, experiment: named?.id, product: draft.product,
            quantity: draft.quantity ?? 1, paid: draft.revenue?.amount, currency: draft.revenue?.currency.code,
            order: draft.order, unitCost: nil)
        let person = person(shopper)
        if let text = draft.quote {
            guard let quote = QuoteID(text), let tail = quote.tail, let promise = promises[tail] else {
                return .rejected(.quoteNotFound)
            }
            guard self.person(promise.shopper) === person, draft.product ?? promise.product == promise.product,
                draft.experiment == nil || named?.id == promise.trial
            else { return .rejected(.quoteMismatch) }
            if let currency = deed.currency, currency != promise.currency { return .rejected(.currencyMismatch) }
            // The list price is nobody's trial.
            deed.experiment = promise.trial ?? Offer.noExperiment
            if type != "refund", let id = promise.trial, let seat = person.seats[id], seat.variant != promise.variant {
                person.seats[id]?.isExcluded = true
            }
            deed.product = promise.product
            // A sale or refund of a price cannot be older than the price.
            deed.at = max(deed.at, promise.toldAt)
            if type == "exposure" {
                promises[tail]?.isExposed = true
                if let trial = promise.trial.flatMap({ self.trial($0) }) { expose(person, in: trial, at: at) }
            }
            if type == "conversion" {
                promises[tail]?.acceptedWindow = quote.issuedAt.milliseconds
                if deed.paid == nil {
                    deed.paid = promise.price * deed.quantity
                    deed.currency = promise.currency
                }
            }
        } else if type == "exposure" {
            guard exposeByName(person, shopper, draft.product, named, at: at, now: now) else {
                return .rejected(.notAssigned)
            }
        }
        eventIDs.insert(id)
        if type == "conversion" || type == "refund" {
            deed.unitCost = deed.product.flatMap { items[$0]?.cost }
            person.deeds.append(deed)
        }
        return .accepted
    }

    private func expose(_ person: Person, in trial: Trial, at time: Int64) {
        guard var seat = person.seats[trial.id], trial.countsExposure(at: time) else { return }
        seat.exposedAt = min(seat.exposedAt ?? time, time)
        person.seats[trial.id] = seat
    }

    /// An exposure that names no quote: to whatever experiments on the product the shopper is in, else to the first
    /// that takes it. False when there is none.
    private func exposeByName(
        _ person: Person, _ shopper: String, _ product: String?, _ named: Trial?, at time: Int64, now: Int64
    ) -> Bool {
        guard let product = product ?? named?.products.first else { return false }
        var live = trials.filter { $0.products.contains(product) && $0.holdsPrices(at: time) }
        if let named {
            live = [named]
            if !named.products.contains(product) || !named.holdsPrices(at: time) {
                guard person.seats[named.id] != nil else { return false }
            }
        }
        let seated = live.filter { person.seats[$0.id] != nil }
        for trial in seated { expose(person, in: trial, at: time) }
        if !seated.isEmpty { return true }
        for trial in live { trial.asked.insert(shopper) }
        for trial in live {
            guard let variant = trial.takes(shopper, channel: nil, at: time) else { continue }
            guard hasRoom(at: now) else { return false }
            countAssignment(at: now)
            person.seats[trial.id] = Person.Seat(
                variant: variant, phase: trial.phases.count - 1, assignedAt: now, exposedAt: nil)
            expose(person, in: trial, at: time)
            return true
        }
        return false
    }
}
