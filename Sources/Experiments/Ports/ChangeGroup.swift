internal import Synchronization

/// A change that waits to be decided, whatever its answer is.
struct PendingChange: Sendable {
    let decide: @Sendable (TenantSnapshot, Timestamp) throws(ConfigurationError) -> Commit.Step
}

/// What a change was last decided to answer.
final class LatestAnswer<Answer: Sendable>: Sendable {
    private let latest = Mutex<Answer?>(nil)

    var answer: Answer? { latest.withLock { $0 } }

    func put(_ answer: Answer) { latest.withLock { $0 = answer } }
}

/// Changes of a tenant that are committed together: each is decided on the snapshot that the one before makes. Whose
/// decision throws is left out and harms no other. Where a store has them decided anew, on what others changed, whoever
/// came meanwhile joins them.
final class ChangeGroup: Sendable {
    private struct State {
        var members: [Turnstile.Member]
        /// How many of them there are; those after them found no room.
        var count: Int
        /// How many were part of a decision: those keep their room.
        var decided = 0
        /// What was decided on, and what the last decision makes.
        var base: TenantSnapshot?
        var next: TenantSnapshot?
        /// Why some are not part of what is committed, by their place.
        var refusals: [Int: ConfigurationError] = [:]
        /// Those who repeat another of the same group: they are answered as that one.
        var twins: Set<Int> = []
        /// Under which key each asked, as far as it got so far as to say.
        var scopes: [Int: ReplyScope] = [:]
        /// What was answered before.
        var known: [ReplyScope: SavedReply] = [:]
        /// Whether a store that finds something else has it decided anew while everybody waits for it.
        var insists = false
    }

    private let tenant: TenantID
    private let turnstile: Turnstile?
    private let directory: Directory
    private let clock: any WallClock
    private let state: Mutex<State>

    /// What one commit carries in bytes, about; a change alone may be as large as it is.
    private static let mostBytes = 1 << 20

    /// For how many milliseconds a group lets others overtake it.
    static let longWait: Int64 = 100

    /// - Parameter turnstile: where others wait who may join; nil where nobody may.
    init(
        of tenant: TenantID, _ members: [Turnstile.Member], from turnstile: Turnstile?, in directory: Directory,
        clock: any WallClock
    ) {
        self.tenant = tenant
        self.turnstile = turnstile
        self.directory = directory
        self.clock = clock
        state = Mutex(State(members: members, count: members.count))
    }

    /// How each ended that found room, in order.
    var outcomes: [Outcome] {
        state.withLock { state in
            (0..<state.count).map { index in
                (state.members[index], state.refusals[index].map { .failure($0) } ?? .success(()))
            }
        }
    }

    typealias Outcome = (member: Turnstile.Member, result: Result<Void, ConfigurationError>)

    /// Those who found none.
    var left: [Turnstile.Member] { state.withLock { Array($0.members[$0.count...]) } }

    /// Nothing was committed, and will not be: whoever was not refused anyway is told why.
    func fail(_ error: ConfigurationError) {
        state.withLock { state in
            for index in 0..<state.count where state.refusals[index] == nil || state.twins.contains(index) {
                state.refusals[index] = error
            }
        }
    }

    /// Makes what was decided last known to this process.
    func publish() {
        if let next = state.withLock(\.next) { directory.put(next) }
    }

    /// From now on a store that finds something else than what was decided against keeps its lock and has it decided anew:
    /// nobody can come between. While the store is fast all are served sooner if it lets go and is asked again.
    func insist() { state.withLock { $0.insists = true } }

    /// This was answered before: whoever asked it is told so, and it is not done again.
    func learn(_ reply: SavedReply) { state.withLock { $0.known[reply.scope] = reply } }

    /// Decides all on a snapshot; nil where nothing is left to be committed.
    func decide(on snapshot: TenantSnapshot) -> Commit? {
        state.withLock { state in
            var next = snapshot
            var steps: [Commit.Step] = []
            var bytes = 0
            var said: [ReplyScope: SavedReply] = [:]
            state.refusals = [:]
            state.twins = []
            for index in 0..<state.count {
                if let earlier = state.scopes[index].flatMap({ state.known[$0] }) {
                    state.refusals[index] = .store(.repeated(earlier))
                    continue
                }
                let step: Commit.Step
                do throws(ConfigurationError) {
                    step = try state.members[index].change.decide(next, clock.now())
                } catch {
                    state.refusals[index] = error
                    continue
                }
                if let reply = step.reply {
                    state.scopes[index] = reply.scope
                    if let earlier = state.known[reply.scope] ?? said[reply.scope] {
                        state.refusals[index] = .store(.repeated(earlier))
                        if state.known[reply.scope] == nil { state.twins.insert(index) }
                        continue
                    }
                }
                bytes += step.bytes
                if bytes > Self.mostBytes, !steps.isEmpty, index >= state.decided {
                    state.count = index
                    break
                }
                if let reply = step.reply { said[reply.scope] = reply }
                next = next.applying(step.changes, version: next.version + 1)
                steps.append(step)
            }
            state.decided = state.count
            state.base = snapshot
            state.next = next
            guard !steps.isEmpty else { return nil }
            let renewal: Commit.Renewal = { newest, known in self.renewed(on: newest, known) }
            return Commit(
                tenant: tenant, expectedVersion: snapshot.version, steps: steps, renewal: state.insists ? renewal : nil)
        }
    }

    /// Lets those join who came since.
    private func admit() {
        state.withLock { state in
            guard let turnstile, state.count == state.members.count else { return }
            state.members += turnstile.join(tenant, beside: state.count)
            state.count = state.members.count
        }
    }

    /// The same where a store found something else than what was decided against.
    private func renewed(on newest: TenantConfiguration?, _ known: [SavedReply]) -> Commit? {
        for reply in known { learn(reply) }
        guard let newest else { return state.withLock(\.base).flatMap { decide(on: $0) } }
        directory.put(newest)
        admit()
        guard let snapshot = directory[tenant], snapshot.version == newest.version else {
            return decide(on: TenantSnapshot(newest))
        }
        return decide(on: snapshot)
    }
}

extension Commit.Step {
    /// About how much there is to write.
    fileprivate var bytes: Int {
        changes.reduce(500 + (reply?.sealedBody.count ?? 0)) { $0 + $1.bytes }
    }
}

extension ConfigurationChange {
    /// About how much there is to write: what may be large by its texts, the rest as it mostly is.
    fileprivate var bytes: Int {
        switch self {
        case .product(let product): 500 + product.title.utf8.count + product.description.utf8.count
        case .tenant, .experiment, .decision: 8000
        case .key: 500
        case .productRemoved, .keyRemoved: 100
        }
    }
}
