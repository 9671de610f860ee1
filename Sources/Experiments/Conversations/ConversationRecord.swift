/// A chat with one shopper as a store keeps it. What was said and decided is in documents that stores do not look into.
public struct ConversationRecord: Sendable, Equatable, Named {
    public static let identifierPrefix: StaticString = "con"

    public let id: ConversationID
    /// Whom it is with.
    public let subject: Subject
    /// Turns committed: 1 from the first on.
    public var version: Int
    /// What lists are asked by.
    public var state: String
    public var changedAt: Timestamp
    /// Everything else, as whoever talks wrote it.
    public var document: String

    public init(
        id: ConversationID, subject: Subject, version: Int, state: String, changedAt: Timestamp, document: String
    ) {
        self.id = id
        self.subject = subject
        self.version = version
        self.state = state
        self.changedAt = changedAt
        self.document = document
    }
}

/// `con_…`
public typealias ConversationID = Identifier<ConversationRecord>

extension Identifier where Entity == ConversationRecord {
    /// Before it stand those that were begun before a time.
    public static func first(at time: Timestamp) -> Self {
        Self(bits: Bits128(high: UInt64(clamping: time.milliseconds) << 16, low: 0))
    }
}

/// One message of a conversation. Once kept it never changes.
public struct MessageRecord: Sendable, Equatable, Named {
    public static let identifierPrefix: StaticString = "msg"

    /// Its place in the conversation, from 1 on.
    public let number: Int
    public let document: String

    public init(number: Int, document: String) {
        self.number = number
        self.document = document
    }
}

/// `msg_…`: its conversation's identifier with the message's number in place of the last 24 bits, so that a message is
/// found by its name without an index.
public typealias MessageID = Identifier<MessageRecord>

extension Identifier where Entity == MessageRecord {
    private static var numberBits: UInt64 { 0xff_ffff }

    /// The most messages that a conversation can number.
    public static var largestNumber: Int { Int(numberBits) }

    /// Precondition: `number` is from 0 to `largestNumber`.
    public init(_ number: Int, of conversation: ConversationID) {
        precondition((0...Self.largestNumber).contains(number), "a message's number has 24 bits")
        let bits = conversation.bits
        self.init(bits: Bits128(high: bits.high, low: bits.low & ~Self.numberBits | UInt64(number)))
    }

    /// Its place in a conversation; nil when it is no message of that one.
    public func number(in conversation: ConversationID) -> Int? {
        let other = conversation.bits
        guard bits.high == other.high, bits.low | Self.numberBits == other.low | Self.numberBits else { return nil }
        return Int(bits.low & Self.numberBits)
    }
}

/// What one turn of a conversation changes: kept whole or not at all.
public struct ConversationTurn: Sendable, Equatable {
    /// As it is after the turn; its version is the one before plus one.
    public let conversation: ConversationRecord
    /// Those that the turn added, in order.
    public let messages: [MessageRecord]
    /// To be given again to whoever repeats the request.
    public let reply: SavedReply?

    public init(_ conversation: ConversationRecord, messages: [MessageRecord], reply: SavedReply? = nil) {
        self.conversation = conversation
        self.messages = messages
        self.reply = reply
    }
}
