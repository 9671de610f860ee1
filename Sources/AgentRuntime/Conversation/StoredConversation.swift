internal import Crypto
public import Experiments
internal import FoundationEssentials
internal import JSON

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

    private struct Document: StoredObject {
        /// Of the form, so that a later one can be told apart.
        private static let format = 1
        let conversation: Conversation
        let messages: Int
        let shopper: [UInt8]

        init(conversation: Conversation, messages: Int, shopper: [UInt8]) {
            self.conversation = conversation
            self.messages = messages
            self.shopper = shopper
        }

        init(stored node: JSONNode) throws(StoredFault) {
            guard try node.value("format") == Self.format else { throw StoredFault("it has a form of later") }
            self.init(
                conversation: try node.value("conversation"), messages: try node.value("messages"),
                shopper: try node.value("shopper"))
        }

        func storeMembers(into writer: inout JSONWriter) {
            writer.member("conversation", conversation)
            writer.member("format", Self.format)
            writer.member("messages", messages)
            writer.member("shopper", shopper)
        }
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
        let document = try StoredForm.read(Document.self, from: record.document)
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
    ) -> ConversationTurn {
        let document = Document(conversation: conversation, messages: messages + added.count, shopper: shopper)
        var records: [MessageRecord] = []
        for (index, message) in added.enumerated() {
            records.append(
                MessageRecord(number: messages + index + 1, document: StoredForm.written(message)))
        }
        let record = ConversationRecord(
            id: id, subject: subject, version: version + 1, state: conversation.state.rawValue,
            changedAt: max(now, changedAt), document: StoredForm.written(document))
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
            try StoredForm.read(ChatMessage.self, from: record.document), number: record.number, of: conversation)
    }
}

/// Whom a conversation is with, and what is known of the shopper, as every price is asked for.
public struct ChatShopper: Sendable, Equatable {
    public let key: TenantKey
    public let attributes: Attributes

    public init(_ key: TenantKey, attributes: Attributes = [:]) {
        self.key = key
        self.attributes = attributes
    }

    /// Sealed under a key of the tenant's own, for one conversation.
    func sealed(for conversation: ConversationID, of tenant: Tenant) throws(StoreError) -> [UInt8] {
        let text = StoredForm.written(self)
        return try Self.cipher(of: tenant).seal(Array(text.utf8), authenticating: Self.associated(conversation))
    }

    init(opening sealed: [UInt8], of conversation: ConversationID, _ tenant: Tenant) throws(StoreError) {
        guard
            let text = try? Self.cipher(of: tenant).open(sealed, authenticating: Self.associated(conversation))
        else { throw .corrupt("the shopper of \(conversation) cannot be unsealed") }
        self = try StoredForm.read(ChatShopper.self, from: text)
    }

    private static func associated(_ conversation: ConversationID) -> [UInt8] { Array(conversation.description.utf8) }

    private static func cipher(of tenant: Tenant) throws(StoreError) -> AES256GCM {
        let key = HKDF.derive(from: Secret(tenant.secrets.subjectKey), info: "cournot conversation shopper")
        guard let cipher = AES256GCM(key: key) else { throw .corrupt("a tenant's key has another length") }
        return cipher
    }
}

extension ChatShopper: StoredObject {
    init(stored node: JSONNode) throws(StoredFault) {
        self.init(try node.value("key"), attributes: try node.value("attributes"))
    }

    func storeMembers(into writer: inout JSONWriter) {
        writer.member("attributes", attributes)
        writer.member("key", key)
    }
}

/// Documents as they are stored: JSON with sorted keys, so that equal values are equal bytes.
enum StoredForm {
    static func written(_ value: some StoredValue) -> String {
        var writer = JSONWriter()
        writer.reserve(2048)
        value.store(into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    static func read<Value: StoredValue>(_ type: Value.Type, from text: String) throws(StoreError) -> Value {
        try read(type, from: Array(text.utf8))
    }

    static func read<Value: StoredValue>(_ type: Value.Type, from text: [UInt8]) throws(StoreError) -> Value {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(parsing: text)
        } catch {
            throw .corrupt("a stored \(type) is no JSON: \(error)")
        }
        do throws(StoredFault) {
            return try Value(stored: document.root)
        } catch {
            throw .corrupt("a stored \(type) cannot be read: \(error.detail)")
        }
    }

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
