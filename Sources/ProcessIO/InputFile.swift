internal import Glibc

/// Bytes from a file or from standard input, in the order they come.
public struct InputFile: ~Copyable {
    private let descriptor: Int32
    private let isOwned: Bool

    /// What the process was given on standard input.
    public static func standardInput() -> InputFile { InputFile(descriptor: STDIN_FILENO, isOwned: false) }

    /// Opens a file to read.
    public init(path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        self.init(descriptor: descriptor, isOwned: true)
    }

    private init(descriptor: Int32, isOwned: Bool) {
        self.descriptor = descriptor
        self.isOwned = isOwned
    }

    deinit {
        if isOwned { close(descriptor) }
    }

    /// The next bytes, as many as came and at most `limit`; empty at the end.
    public func next(limit: Int = 65_536) throws(FileError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                buffer.removeLast(limit - count)
                return buffer
            }
            if errno != EINTR { throw FileError(path: "input", code: errno) }
        }
    }

    /// All that is left.
    ///
    /// - Parameter limit: how many bytes are borne; more is an error.
    public func rest(limit: Int) throws(FileError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let part = try next(limit: 1 << 20)
            if part.isEmpty { return all }
            all += part
            if all.count > limit { throw FileError(path: "input", code: EFBIG) }
        }
    }
}

/// Why a file could not be read or made.
public struct FileError: Error, CustomStringConvertible {
    /// What was asked for.
    public let path: String
    /// The kernel's `errno`.
    public let code: Int32

    /// One sentence part for a person, such as `shop.csv: No such file or directory`.
    public var description: String { "\(path): \(reason)" }

    /// The same without the path.
    public var reason: String { unsafe String(cString: strerror(code)) }
}
