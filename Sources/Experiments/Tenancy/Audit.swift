internal import Crypto

/// Who did what, before it has its place in the chain.
public struct AuditDraft: Sendable, Equatable {
    public let at: Timestamp
    /// The key's id, `operator` or `cli`.
    public let actor: String
    /// Such as `experiment.start`.
    public let action: String
    /// The id of what it was done to.
    public let target: String
    public let requestID: String

    public init(at: Timestamp, actor: String, action: String, target: String, requestID: String) {
        self.at = at
        self.actor = actor
        self.action = action
        self.target = target
        self.requestID = requestID
    }
}

/// One link of a tenant's audit chain: each row's hash covers the row before it, so that none can be changed,
/// swapped or taken out unseen.
public struct AuditEntry: Sendable, Equatable {
    /// 1, 2, 3, … within the tenant, without a gap.
    public let sequence: Int64
    public let draft: AuditDraft
    /// Hash of the entry before; 32 zero bytes for the first.
    public let previous: [UInt8]
    public let hash: [UInt8]

    public init(sequence: Int64, draft: AuditDraft, previous: [UInt8], hash: [UInt8]) {
        self.sequence = sequence
        self.draft = draft
        self.previous = previous
        self.hash = hash
    }

    public static let origin = [UInt8](repeating: 0, count: 32)

    /// The entry that follows `head` (nil for the first).
    public init(_ draft: AuditDraft, after head: (sequence: Int64, hash: [UInt8])?) {
        sequence = (head?.sequence ?? 0) + 1
        self.draft = draft
        previous = head?.hash ?? Self.origin
        hash = Self.hash(draft, sequence: sequence, previous: previous)
    }

    /// Whether the entry's hash is that of its content.
    public var isIntact: Bool { hash == Self.hash(draft, sequence: sequence, previous: previous) }

    /// SHA-256 over the previous hash and each field with its length.
    private static func hash(_ draft: AuditDraft, sequence: Int64, previous: [UInt8]) -> [UInt8] {
        var content = previous
        let fields = [
            String(sequence), draft.at.description, draft.actor, draft.action, draft.target, draft.requestID,
        ]
        for field in fields {
            content += Array(String(field.utf8.count).utf8) + [UInt8(ascii: ":")] + Array(field.utf8)
        }
        return SHA256.hash(content).bytes
    }
}
