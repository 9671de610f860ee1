internal import Crypto
internal import Experiments

/// Some rows of a table on their way from one engine to another, column by column.
struct RowBatch {
    enum Values {
        /// Integers of any width, and flags.
        case integers([Int64?])
        case ids([UInt128?])
        /// Texts and decimals.
        case texts([String?])
        case bytes([[UInt8]?])
    }

    private(set) var columns: [Values]
    private(set) var count: Int

    init(_ columns: [Values], count: Int) {
        self.columns = columns
        self.count = count
    }

    /// No rows yet of some columns.
    init(of columns: some Sequence<TransferTable.Column>) {
        self.init(columns.map { Values($0.kind) }, count: 0)
    }

    /// Takes one row, whose values `append` appends to the columns.
    mutating func addRow(_ append: (inout [Values]) throws -> Void) rethrows {
        try append(&columns)
        count += 1
    }

    /// The key of the last row, as a row of its own; nil where there is none.
    func lastKey(of table: TransferTable) -> RowBatch? {
        guard count > 0 else { return nil }
        return RowBatch(columns.prefix(table.keyWidth).map { $0.only(count - 1) }, count: 1)
    }

    // MARK: Values

    /// Of a column that cannot be null.
    func integer(_ row: Int, _ column: Int) throws(StoreError) -> Int64 {
        guard case .integers(let list) = columns[column], let value = list[row] else { throw Self.missing }
        return value
    }

    func id(_ row: Int, _ column: Int) throws(StoreError) -> UInt128 {
        guard case .ids(let list) = columns[column], let value = list[row] else { throw Self.missing }
        return value
    }

    func text(_ row: Int, _ column: Int) throws(StoreError) -> String {
        guard case .texts(let list) = columns[column], let value = list[row] else { throw Self.missing }
        return value
    }

    func bytes(_ row: Int, _ column: Int) throws(StoreError) -> [UInt8] {
        guard case .bytes(let list) = columns[column], let value = list[row] else { throw Self.missing }
        return value
    }

    private static var missing: StoreError { .corrupt("a value is missing that every row has") }

    // MARK: Canonical bytes

    /// Appends a row as bytes that say it whole and the same for every engine: for each value a zero for null, or a
    /// one and then 8 or 16 bytes, the most significant first, or the length in 8 bytes and the bytes.
    func encode(_ row: Int, into bytes: inout [UInt8]) {
        for values in columns {
            switch values {
            case .integers(let list):
                guard let value = Self.mark(list[row], &bytes) else { continue }
                Self.append(UInt64(bitPattern: value), &bytes)
            case .ids(let list):
                guard let value = Self.mark(list[row], &bytes) else { continue }
                Self.append(UInt64(truncatingIfNeeded: value >> 64), &bytes)
                Self.append(UInt64(truncatingIfNeeded: value), &bytes)
            case .texts(let list):
                guard let value = Self.mark(list[row], &bytes) else { continue }
                Self.append(UInt64(value.utf8.count), &bytes)
                bytes.append(contentsOf: value.utf8)
            case .bytes(let list):
                guard let value = Self.mark(list[row], &bytes) else { continue }
                Self.append(UInt64(value.count), &bytes)
                bytes.append(contentsOf: value)
            }
        }
    }

    private static func mark<Value>(_ value: Value?, _ bytes: inout [UInt8]) -> Value? {
        bytes.append(value == nil ? 0 : 1)
        return value
    }

    private static func append(_ value: UInt64, _ bytes: inout [UInt8]) {
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// A row's first values for people: `subject 0190…, sku "a"`.
    func describe(_ row: Int, _ columns: some Sequence<TransferTable.Column>) -> String {
        zip(columns, self.columns).map { column, values in
            let value: String? =
                switch values {
                case .integers(let list): list[row].map { String($0) }
                case .ids(let list): list[row].map { Self.hex($0) }
                case .texts(let list): list[row].map { "\"\($0)\"" }
                case .bytes(let list): list[row].map { Hex.encode($0) }
                }
            return "\(column.name) \(value ?? "null")"
        }.joined(separator: ", ")
    }

    private static func hex(_ value: UInt128) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 32 - digits.utf8.count) + digits
    }

    /// Whether a row's key comes before another's, as every engine sorts.
    func isKey(_ row: Int, before other: RowBatch, _ otherRow: Int, width: Int) -> Bool {
        for (mine, its) in zip(columns.prefix(width), other.columns) {
            switch (mine, its) {
            case (.integers(let a), .integers(let b)):
                if let a = a[row], let b = b[otherRow], a != b { return a < b }
            case (.ids(let a), .ids(let b)):
                if let a = a[row], let b = b[otherRow], a != b { return a < b }
            case (.texts(let a), .texts(let b)):
                if let a = a[row], let b = b[otherRow], !a.utf8.elementsEqual(b.utf8) {
                    return a.utf8.lexicographicallyPrecedes(b.utf8)
                }
            default: break
            }
        }
        return false
    }
}

extension RowBatch.Values {
    init(_ kind: TransferTable.Kind) {
        switch kind {
        case .integer, .small, .flag: self = .integers([])
        case .id: self = .ids([])
        case .text, .decimal: self = .texts([])
        case .bytes: self = .bytes([])
        }
    }

    fileprivate func only(_ row: Int) -> Self {
        switch self {
        case .integers(let list): .integers([list[row]])
        case .ids(let list): .ids([list[row]])
        case .texts(let list): .texts([list[row]])
        case .bytes(let list): .bytes([list[row]])
        }
    }

    // The list is taken out before it grows, so that it is not copied.

    mutating func append(integer value: Int64?) {
        guard case .integers(var list) = self else { preconditionFailure("a column has one kind") }
        self = .integers([])
        list.append(value)
        self = .integers(list)
    }

    mutating func append(id value: UInt128?) {
        guard case .ids(var list) = self else { preconditionFailure("a column has one kind") }
        self = .ids([])
        list.append(value)
        self = .ids(list)
    }

    mutating func append(text value: String?) {
        guard case .texts(var list) = self else { preconditionFailure("a column has one kind") }
        self = .texts([])
        list.append(value)
        self = .texts(list)
    }

    mutating func append(bytes value: [UInt8]?) {
        guard case .bytes(var list) = self else { preconditionFailure("a column has one kind") }
        self = .bytes([])
        list.append(value)
        self = .bytes(list)
    }
}
