internal import EventLoop
internal import Experiments
internal import Synchronization

/// Offers of one tenant that are asked for while others are read are read together, when those are: one connection does
/// for a tenant's quotes, however far away the database is.
final class OfferReads: Sendable {
    typealias Read = @Sendable (_ tails: [UInt64], TenantID) async -> Result<[UInt64: Offer], StoreError>

    private typealias Asked = (tail: UInt64, answer: CheckedContinuation<Result<Offer?, StoreError>, Never>)

    /// Who waits, of tenants that are being read of.
    private let waiting = Mutex<[TenantID: [Asked]]>([:])
    private let loop: EventLoop

    /// What one statement looks up at most.
    private static let most = 1000

    init(on loop: EventLoop) { self.loop = loop }

    func offer(_ tail: UInt64, in tenant: TenantID, _ read: @escaping Read) async throws(StoreError) -> Offer? {
        let outcome: Result<Offer?, StoreError> = await withCheckedContinuation { answer in
            let isFirst = waiting.withLock { waiting in
                defer { waiting[tenant, default: []].append((tail, answer)) }
                return waiting[tenant] == nil
            }
            if isFirst { Task(executorPreference: loop) { await self.drain(tenant, read) } }
        }
        return try outcome.get()
    }

    private func drain(_ tenant: TenantID, _ read: Read) async {
        while true {
            let asked = waiting.withLock { waiting in
                let next = waiting[tenant, default: []].prefix(Self.most)
                waiting[tenant]?.removeFirst(next.count)
                if next.isEmpty { waiting[tenant] = nil }
                return Array(next)
            }
            if asked.isEmpty { return }
            let outcome = await read(Set(asked.map(\.tail)).sorted(), tenant)
            for one in asked { one.answer.resume(returning: outcome.map { $0[one.tail] }) }
        }
    }
}
