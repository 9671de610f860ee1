internal import EventLoop
internal import Experiments
internal import Synchronization

/// Offers of one tenant that are asked for while others are read are read together, once those were: one connection does
/// for a tenant's quotes, however far away the database is.
final class OfferReads: Sendable {
    typealias Read = @Sendable (_ tails: [UInt64], TenantID) async -> Result<[UInt64: Offer], StoreError>

    private typealias Asked = (tail: UInt64, answer: CheckedContinuation<Result<Offer?, StoreError>, Never>)

    /// Who waits, of tenants that are being read of.
    private let waiting = Mutex<[TenantID: [Asked]]>([:])
    private let loop: EventLoop

    /// What one statement looks up at most, and what may wait.
    private static let (most, mostWaiting) = (1000, 10_000)

    init(on loop: EventLoop) { self.loop = loop }

    /// - Parameter read: the same from every caller.
    func offer(_ tail: UInt64, in tenant: TenantID, _ read: @escaping Read) async throws(StoreError) -> Offer? {
        let outcome: Result<Offer?, StoreError> = await withCheckedContinuation { answer in
            let place = waiting.withLock { waiting -> Int in
                let place = waiting[tenant]?.count ?? -1
                if place < Self.mostWaiting { waiting[tenant, default: []].append((tail, answer)) }
                return place
            }
            if place >= Self.mostWaiting {
                answer.resume(returning: .failure(.unavailable("too many quotes of this tenant are asked for")))
            } else if place < 0 {
                Task(executorPreference: loop) { await self.drain(tenant, read) }
            }
        }
        return try outcome.get()
    }

    private func drain(_ tenant: TenantID, _ read: Read) async {
        while true {
            let asked = take(of: tenant, most: Self.most)
            if asked.isEmpty { return }
            let outcome = await read(Set(asked.map(\.tail)).sorted(), tenant)
            switch outcome {
            case .failure(.corrupt) where asked.count > 1:
                // One of them, perhaps.
                for one in asked { one.answer.resume(returning: await read([one.tail], tenant).map { $0[one.tail] }) }
            case .failure(let error):
                // Who came meanwhile need not find out for itself.
                for one in asked + take(of: tenant, most: .max) { one.answer.resume(returning: .failure(error)) }
            case .success(let offers):
                for one in asked { one.answer.resume(returning: .success(offers[one.tail])) }
            }
        }
    }

    /// Those who waited longest; when nobody does, the next to come is the first again.
    private func take(of tenant: TenantID, most: Int) -> [Asked] {
        waiting.withLock { waiting in
            let next = waiting[tenant, default: []].prefix(most)
            waiting[tenant]?.removeFirst(next.count)
            if next.isEmpty { waiting[tenant] = nil }
            return Array(next)
        }
    }
}
