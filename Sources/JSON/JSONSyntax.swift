/// A strict reader of RFC 8259 that builds nothing and remembers where it stands.
///
/// It runs only over bytes that simdjson refused, to say what is wrong and where.
struct JSONSyntax {
    private let bytes: ArraySlice<UInt8>
    private let maximumDepth: Int
    private var position: Int

    private init(_ bytes: ArraySlice<UInt8>, maximumDepth: Int) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        position = bytes.startIndex
    }

    /// The first fault in `bytes`.
    static func fault(in bytes: ArraySlice<UInt8>, maximumDepth: Int) -> JSONError {
        if let offset = firstInvalidUTF8(in: bytes) {
            return .invalidUTF8(offset: offset)
        }
        var reader = JSONSyntax(bytes, maximumDepth: maximumDepth)
        do throws(JSONError) {
            try reader.document()
        } catch {
            return error
        }
        return .malformed(reason: "not a JSON text", offset: nil)
    }

    private static func firstInvalidUTF8(in bytes: ArraySlice<UInt8>) -> Int? {
        do throws(UTF8.ValidationError) {
            _ = try UTF8Span(validating: bytes.span)
            return nil
        } catch {
            return error.byteOffsets.lowerBound
        }
    }

    private var next: UInt8? { position < bytes.endIndex ? bytes[position] : nil }

    private func malformed(_ reason: String, at place: Int? = nil) -> JSONError {
        .malformed(reason: reason, offset: (place ?? position) - bytes.startIndex)
    }

    private func unexpected(_ expected: String) -> JSONError {
        guard let byte = next else { return malformed("\(expected) expected, but the text ends") }
        let found = (0x21..<0x7F).contains(byte) ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
        return malformed("\(expected) expected, found \(found)")
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            position += 1
        }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    private mutating func document() throws(JSONError) {
        skipSpace()
        if next == nil { throw .empty }
        try value(depth: 0)
        skipSpace()
        if next != nil { throw malformed("something stands after the end of the value") }
    }

    private mutating func value(depth: Int) throws(JSONError) {
        switch next {
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case .some(UInt8(ascii: "-")), .some(UInt8(ascii: "0")...UInt8(ascii: "9")): try number()
        default: throw unexpected("a value")
        }
    }

    private mutating func object(depth: Int) throws(JSONError) {
        if depth > maximumDepth { throw .tooDeep(maximum: maximumDepth) }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "}")) { return }
        while true {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { throw unexpected("a key in quotes") }
            try string()
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw unexpected("':'") }
            skipSpace()
            try value(depth: depth)
            skipSpace()
            if take(UInt8(ascii: "}")) { return }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or '}'") }
        }
    }

    private mutating func array(depth: Int) throws(JSONError) {
        if depth > maximumDepth { throw .tooDeep(maximum: maximumDepth) }
        position += 1
        skipSpace()
        if take(UInt8(ascii: "]")) { return }
        while true {
            skipSpace()
            try value(depth: depth)
            skipSpace()
            if take(UInt8(ascii: "]")) { return }
            guard take(UInt8(ascii: ",")) else { throw unexpected("',' or ']'") }
        }
    }

    private mutating func word(_ expected: StaticString) throws(JSONError) {
        let start = position
        for scalar in expected.description.utf8 where !take(scalar) {
            throw malformed("'\(expected)' expected", at: start)
        }
    }

    private mutating func digits() -> Int {
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            position += 1
        }
        return position - start
    }

    private mutating func number() throws(JSONError) {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let leadingZero = next == UInt8(ascii: "0")
        let whole = digits()
        if whole == 0 { throw unexpected("a digit") }
        if leadingZero, whole > 1 { throw malformed("a number does not begin with zero", at: start) }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            if digits() == 0 { throw unexpected("a digit") }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            if digits() == 0 { throw unexpected("a digit") }
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        let fits = isInteger ? Int64(text) != nil || UInt64(text) != nil : Double(text)?.isFinite == true
        if !fits { throw .numberOutOfRange(offset: start - bytes.startIndex) }
    }

    private mutating func string() throws(JSONError) {
        let start = position
        position += 1
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return
            case UInt8(ascii: "\\"):
                try escape()
            case 0..<0x20:
                throw malformed("a control character in a string must be escaped")
            default:
                position += 1
            }
        }
        throw malformed("this string has no end", at: start)
    }

    private mutating func escape() throws(JSONError) {
        let start = position
        position += 1
        guard let letter = next else { throw malformed("this escape has no end", at: start) }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return
        case UInt8(ascii: "u"):
            let unit = try hexUnit()
            if (0xDC00..<0xE000).contains(unit) { throw malformed("half a surrogate pair", at: start) }
            if (0xD800..<0xDC00).contains(unit) {
                guard take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")), (0xDC00..<0xE000).contains(try hexUnit())
                else { throw malformed("half a surrogate pair", at: start) }
            }
        default:
            throw malformed("no such escape", at: start)
        }
    }

    private mutating func hexUnit() throws(JSONError) -> Int {
        var unit = 0
        for _ in 0..<4 {
            guard let byte = next, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw unexpected("a hexadecimal digit")
            }
            unit = unit * 16 + digit
            position += 1
        }
        return unit
    }
}
