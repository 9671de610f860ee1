/// A value given to a statement, in the binary format of the wire.
public enum PostgresParameter: Sendable {
    case int8(Int64)
    case int4(Int32)
    case text(String)
    case bytes([UInt8])
    /// The sixteen bytes of a `uuid`, the most significant first.
    case uuid(UInt128)
    case optionalInt8(Int64?)
    case optionalText(String?)
    case int8s([Int64])
    case optionalInt8s([Int64?])
    case int4s([Int32])
    case bools([Bool])
    case texts([String])
    case optionalTexts([String?])
    case bytesArray([[UInt8]])
    case uuids([UInt128])
    case optionalUUIDs([UInt128?])
}

/// One statement with its parameters, encoded once.
///
/// Types are sent with the parameters, so that the server guesses nothing.
public struct PostgresCommand: Sendable {
    /// With `$1`, `$2`, … where parameters stand.
    public let sql: String
    /// The parameters' types by object id.
    let types: [UInt32]
    /// Where each parameter begins in `buffer`, and how long it is; −1 for NULL.
    let spans: [(start: Int, count: Int32)]
    let buffer: [UInt8]

    public init(_ sql: String, _ parameters: PostgresParameter...) {
        self.init(sql, parameters)
    }

    public init(_ sql: String, _ parameters: [PostgresParameter]) {
        self.sql = sql
        var types: [UInt32] = []
        var spans: [(start: Int, count: Int32)] = []
        var buffer: [UInt8] = []
        for parameter in parameters {
            let start = buffer.count
            let isNull = !parameter.encode(into: &buffer)
            types.append(parameter.type)
            spans.append((start, isNull ? -1 : Int32(clamping: buffer.count - start)))
        }
        // One byte more, so that an empty value at the end has an address too.
        buffer.append(0)
        self.types = types
        self.spans = spans
        self.buffer = buffer
    }
}

/// Object ids of types: fixed in every PostgreSQL since its catalogue was first laid out.
private enum TypeID {
    static let bool: UInt32 = 16
    static let bytea: UInt32 = 17
    static let int8: UInt32 = 20
    static let int4: UInt32 = 23
    static let text: UInt32 = 25
    static let uuid: UInt32 = 2950
    static let boolArray: UInt32 = 1000
    static let byteaArray: UInt32 = 1001
    static let int4Array: UInt32 = 1007
    static let textArray: UInt32 = 1009
    static let int8Array: UInt32 = 1016
    static let uuidArray: UInt32 = 2951
}

extension PostgresParameter {
    fileprivate var type: UInt32 {
        switch self {
        case .int8, .optionalInt8: TypeID.int8
        case .int4: TypeID.int4
        case .text, .optionalText: TypeID.text
        case .bytes: TypeID.bytea
        case .uuid: TypeID.uuid
        case .int8s, .optionalInt8s: TypeID.int8Array
        case .int4s: TypeID.int4Array
        case .bools: TypeID.boolArray
        case .texts, .optionalTexts: TypeID.textArray
        case .bytesArray: TypeID.byteaArray
        case .uuids, .optionalUUIDs: TypeID.uuidArray
        }
    }

    /// False for NULL.
    fileprivate func encode(into buffer: inout [UInt8]) -> Bool {
        switch self {
        case .int8(let value): buffer.append(bigEndian: value)
        case .int4(let value): buffer.append(bigEndian: value)
        case .text(let value): buffer.append(contentsOf: value.utf8)
        case .bytes(let value): buffer.append(contentsOf: value)
        case .uuid(let value): buffer.append(bigEndian: value)
        case .optionalInt8(let value):
            guard let value else { return false }
            buffer.append(bigEndian: value)
        case .optionalText(let value):
            guard let value else { return false }
            buffer.append(contentsOf: value.utf8)
        case .int8s(let values):
            buffer.appendArrayHead(of: TypeID.int8, count: values.count)
            buffer.reserveCapacity(buffer.count + 12 * values.count)
            for value in values {
                buffer.append(bigEndian: Int32(8))
                buffer.append(bigEndian: value)
            }
        case .optionalInt8s(let values):
            buffer.appendArrayHead(of: TypeID.int8, count: values.count, hasNulls: true)
            for value in values {
                buffer.append(bigEndian: value == nil ? -1 : Int32(8))
                if let value { buffer.append(bigEndian: value) }
            }
        case .int4s(let values):
            buffer.appendArrayHead(of: TypeID.int4, count: values.count)
            for value in values {
                buffer.append(bigEndian: Int32(4))
                buffer.append(bigEndian: value)
            }
        case .bools(let values):
            buffer.appendArrayHead(of: TypeID.bool, count: values.count)
            for value in values {
                buffer.append(bigEndian: Int32(1))
                buffer.append(value ? UInt8(1) : 0)
            }
        case .texts(let values):
            buffer.appendArrayHead(of: TypeID.text, count: values.count)
            for value in values { buffer.appendElement(value.utf8) }
        case .optionalTexts(let values):
            buffer.appendArrayHead(of: TypeID.text, count: values.count, hasNulls: true)
            for value in values {
                if let value { buffer.appendElement(value.utf8) } else { buffer.append(bigEndian: Int32(-1)) }
            }
        case .bytesArray(let values):
            buffer.appendArrayHead(of: TypeID.bytea, count: values.count)
            for value in values { buffer.appendElement(value) }
        case .uuids(let values):
            buffer.appendArrayHead(of: TypeID.uuid, count: values.count)
            buffer.reserveCapacity(buffer.count + 20 * values.count)
            for value in values {
                buffer.append(bigEndian: Int32(16))
                buffer.append(bigEndian: value)
            }
        case .optionalUUIDs(let values):
            buffer.appendArrayHead(of: TypeID.uuid, count: values.count, hasNulls: true)
            for value in values {
                buffer.append(bigEndian: value == nil ? -1 : Int32(16))
                if let value { buffer.append(bigEndian: value) }
            }
        }
        return true
    }
}

extension [UInt8] {
    @inline(__always)
    fileprivate mutating func append(bigEndian value: some FixedWidthInteger & BitwiseCopyable) {
        unsafe Swift.withUnsafeBytes(of: value.bigEndian) { bytes in unsafe append(contentsOf: bytes) }
    }

    /// One dimension, counted from 1. An array of nothing has no dimension at all.
    fileprivate mutating func appendArrayHead(of element: UInt32, count: Int, hasNulls: Bool = false) {
        append(bigEndian: Int32(count == 0 ? 0 : 1))
        append(bigEndian: Int32(hasNulls ? 1 : 0))
        append(bigEndian: element)
        guard count > 0 else { return }
        append(bigEndian: Int32(clamping: count))
        append(bigEndian: Int32(1))
    }

    fileprivate mutating func appendElement(_ bytes: some Collection<UInt8>) {
        append(bigEndian: Int32(clamping: bytes.count))
        append(contentsOf: bytes)
    }
}
