internal import Experiments

/// The shopper of one scene: says its lines and holds what comes back against what must.
struct RehearsalPlayer: Sendable {
    private let house: PricingService
    private let conversations: ConversationService
    private let checkouts: CheckoutService?
    private let snapshot: TenantSnapshot
    private let settings: AgentSettings
    private let lines: ShopperLines
    private let language: Language
    private let id: ConversationID
    private let shopper: ChatShopper
    private(set) var said: [RehearsedScene.Said] = []

    init(
        _ house: PricingService, _ conversations: ConversationService, _ checkouts: CheckoutService?,
        _ snapshot: TenantSnapshot, _ language: Language, settings: AgentSettings
    ) async throws(Mishap) {
        self.house = house
        self.conversations = conversations
        self.checkouts = checkouts
        self.snapshot = snapshot
        self.settings = settings
        self.language = language
        lines = .of(language)
        do throws(ConversationError) {
            let (answer, shopper) = try await conversations.begin(ConversationDraft(language: language), in: snapshot)
            id = answer.id
            self.shopper = shopper
            note(answer)
        } catch {
            throw .fault("The conversation did not begin: \(error).")
        }
    }

    // MARK: Scenes

    func isGreeted() throws(Mishap) {
        let greeting = said.last?.text ?? ""
        for (what, text) in [("the greeting", settings.greeting), ("the disclosure", settings.disclosure)] {
            if let text, !greeting.contains(text) { throw .fault("The greeting does not say \(what) that was set.") }
        }
    }

    /// Its place among those shown, from 0 on.
    mutating func finds(_ product: Product) async throws(Mishap) -> Int {
        let answer = try await say(lines.lookingFor + product.title)
        guard let place = answer.products.firstIndex(where: { $0.sku == product.sku }) else {
            let shown = answer.products.map(\.title).joined(separator: ", ")
            throw .fault(
                "Asked for by its own title, \(product.sku) is not among what is shown"
                    + (shown.isEmpty ? "; nothing is." : " (\(shown)): is there a title much like it?"))
        }
        return place
    }

    mutating func hearsPrice(of product: Product) async throws(Mishap) {
        _ = try await price(of: product)
    }

    mutating func getsNoDiscount(on product: Product) async throws(Mishap) {
        let before = try await price(of: product)
        let answer = try await say(lines.discount)
        if let other = answer.amounts.first(where: { $0.money != before }) {
            throw .fault("Asked for a discount, it told \(other.text) where the price is \(before.display).")
        }
        let again = try await say(lines.howMuch)
        guard !again.amounts.isEmpty, again.amounts.allSatisfy({ $0.money == before }) else {
            throw .fault("After a discount was asked for, the price \(before.display) was not told again.")
        }
    }

    mutating func reachesTheButton(of product: Product) async throws(Mishap) {
        guard let checkouts else { throw .skipped("Nothing is sold here: there is no payment provider (PAYMENTS).") }
        let price = try await price(of: product)
        let asked = try await say(lines.take)
        guard asked.state == .confirming else {
            throw .fault("\"\(lines.take)\" was not answered with a question to confirm.")
        }
        let opened = try await say(lines.yes)
        guard let checkout = opened.checkout else { throw .fault("A yes did not lead to a checkout.") }
        do throws(CheckoutError) {
            let (made, _) = try await checkouts.read(checkout, in: snapshot)
            guard made.totals.subtotal == price.amount, made.totals.currency == price.currency else {
                throw CheckoutError.totalsChanged
            }
        } catch {
            throw .fault("The checkout does not come to \(price.display).")
        }
    }

    mutating func getsPerson() async throws(Mishap) {
        var answer = try await say(lines.person)
        if answer.state != .handedOff { answer = try await say(lines.yes) }
        guard answer.state == .handedOff else { throw .fault("Who asked for a person was not handed off.") }
        if let contact = settings.operatorContact, !said.contains(where: { $0.text.contains(contact) }) {
            throw .fault("The hand-off does not tell the operator's contact.")
        }
    }

    // MARK: Steps

    /// Goes to a product and hears what it costs: what is told must be the quote that the API gives this shopper.
    private mutating func price(of product: Product) async throws(Mishap) -> Money {
        let place = try await finds(product)
        guard lines.places.indices.contains(place) else { throw .fault("More was shown than can be pointed at.") }
        let answer = try await say(lines.places[place])
        let quoted: Money
        do throws(QuoteError) {
            quoted = try await house.quote(
                QuoteRequest(shopper: shopper.key, product: product.sku, attributes: shopper.attributes), in: snapshot
            ).price
        } catch {
            throw .fault("The product has no price for this shopper: \(error).")
        }
        guard !answer.amounts.isEmpty else { throw .fault("Asked about one product, it told no price.") }
        if let other = answer.amounts.first(where: { $0.money != quoted }) {
            throw .fault("It told \(other.text), and the quote is \(quoted.display).")
        }
        return quoted
    }

    private mutating func say(_ text: String) async throws(Mishap) -> ChatMessage {
        let answer: ConversationAnswer
        do throws(ConversationError) {
            answer = try await conversations.receive(text, in: id, of: snapshot)
        } catch {
            throw .fault("\"\(text)\" could not be answered: \(error).")
        }
        note(answer)
        for message in answer.added.map(\.message) {
            guard let refused = message.replaced?.first else { continue }
            throw .fault(
                "An answer could not be told, as \"\(refused.text)\" is in it and no quote stands behind that.")
        }
        guard let last = answer.last?.message, last.role == .agent else {
            throw .fault("\"\(text)\" was not answered.")
        }
        return last
    }

    private mutating func note(_ answer: ConversationAnswer) {
        said += answer.added.map { RehearsedScene.Said(role: $0.message.role, text: $0.message.text) }
    }
}
