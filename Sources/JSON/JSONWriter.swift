/// Appends JSON to a byte buffer: no tree, no intermediate strings.
///
/// The writer places commas; that begins and ends pair up and that keys stand in objects is the
/// caller's care.
///
///     var writer = JSONWriter()
///     writer.beginObject()
///     writer.field("price", 1999)
///     writer.field("currency", "EUR")
///     writer.endObject()
public struct JSONWriter: Sendable {
    /// How the text is laid out.
    public enum Layout: Sendable {
        /// No white space at all.
        case compact
        /// Two spaces a level, for people.
        case pretty
    }

    /// Room beyond what was written, so that most writing is a copy and no call of the array's.
    private var room: [UInt8] = []
    /// Bytes that were written.
    public private(set) var count = 0
    private let layout: Layout
    private var depth = 0
    /// Whether a value already stands before the next one in its array or object.
    private var hasPredecessor = false
    private var followsKey = false

    /// - Parameter layout: compact, unless people read it.
    public init(layout: Layout = .compact) { self.layout = layout }

    /// What was written so far.
    public var bytes: [UInt8] { count == room.count ? room : Array(room[..<count]) }

    /// Ends the writing and gives what was written, without a copy.
    public consuming func finish() -> [UInt8] {
        room.removeLast(room.count - count)
        return room
    }

    /// Makes room for `count` more bytes.
    public mutating func reserve(_ count: Int) { makeRoom(count) }

    /// Begins an object.
    public mutating func beginObject() { begin(UInt8(ascii: "{")) }
    /// Ends an object.
    public mutating func endObject() { end(UInt8(ascii: "}")) }
    /// Begins an array.
    public mutating func beginArray() { begin(UInt8(ascii: "[")) }
    /// Ends an array.
    public mutating func endArray() { end(UInt8(ascii: "]")) }

    /// The key of the value that follows; it holds nothing that JSON must escape.
    public mutating func key(_ key: StaticString) {
        if layout == .pretty { separate() }
        key.withUTF8Buffer { text in unsafe appendKey(text, comma: layout == .compact && hasPredecessor) }
        hasPredecessor = true
        if layout == .pretty { append(UInt8(ascii: " ")) }
        followsKey = true
    }

    /// The key of the value that follows, escaped as needed.
    public mutating func key(dynamic key: String) {
        separate()
        appendQuoted(key)
        colon()
    }

    /// `null`.
    public mutating func null() {
        separate()
        append("null")
    }

    /// `true` or `false`.
    public mutating func bool(_ value: Bool) {
        separate()
        append(value ? "true" : "false")
    }

    /// A string, escaped as needed.
    public mutating func string(_ value: String) {
        separate()
        appendQuoted(value)
    }

    /// A string from its UTF-8 bytes, escaped as needed.
    public mutating func string(utf8: ArraySlice<UInt8>) {
        separate()
        unsafe utf8.withUnsafeBufferPointer { text in unsafe appendQuoted(text) }
    }

    /// A string from its UTF-8 bytes, of which none must be escaped.
    public mutating func string(clean utf8: Span<UInt8>) {
        separate()
        unsafe utf8.withUnsafeBufferPointer { text in unsafe appendBetweenQuotes(text) }
    }

    /// An integer.
    public mutating func int(_ value: Int64) {
        separate()
        if value < 0 { append(UInt8(ascii: "-")) }
        appendDigits(value.magnitude)
    }

    /// An integer.
    public mutating func int(_ value: Int) { int(Int64(value)) }

    /// An integer.
    public mutating func int(_ value: UInt64) {
        separate()
        appendDigits(value)
    }

    /// An integer.
    public mutating func int(_ value: Int128) {
        if let small = Int64(exactly: value) { return int(small) }
        separate()
        append(value.description)
    }

    /// The shortest decimal that reads back as `value`; a whole number keeps `.0`, so that it reads
    /// back as a double. JSON has no NaN and no infinity: both become null, and whoever may hold
    /// one says so in words of its own.
    public mutating func double(_ value: Double) {
        separate()
        if value.isFinite {
            append(value.description)
        } else {
            append("null")
        }
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        unsafe json.withUnsafeBufferPointer { text in unsafe append(text) }
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: [UInt8]) { raw(json[...]) }

    /// A whole tree.
    public mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): int(value)
        case .unsigned(let value): int(value)
        case .double(let value): double(value)
        case .string(let value): string(value)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let object):
            beginObject()
            for member in object.members {
                key(dynamic: member.key)
                self.value(member.value)
            }
            endObject()
        }
    }

    /// Ends a line of NDJSON: what follows is a text of its own.
    public mutating func newline() {
        append(UInt8(ascii: "\n"))
        hasPredecessor = false
    }
}

// MARK: Fields

extension JSONWriter {
    /// A key and a string.
    public mutating func field(_ key: StaticString, _ value: String) {
        self.key(key)
        string(value)
    }

    /// A key and an integer.
    public mutating func field(_ key: StaticString, _ value: Int64) {
        self.key(key)
        int(value)
    }

    /// A key and an integer.
    public mutating func field(_ key: StaticString, _ value: Int) {
        self.key(key)
        int(value)
    }

    /// A key and a truth value.
    public mutating func field(_ key: StaticString, _ value: Bool) {
        self.key(key)
        bool(value)
    }

    /// A key and a double; see `double(_:)`.
    public mutating func field(_ key: StaticString, _ value: Double) {
        self.key(key)
        double(value)
    }

    /// A key and a tree.
    public mutating func field(_ key: StaticString, _ value: JSONValue) {
        self.key(key)
        self.value(value)
    }
}

// MARK: Bytes

extension JSONWriter {
    private mutating func begin(_ bracket: UInt8) {
        separate()
        append(bracket)
        depth += 1
        hasPredecessor = false
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        if hasPredecessor, layout == .pretty { indent() }
        append(bracket)
        hasPredecessor = true
    }

    private mutating func separate() {
        if followsKey {
            followsKey = false
        } else {
            if hasPredecessor { append(UInt8(ascii: ",")) }
            if layout == .pretty, depth > 0 { indent() }
        }
        hasPredecessor = true
    }

    private mutating func colon() {
        append(UInt8(ascii: ":"))
        if layout == .pretty { append(UInt8(ascii: " ")) }
        followsKey = true
    }

    private mutating func indent() {
        append(UInt8(ascii: "\n"))
        for _ in 0..<2 * depth { append(UInt8(ascii: " ")) }
    }

    /// Leaves at least so many bytes beyond what was written; in line, as nearly always there is room.
    @inline(__always)
    private mutating func makeRoom(_ more: Int) {
        if room.count - count < more { grow(by: more) }
    }

    private mutating func grow(by more: Int) {
        let wanted = max(count + more, 2 * count, 64)
        room.reserveCapacity(wanted)
        room.append(contentsOf: repeatElement(0, count: wanted - room.count))
    }

    private mutating func append(_ byte: UInt8) {
        makeRoom(1)
        room[count] = byte
        count += 1
    }

    private mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        makeRoom(text.count)
        unsafe room.withUnsafeMutableBytes { room in unsafe Self.copy(text, to: room, at: count) }
        count += text.count
    }

    /// Keys and most values are short: those are copied in two words that may overlap, which a call would take longer for.
    /// Precondition: there is room for them.
    private static func copy(
        _ text: UnsafeBufferPointer<UInt8>, to room: UnsafeMutableRawBufferPointer, at start: Int
    ) {
        let text = UnsafeRawBufferPointer(text)
        switch text.count {
        case 8...16:
            unsafe copyWord(UInt64.self, text, 0, room, start)
            unsafe copyWord(UInt64.self, text, text.count - 8, room, start)
        case 4...7:
            unsafe copyWord(UInt32.self, text, 0, room, start)
            unsafe copyWord(UInt32.self, text, text.count - 4, room, start)
        default: unsafe UnsafeMutableRawBufferPointer(rebasing: room[start...]).copyMemory(from: text)
        }
    }

    private static func copyWord<Word: BitwiseCopyable>(
        _: Word.Type, _ text: UnsafeRawBufferPointer, _ offset: Int, _ room: UnsafeMutableRawBufferPointer, _ start: Int
    ) {
        let word = unsafe text.loadUnaligned(fromByteOffset: offset, as: Word.self)
        unsafe room.storeBytes(of: word, toByteOffset: start + offset, as: Word.self)
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { text in unsafe append(text) }
    }

    private mutating func append(_ text: String) {
        unsafe Self.withUTF8(of: text) { text in unsafe append(text) }
    }

    /// The bytes where they stand, without a copy of the string, which would count a reference.
    private static func withUTF8(of text: String, _ body: (UnsafeBufferPointer<UInt8>) -> Void) {
        if unsafe text.utf8.withContiguousStorageIfAvailable({ bytes in unsafe body(bytes) }) != nil { return }
        var native = text
        native.withUTF8 { bytes in unsafe body(bytes) }
    }

    private mutating func appendDigits(_ value: UInt64) {
        if value < 10 { return append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var place = 20
            repeat {
                place -= 1
                unsafe digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            unsafe append(UnsafeBufferPointer(rebasing: digits[place...]))
        }
    }

    private mutating func appendQuoted(_ value: String) {
        unsafe Self.withUTF8(of: value) { text in unsafe appendQuoted(text) }
    }

    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        let first = unsafe Self.cleanPrefix(of: text)
        if first == text.count { return unsafe appendBetweenQuotes(text) }
        append(UInt8(ascii: "\""))
        var start = 0
        for place in first..<text.count where unsafe Self.mustEscape(text[place]) {
            unsafe append(UnsafeBufferPointer(rebasing: text[start..<place]))
            appendEscape(unsafe text[place])
            start = place + 1
        }
        unsafe append(UnsafeBufferPointer(rebasing: text[start...]))
        append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// How many bytes come before the first that must be escaped; eight are looked at a time.
    private static func cleanPrefix(of text: UnsafeBufferPointer<UInt8>) -> Int {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high = ones << 7
        let bytes = UnsafeRawBufferPointer(text)
        var place = 0
        while place + 8 <= text.count {
            let word = unsafe bytes.loadUnaligned(fromByteOffset: place, as: UInt64.self)
            // A byte of `x &- ones & ~x` has its high bit where that byte of `x` is zero: Mycroft's test.
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found = (word &- ones &* 0x20) & ~word | (quote &- ones) & ~quote | (backslash &- ones) & ~backslash
            if found & high != 0 { break }
            place += 8
        }
        while unsafe place < text.count && !mustEscape(text[place]) { place += 1 }
        return place
    }

    private mutating func appendBetweenQuotes(_ text: UnsafeBufferPointer<UInt8>) {
        makeRoom(text.count + 2)
        let start = count
        unsafe room.withUnsafeMutableBytes { room in
            unsafe room[start] = UInt8(ascii: "\"")
            unsafe Self.copy(text, to: room, at: start + 1)
            unsafe room[start + text.count + 1] = UInt8(ascii: "\"")
        }
        count = start + text.count + 2
    }

    /// With the comma before it, between quotes, and the colon after it: keys are the most of what is written.
    private mutating func appendKey(_ text: UnsafeBufferPointer<UInt8>, comma: Bool) {
        makeRoom(text.count + 4)
        let start = comma ? count + 1 : count
        unsafe room.withUnsafeMutableBytes { room in
            if comma { unsafe room[start - 1] = UInt8(ascii: ",") }
            unsafe room[start] = UInt8(ascii: "\"")
            unsafe Self.copy(text, to: room, at: start + 1)
            unsafe room[start + text.count + 1] = UInt8(ascii: "\"")
            unsafe room[start + text.count + 2] = UInt8(ascii: ":")
        }
        count = start + text.count + 3
    }

    private mutating func appendEscape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append("\\\"")
        case UInt8(ascii: "\\"): append("\\\\")
        case UInt8(ascii: "\n"): append("\\n")
        case UInt8(ascii: "\r"): append("\\r")
        case UInt8(ascii: "\t"): append("\\t")
        default:
            append(byte < 0x10 ? "\\u000" : "\\u001")
            let low = byte & 0x0F
            append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
