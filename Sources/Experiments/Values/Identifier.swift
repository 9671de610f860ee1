internal import Synchronization

/// What an identifier names; its prefix stands before the underscore.
public protocol Named {
    static var identifierPrefix: StaticString { get }
}

/// 128 bits, ordered as big-endian bytes.
public struct Bits128: Sendable, Hashable, Comparable {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// By its low half, which is random in everything that is kept under such a key: a digest's, or an identifier's.
    public func hash(into hasher: inout Hasher) { hasher.combine(low) }

    public static func < (a: Bits128, b: Bits128) -> Bool { a.high != b.high ? a.high < b.high : a.low < b.low }

    /// Appends 32 lower-case hexadecimal digits.
    public func appendHex(to out: inout [UInt8]) {
        var text = ShortText()
        appendHex(to: &text)
        out.append(contentsOf: text)
    }

    func appendHex(to text: inout ShortText) {
        text.append(hex: high)
        text.append(hex: low)
    }

    /// 32 lower-case hexadecimal digits.
    public var hex: String {
        var text = ShortText()
        appendHex(to: &text)
        return text.description
    }

    /// Reads exactly 32 lower-case hexadecimal digits.
    public init?(hex: some Collection<UInt8>) {
        guard hex.count == 32 else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for byte in hex {
            let nibble: UInt64
            switch byte {
            case 48...57: nibble = UInt64(byte - 48)
            case 97...102: nibble = UInt64(byte - 87)
            default: return nil
            }
            words = (words.0 << 4 | words.1 >> 60, words.1 << 4 | nibble)
        }
        self.init(high: words.0, low: words.1)
    }
}

/// A prefixed identifier, sortable by creation: `exp_` and the 32 hexadecimal digits of a UUIDv7 (RFC 9562, 5.7).
public struct Identifier<Entity: Named>: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let bits: Bits128

    public init(bits: Bits128) { self.bits = bits }

    public static func < (a: Self, b: Self) -> Bool { a.bits < b.bits }

    /// Nil unless the text is the prefix, an underscore and 32 lower-case hexadecimal digits.
    public init?(_ text: some StringProtocol) {
        let prefix = Entity.identifierPrefix
        let utf8 = Array(text.utf8)
        let length = prefix.utf8CodeUnitCount
        guard utf8.count == length + 33, utf8[length] == UInt8(ascii: "_"),
            String(decoding: utf8[..<length], as: UTF8.self) == prefix.description,
            let bits = Bits128(hex: utf8[(length + 1)...])
        else { return nil }
        self.init(bits: bits)
    }

    public var description: String { text.description }

    /// `description`, in place.
    public var text: ShortText {
        var text = ShortText()
        Entity.identifierPrefix.withUTF8Buffer { prefix in
            for index in prefix.indices { text.append(unsafe prefix[index]) }
        }
        text.append(UInt8(ascii: "_"))
        bits.appendHex(to: &text)
        return text
    }

    /// When it was made, as its first 48 bits say.
    public var createdAt: Timestamp { Timestamp(milliseconds: Int64(bits.high >> 16)) }
}

/// Makes UUIDv7 values that only ever rise, even when the clock steps back.
///
/// Randomness enters by argument, so a seed replays the same identifiers.
public final class IdentifierSource: Sendable {
    private struct State {
        var random: any RandomNumberGenerator & Sendable
        var lastMillisecond: UInt64 = 0
        var sequence: UInt64 = 0
        /// Random bits drawn for tails and not used yet: a word has three tails'.
        var spare: (bits: UInt64, tails: Int) = (0, 0)

        mutating func tailBits() -> UInt64 {
            if spare.tails == 0 { spare = (random.next(), 3) }
            defer { spare = (spare.bits >> 21, spare.tails - 1) }
            return spare.bits & 0x1f_ffff
        }
    }

    private let state: Mutex<State>

    public init(random: any RandomNumberGenerator & Sendable) {
        state = Mutex(State(random: random))
    }

    /// The next identifier: 48 bits of milliseconds, 12 of sequence (starting at a random value below half), 62 random.
    public func next<Entity>(at now: Timestamp) -> Identifier<Entity> {
        state.withLock { state in
            let millisecond = UInt64(clamping: now.milliseconds) & 0xffff_ffff_ffff
            if millisecond > state.lastMillisecond {
                state.lastMillisecond = millisecond
                state.sequence = state.random.next() & 0x7ff
            } else {
                state.sequence += 1
                if state.sequence > 0xfff {
                    state.lastMillisecond += 1
                    state.sequence = state.random.next() & 0x7ff
                }
            }
            let high = state.lastMillisecond << 16 | 0x7000 | state.sequence
            let low = 0x8000_0000_0000_0000 | state.random.next() >> 2
            return Identifier(bits: Bits128(high: high, low: low))
        }
    }

    /// What makes an offer's quotes its own: 41 bits of milliseconds since 2020 and 21 random bits, so that offers made
    /// together lie together on the disk. Nearly unique: whoever stores it takes the next free one.
    public func tail(at now: Timestamp) -> UInt64 {
        let millisecond = UInt64(clamping: now.milliseconds - 1_577_836_800_000) & 0x1ff_ffff_ffff
        return millisecond << 21 | state.withLock { $0.tailBits() }
    }
}
