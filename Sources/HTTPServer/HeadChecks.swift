/// What a head must be beyond what http_parser asks, and what it says of its body and its connection.
///
/// The first check is that the head is, byte for byte, a request line, header lines and an empty line: every byte
/// belongs to a part that was reported or is the one separator allowed there. Spaces before a colon, bare line
/// feeds, folded lines and whatever else one parser reads so and another otherwise have no place in that.
extension HeadParts {
    /// Checks a complete head and fills in what it says.
    ///
    /// - Parameter methodLength: bytes of the method's name as the parser understood it.
    mutating func check(methodLength: Int) -> BadRequest? {
        if let refusal = checkRequestLine(methodLength: methodLength) { return refusal }
        if let refusal = checkFieldLayout() { return refusal }
        if let refusal = checkFields() { return refusal }
        return checkTarget()
    }

    // MARK: Layout

    private mutating func checkRequestLine(methodLength: Int) -> BadRequest? {
        guard targetRange.lowerBound == methodLength + 1, !targetRange.isEmpty,
            hasBytes("\r\n", at: targetRange.upperBound + 9), hasBytes(" HTTP/", at: targetRange.upperBound)
        else { return .malformed }
        let version = targetRange.upperBound + 6
        guard bytes[version] == UInt8(ascii: "1"), bytes[version + 1] == UInt8(ascii: "."),
            bytes[version + 2] == UInt8(ascii: "1") || bytes[version + 2] == UInt8(ascii: "0")
        else { return .versionUnsupported }
        minorVersion = Int(bytes[version + 2] - UInt8(ascii: "0"))
        return nil
    }

    private mutating func checkFieldLayout() -> BadRequest? {
        var at = targetRange.upperBound + 11
        for index in fields.indices {
            let field = fields[index]
            let nameEnd = Int(field.nameEnd)
            guard Int(field.nameStart) == at, nameEnd > at, nameEnd < bytes.count, bytes[nameEnd] == ASCII.colon else {
                return .malformedHeader
            }
            for byte in bytes[at..<nameEnd] where !ASCII.isToken(byte) { return .malformedHeader }
            var start = nameEnd + 1
            while start < bytes.count, bytes[start] == ASCII.space || bytes[start] == ASCII.tab { start += 1 }
            // http_parser reports an empty value wherever it stands by then.
            let isEmpty = field.valueStart == field.valueEnd
            var end = isEmpty ? start : Int(field.valueEnd)
            guard isEmpty || Int(field.valueStart) == start, hasBytes("\r\n", at: end) else { return .malformedHeader }
            at = end + 2
            while end > start, bytes[end - 1] == ASCII.space || bytes[end - 1] == ASCII.tab { end -= 1 }
            // http_parser lets the first byte of a value be anything.
            for byte in bytes[start..<end] where (byte < 0x20 && byte != ASCII.tab) || byte == 0x7f {
                return .malformedHeader
            }
            fields[index].valueStart = UInt16(clamping: start)
            fields[index].valueEnd = UInt16(clamping: end)
        }
        return hasBytes("\r\n", at: at) && at + 2 == bytes.count ? nil : .malformedHeader
    }

    private func hasBytes(_ expected: StaticString, at start: Int) -> Bool {
        let count = expected.utf8CodeUnitCount
        guard start >= 0, start + count <= bytes.count else { return false }
        for offset in 0..<count {
            guard unsafe bytes[start + offset] == expected.utf8Start[offset] else { return false }
        }
        return true
    }

    // MARK: Fields

    private mutating func checkFields() -> BadRequest? {
        var hosts = 0
        var lengths = 0
        var codings = 0
        var length = 0
        keepsAlive = minorVersion == 1
        for field in fields {
            switch field.nameEnd - field.nameStart {
            case 4 where name(of: field, is: "host"):
                hosts += 1
                if !Self.isHost(value(of: field)) { return .hostInvalid }
            case 6 where name(of: field, is: "expect"):
                guard value(of: field).equalsIgnoringCase("100-continue") else { return .expectationUnknown }
                expectsContinue = minorVersion == 1
            case 10 where name(of: field, is: "connection"):
                for option in value(of: field).listElements {
                    if option.equalsIgnoringCase("close") { keepsAlive = false }
                    if option.equalsIgnoringCase("keep-alive"), minorVersion == 0 { keepsAlive = true }
                }
            case 14 where name(of: field, is: "content-length"):
                lengths += 1
                let digits = value(of: field)
                guard !digits.isEmpty, digits.allSatisfy(ASCII.isDigit) else { return .contentLengthInvalid }
                guard digits.count <= 18 else { return .bodyTooLarge }
                length = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
            case 16 where name(of: field, is: "content-encoding"):
                guard value(of: field).equalsIgnoringCase("identity") else { return .bodyCompressed }
            case 17 where name(of: field, is: "transfer-encoding"):
                codings += 1
                guard value(of: field).equalsIgnoringCase("chunked") else { return .transferCodingUnknown }
            default: break
            }
        }
        if hosts > 1 { return .hostRepeated }
        if hosts == 0, minorVersion == 1 { return .hostMissing }
        if lengths + codings > 1 || (codings > 0 && minorVersion == 0) { return .framingAmbiguous }
        framing = codings > 0 ? .chunked : length > 0 ? .length(length) : .none
        return nil
    }

    /// RFC 3986, 3.2.2 and 3.2.3, by their characters: what could not stand between `//` and `/`, user information
    /// included, is no host.
    private static func isHost(_ value: ArraySlice<UInt8>) -> Bool {
        !value.isEmpty
            && value.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                    UInt8(ascii: "~"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
                    true
                default: false
                }
            }
    }

    // MARK: Target

    private mutating func checkTarget() -> BadRequest? {
        var questionMark: Int?
        var mayHaveDotSegment = false
        for index in targetRange {
            switch bytes[index] {
            case ASCII.questionMark: if questionMark == nil { questionMark = index }
            case ASCII.percent: isPercentEncoded = true
            case UInt8(ascii: "."): mayHaveDotSegment = true
            case UInt8(ascii: "#"): return .malformedTarget
            case 0x21...0x7e: break
            default: return .malformedTarget
            }
        }
        let pathEnd = questionMark ?? targetRange.upperBound
        queryRange = questionMark.map { ($0 + 1)..<targetRange.upperBound }
        pathRange = targetRange.lowerBound..<pathEnd
        if bytes[targetRange.lowerBound] != ASCII.slash {
            if target.elementsEqual(CollectionOfOne(UInt8(ascii: "*"))) {
                return method == .options ? nil : .malformedTarget
            }
            guard let start = pathStartOfAbsoluteForm(pathEnd: pathEnd) else { return .malformedTarget }
            guard let host = headerBytes("host"),
                Self.isSameHost(bytes[start.authority], host)
            else { return .hostInvalid }
            guard !start.path.isEmpty else { return .malformedTarget }
            pathRange = start.path
        }
        guard isPercentEncoded || mayHaveDotSegment else { return nil }
        guard let path = PercentEncoding.decoded(rawPath), !PercentEncoding.hasDotSegment(path) else {
            return .malformedTarget
        }
        guard let query = rawQuery else { return nil }
        return PercentEncoding.isWellFormed(query) ? nil : .malformedTarget
    }

    /// The authority and path of `http://authority/path`, as a proxy would ask.
    private func pathStartOfAbsoluteForm(pathEnd: Int) -> (authority: Range<Int>, path: Range<Int>)? {
        let start = targetRange.lowerBound
        for (scheme, length) in [("http://" as StaticString, 7), ("https://", 8)] {
            guard start + length < pathEnd, bytes[start..<(start + length)].equalsIgnoringCase(scheme) else { continue }
            let slash = bytes[(start + length)..<pathEnd].firstIndex(of: ASCII.slash) ?? pathEnd
            return ((start + length)..<slash, slash..<pathEnd)
        }
        return nil
    }

    private static func isSameHost(_ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>) -> Bool {
        left.elementsEqual(right) { ASCII.lowercased($0) == ASCII.lowercased($1) }
    }
}
