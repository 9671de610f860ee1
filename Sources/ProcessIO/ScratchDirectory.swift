internal import Glibc

/// A directory of our own for as long as somebody needs it, in `TMPDIR` or `/tmp`.
public struct ScratchDirectory: Sendable {
    /// Absolute, unless `TMPDIR` is not.
    public let path: String

    /// Makes a new directory that only we may enter.
    public init(prefix: String) throws(FileError) {
        var template = Array(((Environment.value(of: "TMPDIR") ?? "/tmp") + "/\(prefix)-XXXXXX").utf8CString)
        let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, let name = unsafe mkdtemp(start) else { return nil }
            return unsafe String(cString: name)
        }
        guard let made else { throw FileError(path: "a temporary directory", code: errno) }
        path = made
    }

    /// Removes the files called `names`, where there are such, and then the directory.
    public func remove(files names: [String]) {
        for name in names { _ = unsafe unlink("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }
}
