import EventLoop
import Postgres
import SeedSupport
import Testing

@Suite struct PureTests {
    private enum Step {
        case failed, succeeded
        case admits(Bool)
    }

    @Test func `a circuit breaker opens, probes and closes as the table says`() {
        let second: UInt64 = 1_000_000_000
        let table: [(at: UInt64, step: Step, state: CircuitBreaker.State)] = [
            (0, .admits(true), .closed(failures: 0)),
            (0, .failed, .closed(failures: 1)),
            (0, .succeeded, .closed(failures: 0)),
            (0, .failed, .closed(failures: 1)),
            (0, .failed, .closed(failures: 2)),
            (1, .failed, .open(until: MonotonicInstant(nanoseconds: 2 * second))),
            (1, .failed, .open(until: MonotonicInstant(nanoseconds: 2 * second))),
            (1, .admits(false), .open(until: MonotonicInstant(nanoseconds: 2 * second))),
            (2, .admits(true), .halfOpen(until: MonotonicInstant(nanoseconds: 3 * second))),
            (2, .admits(false), .halfOpen(until: MonotonicInstant(nanoseconds: 3 * second))),
            (2, .failed, .open(until: MonotonicInstant(nanoseconds: 3 * second))),
            (3, .admits(true), .halfOpen(until: MonotonicInstant(nanoseconds: 4 * second))),
            // The probe was never heard of again.
            (5, .admits(true), .halfOpen(until: MonotonicInstant(nanoseconds: 6 * second))),
            (5, .succeeded, .closed(failures: 0)),
            (5, .admits(true), .closed(failures: 0)),
        ]
        var breaker = CircuitBreaker(threshold: 3, pause: .seconds(1))
        for (row, (at, step, state)) in table.enumerated() {
            let now = MonotonicInstant(nanoseconds: at * second)
            switch step {
            case .failed: breaker.failed(at: now)
            case .succeeded: breaker.succeeded()
            case .admits(let expected): #expect(breaker.admits(at: now) == expected, "row \(row)")
            }
            #expect(breaker.state == state, "row \(row)")
        }
    }

    @Test func `backoff doubles to its cap, jittered by at most a half, and begins anew`() {
        var backoff = Backoff(first: .milliseconds(50), cap: .seconds(2))
        var random = Seeded(7)
        let whole: [UInt64] = [50, 100, 200, 400, 800, 1600, 2000, 2000]
        for milliseconds in whole {
            let wait = backoff.wait(using: &random)
            #expect((milliseconds * 500_000...milliseconds * 1_000_000).contains(wait))
        }
        backoff.reset()
        #expect(backoff.wait(using: &random) <= 50_000_000)
    }

    @Test func `an address shows everything but its password`() throws {
        let secret = "hunter2%40x"
        let configuration = try PostgresConfiguration(
            url: "postgres://shop:\(secret)@a:5432,b:5433/prices?target_session_attrs=read-write&prepared=false")
        #expect(configuration.description == "postgres://shop:***@a:5432,b:5433/prices?prepared=false")
        #expect(!configuration.isPrepared)
        var dumped = ""
        dump(configuration, to: &dumped)
        for shown in [dumped, "\(configuration)", String(reflecting: configuration)] {
            #expect(!shown.contains("hunter2"))
        }
    }

    @Test(arguments: [
        "mysql://x", "postgres://a:secret@h:port/x", "postgres://h/x?prepared=perhaps", "postgres://h/x?connections=0",
        "postgres://h/x?nonsense=secret", "postgres://h/x?connect_timeout=0", "postgres://h/x?connect_timeout=soon",
    ])
    func `an address that is none is refused without being repeated`(address: String) {
        let error = #expect(throws: PostgresError.self) { try PostgresConfiguration(url: address) }
        #expect(error?.kind == .configuration)
        #expect(error?.message.contains("secret") == false)
    }
}
