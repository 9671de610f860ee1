internal import JSON
internal import Stats

/// A file of named arrays of numbers in the safetensors format: eight bytes that say how long the header is, a header in
/// JSON, and the numbers.
///
/// Everything a header says is held against the file before anything is read by it.
struct SafeTensors: Sendable {
    private struct Tensor {
        let type: String
        let shape: [Int]
        /// Where its bytes lie in the file.
        let bytes: Range<Int>
    }

    /// Headers are some kilobytes; beyond this it is no header.
    private static let longestHeader = 16 << 20

    private let file: [UInt8]
    private let tensors: [String: Tensor]

    /// - Throws: `ModelError.damaged` for a file that is not what its header says.
    init(_ file: [UInt8]) throws(ModelError) {
        guard file.count >= 8 else { throw .damaged("it is shorter than its header's length") }
        var length: UInt64 = 0
        for byte in file[..<8].reversed() { length = length << 8 | UInt64(byte) }
        guard length <= UInt64(min(file.count - 8, Self.longestHeader)) else {
            throw .damaged("its header does not fit in it")
        }
        let start = 8 + Int(length)
        let header: JSONValue
        do throws(JSONError) {
            header = try JSONValue(parsing: Array(file[8..<start]))
        } catch {
            throw .damaged("its header is not JSON")
        }
        guard let members = header.object?.members else { throw .damaged("its header is not an object") }
        var tensors: [String: Tensor] = [:]
        for member in members where member.key != "__metadata__" {
            tensors[member.key] = try Self.tensor(member.key, member.value, dataFrom: start, to: file.count)
        }
        self.file = file
        self.tensors = tensors
    }

    /// The numbers of a tensor.
    ///
    /// - Throws: `ModelError.damaged` when there is none of that name, of single precision and of that shape, or one of
    ///   its numbers is not finite.
    func numbers(_ name: String, _ shape: [Int]) throws(ModelError) -> [Float] {
        guard let tensor = tensors[name] else { throw .damaged("there is no \(name) in it") }
        guard tensor.type == "F32" else { throw .damaged("\(name) is \(tensor.type), not F32") }
        guard tensor.shape == shape else { throw .damaged("\(name) has shape \(tensor.shape), not \(shape)") }
        let numbers = Layers.numbers(file, from: tensor.bytes.lowerBound, count: tensor.bytes.count / 4)
        guard Layers.areFinite(numbers) else { throw .damaged("\(name) holds what is no number") }
        return numbers
    }

    private static func tensor(
        _ name: String, _ value: JSONValue, dataFrom start: Int, to end: Int
    ) throws(ModelError) -> Tensor {
        let sizes = value["shape"]?.array?.map(\.int64)
        let offsets = value["data_offsets"]?.array?.map(\.int64)
        guard let type = value["dtype"]?.string, let sizes, let offsets, offsets.count == 2,
            let first = offsets[0], let last = offsets[1], first >= 0, last >= first, last <= Int64(end - start)
        else { throw .damaged("its header says of \(name) what cannot be") }
        var shape: [Int] = []
        var bytes: Int? = type == "F32" ? 4 : nil
        for size in sizes {
            guard let size, size >= 0, size <= Int64(Int32.max) else {
                throw .damaged("its header says of \(name) what cannot be")
            }
            shape.append(Int(size))
            if let so = bytes {
                let (product, overflow) = so.multipliedReportingOverflow(by: Int(size))
                bytes = overflow ? -1 : product
            }
        }
        if let bytes, bytes != Int(last - first) { throw .damaged("\(name) is not as long as its shape says") }
        return Tensor(type: type, shape: shape, bytes: start + Int(first)..<start + Int(last))
    }
}

/// Why a model cannot be had from a folder.
public enum ModelError: Error, Equatable, CustomStringConvertible {
    /// A file is not there or cannot be read.
    case unreadable(String)
    /// A file's content is not what it must be.
    case damaged(String)

    /// One sentence part for a person.
    public var description: String {
        switch self {
        case .unreadable(let detail), .damaged(let detail): detail
        }
    }
}
