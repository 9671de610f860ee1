internal import Crypto
internal import Experiments

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
            let title = snapshot.catalogue[sealed.product]?.product.title ?? sealed.product.text
            guard
                let made = CheckoutLine(
                    quote: sealed.quote, product: sealed.product, title: title, unitPrice: sealed.price.amount,
                    quantity: line.quantity, tax: tax, expiresAt: sealed.expiresAt)
            else {
                faults.add(place + "/quantity", "The line would pass \(Money.largestAmount) minor units.")
                continue
            }
            read.lines.append(made)
            read.quotes.append(charged)
        }
        return read
    }

    /// Finds a quote by its id or token. The price is what our own seal over the stored offer says.
    private func reading(
        of text: String, in snapshot: TenantSnapshot, at now: Timestamp
    ) async throws(CheckoutError) -> Reading {
        let id: QuoteID
        var isProven = false
        if let named = QuoteID(text) {
            id = named
        } else {
            do throws(SealError) {
                id = try snapshot.seal.open(text, at: now).quote
                isProven = true
            } catch .expired {
                return .expired
            } catch {
                return .unknown
            }
        }
        let found: Quote?
        do throws(StoreError) { found = try await pricing.quote(id, in: snapshot, isPromised: !isProven) } catch {
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
}
