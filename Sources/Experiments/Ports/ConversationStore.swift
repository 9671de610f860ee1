/// Where conversations live. Each call is one transaction; what it returns is durable.
public protocol ConversationStore: Sendable {
    /// Keeps a turn. Throws `outdated`, with the version there is, unless the conversation stands at the version before
    /// the turn's (0 where there is none); `repeated` when the reply's key is known. Then nothing was kept.
    func append(_ turn: ConversationTurn, in tenant: TenantID) async throws(StoreError)

    func conversation(_ id: ConversationID, in tenant: TenantID) async throws(StoreError) -> ConversationRecord?

    /// How many turns each of some conversations has; those that are not there are left out.
    func versions(
        of ids: [ConversationID], in tenant: TenantID
    ) async throws(StoreError) -> [ConversationID: Int]

    /// Messages in their order, after a number.
    func messages(
        of id: ConversationID, in tenant: TenantID, after: Int, limit: Int
    ) async throws(StoreError) -> [MessageRecord]

    /// Conversations begun before one, the youngest first; of one state, or of all (nil).
    func conversations(
        in tenant: TenantID, state: String?, before: ConversationID?, limit: Int
    ) async throws(StoreError) -> [ConversationRecord]

    /// Takes a shopper's conversations away with all that was said in them; returns how many there were.
    func eraseConversations(of subject: Subject, in tenant: TenantID) async throws(StoreError) -> Int

    /// Takes away conversations in which nothing was said since a time, the oldest first, and all that was said in them;
    /// returns how many they were, `limit` at most.
    func eraseConversations(
        silentSince time: Timestamp, limit: Int, in tenant: TenantID
    ) async throws(StoreError) -> Int
}
