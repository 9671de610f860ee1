public import Experiments
internal import Synchronization

/// Lets one turn of a conversation through at a time, in the order of coming.
public final class ConversationGate: Sendable {
    private let queues = Mutex<[ConversationID: [CheckedContinuation<Void, Never>]]>([:])
    /// How many may wait for one conversation.
    public let room: Int

    public init(room: Int = 8) { self.room = room }

    /// Whether the caller may go on, and then calls ``leave(_:)``; false when too many wait already.
    public func enter(_ id: ConversationID) async -> Bool {
        enum Place { case first, waits, none }
        var place = Place.none
        await withCheckedContinuation { continuation in
            place = queues.withLock { queues in
                guard var queue = queues[id] else {
                    queues[id] = []
                    return .first
                }
                guard queue.count < room else { return .none }
                queue.append(continuation)
                queues[id] = queue
                return .waits
            }
            if place != .waits { continuation.resume() }
        }
        return place != .none
    }

    public func leave(_ id: ConversationID) {
        let next: CheckedContinuation<Void, Never>? = queues.withLock { queues in
            guard var queue = queues[id], !queue.isEmpty else {
                queues[id] = nil
                return nil
            }
            let next = queue.removeFirst()
            queues[id] = queue
            return next
        }
        next?.resume()
    }
}
