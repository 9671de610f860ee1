/// A command with its arguments as bytes; what is in them is never read as protocol.
///
/// Held as it leaves, in one piece of memory: an array of bulk strings.
public struct RedisCommand: Sendable, Equatable {
    private(set) var encoded: [UInt8]

    public init(_ arguments: [[UInt8]]) {
        self.init(arguments: arguments.count, bytes: arguments.reduce(0) { $0 + $1.count })
        for argument in arguments { append(count: argument.count) { $0.append(contentsOf: argument) } }
    }

    public init(_ words: String...) {
        self.init(arguments: words.count, bytes: words.reduce(0) { $0 + $1.utf8.count })
        for word in words { append(word) }
    }

    /// Begins a command whose arguments are then appended, exactly as many.
    ///
    /// - Parameter bytes: how long they are together; saves memory from being moved, and nothing else.
    public init(arguments count: Int, bytes: Int) {
        encoded = []
        encoded.reserveCapacity(bytes + 16 * (count + 1))
        appendHeader(UInt8(ascii: "*"), count)
    }

    public mutating func append(_ word: String) {
        append(count: word.utf8.count) { $0.append(contentsOf: word.utf8) }
    }

    public mutating func append(_ argument: [UInt8]) {
        append(count: argument.count) { $0.append(contentsOf: argument) }
    }

    /// Appends an argument in place.
    ///
    /// - Parameter write: appends exactly `count` bytes.
    public mutating func append(count: Int, _ write: (inout [UInt8]) -> Void) {
        appendHeader(UInt8(ascii: "$"), count)
        let end = encoded.count + count
        write(&encoded)
        precondition(encoded.count == end, "an argument has as many bytes as were announced")
        appendLineEnd()
    }

    /// The arguments, the name first.
    public var arguments: [[UInt8]] {
        var arguments: [[UInt8]] = []
        var rest = encoded[...]
        _ = Self.takeHeader(&rest)
        while !rest.isEmpty {
            let count = Self.takeHeader(&rest)
            arguments.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count + 2)
        }
        return arguments
    }

    /// A mark, a number and the end of the line, as they were written here.
    private static func takeHeader(_ rest: inout ArraySlice<UInt8>) -> Int {
        var number = 0
        rest = rest.dropFirst()
        while let digit = rest.popFirst(), digit != 0x0d { number = number * 10 + Int(digit - UInt8(ascii: "0")) }
        rest = rest.dropFirst()
        return number
    }

    private mutating func appendHeader(_ mark: UInt8, _ number: Int) {
        encoded.append(mark)
        var unit = 1
        while number / unit >= 10 { unit *= 10 }
        while unit > 0 {
            encoded.append(UInt8(ascii: "0") + UInt8(number / unit % 10))
            unit /= 10
        }
        appendLineEnd()
    }

    private mutating func appendLineEnd() {
        encoded.append(0x0d)
        encoded.append(0x0a)
    }
}
