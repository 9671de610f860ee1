internal import EventLoop
internal import Experiments
internal import Synchronization

/// Prices that the store has to be asked for. Those that a loop comes to in one turn are asked for together: one task, one
/// job of the store's, and its answers one after the other.
final class GatheredQuotes: Sendable {
    private struct Waiting {
        let unknown: UnknownPrice
        let snapshot: TenantSnapshot
        let then: @Sendable (Result<Quote, QuoteError>) -> Void
    }

    private let service: PricingService
    /// By loop, until its turn has come to them.
    private let waiting = Mutex<[ObjectIdentifier: [Waiting]]>([:])

    /// The store takes what is asked together in one transaction, beside others': a fraction of the largest.
    private static let mostTogether = 250

    init(_ service: PricingService) { self.service = service }

    /// Calls back once, on the loop. When it does, the price is durable.
    func add(
        _ unknown: UnknownPrice, in snapshot: TenantSnapshot, on loop: EventLoop,
        _ then: @escaping @Sendable (Result<Quote, QuoteError>) -> Void
    ) {
        let one = Waiting(unknown: unknown, snapshot: snapshot, then: then)
        let isFirst = waiting.withLock { waiting in
            waiting[ObjectIdentifier(loop), default: []].append(one)
            return waiting[ObjectIdentifier(loop)]?.count == 1
        }
        // After whatever else became ready in this turn.
        if isFirst { loop.execute { [self] in ask(on: loop) } }
    }

    private func ask(on loop: EventLoop) {
        guard var left = waiting.withLock({ $0.removeValue(forKey: ObjectIdentifier(loop)) })?[...] else { return }
        // While the store is out of reach one looks whether it is back, and the others do not wait for that.
        var most = service.isDegraded ? 1 : Self.mostTogether
        while let snapshot = left.first?.snapshot {
            let together = left.prefix(most).prefix { $0.snapshot === snapshot }
            left = left.dropFirst(together.count)
            most = Self.mostTogether
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
