import Glibc
import Synchronization

/// A process that a test started, and nothing else.
final class ChildProcess: Sendable {
    let pid: pid_t
    private let output: Int32
    private let unread = Mutex<[UInt8]>([])
    private let status = Mutex<Int32?>(nil)

    struct NotStarted: Error {
        let path: String
        let code: Int32
    }

    /// Starts a program with its standard output to read; its standard error goes to `errors`, a file.
    ///
    /// - Parameter path: absolute, or a name to look up in PATH.
    init(
        _ path: String, _ arguments: [String], environment: [String: String] = [:], directory: String,
        input: String = "/dev/null", errors: String = "/dev/null"
    ) throws {
        var ends: [Int32] = [0, 0]
        // A pair of sockets rather than a pipe: it is closed in other children from its first moment on, so that none of
        // them keeps this one's output open.
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard unsafe socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw NotStarted(path: path, code: errno) }
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        unsafe posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        unsafe posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        // The threads that tests run on block signals, which children would inherit.
        var attributes = posix_spawnattr_t()
        unsafe posix_spawnattr_init(&attributes)
        defer { unsafe posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        unsafe sigemptyset(&none)
        unsafe sigfillset(&all)
        unsafe posix_spawnattr_setsigmask(&attributes, &none)
        unsafe posix_spawnattr_setsigdefault(&attributes, &all)
        unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var settings = ["PATH": "/usr/bin:/bin", "TMPDIR": directory]
        for name in ["PATH", "LD_LIBRARY_PATH", "HOME"] {
            if let value = unsafe getenv(name) { settings[name] = unsafe String(cString: value) }
        }
        settings.merge(environment) { _, new in new }
        let command = ["/bin/sh", "-c", #"cd "$0" && exec "$@""#, directory, path] + arguments
        let words = unsafe command.map { unsafe strdup($0) } + [nil]
        let variables = unsafe settings.map { unsafe strdup("\($0)=\($1)") } + [nil]
        defer { unsafe (words + variables).forEach { unsafe free($0) } }
        var pid: pid_t = 0
        let code = unsafe posix_spawn(&pid, "/bin/sh", &actions, &attributes, words, variables)
        close(ends[1])
        guard code == 0 else {
            close(ends[0])
            throw NotStarted(path: path, code: code)
        }
        self.pid = pid
        output = ends[0]
    }

    deinit {
        if status.withLock({ $0 }) == nil {
            kill(pid, SIGKILL)
            wait()
        }
        close(output)
    }

    /// The next line of its output; nil once it is over.
    func line() -> String? {
        while true {
            let found: String? = unread.withLock { unread in
                guard let end = unread.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
                defer { unread.removeFirst(end + 1) }
                return String(decoding: unread[..<end], as: UTF8.self)
            }
            if let found { return found }
            guard more() else { return nil }
        }
    }

    /// All of its output that was not read yet.
    func rest() -> String {
        while more() {}
        return unread.withLock { unread in
            defer { unread = [] }
            return String(decoding: unread, as: UTF8.self)
        }
    }

    private func more() -> Bool {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = unsafe read(output, &part, part.count)
        guard count > 0 else { return false }
        unread.withLock { $0 += part[..<count] }
        return true
    }

    func send(_ signal: Int32) { kill(pid, signal) }

    /// Waits for its end. The exit code, or 128 and the signal's number, as shells say it.
    @discardableResult
    func wait() -> Int32 {
        status.withLock { status in
            if let status { return status }
            var raw: Int32 = 0
            while unsafe waitpid(pid, &raw, 0) < 0, errno == EINTR {}
            let signal = raw & 0x7f
            let code = signal == 0 ? raw >> 8 & 0xff : 128 + signal
            status = code
            return code
        }
    }
}
