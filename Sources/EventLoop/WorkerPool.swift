internal import CLinux
internal import Glibc
internal import Synchronization

/// A few threads for work that would hold a loop up: reports, compression of long answers, hashing of passwords.
///
/// A `TaskExecutor`: `Task(executorPreference: pool) { … }` computes there. The threads live as long as the process
/// needs them; ``stop()`` ends them once the queue is empty.
public final class WorkerPool: TaskExecutor, Sendable {
    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Queue {
        var waiting: [Work] = []
        /// Index of the first that still waits.
        var first = 0
        var stopping = false

        mutating func take() -> Work? {
            guard first < waiting.count else { return nil }
            let work = waiting[first]
            first += 1
            if first == waiting.count || first > 1024 {
                waiting.removeFirst(first)
                first = 0
            }
            return work
        }
    }

    private let queue = Mutex(Queue())
    /// An eventfd that counts what waits: reading it takes one, or sleeps.
    private let semaphore: Int32
    private let threads: Int

    /// Starts `threads` threads, named after `label`.
    ///
    /// - Throws: ``EventLoopError`` when the kernel refuses.
    public init(threads: Int, label: String) throws(EventLoopError) {
        precondition(threads > 0)
        self.threads = threads
        semaphore = eventfd(0, Int32(EFD_SEMAPHORE | EFD_CLOEXEC))
        guard semaphore >= 0 else { throw EventLoopError(call: "eventfd", code: errno) }
        for number in 0..<threads {
            do {
                try Thread.spawn(label: "\(label)-\(number)") { [self] in run() }
            } catch {
                stop()
                throw error
            }
        }
    }

    deinit {
        close(semaphore)
    }

    /// Runs `work` on one of the threads.
    public func execute(_ work: @escaping @Sendable () -> Void) {
        add(.closure(work))
    }

    /// Takes a Swift job; what makes the pool an executor.
    public func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Lets the threads end once nothing waits.
    public func stop() {
        queue.withLock { $0.stopping = true }
        signal(count: UInt64(threads))
    }

    private func add(_ work: Work) {
        queue.withLock { $0.waiting.append(work) }
        signal(count: 1)
    }

    private func signal(count: UInt64) {
        var count = count
        _ = unsafe write(semaphore, &count, 8)
    }

    private func run() {
        while true {
            var taken: UInt64 = 0
            guard unsafe read(semaphore, &taken, 8) == 8 else { continue }
            let (work, stopping) = queue.withLock { ($0.take(), $0.stopping) }
            switch work {
            case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
            case .closure(let closure): closure()
            case nil: if stopping { return }
            }
        }
    }
}
