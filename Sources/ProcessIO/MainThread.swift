internal import Glibc

/// Runs asynchronous work to the end of the process, with the main thread kept for signals.
public enum MainThread {
    /// Ends the process with the code that `work` returns. SIGTERM and SIGINT do what they always do: end it at once.
    public static func run(_ work: @escaping @Sendable () async -> Int32) -> Never {
        Task { exit(await work()) }
        while true { pause() }
    }

    /// Ends the process with the code that `work` returns. Its argument yields once for the first SIGTERM or SIGINT,
    /// upon which it should come to an end; the second signal ends the process at once, with the code that shells
    /// give to a process ended by that signal.
    ///
    /// Call it before any other thread is started: the threads inherit that they are not to be interrupted.
    public static func run(untilSignal work: @escaping @Sendable (AsyncStream<Void>) async -> Int32) -> Never {
        var signals = sigset_t()
        unsafe sigemptyset(&signals)
        unsafe sigaddset(&signals, SIGTERM)
        unsafe sigaddset(&signals, SIGINT)
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        Task { exit(await work(stream)) }
        var seen = 0
        while true {
            var signal: Int32 = 0
            guard unsafe sigwait(&signals, &signal) == 0 else { continue }
            seen += 1
            if seen > 1 { _exit(128 + signal) }
            continuation.yield()
            continuation.finish()
        }
    }

    /// Ends the process now.
    public static func end(_ code: Int32) -> Never { exit(code) }
}

/// The process's number, as the kernel counts.
public var processID: Int32 { getpid() }

/// How many processors are there to run on; at least 1.
public var processorCount: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
