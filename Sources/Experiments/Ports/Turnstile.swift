internal import Synchronization

/// Lets one caller a tenant through at a time, in the order of coming. Changes of one tenant exclude each other anyway;
/// tried all at once, most would be decided in vain.
///
/// Where passages take long nobody is let wait for others: who would wait for more than a second and a half is told at
/// once to come again.
final class Turnstile: Sendable {
    private struct Waiting {
        let since: Timestamp
        let enter: CheckedContinuation<Bool, Never>
    }

    private struct Queue {
        /// When the one who is inside went in.
        var entered: Timestamp
        var waiting: [Waiting] = []
        /// How long the last passage took, in milliseconds.
        var passage: Int64 = 0

        func isTooLong(at now: Timestamp) -> Bool {
            let expected = max(passage, now.milliseconds - entered.milliseconds)
            guard expected > Turnstile.slow else { return waiting.count >= Turnstile.most }
            return expected * Int64(waiting.count + 1) > Turnstile.longest
        }
    }

    private let queues = Mutex<[TenantID: Queue]>([:])
    private let clock: any WallClock

    private static let most = 1000
    /// Milliseconds of a passage from which on it is a slow one, and which nobody waits beyond then.
    private static let slow: Int64 = 200
    private static let longest: Int64 = 1500
    /// Milliseconds after which whoever waits is sent away, so that it is told in time to come again.
    private static let patience: Int64 = 2000

    init(clock: any WallClock) { self.clock = clock }

    /// Whether the caller may go on, and then calls ``leave(_:)``; false when it would wait too long.
    func enter(_ tenant: TenantID) async -> Bool {
        let now = clock.now()
        return await withCheckedContinuation { continuation in
            let answer: Bool? = queues.withLock { queues in
                guard var queue = queues[tenant] else {
                    queues[tenant] = Queue(entered: now)
                    return true
                }
                if queue.isTooLong(at: now) { return false }
                queue.waiting.append(Waiting(since: now, enter: continuation))
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
            let late = queue.waiting.prefix { now.milliseconds - $0.since.milliseconds > Self.patience }
            queue.waiting.removeFirst(late.count)
            if queue.waiting.isEmpty {
                queues[tenant] = nil
                return (nil, Array(late))
            }
            let next = queue.waiting.removeFirst()
            queue.passage = max(0, now.milliseconds - queue.entered.milliseconds)
            queue.entered = now
            queues[tenant] = queue
            return (next, Array(late))
        }
        for waiting in late { waiting.enter.resume(returning: false) }
        next?.enter.resume(returning: true)
    }
}
