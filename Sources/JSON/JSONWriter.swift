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

    /// What was written so far.
    public private(set) var bytes: [UInt8]
    private let layout: Layout
    private var depth = 0
    /// Whether a value already stands before the next one in its array or object.
    private var hasPredecessor = false
    private var followsKey = false

    /// Appends to `bytes`.
    ///
    /// - Parameters:
    ///   - bytes: a buffer to go on with, for instance one that kept its capacity.
    ///   - layout: compact, unless people read it.
    public init(appendingTo bytes: [UInt8] = [], layout: Layout = .compact) {
        self.bytes = bytes
        self.layout = layout
    }

    /// Makes room for `count` more bytes.
    public mutating func reserve(_ count: Int) {
        bytes.reserveCapacity(bytes.count + count)
    }

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
        separate()
        key.withUTF8Buffer { text in unsafe appendBetweenQuotes(text) }
        colon()
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

    /// An integer.
    public mutating func int(_ value: Int64) {
        separate()
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
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
        bytes.append(contentsOf: value.description.utf8)
    }

    /// The shortest decimal that reads back as `value`; a whole number keeps `.0`, so that it reads
    /// back as a double. JSON has no NaN and no infinity: both become null, and whoever may hold
    /// one says so in words of its own.
    public mutating func double(_ value: Double) {
        separate()
        if value.isFinite {
            bytes.append(contentsOf: value.description.utf8)
        } else {
            append("null")
        }
    }

    /// A value that is JSON already.
    public mutating func raw(_ json: ArraySlice<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
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
        bytes.append(UInt8(ascii: "\n"))
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
        bytes.append(bracket)
        depth += 1
        hasPredecessor = false
    }

    private mutating func end(_ bracket: UInt8) {
        depth -= 1
        if hasPredecessor { indent() }
        bytes.append(bracket)
        hasPredecessor = true
    }

    private mutating func separate() {
        if followsKey {
            followsKey = false
        } else {
            if hasPredecessor { bytes.append(UInt8(ascii: ",")) }
            if depth > 0 { indent() }
        }
        hasPredecessor = true
    }

    private mutating func colon() {
        bytes.append(UInt8(ascii: ":"))
        if layout == .pretty { bytes.append(UInt8(ascii: " ")) }
        followsKey = true
    }

    private mutating func indent() {
        guard layout == .pretty else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * depth))
    }

    private mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { text in unsafe bytes.append(contentsOf: text) }
    }

    private mutating func appendDigits(_ value: UInt64) {
        if value < 10 { return bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value)) }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 20) { digits in
            var rest = value
            var place = 20
            repeat {
                place -= 1
                unsafe digits[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                rest /= 10
            } while rest > 0
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[place...]))
        }
    }

    private mutating func appendQuoted(_ value: String) {
        var value = value
        value.withUTF8 { text in unsafe appendQuoted(text) }
    }

    private mutating func appendQuoted(_ text: UnsafeBufferPointer<UInt8>) {
        var clean = 0
        while unsafe clean < text.count && !Self.mustEscape(text[clean]) { clean += 1 }
        if clean == text.count { return unsafe appendBetweenQuotes(text) }
        bytes.append(UInt8(ascii: "\""))
        var start = 0
        for place in clean..<text.count where unsafe Self.mustEscape(text[place]) {
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start..<place]))
            appendEscape(unsafe text[place])
            start = place + 1
        }
        unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: text[start...]))
        bytes.append(UInt8(ascii: "\""))
    }

    private static func mustEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    /// Short texts, which are almost all, cost one append instead of three.
    private mutating func appendBetweenQuotes(_ text: UnsafeBufferPointer<UInt8>) {
        guard text.count <= 62 else {
            bytes.append(UInt8(ascii: "\""))
            unsafe bytes.append(contentsOf: text)
            return bytes.append(UInt8(ascii: "\""))
        }
        unsafe withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 64) { quoted in
            let end = text.count + 1
            unsafe quoted[0] = UInt8(ascii: "\"")
            _ = unsafe quoted[1..<end].update(fromContentsOf: text)
            unsafe quoted[end] = UInt8(ascii: "\"")
            unsafe bytes.append(contentsOf: UnsafeBufferPointer(rebasing: quoted[0...end]))
        }
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
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "a") + low - 10)
        }
    }
}
