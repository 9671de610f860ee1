internal import EventLoop
internal import Experiments
internal import Synchronization

/// Admits messages of each conversation, as its tenant's settings say.
final class ChatLimiter: Sendable {
    private let replicas: Int
    private let shared: (any SharedRateLimits)?
    private let arrivals = Mutex<[ConversationID: UInt64]>([:])
    /// Conversations that are remembered before those that are silent are forgotten.
    private static let room = 20_000
    private let begun = Mutex<[APIKeyID: Int]>([:])
    private static let conversationsPerSession = 30

    /// - Parameter replicas: how many processes share a limit where nothing counts for all of them.
    init(replicas: Int, shared: (any SharedRateLimits)?) {
        self.replicas = max(1, replicas)
        self.shared = shared
    }

    /// Takes one more conversation of a shopper's session; servers begin as many as they like.
    func admitBeginning(by principal: Principal) throws(Problem) {
        guard principal.shopper != nil else { return }
        let count = begun.withLock { begun in
            // Sessions come and go: who comes again after so many others begins anew.
            if begun.count >= Self.room { begun = [:] }
            begun[principal.countedAs, default: 0] += 1
            return begun[principal.countedAs] ?? 0
        }
        guard count > Self.conversationsPerSession else { return }
        throw Problem(
            429, "too_many_conversations",
            "A session begins at most \(Self.conversationsPerSession) conversations; go on in one of them.")
    }

    /// Takes one message, or says when the next is taken.
    func admit(_ conversation: ConversationID, of tenant: Tenant, at now: MonotonicInstant) async throws(Problem) {
        guard let limit = RateLimit(perMinute: tenant.agent.messagesPerMinute) else { return }
        // A conversation counts as a key of its own.
        let key = APIKeyID(bits: conversation.bits)
        let verdict =
            await shared?.decide(limit, tenant: tenant.id, key: key, cost: 1)
            ?? admitHere(conversation, limit, at: now.nanoseconds)
        guard !verdict.isAdmitted else { return }
        var problem = Problem(
            429, "rate_limited",
            "A conversation takes \(limit.perMinute) messages a minute; the next is taken in \(verdict.retryAfter) s.")
        problem.headers = [
            ("RateLimit-Limit", String(limit.perMinute)), ("RateLimit-Remaining", String(verdict.remaining)),
            ("RateLimit-Reset", String(verdict.reset)), ("Retry-After", String(verdict.retryAfter)),
        ]
        throw problem
    }

    private func admitHere(_ conversation: ConversationID, _ limit: RateLimit, at now: UInt64) -> RateLimit.Verdict {
        let share = RateLimit(perMinute: max(1, limit.perMinute / replicas)) ?? limit
        return arrivals.withLock { arrivals in
            // Whose allowance is whole again may be forgotten: it would be decided the same.
            if arrivals.count >= Self.room { arrivals = arrivals.filter { $0.value > now } }
            return share.decide(&arrivals[conversation, default: 0], at: now)
        }
    }
}
