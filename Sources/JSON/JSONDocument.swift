import CSimdJSON

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
