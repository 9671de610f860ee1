internal import EventLoop
internal import Glibc

/// One connection: commands out in the order they came, replies in by the same order, everything of a turn in one
/// write.
///
/// `@unchecked Sendable`: belongs to its loop's thread, asserted at every entry.
final class RedisConnection: EventSource, @unchecked Sendable {
    typealias Completion = @Sendable (Result<RedisValue, RedisError>) -> Void

    private struct Waiting {
        /// Nil once it was told that time is up; its reply is still to come and belongs to nobody.
        var completion: Completion?
        let deadline: MonotonicInstant
    }

    private let loop: EventLoop
    private let descriptor: Int32
    private let parser: ReplyParser
    private let ended: @Sendable (RedisError) -> Void
    private var isConnected = false
    private var isClosed = false
    private var input = [UInt8](repeating: 0, count: 16_384)
    private var output: [UInt8] = []
    private var sent = 0
    private var waiting: [Waiting] = []
    private var answered = 0
    private var timer: EventLoop.TimerID?
    private var timerDeadline = MonotonicInstant.distantFuture

    /// A server that has not answered for so long after a deadline is given up.
    private static let patience: UInt64 = 1_000_000_000

    /// Begins to connect. Loop only.
    ///
    /// - Parameter ended: called once, when the connection is no more.
    init(
        to address: [UInt8], on loop: EventLoop, ended: @escaping @Sendable (RedisError) -> Void
    ) throws(RedisError) {
        assert(loop.isCurrent)
        guard let parser = ReplyParser() else { throw .unavailable("out of memory") }
        self.loop = loop
        self.parser = parser
        self.ended = ended
        descriptor = try Socket.connect(to: address)
        do throws(EventLoopError) {
            try loop.watch(descriptor, self)
        } catch {
            Glibc.close(descriptor)
            throw .unavailable("\(error)")
        }
    }

    /// How many commands wait for their replies.
    var count: Int { waiting.count - answered }

    func send(_ command: RedisCommand, until deadline: MonotonicInstant, _ completion: @escaping Completion) {
        assert(loop.isCurrent)
        guard !isClosed else { return completion(.failure(.lost)) }
        output.append(contentsOf: command.encoded)
        waiting.append(Waiting(completion: completion, deadline: deadline))
        if deadline < timerDeadline { arm(deadline) }
    }

    /// Writes what the turn gathered.
    func flush() {
        assert(loop.isCurrent)
        guard isConnected, !isClosed else { return }
        while sent < output.count {
            let count = unsafe output.withUnsafeBytes { bytes in
                unsafe Glibc.send(
                    descriptor, bytes.baseAddress?.advanced(by: sent), bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 {
                sent += count
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return close(.lost)
            }
        }
        output.removeAll(keepingCapacity: output.capacity < 1 << 20)
        sent = 0
    }

    func becameReady(_ readiness: Readiness) {
        assert(loop.isCurrent)
        guard !isClosed else { return }
        if !isConnected, !readiness.isDisjoint(with: [.writable, .gone]) {
            if let failure = Socket.failure(of: descriptor) { return close(.unavailable(failure)) }
            isConnected = true
        }
        if readiness.contains(.writable) { flush() }
        if !readiness.isDisjoint(with: [.readable, .peerClosed, .gone]) {
            read(toTheEnd: !readiness.isDisjoint(with: [.peerClosed, .gone]))
        }
    }

    /// Reads what there is.
    ///
    /// - Parameter toTheEnd: whether the other side has ended. Where it has not, a read that leaves room took all, and
    ///   whatever comes later is an event of its own.
    private func read(toTheEnd: Bool) {
        while !isClosed {
            let count = unsafe input.withUnsafeMutableBytes { unsafe recv(descriptor, $0.baseAddress, $0.count, 0) }
            if count > 0 {
                take(input, count)
                if count < input.count, !toTheEnd { return }
            } else if count == 0 {
                return close(.lost)
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                return close(.lost)
            }
        }
    }

    private func take(_ buffer: [UInt8], _ count: Int) {
        do throws(RedisError) {
            try parser.feed(buffer.span.extracting(0..<count))
            while !isClosed, let reply = try parser.next() {
                guard answered < waiting.count else { throw .garbled("a reply to nothing") }
                let completion = waiting[answered].completion
                waiting[answered].completion = nil
                answered += 1
                if case .error(let text) = reply {
                    completion?(.failure(.refused(text)))
                } else {
                    completion?(.success(reply))
                }
            }
            if answered == waiting.count || answered > 4096 {
                waiting.removeFirst(answered)
                answered = 0
            }
        } catch {
            close(error)
        }
    }

    // MARK: Time

    private func arm(_ deadline: MonotonicInstant) {
        if let timer { loop.cancel(timer) }
        timerDeadline = deadline
        timer = loop.schedule(at: deadline) { [weak self] in self?.timeIsUp() }
    }

    /// Tells those whose time is up. What was sent on from another server has less time than what came before it.
    private func timeIsUp() {
        timer = nil
        timerDeadline = .distantFuture
        guard !isClosed, answered < waiting.count else { return }
        let now = loop.now
        var next = waiting[answered].deadline.advanced(byNanoseconds: Self.patience)
        guard now < next else { return close(.lost) }
        var late: [Completion] = []
        for index in answered..<waiting.count {
            guard let completion = waiting[index].completion else { continue }
            if waiting[index].deadline <= now {
                late.append(completion)
                waiting[index].completion = nil
            } else {
                next = min(next, waiting[index].deadline)
            }
        }
        arm(next)
        for completion in late { completion(.failure(.timedOut)) }
    }

    func close(_ reason: RedisError) {
        assert(loop.isCurrent)
        guard !isClosed else { return }
        isClosed = true
        if let timer { loop.cancel(timer) }
        loop.unwatch(descriptor)
        Glibc.close(descriptor)
        let left = waiting[answered...].compactMap(\.completion)
        waiting = []
        answered = 0
        output = []
        ended(reason)
        for completion in left { completion(.failure(reason)) }
    }
}
