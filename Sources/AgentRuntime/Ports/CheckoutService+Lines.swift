internal import Crypto
internal import Experiments

extension CheckoutDraft {
    /// Where the buyer is: what they say of themselves goes before what else is known.
    var whereabouts: ShopperPlace { ShopperPlace(country: buyer?.country, region: buyer?.region).filled(from: place) }
}

extension CheckoutService {
    /// A quote that may be charged, with what its seal says.
    struct Charged: Sendable {
        let quote: Quote
        let sealed: SealedQuote
    }

    struct ReadLines: Sendable {
        var lines: [CheckoutLine] = []
        var quotes: [Charged] = []
        /// Quotes that were ours and ended.
        var expired = Faults()
    }

    private enum Reading {
        case live(Charged)
        case expired
        case unknown
    }

    /// Reads each line's quote; what is wrong is added to `faults`, all at once.
    func lines(
        of draft: CheckoutDraft, in snapshot: TenantSnapshot, at now: Timestamp, _ faults: inout Faults
    ) async throws(CheckoutError) -> ReadLines {
        var read = ReadLines()
        var seen: Set<QuoteID> = []
        var taxable: [TaxableSale.Line] = []
        var places: [String] = []
        for (index, line) in draft.lines.enumerated() {
            let place = "/lines/\(index)"
            let charged: Charged
            switch try await reading(of: line.quote, in: snapshot, at: now) {
            case .unknown:
                faults.add(place + "/quote", "There is no such quote.")
                continue
            case .expired:
                read.expired.add(place + "/quote", "This quote expired; ask for the price again.")
                continue
            case .live(let found): charged = found
            }
            let sealed = charged.sealed
            if !seen.insert(sealed.quote).inserted {
                faults.add(place + "/quote", "This quote stands in another line; raise the quantity there.")
                continue
            }
            guard (1...sealed.maximumQuantity).contains(line.quantity) else {
                faults.add(place + "/quantity", "From 1 to \(sealed.maximumQuantity), which the quote holds for.")
                continue
            }
            if read.quotes.contains(where: { $0.sealed.product == sealed.product }) {
                faults.add(place + "/quote", "This product stands in another line; raise the quantity there.")
                continue
            }
            if let first = read.quotes.first {
                if sealed.subject != first.sealed.subject {
                    faults.add(place + "/quote", "This quote was given to another shopper than the first.")
                    continue
                }
                if sealed.price.currency != first.sealed.price.currency {
                    faults.add(
                        place + "/quote",
                        "This quote is in \(sealed.price.currency), the first in "
                            + "\(first.sealed.price.currency).")
                    continue
                }
            }
            guard let subtotal = CheckoutLine.subtotal(sealed.price.amount, line.quantity) else {
                faults.add(place + "/quantity", Self.tooMuch)
                continue
            }
            taxable.append(
                TaxableSale.Line(product: sealed.product, quantity: line.quantity, subtotal: subtotal))
            places.append(place)
            read.quotes.append(charged)
        }
        guard faults.isEmpty, read.expired.isEmpty, let first = read.quotes.first else { return read }
        let whereabouts = draft.whereabouts
        let sale = TaxableSale(
            tenant: snapshot.tenant, currency: first.sealed.price.currency, lines: taxable, place: whereabouts, at: now)
        for (index, tax) in try await taxes(on: sale).enumerated() {
            let sealed = read.quotes[index].sealed
            let made = CheckoutLine(
                quote: sealed.quote, product: sealed.product,
                title: snapshot.catalogue[sealed.product]?.product.title ?? sealed.product.text,
                unitPrice: sealed.price.amount, quantity: taxable[index].quantity, tax: tax,
                expiresAt: sealed.expiresAt,
                disclosure: snapshot.disclosure(of: sealed.placement, at: whereabouts, in: draft.language))
            if let made { read.lines.append(made) } else { faults.add(places[index] + "/quantity", Self.tooMuch) }
        }
        return read
    }

    private static let tooMuch = "The line would pass \(Money.largestAmount) minor units."

    /// One tax a line.
    private func taxes(on sale: TaxableSale) async throws(CheckoutError) -> [LineTax] {
        let taxes: [LineTax]
        // Nothing was begun: who asks again may be told.
        do throws(TaxError) { taxes = try await tax.taxes(on: sale) } catch { throw .providerUnreachable }
        guard taxes.count == sale.lines.count else { throw .providerUnreachable }
        return taxes
    }

    /// Finds a quote by its id or token. The price is what our own seal over the stored offer says.
    private func reading(
        of text: String, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(CheckoutError) -> Reading {
        let id: QuoteID
        var proof: SealedQuote?
        if let named = QuoteID(text) {
            id = named
        } else {
            do throws(SealError) {
                let sealed = try snapshot.seal.open(text, at: now)
                id = sealed.quote
                proof = sealed
            } catch .expired {
                return .expired
            } catch {
                return .unknown
            }
        }
        var found: Quote?
        do throws(StoreError) {
            found = try await pricing.quote(id, in: snapshot, isPromised: proof == nil)
            if found == nil, let proof { found = try await pricing.redeemed(proof, in: snapshot) }
        } catch {
            throw .store(error)
        }
        guard let quote = found else { return .unknown }
        do throws(SealError) {
            return .live(Charged(quote: quote, sealed: try snapshot.seal.open(quote.token, at: now)))
        } catch .expired {
            return .expired
        } catch {
            return .unknown
        }
    }

    /// The event that says a price was told which was only evaluated before.
    static func exposure(to sealed: SealedQuote, at now: Timestamp) -> IncomingEvent {
        let event = Event(
            id: Bits128(SHA256.hash("told\u{0}\(sealed.quote)")), type: .exposure, subject: sealed.subject,
            timestamp: now, quote: sealed.quote, product: sealed.product)
        return .event(event, unitCost: nil, proposals: [])
    }

    /// The events that say that a checkout was begun, one for each experiment that prices something in it.
    static func beginnings(of checkout: Checkout, _ quotes: [SealedQuote], at now: Timestamp) -> [IncomingEvent] {
        var told: Set<ExperimentID> = []
        return quotes.compactMap { sealed in
            guard let placement = sealed.placement, told.insert(placement.experiment).inserted else { return nil }
            let event = Event(
                id: Bits128(SHA256.hash("checkout\u{0}\(checkout.id)\u{0}\(placement.experiment)")), type: .checkout,
                subject: sealed.subject, timestamp: now, quote: sealed.quote, product: sealed.product)
            return .event(event, unitCost: nil, proposals: [])
        }
    }
}
