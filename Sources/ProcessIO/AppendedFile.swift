internal import Glibc

/// A file that is made or gone on with: read from its start, then cut and appended to.
public final class AppendedFile: Sendable {
    private let descriptor: Int32
    private let path: String

    /// Opens a file, made empty where there is none, readable by its owner alone when it is made.
    public init(path: String) throws(FileError) {
        descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        self.path = path
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The next bytes from where it stands; empty at the end.
    public func next(limit: Int = 1 << 20) throws(FileError) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: limit)
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 {
                buffer.removeLast(limit - count)
                return buffer
            }
            if errno != EINTR { throw FileError(path: path, code: errno) }
        }
    }

    /// Drops all beyond `length` bytes and stands there.
    public func cut(to length: Int64) throws(FileError) {
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) >= 0 else {
            throw FileError(path: path, code: errno)
        }
    }

    /// Writes all of `bytes` where it stands.
    public func write(_ bytes: [UInt8]) throws(FileError) {
        var start = 0
        while start < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[start...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count > 0 {
                start += count
            } else if errno != EINTR {
                throw FileError(path: path, code: errno)
            }
        }
    }

    /// Brings it to the disk and gives it another name, unless something has that already.
    public func finish(as name: String) throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError(path: path, code: errno) }
        // Unlike a rename, a link refuses a name that is taken.
        guard unsafe link(path, name) == 0 else { throw FileError(path: name, code: errno) }
        guard unsafe unlink(path) == 0 else { throw FileError(path: path, code: errno) }
    }

    /// Whether there is something at a path.
    public static func exists(_ path: String) -> Bool { unsafe access(path, F_OK) == 0 }
}
