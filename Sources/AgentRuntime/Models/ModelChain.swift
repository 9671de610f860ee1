internal import Synchronization

/// Models in the order they are asked in: the first, where it fails the next, and none when all did.
///
/// A model that fails again and again is left out for a while, so that shoppers do not wait for what will not come; then
/// one request tries it again. Once some text was told nobody else is asked: it would be said twice.
public final class ModelChain: Sendable {
    /// When a model is left out, and for how long.
    public struct Patience: Sendable, Equatable {
        /// Failures in a row.
        public var failures = 3
        /// How long the first time; twice as long each time after, up to `longestPause`.
        public var pause = Duration.seconds(5)
        public var longestPause = Duration.seconds(60)
        /// For one that refuses us: its key is wrong, or the account is empty.
        public var pauseAfterRefusal = Duration.seconds(60)
        /// A model that was not given so long to answer is not to blame for being late.
        public var fairTime = Duration.seconds(1)
        /// Within what part of the time left a model must begin while others wait behind it.
        public var share = 0.5

        public init() {}
    }

    /// How a model does.
    public struct Standing: Sendable, Equatable {
        public let name: String
        public let isLeftOut: Bool
        /// Since the start.
        public let answers: Int
        public let failures: Int
    }

    private struct State {
        var failuresInRow = 0
        var pauses = 0
        var leftOutUntil: ContinuousClock.Instant?
        var answers = 0
        var failures = 0
    }

    public let models: [any LanguageModel]
    private let patience: Patience
    private let now: @Sendable () -> ContinuousClock.Instant
    private let states: Mutex<[State]>

    public init(
        _ models: [any LanguageModel], patience: Patience = Patience(),
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        self.models = models
        self.patience = patience
        self.now = now
        states = Mutex([State](repeating: State(), count: models.count))
    }

    /// In their order.
    public var standings: [Standing] {
        let now = now()
        return zip(models, states.withLock { $0 }).map { model, state in
            Standing(
                name: model.name, isLeftOut: state.leftOutUntil.map { now < $0 } ?? false, answers: state.answers,
                failures: state.failures)
        }
    }

    /// Asks until one answers.
    ///
    /// - Parameter receive: as `LanguageModel.answer` has it.
    /// - Throws: `ChainFailure` when nobody answered; with no tries at all where every model is left out.
    public func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ChainFailure) -> ChainAnswer {
        var tries: [ModelTry] = []
        for place in models.indices where admit(place) {
            let model = models[place]
            let start = now()
            var part = request
            part.beginBy = beginning(of: place, request, from: start)
            do throws(ModelFailure) {
                let answer = try await model.answer(part, receive: receive)
                succeeded(place)
                tries.append(ModelTry(model, answer.usage, nil, start.duration(to: now())))
                return ChainAnswer(answer: answer, tries: tries)
            } catch {
                let end = now()
                tries.append(ModelTry(model, error.usage, error.reason, start.duration(to: end)))
                // Whoever gave up before the time was over has nothing to say of the model; when it was over, it was late.
                if Task.isCancelled, end < request.deadline {
                    release(place)
                } else {
                    failed(place, error, given: start.duration(to: part.beginBy ?? part.deadline), at: end)
                }
                if error.hasBegun || Task.isCancelled || end >= request.deadline {
                    throw ChainFailure(tries: tries, hasBegun: error.hasBegun)
                }
            }
        }
        throw ChainFailure(tries: tries, hasBegun: false)
    }

    /// When an answer must have begun; nil for the last who can be asked.
    private func beginning(
        of place: Int, _ request: ModelRequest, from start: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        let isLast = states.withLock { states in
            !states[(place + 1)...].contains { $0.leftOutUntil.map { start >= $0 } ?? true }
        }
        return isLast ? nil : start.advanced(by: max(start.duration(to: request.deadline), .zero) * patience.share)
    }

    // MARK: Who is left out

    private func admit(_ place: Int) -> Bool {
        let now = now()
        return states.withLock { states in
            guard let until = states[place].leftOutUntil else { return true }
            guard now >= until else { return false }
            // Others wait for what becomes of this try.
            states[place].leftOutUntil = now.advanced(by: patience.pause)
            return true
        }
    }

    private func release(_ place: Int) {
        states.withLock { states in
            if let until = states[place].leftOutUntil { states[place].leftOutUntil = min(until, now()) }
        }
    }

    private func succeeded(_ place: Int) {
        states.withLock { states in
            states[place].answers &+= 1
            states[place].failuresInRow = 0
            states[place].pauses = 0
            states[place].leftOutUntil = nil
        }
    }

    private func failed(_ place: Int, _ failure: ModelFailure, given: Duration, at now: ContinuousClock.Instant) {
        states.withLock { states in
            states[place].failures &+= 1
            switch failure.reason {
            case .refused(let status, _) where ![401, 402, 403, 404, 429].contains(status):
                // This request was not to its taste; the next may be.
                states[place].leftOutUntil = nil
                return
            case .refused:
                states[place].leftOutUntil = now.advanced(by: patience.pauseAfterRefusal)
                return
            case .tooLate where given < patience.fairTime: return
            case .tooLate, .unreachable, .overloaded: break
            }
            states[place].failuresInRow += 1
            var pause = failure.retryAfter.map { min($0, .seconds(600)) } ?? .zero
            if states[place].failuresInRow >= patience.failures {
                let doubled = patience.pause * (1 << min(states[place].pauses, 16))
                pause = max(pause, min(doubled, patience.longestPause))
                states[place].pauses += 1
            }
            if pause > .zero { states[place].leftOutUntil = now.advanced(by: pause) }
        }
    }
}

/// What asking one model came to.
public struct ModelTry: Sendable, Equatable {
    /// The model's name.
    public let model: String
    public let usage: ModelUsage
    /// At that model's price.
    public let cost: ModelCost
    /// Why it gave no answer; nil where it did.
    public let failure: ModelFailure.Reason?
    public let took: Duration

    init(_ model: any LanguageModel, _ usage: ModelUsage, _ failure: ModelFailure.Reason?, _ took: Duration) {
        self.model = model.name
        self.usage = usage
        cost = model.price.cost(of: usage)
        self.failure = failure
        self.took = took
    }
}

public struct ChainAnswer: Sendable, Equatable {
    public let answer: ModelAnswer
    /// Whoever was asked, in order; the last one answered.
    public let tries: [ModelTry]
}

/// Nobody answered.
public struct ChainFailure: Error, Sendable, Equatable {
    public let tries: [ModelTry]
    /// Whether some of an answer's text was received.
    public let hasBegun: Bool
}
