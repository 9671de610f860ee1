/// What the last rehearsal of a tenant's agent came to.
public struct AgentVerdict: Sendable, Equatable, Codable {
    public let at: Timestamp
    /// Conversations that were played.
    public let scenes: Int
    /// Of these, those that did not go as they must.
    public let failures: Int
    /// Those it was played with.
    public let settings: AgentSettings

    public init(at: Timestamp, scenes: Int, failures: Int, settings: AgentSettings) {
        self.at = at
        self.scenes = scenes
        self.failures = failures
        self.settings = settings
    }

    public var passed: Bool { failures == 0 }
}
