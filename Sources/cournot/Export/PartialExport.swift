internal import Crypto
internal import JSON

/// Finds the end of the last whole row in what is there of an export, and the unit of that row.
///
/// A row of CSV may have line feeds within quotes; one of NDJSON is a line.
struct PartialExport {
    private let isCSV: Bool
    private var isQuoted = false
    private var position: Int64 = 0
    /// The beginning of the row under way, enough to hold its unit.
    private var head: [UInt8] = []

    /// How many bytes whole rows take, a header line among them.
    private(set) var length: Int64 = 0
    /// Whole rows, the header line of CSV not among them.
    private(set) var rows = 0
    /// The unit of the last whole row; nil when there is none.
    private(set) var unit: String?
    /// The first row, of CSV the header line, or as much of it as was read.
    private var first: [UInt8] = []
    /// Whether each whole row was one of an export.
    private(set) var isExport = true

    init(isCSV: Bool) { self.isCSV = isCSV }

    /// Takes in the next bytes.
    mutating func read(_ bytes: [UInt8]) {
        for byte in bytes {
            position += 1
            if head.count < Self.headCount { head.append(byte) }
            if length == 0, first.count < Self.longestFirst { first.append(byte) }
            if isCSV, byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if byte == UInt8(ascii: "\n"), !isQuoted { endRow() }
        }
    }

    /// Says which columns the rows have, as a server says it of its own (`Cournot-Columns`): the SHA-256 of the header
    /// line or, where there is none, of the first row's members, each with a line feed. Nil where that cannot be read.
    var columnsHash: String? {
        guard length > 0, first.count < Self.longestFirst else { return nil }
        if isCSV { return SHA256.hash(first).hex }
        guard case .object(let object)? = try? JSONValue(parsing: first) else { return nil }
        return SHA256.hash(Array(object.members.map { $0.key + "\n" }.joined().utf8)).hex
    }

    /// Whether it ends with a whole row.
    var isWhole: Bool { position == length }

    /// Goes back to the end of the last whole row.
    mutating func forgetIncompleteRow() {
        position = length
        isQuoted = false
        head.removeAll(keepingCapacity: true)
        if length == 0 { first.removeAll(keepingCapacity: true) }
    }

    private mutating func endRow() {
        defer { head.removeAll(keepingCapacity: true) }
        let isHeader = isCSV && length == 0
        length = position
        if isHeader {
            isExport = head.starts(with: "unit,variant,".utf8)
            return
        }
        let prefix = isCSV ? "" : #"{"unit":""#
        let digits = head.dropFirst(prefix.utf8.count).prefix(64)
        let end = head.dropFirst(prefix.utf8.count + 64).first
        guard head.starts(with: prefix.utf8), digits.count == 64, digits.allSatisfy(Self.isDigit),
            end == UInt8(ascii: isCSV ? "," : "\"")
        else {
            isExport = false
            return
        }
        unit = String(decoding: digits, as: UTF8.self)
        rows += 1
    }

    private static let headCount = 80
    private static let longestFirst = 1 << 17

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
