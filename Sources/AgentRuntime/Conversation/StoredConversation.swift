internal import Crypto
public import Experiments
internal import FoundationEssentials

/// A conversation as its row has it.
public struct StoredConversation: Sendable, Equatable {
    public let id: ConversationID
    public let subject: Subject
    /// Turns committed.
    public let version: Int
    public let changedAt: Timestamp
    public var conversation: Conversation
    /// Messages there are.
    public var messages: Int
    /// Whom it is with, sealed: only a hash of the id is ever kept in clear.
    let shopper: [UInt8]

    private struct Document: Codable {
        /// Of the form, so that a later one can be told apart.
        var format = 1
        let conversation: Conversation
        let messages: Int
        let shopper: [UInt8]
    }

    init(
        id: ConversationID, subject: Subject, conversation: Conversation, shopper: [UInt8], at now: Timestamp
    ) {
        self.id = id
        self.subject = subject
        version = 0
        changedAt = now
        self.conversation = conversation
        messages = 0
        self.shopper = shopper
    }

    /// - Throws: `StoreError.corrupt` when it cannot be read.
    public init(_ record: ConversationRecord) throws(StoreError) {
        let document = try StoredForm.value(Document.self, from: record.document)
        id = record.id
        subject = record.subject
        version = record.version
        changedAt = record.changedAt
        conversation = document.conversation
        messages = document.messages
        shopper = document.shopper
    }

    /// The turn that adds messages to this, which was read or made before it.
    ///
    /// - Parameter conversation: as it is after the turn.
    func turn(
        with conversation: Conversation, adding added: [ChatMessage], at now: Timestamp, reply: SavedReply?
    ) throws(StoreError) -> ConversationTurn {
        let document = Document(conversation: conversation, messages: messages + added.count, shopper: shopper)
        var records: [MessageRecord] = []
        for (index, message) in added.enumerated() {
            records.append(
                MessageRecord(number: messages + index + 1, document: try StoredForm.text(message)))
        }
        let record = ConversationRecord(
            id: id, subject: subject, version: version + 1, state: conversation.state.rawValue,
            changedAt: max(now, changedAt), document: try StoredForm.text(document))
        return ConversationTurn(record, messages: records, reply: reply)
    }
}

/// A message with its place.
public struct StoredMessage: Sendable, Equatable {
    public let id: MessageID
    public let number: Int
    public let message: ChatMessage

    init(_ message: ChatMessage, number: Int, of conversation: ConversationID) {
        id = MessageID(number, of: conversation)
        self.number = number
        self.message = message
    }

    /// - Throws: `StoreError.corrupt` when it cannot be read.
    public init(_ record: MessageRecord, of conversation: ConversationID) throws(StoreError) {
        guard (1...MessageID.largestNumber).contains(record.number) else {
            throw .corrupt("a message has the number \(record.number)")
        }
        self.init(
            try StoredForm.value(ChatMessage.self, from: record.document), number: record.number, of: conversation)
    }
}

/// Whom a conversation is with, and what is known of the shopper, as every price is asked for.
public struct ChatShopper: Sendable, Equatable, Codable {
    public let key: TenantKey
    public let attributes: Attributes

    public init(_ key: TenantKey, attributes: Attributes = [:]) {
        self.key = key
        self.attributes = attributes
    }

    /// Sealed under a key of the tenant's own, for one conversation.
    func sealed(for conversation: ConversationID, of tenant: Tenant) throws(StoreError) -> [UInt8] {
        let text = try StoredForm.text(self)
        return try Self.cipher(of: tenant).seal(Array(text.utf8), authenticating: Self.associated(conversation))
    }

    init(opening sealed: [UInt8], of conversation: ConversationID, _ tenant: Tenant) throws(StoreError) {
        guard
            let text = try? Self.cipher(of: tenant).open(sealed, authenticating: Self.associated(conversation))
        else { throw .corrupt("the shopper of \(conversation) cannot be unsealed") }
        self = try StoredForm.value(ChatShopper.self, from: String(decoding: text, as: UTF8.self))
    }

    private static func associated(_ conversation: ConversationID) -> [UInt8] { Array(conversation.description.utf8) }

    private static func cipher(of tenant: Tenant) throws(StoreError) -> AES256GCM {
        let key = HKDF.derive(from: Secret(tenant.secrets.subjectKey), info: "cournot conversation shopper")
        guard let cipher = AES256GCM(key: key) else { throw .corrupt("a tenant's key has another length") }
        return cipher
    }
}

/// Documents as they are stored: JSON with sorted keys, so that equal values are equal bytes.
enum StoredForm {
    static func text(_ value: some Encodable) throws(StoreError) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        do {
            return String(decoding: try encoder.encode(value), as: UTF8.self)
        } catch {
            throw .corrupt("a document cannot be written: \(error)")
        }
    }

    static func value<Value: Decodable>(_ type: Value.Type, from text: String) throws(StoreError) -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw .corrupt("a stored \(type) cannot be read: \(error)")
        }
    }
}
