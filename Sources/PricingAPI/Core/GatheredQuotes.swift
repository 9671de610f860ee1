internal import EventLoop
internal import Experiments
internal import Synchronization

/// Prices that the store has to be asked for. Those of one tenant that a loop comes to in one turn are asked for together: one
/// task, one job of the store's, and the answers one after the other.
final class GatheredQuotes: Sendable {
    private struct Waiting {
        let unknown: UnknownPrice
        let then: @Sendable (Result<Quote, QuoteError>) -> Void
    }

    private struct Group: Hashable {
        let loop: ObjectIdentifier
        let snapshot: ObjectIdentifier
    }

    private let service: PricingService
    /// Until the turn of their loop has come to them.
    private let waiting = Mutex<[Group: [Waiting]]>([:])

    /// A transaction carries 4,000 shoppers and events (`PostgresTurns`); this leaves room for others'.
    private static let mostTogether = 250

    init(_ service: PricingService) { self.service = service }

    /// Calls back once, on the loop. When it does, the price is durable.
    func add(
        _ unknown: UnknownPrice, in snapshot: TenantSnapshot, on loop: EventLoop,
        _ then: @escaping @Sendable (Result<Quote, QuoteError>) -> Void
    ) {
        let group = Group(loop: ObjectIdentifier(loop), snapshot: ObjectIdentifier(snapshot))
        let isFirst = waiting.withLock { waiting in
            waiting[group, default: []].append(Waiting(unknown: unknown, then: then))
            return waiting[group]?.count == 1
        }
        // After whatever else became ready in this turn. Until then this closure keeps the two that name the group.
        if isFirst { loop.execute { [self] in ask(group, in: snapshot, on: loop) } }
    }

    private func ask(_ group: Group, in snapshot: TenantSnapshot, on loop: EventLoop) {
        guard var left = waiting.withLock({ $0.removeValue(forKey: group) })?[...] else { return }
        // While the store is out of reach one looks whether it is back, and the others do not wait for that.
        var next = service.isDegraded ? 1 : Self.mostTogether
        while !left.isEmpty {
            let together = left.prefix(next)
            left = left.dropFirst(next)
            next = Self.mostTogether
            Task.immediate(executorPreference: loop) { [service] in
                let results = await service.quotes(together.map(\.unknown), in: snapshot)
                @Sendable func tell() {
                    for (one, result) in zip(together, results) { one.then(result) }
                }
                if loop.isCurrent { tell() } else { loop.execute(tell) }
            }
        }
    }
}
