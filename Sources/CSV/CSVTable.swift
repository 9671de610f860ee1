/// Reads comma-separated values whose first record names the columns.
///
/// Where that record has `;` and no comma, or commas within quotes alone, fields are parted by `;`: so spreadsheets write
/// them where numbers have a decimal comma.
///
///     var table = try CSVTable(bytes)
///     let sku = table.column("sku", "id")
///     while let row = try table.next() { print(row.line, row[sku] ?? "") }
public struct CSVTable: Sendable {
    /// A place in the rows of one table.
    public struct Column: Sendable, Hashable {
        /// From 0, in the order of the header.
        public let index: Int
    }

    /// One record of as many fields as the header has.
    public struct Row: Sendable, Equatable {
        public let line: Int
        public let fields: [String]

        /// The field with surrounding white space removed; nil where it is empty or there is no such column.
        public subscript(column: Column?) -> String? {
            guard let column else { return nil }
            let trimmed = Self.trimmed(fields[column.index])
            return trimmed.isEmpty ? nil : trimmed
        }

        /// The field as it stands.
        public func raw(_ column: Column) -> String { fields[column.index] }

        static func trimmed(_ text: String) -> String {
            let scalars = text.unicodeScalars
            guard let first = scalars.firstIndex(where: { !$0.properties.isWhitespace }),
                let last = scalars.lastIndex(where: { !$0.properties.isWhitespace })
            else { return "" }
            return String(scalars[first...last])
        }
    }

    /// The columns' names as written, trimmed.
    public let names: [String]
    /// Whether fields are parted by `;`.
    public let hasSemicolons: Bool
    private let canonical: [String]
    private var reader: CSVReader

    /// Reads the header.
    ///
    /// - Throws: `noHeader`, `duplicateColumn` or what stands wrong in the header line.
    public init(_ bytes: [UInt8]) throws(CSVError) {
        hasSemicolons = Self.hasSemicolons(bytes)
        reader = CSVReader(bytes, delimiter: hasSemicolons ? ";" : ",")
        guard let header = try reader.next() else { throw CSVError(line: 1, reason: .noHeader) }
        names = header.fields.map(Row.trimmed)
        canonical = names.map(Self.canonical)
        var seen: Set<String> = []
        for (name, key) in zip(names, canonical) where !seen.insert(key).inserted {
            throw CSVError(line: header.line, reason: .duplicateColumn(name))
        }
    }

    /// All columns, in the order of the header.
    public var columns: [Column] { names.indices.map(Column.init(index:)) }

    /// The next row; nil at the end. After an error the table stands behind the faulty line.
    public mutating func next() throws(CSVError) -> Row? {
        guard let record = try reader.next() else { return nil }
        guard record.fields.count == names.count else {
            throw CSVError(
                line: record.line, reason: .fieldCount(expected: names.count, found: record.fields.count))
        }
        return Row(line: record.line, fields: record.fields)
    }

    /// The column with one of these names, the earlier name first; case, spaces, hyphens and underscores do not
    /// matter.
    public func column(_ aliases: String...) -> Column? { column(anyOf: aliases) }

    /// The column with one of these names.
    public func column(anyOf aliases: [String]) -> Column? {
        for alias in aliases {
            if let index = canonical.firstIndex(of: Self.canonical(alias)) { return Column(index: index) }
        }
        return nil
    }

    /// A number with a decimal point, as it is read everywhere.
    ///
    /// Where fields are parted by `;` a comma may be the decimal one: `19,99` is `19.99`. Three digits behind the only comma
    /// or point are a thousand to some and a fraction to others, but behind a zero: `0,125`. Text that is no number, and all
    /// of a table parted by commas, stays as it is.
    ///
    /// - Returns: nil where nobody can tell which number is meant: `1,250`, `1.250`.
    public func numeral(_ text: String) -> String? {
        guard hasSemicolons else { return text }
        let digits = text.first == "-" || text.first == "+" ? text.dropFirst() : text[...]
        let parts = digits.split(omittingEmptySubsequences: false) { $0 == "," || $0 == "." }
        func isWhole(_ part: Substring) -> Bool { !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) } }
        guard parts.count == 2, parts.allSatisfy(isWhole) else { return text }
        if parts[1].count == 3, (1...3).contains(parts[0].count), parts[0].first != "0" { return nil }
        return text.replacing(",", with: ".")
    }

    private static func hasSemicolons(_ bytes: [UInt8]) -> Bool {
        func columns(_ delimiter: Unicode.Scalar) -> Int {
            var trial = CSVReader(bytes, delimiter: delimiter)
            return (try? trial.next())?.fields.count ?? 0
        }
        return columns(";") > 1 && columns(",") < 2
    }

    private static func canonical(_ name: String) -> String {
        String(name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" })
    }
}
