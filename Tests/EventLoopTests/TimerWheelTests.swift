import SeedSupport
import Testing

@testable import EventLoop

@Suite struct TimerWheelTests {
    @Test func `a deadline is due when its tick comes and not before`() {
        var wheel = TimerWheel<String>(now: 1000)
        _ = wheel.schedule(at: 1010, "a")
        #expect(wheel.advance(to: 1009) == [])
        #expect(wheel.advance(to: 1010) == ["a"])
        #expect(wheel.advance(to: 5000) == [])
        #expect(wheel.count == 0)
    }

    @Test func `what has passed is due at the next tick`() {
        var wheel = TimerWheel<String>(now: 1000)
        _ = wheel.schedule(at: 3, "late")
        #expect(wheel.advance(to: 1000) == [])
        #expect(wheel.advance(to: 1001) == ["late"])
    }

    @Test func `deadlines come due in order over all levels and beyond the horizon`() {
        var wheel = TimerWheel<UInt64>(now: 77)
        let deadlines: [UInt64] = [78, 140, 141, 5000, 300_000, 17_000_000, 40_000_000]
        for deadline in deadlines.reversed() { _ = wheel.schedule(at: deadline, deadline) }
        var seen: [UInt64] = []
        while let tick = wheel.nextTick {
            for due in wheel.advance(to: tick) {
                #expect(due == wheel.now)
                seen.append(due)
            }
        }
        #expect(seen == deadlines)
    }

    @Test func `a cancelled deadline never comes`() {
        var wheel = TimerWheel<String>(now: 0)
        let id = wheel.schedule(at: 10, "a")
        _ = wheel.schedule(at: 10, "b")
        wheel.cancel(id)
        wheel.cancel(id)
        #expect(wheel.advance(to: 10) == ["b"])
    }

    @Test func `what is due may be cancelled by what was due before it`() {
        var wheel = TimerWheel<String>(now: 0)
        _ = wheel.schedule(at: 10, "first")
        let second = wheel.schedule(at: 10, "second")
        _ = wheel.schedule(at: 10, "third")
        #expect(wheel.takeDue(by: 20) == "first")
        wheel.cancel(second)
        #expect(wheel.takeDue(by: 20) == "third")
        #expect(wheel.takeDue(by: 20) == nil)
        #expect(wheel.now == 20)
    }

    @Test func `cancelled deadlines do not pile up`() {
        var wheel = TimerWheel<Int>(now: 0)
        for number in 0..<10_000 { wheel.cancel(wheel.schedule(at: 1_000_000, number)) }
        #expect(wheel.count == 0)
        #expect(wheel.entriesKept <= 1100)
    }

    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `the wheel agrees with a list that is searched`(seed: UInt64) {
        var random = SplitMix(seed)
        var wheel = TimerWheel<Int>(now: 12345)
        var waiting: [Int: UInt64] = [:]
        var ids: [Int: TimerWheel<Int>.ID] = [:]
        var now: UInt64 = 12345
        for number in 0..<2000 {
            let reach = UInt64(1) << UInt64.random(in: 0...26, using: &random)
            let deadline = now + UInt64.random(in: 0...reach, using: &random)
            ids[number] = wheel.schedule(at: deadline, number)
            waiting[number] = max(deadline, now + 1)
            if number % 3 == 0, let victim = waiting.keys.sorted().randomElement(using: &random), let id = ids[victim] {
                wheel.cancel(id)
                waiting[victim] = nil
            }
            if number % 2 == 0 {
                let step = UInt64(1) << UInt64.random(in: 0...20, using: &random)
                now += UInt64.random(in: 0...step, using: &random)
                let due = waiting.filter { $0.value <= now }.keys.sorted()
                #expect(wheel.advance(to: now).sorted() == due)
                for key in due { waiting[key] = nil }
                #expect(wheel.count == waiting.count)
                if let next = wheel.nextTick, let first = waiting.values.min() { #expect(next <= first && next > now) }
            }
        }
        #expect(wheel.advance(to: now + (1 << 30)).sorted() == waiting.keys.sorted())
    }
}

extension TimerWheel {
    /// All that is due by `target`.
    fileprivate mutating func advance(to target: UInt64) -> [Payload] {
        var due: [Payload] = []
        while let payload = takeDue(by: target) { due.append(payload) }
        return due
    }
}
