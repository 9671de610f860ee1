internal import Synchronization

/// What was said since the start.
public final class ConversationTally: Sendable {
    private let receivedCount = Atomic<Int>(0)
    private let toldCount = Atomic<Int>(0)
    private let replacedCount = Atomic<Int>(0)
    private let unclearCount = Atomic<Int>(0)

    private let modelledCount = Atomic<Int>(0)
    private let unmodelledCount = Atomic<Int>(0)

    enum Kind { case received, told, replaced, unclear, modelled, unmodelled }

    func count(_ kind: Kind) {
        switch kind {
        case .received: receivedCount.add(1, ordering: .relaxed)
        case .told: toldCount.add(1, ordering: .relaxed)
        case .replaced: replacedCount.add(1, ordering: .relaxed)
        case .unclear: unclearCount.add(1, ordering: .relaxed)
        case .modelled: modelledCount.add(1, ordering: .relaxed)
        case .unmodelled: unmodelledCount.add(1, ordering: .relaxed)
        }
    }

    /// Shoppers' messages.
    public var received: Int { receivedCount.load(ordering: .relaxed) }
    /// Messages of the agent.
    public var told: Int { toldCount.load(ordering: .relaxed) }
    /// Answers that the guard refused, so that a safe sentence was told in their place.
    public var replaced: Int { replacedCount.load(ordering: .relaxed) }
    /// Messages that no rule understood.
    public var unclear: Int { unclearCount.load(ordering: .relaxed) }
    /// Messages that a language model answered, in words of its own or by choosing a template's.
    public var modelled: Int { modelledCount.load(ordering: .relaxed) }
    /// Messages that a language model was to answer and rules did: it was late, failed, or wrote what may not be told.
    public var unmodelled: Int { unmodelledCount.load(ordering: .relaxed) }
}
