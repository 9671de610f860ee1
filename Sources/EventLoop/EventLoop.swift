internal import CLinux
internal import Glibc
internal import Synchronization

/// One thread that waits on epoll and runs what became ready: descriptors, timers, Swift jobs, plain closures.
///
/// A loop is a `TaskExecutor`: tasks that prefer it run on it and stay on it over `await`. It is no `SerialExecutor`,
/// on which an actor could live: to the runtime a task would leave that with each return of an `async` function, and go
/// through the queue again. It works in turns: wait, descriptors, timers, jobs, then the turn-end hooks, in which whatever
/// gathered output during the turn writes it once.
///
/// `@unchecked Sendable`: everything mutable belongs to the loop's thread, asserted at every entry, except the
/// inbox, which has a lock.
public final class EventLoop: TaskExecutor, @unchecked Sendable {
    private enum Work {
        case job(UnownedJob)
        case closure(@Sendable () -> Void)
    }

    private struct Inbox {
        var work: [Work] = []
        var isSignalled = false
        var stopping = false
    }

    private struct Registration {
        var source: (any EventSource)?
        /// Counted up whenever the descriptor changes hands, so that an event fetched for the former owner of a
        /// descriptor number never reaches the next.
        var generation: UInt32 = 0
    }

    /// The name of the loop's thread.
    public let label: String

    private let epoll: Int32
    private let wakeup: Int32
    private let timer: Int32
    private let thread = Atomic<UInt>(0)
    private let hasMail = Atomic<Bool>(false)
    private let inbox = Mutex(Inbox())
    private let ended = Mutex(EndState())

    private struct EndState {
        var hasEnded = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    // The rest belongs to the loop's thread.
    private var registrations: [Registration] = []
    private var ready: [Work] = []
    /// Room for the queue that is running.
    private var spare: [Work] = []
    private var hooks: [@Sendable () -> Void] = []
    private var wheel: TimerWheel<@Sendable () -> Void>
    private var armedTick = UInt64.max
    private var nextTimerTick = UInt64.max

    /// The monotonic clock as read at the start of this turn. Loop only.
    public var now: MonotonicInstant { turnBegan }
    /// The time of day as read at the start of this turn, in milliseconds since 1970 UTC. Loop only.
    public var wallClockMilliseconds: Int64 { turnWallClock }
    // A stored property is checked for exclusive access at run time wherever another module reads it, and everywhere if
    // anything changes it in place. Hence these, and queues that are changed beside the object and put back.
    private var turnBegan: MonotonicInstant
    private var turnWallClock: Int64

    private static let nanosecondsPerTick: UInt64 = 10_000_000

    /// Creates a loop that does not run yet: ``start()`` it.
    ///
    /// - Parameter label: what the thread is called; the kernel keeps 15 characters.
    /// - Throws: ``EventLoopError`` when the kernel has no descriptors left.
    public init(label: String) throws(EventLoopError) {
        self.label = label
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard epoll >= 0 else { throw EventLoopError(call: "epoll_create1", code: errno) }
        wakeup = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC))
        guard wakeup >= 0 else {
            let code = errno
            close(epoll)
            throw EventLoopError(call: "eventfd", code: code)
        }
        timer = timerfd_create(CLOCK_MONOTONIC, Int32(TFD_NONBLOCK | TFD_CLOEXEC))
        guard timer >= 0 else {
            let code = errno
            close(epoll)
            close(wakeup)
            throw EventLoopError(call: "timerfd_create", code: code)
        }
        turnBegan = .read()
        turnWallClock = Self.readWallClock()
        wheel = TimerWheel(now: turnBegan.nanoseconds / Self.nanosecondsPerTick)
        for descriptor in [wakeup, timer] {
            // Edge-triggered, so neither needs to be read: each write and each expiry is an edge of its own.
            var event = unsafe epoll_event(events: EPOLLIN.rawValue | EPOLLET.rawValue, data: epoll_data_t(u64: .max))
            unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event)
        }
    }

    deinit {
        close(epoll)
        close(wakeup)
        close(timer)
    }

    // MARK: Life

    /// Starts the loop's thread. A loop is started once.
    ///
    /// - Throws: ``EventLoopError`` when the kernel refuses another thread.
    public func start() throws(EventLoopError) {
        precondition(thread.load(ordering: .acquiring) == 0, "a loop is started once")
        try Thread.spawn(label: label) { [self] in
            thread.store(UInt(pthread_self()), ordering: .releasing)
            run()
            let waiting = ended.withLock { state in
                state.hasEnded = true
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
    }

    /// Asks the loop to end after the work that is already queued, and waits until it has.
    ///
    /// Stop a loop only when nothing waits for it any more: work queued afterwards never runs.
    public func stop() async {
        inbox.withLock { $0.stopping = true }
        wake()
        await withCheckedContinuation { continuation in
            let already = ended.withLock { state in
                if !state.hasEnded { state.waiting.append(continuation) }
                return state.hasEnded
            }
            if already { continuation.resume() }
        }
    }

    /// Whether the caller runs on this loop's thread.
    public var isCurrent: Bool {
        thread.load(ordering: .relaxed) == UInt(pthread_self())
    }

    // MARK: Work

    /// Whether the turn-end hooks are running: what a hook leaves to another that has already run must ask for a
    /// turn of its own. Loop only.
    public var isEndingTurn: Bool { runsHooks }
    private var runsHooks = false

    /// Runs `work` on the loop: in this turn if called on it, soon if called from elsewhere.
    public func execute(_ work: @escaping @Sendable () -> Void) {
        if isCurrent {
            add(CollectionOfOne(.closure(work)))
        } else {
            post(.closure(work))
        }
    }

    /// Runs `work` in the next turn, after the kernel was asked for news: for whoever has more to do than it should
    /// do at once. Loop only.
    public func runNextTurn(_ work: @escaping @Sendable () -> Void) {
        assertCurrent()
        var queue: [Work] = []
        swap(&queue, &postponed)
        queue.append(.closure(work))
        swap(&queue, &postponed)
    }
    private var postponed: [Work] = []

    /// Adds a hook that runs at the end of every turn, in the order of adding: whatever gathers work during a turn
    /// does it here, once. From elsewhere than the loop it takes effect soon.
    public func onTurnEnd(_ hook: @escaping @Sendable () -> Void) {
        if isCurrent {
            hooks = hooks + [hook]
        } else {
            execute { self.hooks = self.hooks + [hook] }
        }
    }

    /// Takes a Swift job; what makes the loop an executor.
    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if isCurrent {
            add(CollectionOfOne(.job(job)))
        } else {
            post(.job(job))
        }
    }

    // MARK: Timers

    /// Names a scheduled piece of work.
    public struct TimerID: Sendable, Hashable {
        fileprivate let id: TimerWheel<@Sendable () -> Void>.ID
    }

    /// Runs `work` on the loop at `deadline`, rounded up to 10 ms. Loop only.
    public func schedule(at deadline: MonotonicInstant, _ work: @escaping @Sendable () -> Void) -> TimerID {
        assertCurrent()
        let tick = (deadline.nanoseconds / Self.nanosecondsPerTick).addingReportingOverflow(1).partialValue
        let id = wheel.schedule(at: tick, work)
        nextTimerTick = min(nextTimerTick, wheel.nextTick ?? .max)
        return TimerID(id: id)
    }

    /// Waits for `nanoseconds`, rounded up to 10 ms. Loop only.
    public func pause(nanoseconds: UInt64) async {
        await withCheckedContinuation { continuation in
            _ = schedule(at: now.advanced(byNanoseconds: nanoseconds)) { continuation.resume() }
        }
    }

    /// Forgets scheduled work; does nothing if it has run. Loop only.
    public func cancel(_ timer: TimerID) {
        assertCurrent()
        wheel.cancel(timer.id)
    }

    // MARK: Descriptors

    /// Watches `descriptor`, edge-triggered for reading and writing, until ``unwatch(_:)``. Loop only.
    ///
    /// - Throws: ``EventLoopError`` when the kernel will not (out of memory, or a descriptor that cannot be waited on).
    public func watch(_ descriptor: Int32, _ source: any EventSource) throws(EventLoopError) {
        assertCurrent()
        precondition(descriptor >= 0)
        let index = Int(descriptor)
        let generation = (registrations.indices.contains(index) ? registrations[index].generation : 0) &+ 1
        let tag = UInt64(generation) << 32 | UInt64(index)
        let events = EPOLLIN.rawValue | EPOLLOUT.rawValue | EPOLLRDHUP.rawValue | EPOLLET.rawValue
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: tag))
        guard unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) == 0 else {
            throw EventLoopError(call: "epoll_ctl", code: errno)
        }
        register(Registration(source: source, generation: generation), at: index)
    }

    private func register(_ registration: Registration, at index: Int) {
        var table: [Registration] = []
        swap(&table, &registrations)
        while table.count <= index { table.append(Registration()) }
        table[index] = registration
        swap(&table, &registrations)
    }

    /// Stops watching `descriptor`; call it before closing. Events already fetched are dropped. Loop only.
    public func unwatch(_ descriptor: Int32) {
        assertCurrent()
        let index = Int(descriptor)
        guard registrations.indices.contains(index), registrations[index].source != nil else { return }
        register(Registration(generation: registrations[index].generation &+ 1), at: index)
        epoll_ctl(epoll, EPOLL_CTL_DEL, descriptor, nil)
    }

    // MARK: The turn

    private func run() {
        let capacity = 256
        let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: capacity)
        defer { unsafe events.deallocate() }
        while true {
            armTimer()
            let mustWait = ready.isEmpty && !hasMail.load(ordering: .acquiring)
            let count = unsafe epoll_wait(epoll, events, Int32(capacity), mustWait ? -1 : 0)
            turnBegan = .read()
            turnWallClock = Self.readWallClock()
            var index = 0
            while index < Int(count) {
                unsafe dispatch(events[index].events, tag: events[index].data.u64)
                index += 1
            }
            fireTimers()
            let stopping = takeMail()
            runReady()
            runsHooks = true
            for hook in hooks { hook() }
            runsHooks = false
            if !postponed.isEmpty {
                add(postponed)
                postponed = []
            }
            if stopping, ready.isEmpty {
                // Hooks hold those who hold the loop.
                hooks = []
                return
            }
        }
    }

    private func dispatch(_ readiness: UInt32, tag: UInt64) {
        let index = Int(truncatingIfNeeded: tag & 0xffff_ffff)
        guard tag != .max, index < registrations.count else { return }
        let registration = registrations[index]
        guard registration.generation == UInt32(truncatingIfNeeded: tag >> 32), let source = registration.source
        else { return }
        source.becameReady(Readiness(rawValue: readiness))
    }

    private func fireTimers() {
        let tick = now.nanoseconds / Self.nanosecondsPerTick
        guard tick >= nextTimerTick else { return }
        while let work = wheel.takeDue(by: tick) { work() }
        nextTimerTick = wheel.nextTick ?? .max
    }

    private func armTimer() {
        guard nextTimerTick < armedTick || armedTick <= now.nanoseconds / Self.nanosecondsPerTick else { return }
        guard nextTimerTick != .max else {
            armedTick = .max
            return
        }
        let nanoseconds = nextTimerTick.multipliedReportingOverflow(by: Self.nanosecondsPerTick)
        guard !nanoseconds.overflow else { return }
        var setting = itimerspec()
        setting.it_value.tv_sec = Int(nanoseconds.partialValue / 1_000_000_000)
        setting.it_value.tv_nsec = Int(nanoseconds.partialValue % 1_000_000_000)
        unsafe timerfd_settime(timer, Int32(TFD_TIMER_ABSTIME), &setting, nil)
        armedTick = nextTimerTick
    }

    /// Moves what others sent into the ready queue; true when the loop was asked to end.
    private func takeMail() -> Bool {
        guard hasMail.load(ordering: .acquiring) else { return false }
        return inbox.withLock { inbox in
            hasMail.store(inbox.stopping, ordering: .releasing)
            inbox.isSignalled = false
            add(inbox.work)
            inbox.work.removeAll(keepingCapacity: true)
            return inbox.stopping
        }
    }

    /// Runs what is ready and what that makes ready, but not for ever: after some rounds the kernel is asked again.
    private func runReady() {
        if ready.isEmpty { return }
        var rounds = 0
        var running: [Work] = []
        swap(&running, &spare)
        while !ready.isEmpty, rounds < 32 {
            rounds += 1
            swap(&ready, &running)
            for work in running {
                switch work {
                case .job(let job): unsafe job.runSynchronously(on: asUnownedTaskExecutor())
                case .closure(let closure):
                    closure()
                }
            }
            running.removeAll(keepingCapacity: true)
        }
        swap(&running, &spare)
    }

    private func add(_ work: some Collection<Work>) {
        var queue: [Work] = []
        swap(&queue, &ready)
        queue.append(contentsOf: work)
        swap(&queue, &ready)
    }

    private func post(_ work: Work) {
        let mustWake = inbox.withLock { inbox in
            inbox.work.append(work)
            hasMail.store(true, ordering: .releasing)
            defer { inbox.isSignalled = true }
            return !inbox.isSignalled
        }
        if mustWake { wake() }
    }

    private func wake() {
        hasMail.store(true, ordering: .releasing)
        var one: UInt64 = 1
        // The only failure is a counter at its ceiling, which is an edge that the loop has yet to see.
        _ = unsafe write(wakeup, &one, 8)
    }

    private func assertCurrent() {
        assert(isCurrent, "called off the event loop")
    }

    private static func readWallClock() -> Int64 {
        var time = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
    }
}
