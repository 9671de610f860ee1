internal import EventLoop
internal import Experiments

extension PostgresTurns {
    /// What takes its turns one after the other. All that concerns a tenant's shoppers takes their lane 0, but for large batches
    /// of events, which are divided over several (`EventLanes`): while one part's transaction is under way another's is
    /// prepared. Which shoppers wait for each other is the database's to say, by their stripes. Changes of configuration
    /// wait for no shopper.
    struct Lane: Hashable {
        enum Kind: Hashable {
            case shoppers(Int)
            case configuration
        }

        let tenant: TenantID
        let kind: Kind
    }

    /// What waits for a tenant's next turn.
    struct Queue {
        var jobs: [Job] = []
        var configuration: [ConfigurationTurns.Job] = []
        /// Whether the last turn found nobody there: then whoever waited for it too long waited for nobody.
        var isStranded = false
        /// Whether what is under way takes longer than a statement may: then nobody waits behind it.
        var isStuck = false
        /// When work last waited for its turn no longer than it should, or one turn took all that waited.
        private var lastQuick: MonotonicInstant

        /// Shoppers and events of one turn: enough to be fast, few enough to be done well within a statement's time.
        private static let largestTurn = 4000
        /// How long a job may wait for its turn to begin: what comes faster than it is done is refused, not piled up.
        static let patience = Duration.seconds(1)
        /// The same once the queue stands: when for all of `patience` no work began within this time.
        private static let shortPatience = Duration.milliseconds(200)

        init(at now: MonotonicInstant) { lastQuick = now }

        /// As many jobs as one turn carries, nearly always all: however long those waited, they are served sooner so than
        /// by asking again. Where more waits than that, or the last turn found nobody, those that waited too long are
        /// taken out as expired.
        mutating func takeTurn(at now: MonotonicInstant) -> (jobs: [Job], expired: [Job]) {
            guard let oldest = jobs.first?.since else { return ([], []) }
            let patience = patience(forWorkSince: oldest, at: now)
            var size = 0
            var count = 0
            while count < jobs.count, count == 0 || size + jobs[count].concern.size <= Self.largestTurn {
                size += jobs[count].concern.size
                count += 1
            }
            let isWhole = count == jobs.count
            let taken = Array(jobs[..<count])
            jobs.removeSubrange(..<count)
            if isWhole, !isStranded {
                lastQuick = now
                return (taken, [])
            }
            func hasExpired(_ job: Job) -> Bool { now > job.since.advanced(byNanoseconds: patience.wholeNanoseconds) }
            return (taken.filter { !hasExpired($0) }, taken.filter(hasExpired))
        }

        mutating func takeChanges() -> [ConfigurationTurns.Job] {
            defer { configuration = [] }
            return configuration
        }

        /// How long work may have waited: while a queue stands, what it holds has grown too old to be worth doing, and
        /// a little is served in time rather than everything late (Maurer 2015, "Fail at Scale", after Nichols &
        /// Jacobson 2012).
        private mutating func patience(forWorkSince oldest: MonotonicInstant, at now: MonotonicInstant) -> Duration {
            if now <= oldest.advanced(byNanoseconds: Self.shortPatience.wholeNanoseconds) { lastQuick = now }
            let standing = lastQuick.advanced(byNanoseconds: Self.patience.wholeNanoseconds)
            return now > standing ? Self.shortPatience : Self.patience
        }
    }

    /// How often shoppers are taken for strangers: where that was wrong a transaction was for nothing, so that turns are
    /// made the long way for a while, twice as long after each mistake that follows.
    struct Caution {
        private var length = 0
        private var left = 0
        private static let longest = 64

        var isNone: Bool { length == 0 }

        mutating func allows() -> Bool {
            left = max(left - 1, -1)
            return left < 0
        }

        mutating func note(isRight: Bool) {
            length = isRight ? length / 2 : min(max(1, length * 2), Self.longest)
            left = isRight ? 0 : length
        }
    }
}
