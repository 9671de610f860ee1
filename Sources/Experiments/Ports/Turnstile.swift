internal import Synchronization

/// Lets one caller a tenant through at a time, in the order of coming. Changes of one tenant exclude each other anyway;
/// tried all at once, most would be decided in vain.
final class Turnstile: Sendable {
    private struct Waiting {
        let since: Timestamp
        let enter: CheckedContinuation<Bool, Never>
    }

    private let queues = Mutex<[TenantID: [Waiting]]>([:])
    private let clock: any WallClock

    private static let most = 1000
    /// Milliseconds after which whoever waits is sent away, so that it is told in time to come again.
    private static let patience: Int64 = 2000

    init(clock: any WallClock) { self.clock = clock }

    /// Whether the caller may go on, and then calls ``leave(_:)``; false when it would wait too long.
    func enter(_ tenant: TenantID) async -> Bool {
        let now = clock.now()
        return await withCheckedContinuation { continuation in
            let answer: Bool? = queues.withLock { queues in
                guard var queue = queues[tenant] else {
                    queues[tenant] = []
                    return true
                }
                if queue.count >= Self.most { return false }
                queue.append(Waiting(since: now, enter: continuation))
                queues[tenant] = queue
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    func leave(_ tenant: TenantID) {
        let now = clock.now()
        let (next, late): (Waiting?, [Waiting]) = queues.withLock { queues in
            guard var queue = queues[tenant] else { return (nil, []) }
            let late = queue.prefix { now.milliseconds - $0.since.milliseconds > Self.patience }
            queue.removeFirst(late.count)
            if queue.isEmpty {
                queues[tenant] = nil
                return (nil, Array(late))
            }
            let next = queue.removeFirst()
            queues[tenant] = queue
            return (next, Array(late))
        }
        for waiting in late { waiting.enter.resume(returning: false) }
        next?.enter.resume(returning: true)
    }
}
