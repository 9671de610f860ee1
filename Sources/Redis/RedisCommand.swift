/// A command with its arguments as bytes; what is in them is never read as protocol.
public struct RedisCommand: Sendable, Equatable {
    public let arguments: [[UInt8]]

    public init(_ arguments: [[UInt8]]) { self.arguments = arguments }

    public init(_ words: String...) { arguments = words.map { Array($0.utf8) } }

    /// Appends it as an array of bulk strings.
    func encode(into out: inout [UInt8]) {
        Self.appendHeader("*", arguments.count, to: &out)
        for argument in arguments {
            Self.appendHeader("$", argument.count, to: &out)
            out.append(contentsOf: argument)
            out.append(contentsOf: [0x0d, 0x0a])
        }
    }

    private static func appendHeader(_ mark: Unicode.Scalar, _ count: Int, to out: inout [UInt8]) {
        out.append(UInt8(ascii: mark))
        out.append(contentsOf: String(count).utf8)
        out.append(contentsOf: [0x0d, 0x0a])
    }
}
