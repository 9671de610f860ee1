/// Reads records of comma-separated values, RFC 4180, one at a time.
///
/// Beyond the RFC it takes a byte-order mark, lines that end in LF alone, a last line without an end, and skips empty
/// lines. Space around a field belongs to the field, as the RFC says. After an error the reader stands at the line
/// behind the faulty one, so that an import can answer line by line and go on.
///
///     var reader = CSVReader(bytes)
///     while let record = try reader.next() { print(record.line, record.fields) }
public struct CSVReader: Sendable {
    /// One record and the line its first byte stands on.
    public struct Record: Sendable, Equatable {
        public let line: Int
        /// At least one.
        public let fields: [String]

        public init(line: Int, fields: [String]) {
            self.line = line
            self.fields = fields
        }
    }

    /// The most bytes one record may have.
    public static let largestRecord = 1 << 20

    private let bytes: [UInt8]
    private let delimiter: UInt8
    private var position: Int
    private var line = 1

    /// - Parameter delimiter: an ASCII character other than a quote or a line end.
    public init(_ bytes: [UInt8], delimiter: Unicode.Scalar = ",") {
        precondition(delimiter.isASCII && delimiter != "\"" && delimiter != "\n" && delimiter != "\r")
        self.bytes = bytes
        self.delimiter = UInt8(truncatingIfNeeded: delimiter.value)
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    /// The next record; nil at the end.
    public mutating func next() throws(CSVError) -> Record? {
        skipEmptyLines()
        guard position < bytes.count else { return nil }
        let first = line
        let begin = position
        var fields: [String] = []
        while true {
            let field = try position < bytes.count && bytes[position] == Self.quote ? quotedField() : plainField()
            fields.append(field)
            guard position - begin <= Self.largestRecord else { throw fail(.tooLong, at: first) }
            guard position < bytes.count else { break }
            if bytes[position] == delimiter {
                position += 1
                continue
            }
            endLine()
            break
        }
        return Record(line: first, fields: fields)
    }

    private static let quote = UInt8(ascii: "\"")
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// The bytes up to a delimiter or line end, at which the position then stands.
    private mutating func plainField() throws(CSVError) -> String {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == delimiter || byte == Self.lineFeed { break }
            if byte == Self.carriageReturn {
                guard endsLine(at: position) else { throw fail(.bareCarriageReturn, at: line) }
                break
            }
            if byte == Self.quote { throw fail(.strayQuote, at: line) }
            position += 1
        }
        return try text(bytes[start..<position], from: line)
    }

    /// The field whose opening quote stands at the position.
    private mutating func quotedField() throws(CSVError) -> String {
        let opened = line
        let behindOpening = position + 1
        var content: [UInt8] = []
        var linesInside = 0
        position = behindOpening
        while position < bytes.count {
            guard position - behindOpening <= Self.largestRecord else { throw fail(.tooLong, at: opened) }
            let byte = bytes[position]
            guard byte == Self.quote else {
                if byte == Self.lineFeed { linesInside += 1 }
                content.append(byte)
                position += 1
                continue
            }
            let following = position + 1
            if following < bytes.count, bytes[following] == Self.quote {
                content.append(byte)
                position += 2
                continue
            }
            position = following
            line += linesInside
            if following < bytes.count, bytes[following] != delimiter, bytes[following] != Self.lineFeed,
                !endsLine(at: following)
            {
                throw fail(.textAfterQuote, at: line)
            }
            return try text(content[...], from: opened)
        }
        // Only the line that opened it is lost: what follows may be sound.
        position = behindOpening
        throw fail(.unterminatedQuote, at: opened)
    }

    private mutating func text(_ utf8: ArraySlice<UInt8>, from line: Int) throws(CSVError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else { throw fail(.notUTF8, at: line) }
        return text
    }

    private func endsLine(at place: Int) -> Bool {
        bytes[place] == Self.carriageReturn && place + 1 < bytes.count && bytes[place + 1] == Self.lineFeed
    }

    private mutating func skipEmptyLines() {
        while position < bytes.count, bytes[position] == Self.lineFeed || endsLine(at: position) { endLine() }
    }

    /// Steps over the line end that stands at the position.
    private mutating func endLine() {
        position += bytes[position] == Self.carriageReturn ? 2 : 1
        line += 1
    }

    /// Moves behind the end of the present line.
    private mutating func fail(_ reason: CSVError.Reason, at faulty: Int) -> CSVError {
        while position < bytes.count, bytes[position] != Self.lineFeed { position += 1 }
        if position < bytes.count { endLine() }
        return CSVError(line: faulty, reason: reason)
    }
}
