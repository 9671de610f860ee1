internal import Glibc

/// One of the two streams a process writes to.
public struct StandardStream: Sendable {
    /// Results, for people and programs.
    public static let output = StandardStream(descriptor: STDOUT_FILENO)
    /// Log lines, progress and complaints.
    public static let error = StandardStream(descriptor: STDERR_FILENO)

    private let descriptor: Int32

    private init(descriptor: Int32) { self.descriptor = descriptor }

    /// Whether a person looks at it.
    public var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Writes all of `bytes`, in one call where the kernel takes them at once. What nobody reads any more is dropped.
    public func write(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count > 0 {
                start += count
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    /// Writes `text` as it is.
    public func write(_ text: String) { write(Array(text.utf8)) }

    /// Writes `text` and a line feed, at once.
    public func line(_ text: String = "") { write(text + "\n") }
}
