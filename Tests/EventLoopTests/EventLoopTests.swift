import EventLoop
import Synchronization
import Testing

@Suite struct EventLoopTests {
    private func withLoop(_ body: (EventLoop) async throws -> Void) async throws {
        let loop = try EventLoop(label: "test-loop")
        try loop.start()
        try await body(loop)
        await loop.stop()
    }

    @Test func `work runs on the loop's thread, in order`() async throws {
        try await withLoop { loop in
            #expect(!loop.isCurrent)
            let log = Mutex<[Int]>([])
            let allOnLoop: Bool = await withCheckedContinuation { continuation in
                for number in 0..<100 {
                    loop.execute { log.withLock { $0.append(number) } }
                }
                loop.execute { continuation.resume(returning: loop.isCurrent) }
            }
            #expect(allOnLoop)
            #expect(log.withLock { $0 } == Array(0..<100))
        }
    }

    @Test func `a task that prefers the loop stays on it`() async throws {
        try await withLoop { loop in
            let places = await Task(executorPreference: loop) {
                var places = [loop.isCurrent]
                await Task.yield()
                places.append(loop.isCurrent)
                try? await Task.sleep(for: .milliseconds(1))
                places.append(loop.isCurrent)
                async let child = loop.isCurrent
                places.append(await child)
                await withCheckedContinuation { continuation in Task.detached { continuation.resume() } }
                places.append(loop.isCurrent)
                return places
            }.value
            #expect(places == [true, true, true, true, true])
        }
    }

    @Test func `a task begun at once on the loop stays on it`() async throws {
        try await withLoop { loop in
            let places: [Bool] = await withCheckedContinuation { continuation in
                loop.execute {
                    Task.immediate(executorPreference: loop) {
                        var places = [loop.isCurrent]
                        await withCheckedContinuation { continuation in Task.detached { continuation.resume() } }
                        places.append(loop.isCurrent)
                        continuation.resume(returning: places)
                    }
                }
            }
            #expect(places == [true, true])
        }
    }

    @Test func `a task on the loop goes on where a function it called returns, without a turn of its own`() async throws
    {
        try await withLoop { loop in
            let turns = Mutex(0)
            loop.onTurnEnd { turns.withLock { $0 += 1 } }
            let passed: Int = await Task(executorPreference: loop) {
                await withCheckedContinuation { continuation in Task.detached { continuation.resume() } }
                let before = turns.withLock { $0 }
                for _ in 0..<100 { await Self.nothing() }
                return turns.withLock { $0 } - before
            }.value
            #expect(passed == 0)
        }
    }

    @concurrent private static func nothing() async {}

    @Test func `timers fire in the order of their deadlines, and cancelled ones do not`() async throws {
        try await withLoop { loop in
            let log = Mutex<[String]>([])
            await withCheckedContinuation { continuation in
                loop.execute {
                    let start = loop.now
                    _ = loop.schedule(at: start.advanced(byNanoseconds: 60_000_000)) {
                        #expect(loop.now >= start.advanced(byNanoseconds: 60_000_000))
                        log.withLock { $0.append("late") }
                        continuation.resume()
                    }
                    let cancelled = loop.schedule(at: start.advanced(byNanoseconds: 30_000_000)) {
                        log.withLock { $0.append("cancelled") }
                    }
                    _ = loop.schedule(at: start.advanced(byNanoseconds: 20_000_000)) {
                        log.withLock { $0.append("early") }
                        loop.cancel(cancelled)
                    }
                }
            }
            #expect(log.withLock { $0 } == ["early", "late"])
        }
    }

    @Test func `hooks run after all that the turn made ready`() async throws {
        try await withLoop { loop in
            let log = Mutex<[String]>([])
            await withCheckedContinuation { continuation in
                loop.execute {
                    loop.onTurnEnd {
                        let isFirst = log.withLock { log in
                            guard !log.contains("end") else { return false }
                            log.append("end")
                            return true
                        }
                        if isFirst { continuation.resume() }
                    }
                    log.withLock { $0.append("work") }
                    loop.execute {
                        log.withLock { $0.append("more") }
                        loop.execute { log.withLock { $0.append("most") } }
                    }
                }
            }
            #expect(log.withLock { $0 } == ["work", "more", "most", "end"])
        }
    }

    @Test func `work put off runs in a later turn`() async throws {
        try await withLoop { loop in
            let turns = Mutex(0)
            let sawEnd: Bool = await withCheckedContinuation { continuation in
                loop.execute {
                    loop.onTurnEnd { turns.withLock { $0 += 1 } }
                    let before = turns.withLock { $0 }
                    loop.runNextTurn { continuation.resume(returning: turns.withLock { $0 } > before) }
                }
            }
            #expect(sawEnd)
        }
    }

    @Test func `a stopped loop has done what was queued`() async throws {
        let loop = try EventLoop(label: "stopping")
        try loop.start()
        let count = Mutex(0)
        for _ in 0..<1000 { loop.execute { count.withLock { $0 += 1 } } }
        await loop.stop()
        await loop.stop()
        #expect(count.withLock { $0 } == 1000)
    }

    @Test func `workers compute off the loop and a task comes back to it`() async throws {
        let workers = try WorkerPool(threads: 2, label: "test-worker")
        try await withLoop { loop in
            let places = await Task(executorPreference: loop) {
                let away = await withTaskExecutorPreference(workers) { loop.isCurrent }
                return [away, loop.isCurrent]
            }.value
            #expect(places == [false, true])
            let sum = Mutex(0)
            await withCheckedContinuation { continuation in
                for number in 1...2000 {
                    workers.execute {
                        let isLast = sum.withLock { sum in
                            sum += number
                            return sum == 2001 * 1000
                        }
                        if isLast { continuation.resume() }
                    }
                }
            }
        }
        workers.stop()
    }

    @Test func `durations become nanoseconds without overflow`() {
        #expect(Duration.milliseconds(1500).wholeNanoseconds == 1_500_000_000)
        #expect(Duration.zero.wholeNanoseconds == 0)
        #expect(Duration.seconds(-3).wholeNanoseconds == 0)
        #expect(Duration.seconds(Int64.max).wholeNanoseconds == .max)
        #expect(MonotonicInstant(nanoseconds: 5).advanced(byNanoseconds: .max) == .distantFuture)
    }
}
