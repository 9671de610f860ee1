/// A file of comma-separated values (RFC 4180): quotes may hold commas, line breaks and doubled quotes; lines end with
/// LF or CRLF; a byte order mark is passed over.
struct CSV {
    struct Record: Equatable {
        /// The line it begins on, from 1.
        let line: Int
        let fields: [String]
    }

    enum Fault: Error, Equatable {
        /// A quoted field does not end, or something follows its closing quote.
        case quoting(line: Int)
        case notUTF8(line: Int)
    }

    /// The records of a file; blank lines are passed over.
    static func records(_ bytes: [UInt8]) throws(Fault) -> [Record] {
        var records: [Record] = []
        var fields: [String] = []
        var field: [UInt8] = []
        var (line, start) = (1, 1)
        var (isQuoted, wasQuoted) = (false, false)

        func endField() throws(Fault) {
            guard let text = String(validating: field, as: UTF8.self) else { throw .notUTF8(line: start) }
            fields.append(text)
            field = []
            wasQuoted = false
        }
        func endRecord() throws(Fault) {
            let isBlank = fields.isEmpty && field.isEmpty && !wasQuoted
            if !isBlank {
                try endField()
                records.append(Record(line: start, fields: fields))
            }
            fields = []
            start = line + 1
        }

        var index = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    if byte == UInt8(ascii: "\n") { line += 1 }
                    field.append(byte)
                } else if index < bytes.count, bytes[index] == UInt8(ascii: "\"") {
                    field.append(byte)
                    index += 1
                } else {
                    isQuoted = false
                }
                continue
            }
            switch byte {
            case UInt8(ascii: ","): try endField()
            case UInt8(ascii: "\r") where index < bytes.count && bytes[index] == UInt8(ascii: "\n"): break
            case UInt8(ascii: "\n"):
                try endRecord()
                line += 1
            case UInt8(ascii: "\"") where field.isEmpty && !wasQuoted:
                isQuoted = true
                wasQuoted = true
            default:
                if wasQuoted { throw .quoting(line: start) }
                field.append(byte)
            }
        }
        if isQuoted { throw .quoting(line: start) }
        try endRecord()
        return records
    }

    /// One field, quoted where it must be. A leading sign that a spreadsheet would take for a formula is disarmed.
    static func field(_ text: String) -> String {
        var text = text
        if let first = text.first, "=+-@\t\r".contains(first) { text = "'" + text }
        guard text.utf8.contains(where: { ",\"\r\n".utf8.contains($0) }) else { return text }
        var out = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { out += "\"" }
            out.unicodeScalars.append(scalar)
        }
        return out + "\""
    }
}
