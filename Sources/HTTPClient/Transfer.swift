internal import Synchronization

/// One request and its reply, between whoever waits for it and the engine's thread.
final class Transfer: Sendable {
    let request: HTTPRequest
    private let engine: Engine
    private let state = Mutex(State())

    private struct State {
        var head: HTTPReplyHead?
        /// Lines of the head came to an end.
        var hasHead = false
        var headBytes = 0
        var unread: [UInt8] = []
        var received = 0
        var isPaused = false
        /// Nil while it goes on.
        var outcome: Result<Void, HTTPClientError>?
        var waiter: CheckedContinuation<Void, Never>?

        mutating func wake() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    /// What may lie unread before the other side has to wait.
    static let mostUnread = 1 << 20
    /// Bytes of a head.
    static let largestHead = 64 << 10

    init(_ request: HTTPRequest, _ engine: Engine) {
        self.request = request
        self.engine = engine
    }

    // MARK: Whoever waits

    func head() async throws(HTTPClientError) -> HTTPReplyHead {
        while true {
            let (head, outcome) = state.withLock { ($0.hasHead ? $0.head : nil, $0.outcome) }
            if let head { return head }
            switch outcome {
            case .failure(let error): throw error
            case .success: throw .cutOff("there was no head")
            case nil: await somethingNew { $0.hasHead }
            }
        }
    }

    func next() async throws(HTTPClientError) -> [UInt8]? {
        while true {
            let (piece, outcome, wasPaused) = state.withLock { state in
                let piece = state.unread
                state.unread = []
                defer { if !piece.isEmpty { state.isPaused = false } }
                return (piece, state.outcome, state.isPaused && !piece.isEmpty)
            }
            if wasPaused { engine.goOn(self) }
            if !piece.isEmpty { return piece }
            switch outcome {
            case .failure(let error): throw error
            case .success: return nil
            case nil: await somethingNew { !$0.unread.isEmpty }
            }
        }
    }

    /// Ends it, unless it has ended.
    func cancel() {
        guard state.withLock({ $0.outcome == nil }) else { return }
        end(.failure(.canceled))
        engine.abandon(self)
    }

    /// Waits until it has ended or something is there.
    private func somethingNew(_ isThere: @Sendable (borrowing State) -> Bool) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isNews = state.withLock { state in
                    guard state.outcome == nil, !isThere(state) else { return true }
                    state.waiter = continuation
                    return false
                }
                if isNews { continuation.resume() }
            }
        } onCancel: {
            cancel()
        }
    }

    // MARK: The engine's thread

    /// A line of the head. False where it is too long.
    func receive(headLine line: [UInt8]) -> Bool {
        let (isFine, waiter) = state.withLock { state -> (Bool, CheckedContinuation<Void, Never>?) in
            state.headBytes += line.count
            guard state.headBytes <= Self.largestHead else { return (false, nil) }
            // Trailers come after the body began; nobody asks for them.
            guard !state.hasHead else { return (true, nil) }
            var text = Substring(String(decoding: line, as: UTF8.self))
            while let last = text.unicodeScalars.last, last == "\n" || last == "\r" {
                text.unicodeScalars.removeLast()
            }
            if text.isEmpty {
                guard let head = state.head, head.status >= 200 else { return (true, nil) }
                state.hasHead = true
                return (true, state.wake())
            }
            if text.hasPrefix("HTTP/") {
                let status = text.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) }
                state.head = HTTPReplyHead(status: status ?? 0)
            } else if let colon = text.firstIndex(of: ":") {
                let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
                state.head?.headers.append((text[..<colon].lowercased(), String(value)))
            }
            return (true, nil)
        }
        waiter?.resume()
        return isFine
    }

    enum Reception { case taken, pause, tooLarge }

    func receive(_ bytes: [UInt8]) -> Reception {
        let (reception, waiter) = state.withLock { state -> (Reception, CheckedContinuation<Void, Never>?) in
            guard state.unread.isEmpty || state.unread.count + bytes.count <= Self.mostUnread else {
                state.isPaused = true
                return (.pause, nil)
            }
            guard bytes.count <= request.largestBody - state.received else { return (.tooLarge, nil) }
            state.received += bytes.count
            state.unread += bytes
            return (.taken, state.wake())
        }
        waiter?.resume()
        return reception
    }

    func end(_ outcome: Result<Void, HTTPClientError>) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.outcome == nil else { return nil }
            state.outcome = outcome
            return state.wake()
        }
        waiter?.resume()
    }
}
