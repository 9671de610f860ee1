internal import Glibc

/// A lock that one process at a time has, by way of a file. It goes with its holder, however that ends; the file stays.
public final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at `path`, making the file.
    ///
    /// - Throws: `EWOULDBLOCK` as the error's code when another process has it.
    public init(path: String) throws(FileError) {
        let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw FileError(path: path, code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let code = errno
            close(descriptor)
            throw FileError(path: path, code: code)
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

extension FileError {
    /// Whether somebody else has the lock.
    public var isHeldElsewhere: Bool { code == EWOULDBLOCK }
}
