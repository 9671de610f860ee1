internal import Synchronization

/// Lets changes of one tenant through, one group at a time, in the order of coming: they exclude each other anyway, and
/// tried all at once, most would be decided in vain. Whoever finds nobody inside leads; whoever comes meanwhile waits, and
/// all who wait when the one inside leaves go together, led by the first of them.
///
/// Where passages take long nobody is let wait for others: who would wait for more than a second and a half is told at
/// once to come again.
final class Turnstile: Sendable {
    /// How a change comes through.
    enum Passage: Sendable {
        /// It would wait too long.
        case refused
        /// Its caller takes all of these through, itself the first, and whoever joins them, and then calls
        /// ``leave(_:without:)`` and answers the others.
        case leads([Member])
        /// Somebody took it through.
        case led(Result<Void, ConfigurationError>)
    }

    struct Member: Sendable {
        let change: PendingChange
        let since: Timestamp
        /// Nil for who never waited. Whoever leads has been answered.
        let answer: CheckedContinuation<Passage, Never>?
    }

    private struct Queue {
        /// When those who are inside went in.
        var entered: Timestamp
        var waiting: [Member] = []
        /// How long the last passage took, in milliseconds.
        var passage: Int64 = 0

        func isTooLong(at now: Timestamp) -> Bool {
            let elapsed = now.milliseconds - entered.milliseconds
            let expected = max(passage, elapsed)
            guard expected > Turnstile.slow else { return waiting.count >= Turnstile.most }
            // What takes longer than the last may take as long again.
            let rest = elapsed > passage ? elapsed : passage - elapsed
            return rest + expected * Int64(waiting.count / Turnstile.largestGroup) > Turnstile.longest
        }
    }

    private let queues = Mutex<[TenantID: Queue]>([:])
    private let lastPassage = Atomic<Int64>(0)
    private let clock: any WallClock

    private static let most = 1000
    /// How many go together: enough to be fast, few enough to be done well within a statement's time.
    private static let largestGroup = 64
    /// Milliseconds of a passage from which on it is a slow one, and which nobody waits beyond then.
    private static let slow: Int64 = 200
    private static let longest: Int64 = 1500
    /// Milliseconds after which whoever waits is sent away, so that it is told in time to come again.
    private static let patience: Int64 = 2000

    init(clock: any WallClock) { self.clock = clock }

    func enter(_ tenant: TenantID, _ change: PendingChange) async -> Passage {
        let now = clock.now()
        return await withCheckedContinuation { continuation in
            let passage: Passage? = queues.withLock { queues in
                guard var queue = queues[tenant] else {
                    queues[tenant] = Queue(entered: now)
                    return .leads([Member(change: change, since: now, answer: nil)])
                }
                if queue.isTooLong(at: now) { return .refused }
                queue.waiting.append(Member(change: change, since: now, answer: continuation))
                queues[tenant] = queue
                return nil
            }
            if let passage { continuation.resume(returning: passage) }
        }
    }

    /// Takes those through who wait, beside `count` that are inside and turn out to be decided only now.
    func join(_ tenant: TenantID, beside count: Int) -> [Member] {
        queues.withLock { queues in
            guard let waiting = queues[tenant]?.waiting else { return [] }
            let joined = waiting.prefix(max(0, Self.largestGroup - count))
            queues[tenant]?.waiting.removeFirst(joined.count)
            return Array(joined)
        }
    }

    /// How many wait for those who are inside.
    func waiting(of tenant: TenantID) -> Int { queues.withLock { $0[tenant]?.waiting.count ?? 0 } }

    /// Whether the last who went through, of whatever tenant, took long.
    var isSlow: Bool { lastPassage.load(ordering: .relaxed) > Self.slow }

    /// - Parameter left: of those who were to go through, whoever did not; they are the first to go next.
    func leave(_ tenant: TenantID, without left: [Member] = []) {
        let now = clock.now()
        let (next, late): ([Member], [Member]) = queues.withLock { queues in
            guard var queue = queues[tenant] else { return ([], []) }
            let passage = max(0, now.milliseconds - queue.entered.milliseconds)
            lastPassage.store(passage, ordering: .relaxed)
            let waiting = left + queue.waiting
            let late = waiting.prefix { now.milliseconds - $0.since.milliseconds > Self.patience }
            let next = waiting.dropFirst(late.count).prefix(Self.largestGroup)
            if next.isEmpty {
                queues[tenant] = nil
                return ([], Array(late))
            }
            queue.waiting = Array(waiting.dropFirst(late.count + next.count))
            queue.passage = passage
            queue.entered = now
            queues[tenant] = queue
            return (Array(next), Array(late))
        }
        for member in late { member.answer?.resume(returning: .refused) }
        next.first?.answer?.resume(returning: .leads(next))
    }
}
