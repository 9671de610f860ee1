public import Experiments

/// What was told in conversations, held against what was quoted: reads every transcript again and counts the amounts that
/// nothing stands behind. It must find none.
public struct TranscriptAudit: Sendable {
    /// Something told that cannot be accounted for.
    public struct Finding: Sendable, Equatable {
        public let tenant: TenantID
        public let message: MessageID
        /// A sentence for people.
        public let detail: String
    }

    public private(set) var conversations = 0
    /// Of the agent and of people; what shoppers write is theirs.
    public private(set) var messages = 0
    /// Of those, the ones that a language model had to do with.
    public private(set) var modelMessages = 0
    /// Delivered in texts and on cards.
    public private(set) var amounts = 0
    public private(set) var findings: [Finding] = []

    private let judge = PriceGuard(languages: Set(Language.allCases))
    /// Findings that are kept; one is as bad as a thousand.
    private static let most = 1000

    public init() {}

    /// Reads all that was said to a tenant's shoppers.
    public mutating func read(
        _ tenant: TenantID, prices: PricingService, checkouts: any CheckoutStore
    ) async throws(StoreError) {
        guard let snapshot = prices.snapshot(of: tenant) else { return }
        var before: ConversationID?
        while true {
            let page = try await prices.store.conversations(in: tenant, state: nil, before: before, limit: 200)
            for record in page { try await read(record, in: snapshot, prices, checkouts) }
            guard let last = page.last else { return }
            before = last.id
        }
    }

    private mutating func read(
        _ conversation: ConversationRecord, in snapshot: TenantSnapshot, _ prices: PricingService,
        _ checkouts: any CheckoutStore
    ) async throws(StoreError) {
        conversations += 1
        var after = 0
        while true {
            let page = try await prices.store.messages(
                of: conversation.id, in: snapshot.tenant.id, after: after, limit: 200)
            guard let last = page.last else { return }
            for record in page {
                let stored = try StoredMessage(record, of: conversation.id)
                guard stored.message.role != .shopper else { continue }
                messages += 1
                note(text(of: stored.message), stored.id, snapshot)
                if let trace = stored.message.model {
                    modelMessages += 1
                    note(Self.fault(of: trace, with: stored.message), stored.id, snapshot)
                }
                var told = stored.message.amounts.map { ($0.source, $0.money) }
                told += stored.message.products.map { (.quote($0.quote.description), $0.price) }
                for (source, money) in told {
                    amounts += 1
                    let fault =
                        switch source {
                        case .quote(let id):
                            try await fault(of: id, money, told: stored.message.at, to: conversation, snapshot, prices)
                        case .total(let id):
                            try await fault(of: id, money, told: conversation, snapshot, checkouts)
                        }
                    note(fault.map { "\(money.display): \($0)" }, stored.id, snapshot)
                }
            }
            after = last.number
        }
    }

    private mutating func note(_ detail: String?, _ message: MessageID, _ snapshot: TenantSnapshot) {
        guard let detail, findings.count < Self.most else { return }
        findings.append(Finding(tenant: snapshot.tenant.id, message: message, detail: detail))
    }

    /// What is wrong with a text: it must be its draft with the slots filled, and the draft must pass the guard today.
    private func text(of message: ChatMessage) -> String? {
        guard let draft = message.draft else { return "the draft was not kept" }
        var facts = Facts(texts: message.facts ?? [:])
        let ever = Timestamp(milliseconds: .max)
        for amount in message.amounts {
            switch amount.source {
            case .quote(let id): facts.prices[id] = PriceFact(quote: id, money: amount.money, expiresAt: ever)
            case .total(let id): facts.totals[id] = amount.money
            }
        }
        let refused = judge.violations(in: draft, facts: facts).first { violation in
            message.role == .agent || violation.isMoney
        }
        if let refused { return "\"\(refused.text)\" is not allowed in it" }
        // A conversation may have changed its language since.
        let isTold = Language.allCases.contains { language in
            facts.language = language
            guard let told = try? facts.render(draft, at: message.at) else { return false }
            return told.text == message.text && told.amounts == message.amounts
                && told.amounts.allSatisfy { Money(reading: $0.text, in: language) == $0.money }
        }
        guard isTold else { return "the text is not its draft with the slots filled" }
        let untold = message.products.compactMap(\.disclosure).first { !message.text.contains($0.text) }
        return untold.map { "\"\($0.text)\" does not stand beside the price" }
    }

    /// What is wrong with the proof of a message that a model had to do with: what it named must be what was told.
    private static func fault(of trace: ModelTrace, with message: ChatMessage) -> String? {
        guard trace.output.utf8.count == 64 || trace.calls == 0 else { return "the model's output has no hash" }
        switch trace.verdict {
        case .typed, .templated: return nil
        case .told, .regenerated, .cut:
            let told = Set(
                message.amounts.map { amount in
                    switch amount.source {
                    case .quote(let id), .total(let id): id
                    }
                })
            guard trace.verdict == .cut || Set(trace.resolved.values) == told,
                told.isSuperset(of: trace.resolved.values)
            else { return "the model named other amounts than were told" }
            return nil
        }
    }

    /// What is wrong with a price: it must be that of a quote of this shopper's, live when it was told.
    private func fault(
        of text: String, _ money: Money, told at: Timestamp, to conversation: ConversationRecord,
        _ snapshot: TenantSnapshot, _ prices: PricingService
    ) async throws(StoreError) -> String? {
        guard let id = QuoteID(text), let tail = id.tail, let quote = try await prices.quote(id, in: snapshot),
            let offer = try await prices.store.offer(tail, in: snapshot.tenant.id)
        else { return "there is no quote \(text)" }
        guard quote.price == money else { return "the quote \(text) says \(quote.price.display)" }
        // One who goes by several ids may have been told under another of them.
        guard offer.subject == conversation.subject || snapshot.tenant.hasLinkedShoppers else {
            return "the quote \(text) is another shopper's"
        }
        return quote.issuedAt <= at && at < quote.expiresAt ? nil : "the quote \(text) was not live when it was told"
    }

    private func fault(
        of text: String, _ money: Money, told conversation: ConversationRecord, _ snapshot: TenantSnapshot,
        _ checkouts: any CheckoutStore
    ) async throws(StoreError) -> String? {
        guard let id = CheckoutID(text), let checkout = try await checkouts.checkout(id, in: snapshot.tenant.id) else {
            return "there is no checkout \(text)"
        }
        guard checkout.subject == conversation.subject || snapshot.tenant.hasLinkedShoppers else {
            return "the checkout \(text) is another shopper's"
        }
        let total = Money(amount: checkout.totals.total, currency: checkout.totals.currency)
        return total == money ? nil : "the checkout \(text) comes to \(total.display)"
    }
}
