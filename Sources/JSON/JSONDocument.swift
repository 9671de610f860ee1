import CSimdJSON
internal import Glibc

/// One parsed JSON text.
///
/// simdjson reads the bytes at some gigabytes a second into a tape of words and a buffer of
/// strings; both are copied here, so that nodes are ordinary values which outlive the bytes and
/// the parser. Keys may repeat: whoever reads an object asks `JSONNode.firstDuplicateKey`.
public final class JSONDocument: Sendable {
    /// Words as simdjson lays them out: a type letter in the top byte, a payload in the rest.
    let tape: [UInt64]
    /// Each string stands at its offset as four bytes of length and its UTF-8.
    let strings: [UInt8]

    /// Parses `bytes` as one JSON text (RFC 8259).
    ///
    /// - Parameters:
    ///   - bytes: UTF-8, without a byte order mark.
    ///   - maximumDepth: how many arrays and objects may be nested, 1 to 512.
    /// - Throws: `JSONError`, with the offset of the fault wherever there is one.
    public init(parsing bytes: ArraySlice<UInt8>, maximumDepth: Int = 64) throws(JSONError) {
        precondition((1...Int(CSIMDJSON_DEPTH_LIMIT)).contains(maximumDepth))
        var tape: [UInt64] = []
        var strings: [UInt8] = []
        let code = unsafe bytes.withUnsafeBufferPointer { input in
            let parsed = unsafe csimdjson_parse(input.baseAddress, input.count, maximumDepth)
            if unsafe parsed.code == CSIMDJSON_OK {
                unsafe tape = Array(UnsafeBufferPointer(start: parsed.tape, count: parsed.tape_count))
                unsafe strings = Array(UnsafeBufferPointer(start: parsed.strings, count: parsed.strings_count))
            }
            csimdjson_trim()
            return unsafe Int(parsed.code)
        }
        switch code {
        case CSIMDJSON_OK: break
        case CSIMDJSON_TOO_LARGE: throw .tooLarge
        case CSIMDJSON_OUT_OF_MEMORY: throw .outOfMemory
        // simdjson says that something is wrong, not where: the slow road finds out.
        default: throw JSONSyntax.fault(in: bytes, maximumDepth: maximumDepth)
        }
        self.tape = tape
        self.strings = strings
    }

    /// Parses `bytes` as one JSON text (RFC 8259); see `init(parsing:maximumDepth:)` on a slice.
    public convenience init(parsing bytes: [UInt8], maximumDepth: Int = 64) throws(JSONError) {
        try self.init(parsing: bytes[...], maximumDepth: maximumDepth)
    }

    /// The node of this document that was at `place`: for who keeps many, as a number counts no reference.
    public subscript(place place: Int) -> JSONNode { JSONNode(document: self, index: place) }

    /// The document's value.
    public var root: JSONNode { JSONNode(document: self, index: 1) }
}

// MARK: Places

/// Values by the places where they stand: for who looks at many and keeps none, as a node counts a reference.
extension JSONDocument {
    func letter(at place: Int) -> UInt8 { UInt8(truncatingIfNeeded: tape[place] >> 56) }

    private func payload(at place: Int) -> Int { Int(tape[place] & 0x00FF_FFFF_FFFF_FFFF) }

    /// The place after the value at `place`.
    func end(of place: Int) -> Int {
        switch letter(at: place) {
        case UInt8(ascii: "["), UInt8(ascii: "{"): payload(at: place) & 0xFFFF_FFFF
        case UInt8(ascii: "l"), UInt8(ascii: "u"), UInt8(ascii: "d"): place + 2
        default: place + 1
        }
    }

    /// Where the bytes of the string at `place` stand in ``strings``. Precondition: there is one.
    func stringRange(at place: Int) -> Range<Int> {
        let start = payload(at: place)
        let length =
            Int(strings[start]) | Int(strings[start + 1]) << 8 | Int(strings[start + 2]) << 16
            | Int(strings[start + 3]) << 24
        return (start + 4)..<(start + 4 + length)
    }

    /// Whether the value at `place` is null.
    public func isNull(at place: Int) -> Bool { letter(at: place) == UInt8(ascii: "n") }

    /// Whether the string at `place` is `text`, decided on bytes. Precondition: there is one.
    public func isString(_ text: StaticString, at place: Int) -> Bool {
        let range = stringRange(at: place)
        guard range.count == text.utf8CodeUnitCount else { return false }
        return unsafe strings.withUnsafeBytes { strings in
            guard let start = unsafe UnsafeRawBufferPointer(rebasing: strings[range]).baseAddress else { return true }
            return unsafe memcmp(start, text.utf8Start, range.count) == 0
        }
    }

    /// Calls `body` with the places of each member of the object at `place`, as they were written, until it says false.
    ///
    /// - Returns: false where there is no object.
    public func forEachMember(ofObjectAt place: Int, _ body: (_ key: Int, _ value: Int) -> Bool) -> Bool {
        guard letter(at: place) == UInt8(ascii: "{") else { return false }
        let end = end(of: place) - 1
        var key = place + 1
        while key < end {
            let value = key + 1
            guard body(key, value) else { break }
            key = self.end(of: value)
        }
        return true
    }
}
