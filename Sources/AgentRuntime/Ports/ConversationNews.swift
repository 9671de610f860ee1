public import Experiments
internal import Synchronization

/// Tells those who follow a conversation what was said in it: at once where this process kept it, at the next look
/// where another one did. Nobody who listens costs a task or a question to the store while nothing is said.
public final class ConversationNews: Sendable {
    /// What was kept, in order; empty where something was and has to be read. Called from wherever it was kept.
    public typealias Listener = @Sendable ([StoredMessage]) -> Void

    private struct Channel {
        let tenant: TenantID
        /// Of the conversation, as far as is known here.
        var version: Int?
        var listeners: [(number: Int, listener: Listener)] = []
    }

    private struct State {
        var channels: [ConversationID: Channel] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    public init() {}

    /// The right to hear, given back when it is let go of.
    public final class Ear: Sendable {
        private let news: ConversationNews
        private let conversation: ConversationID
        private let number: Int

        fileprivate init(_ news: ConversationNews, _ conversation: ConversationID, _ number: Int) {
            self.news = news
            self.conversation = conversation
            self.number = number
        }

        deinit { news.part(from: conversation, number) }
    }

    public func listen(to conversation: ConversationID, of tenant: TenantID, _ listener: @escaping Listener) -> Ear {
        let number = state.withLock { state in
            state.last += 1
            state.channels[conversation, default: Channel(tenant: tenant)].listeners.append((state.last, listener))
            return state.last
        }
        return Ear(self, conversation, number)
    }

    private func part(from conversation: ConversationID, _ number: Int) {
        state.withLock { state in
            state.channels[conversation]?.listeners.removeAll { $0.number == number }
            if state.channels[conversation]?.listeners.isEmpty == true { state.channels[conversation] = nil }
        }
    }

    /// Conversations that somebody follows here.
    public var followed: Int { state.withLock { $0.channels.count } }

    /// A turn was kept.
    func tell(_ messages: [StoredMessage], of conversation: ConversationID, version: Int) {
        let listeners = state.withLock { state -> [Listener] in
            guard let channel = state.channels[conversation] else { return [] }
            // Turns of several processes may be told of in another order: what is known is the highest.
            state.channels[conversation]?.version = max(version, channel.version ?? 0)
            return channel.listeners.map(\.listener)
        }
        for listener in listeners { listener(messages) }
    }

    /// Asks the store whether other processes kept something meanwhile, some hundred conversations at a time.
    public func lookElsewhere(in store: any ConversationStore) async throws(StoreError) {
        let followed = state.withLock { state in
            Dictionary(grouping: state.channels) { $0.value.tenant }.mapValues { $0.map(\.key) }
        }
        for (tenant, conversations) in followed {
            for start in stride(from: 0, to: conversations.count, by: 500) {
                let asked = Array(conversations[start..<min(start + 500, conversations.count)])
                let versions = try await store.versions(of: asked, in: tenant)
                for (conversation, version) in versions {
                    let listeners = state.withLock { state -> [Listener] in
                        guard let channel = state.channels[conversation], version > channel.version ?? 0 else {
                            return []
                        }
                        state.channels[conversation]?.version = version
                        return channel.listeners.map(\.listener)
                    }
                    for listener in listeners { listener([]) }
                }
            }
        }
    }
}
