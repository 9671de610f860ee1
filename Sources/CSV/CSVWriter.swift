/// Writes comma-separated values, RFC 4180: CRLF ends a record, a field is quoted where it must be.
///
/// A text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`, as such or full-width, a tab, a
/// carriage return or a line feed) is defused with a leading apostrophe; numbers are written as they are.
public struct CSVWriter: Sendable {
    /// What was written so far.
    public private(set) var bytes: [UInt8] = []
    private var isMidRecord = false

    public init() {}

    /// A text of somebody else's choosing.
    public mutating func text(_ value: String) {
        append(Self.isFormula(value[...]) ? "'" + value : value)
    }

    /// What `text` was given, of what it wrote.
    public static func plain(_ written: String) -> String {
        written.hasPrefix("'") && isFormula(written.dropFirst()) ? String(written.dropFirst()) : written
    }

    private static func isFormula(_ text: Substring) -> Bool {
        switch text.unicodeScalars.first {
        case "=", "+", "-", "@", "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}", "\t", "\r", "\n": true
        default: false
        }
    }

    /// The shortest decimal that reads back as the value; empty for nil, and for what is no number.
    public mutating func number(_ value: Double?) {
        append(value.flatMap { $0.isFinite ? $0.description : nil } ?? "")
    }

    public mutating func number(_ value: some FixedWidthInteger) { append(String(value)) }

    /// A decimal number whose digits are known; empty for nil.
    public mutating func decimal(_ digits: String?) { append(digits ?? "") }

    public mutating func endRecord() {
        bytes.append(contentsOf: [0x0D, 0x0A])
        isMidRecord = false
    }

    private mutating func append(_ value: String) {
        if isMidRecord { bytes.append(UInt8(ascii: ",")) }
        isMidRecord = true
        guard value.utf8.contains(where: Self.isSpecial) else {
            bytes.append(contentsOf: value.utf8)
            return
        }
        bytes.append(UInt8(ascii: "\""))
        for byte in value.utf8 {
            if byte == UInt8(ascii: "\"") { bytes.append(byte) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Whether a byte has its field quoted.
    private static func isSpecial(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ",") || byte == UInt8(ascii: "\"") || byte == 0x0A || byte == 0x0D
    }
}
