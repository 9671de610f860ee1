internal import AgentRuntime
internal import HTTPClient
internal import Synchronization

/// Asks a provider, reads its stream, and asks again where that may help and nothing was told yet.
struct Exchange: Sendable {
    /// Chance that many requests draw from.
    final class Chance: Sendable {
        private let generator: Mutex<any RandomNumberGenerator & Sendable>

        init(_ generator: any RandomNumberGenerator & Sendable) { self.generator = Mutex(generator) }

        func wait(_ rule: RetryRule, after attempt: Int, asked: Duration?) -> Duration? {
            generator.withLock { generator in
                var drawn = generator
                defer { generator = drawn }
                return rule.wait(after: attempt, asked: asked, using: &drawn)
            }
        }
    }

    /// How one try ended without an answer.
    private struct Failure: Error {
        var reason: ModelFailure.Reason
        var usage = ModelUsage()
        /// Whether asking again may help.
        var isPassing = false
        var pause: Duration?
        var hasBegun = false
    }

    let endpoint: ModelEndpoint
    let http: HTTPClient
    let chance: Chance
    let pause: @Sendable (Duration) async -> Void

    /// An answer's body may take so many bytes, of which a text is a small part.
    private static let largestStream = 16 << 20
    private static let largestError = 64 << 10

    init(
        _ endpoint: ModelEndpoint, _ http: HTTPClient, _ random: any RandomNumberGenerator & Sendable,
        pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
    ) {
        self.endpoint = endpoint
        self.http = http
        chance = Chance(random)
        self.pause = pause
    }

    func answer<Answer: StreamedAnswer>(
        _ type: Answer.Type, path: String, body: [UInt8], to request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        var spent = ModelUsage()
        var attempt = 0
        while true {
            do throws(Failure) {
                let answer = try await attempted(type, path: path, body: body, to: request, receive: receive)
                return ModelAnswer(
                    text: answer.text, calls: answer.calls, ending: answer.ending, usage: spent + answer.usage)
            } catch {
                spent = spent + error.usage
                let latest = request.beginBy ?? request.deadline
                guard error.isPassing, !error.hasBegun, !Task.isCancelled,
                    let wait = chance.wait(endpoint.retries, after: attempt, asked: error.pause),
                    ContinuousClock.now.advanced(by: wait) < latest
                else {
                    throw ModelFailure(error.reason, usage: spent, hasBegun: error.hasBegun, retryAfter: error.pause)
                }
                await pause(wait)
                attempt += 1
            }
        }
    }

    private func attempted<Answer: StreamedAnswer>(
        _ type: Answer.Type, path: String, body: [UInt8], to request: ModelRequest, receive: (String) async -> Bool
    ) async throws(Failure) -> ModelAnswer {
        let left = ContinuousClock.now.duration(to: request.deadline)
        guard left > .zero else { throw Failure(reason: .tooLate) }
        let asked = HTTPRequest(
            "POST", endpoint.base + path, headers: endpoint.headers, body: body,
            connectTimeout: min(endpoint.connectTimeout, left), timeout: left, largestBody: Self.largestStream)
        let stream: HTTPStream
        do throws(HTTPClientError) {
            stream = try await within(request.beginBy) { () throws(HTTPClientError) in try await http.open(asked) }
        } catch {
            throw failure(error, request)
        }
        let advice = RetryAdvice { stream.head.header($0) }
        let contentType = stream.head.header("content-type") ?? ""
        guard stream.head.status == 200, contentType.lowercased().hasPrefix("text/event-stream") else {
            throw await refusal(stream, advice, request)
        }
        return try await read(stream, Answer(asked: body.count), advice, request, receive)
    }

    private func read<Answer: StreamedAnswer>(
        _ stream: HTTPStream, _ fresh: Answer, _ advice: RetryAdvice, _ request: ModelRequest,
        _ receive: (String) async -> Bool
    ) async throws(Failure) -> ModelAnswer {
        var parser = EventStreamParser()
        var answer = fresh
        var hasBegun = false
        func failed(_ reason: ModelFailure.Reason, isPassing: Bool = false) -> Failure {
            Failure(
                reason: reason, usage: answer.partial.usage, isPassing: isPassing, pause: advice.pause,
                hasBegun: hasBegun)
        }
        while !answer.isOver {
            let piece: [UInt8]?
            do throws(HTTPClientError) {
                let limit = hasBegun || answer.hasContent ? nil : request.beginBy
                piece = try await within(limit) { () throws(HTTPClientError) in try await stream.next() }
            } catch {
                // What ended after its last word is whole.
                if let whole = answer.answer { return whole }
                var failure = failure(error, request)
                failure.usage = answer.partial.usage
                failure.hasBegun = hasBegun
                throw failure
            }
            guard let piece else { break }
            let events: [ServerSentEvent]
            do throws(EventStreamParser.TooLong) {
                events = try parser.receive(piece)
            } catch {
                throw failed(.unreachable("an event is longer than any should be"))
            }
            for event in events {
                let text: String?
                do throws(StreamFault) {
                    text = try answer.receive(event)
                } catch {
                    switch error {
                    case .told(let error):
                        throw failed(error.reason(hiding: endpoint.keyText), isPassing: error.isPassing)
                    case .garbled(let detail): throw failed(.unreachable(detail), isPassing: true)
                    case .tooMuch: throw failed(.unreachable("the answer is longer than any should be"))
                    }
                }
                guard let text else { continue }
                hasBegun = true
                if await !receive(text) {
                    let partial = answer.partial
                    return ModelAnswer(text: partial.text, calls: [], ending: .stopped, usage: partial.usage)
                }
            }
        }
        guard let whole = answer.answer else {
            throw failed(.unreachable("the answer was cut off"), isPassing: true)
        }
        if answer.isOver { Task { await finish(stream) } }
        return whole
    }

    /// Reads the end of a body, which is about to come: the connection can be used again then.
    private func finish(_ stream: HTTPStream) async {
        let limit = ContinuousClock.now.advanced(by: .seconds(1))
        var left = 4096
        while left > 0, let piece = await piece(of: stream, by: limit) { left -= piece.count }
    }

    // MARK: What went wrong

    /// Reads what an answer that is no stream says.
    private func refusal(_ stream: HTTPStream, _ advice: RetryAdvice, _ request: ModelRequest) async -> Failure {
        var body: [UInt8] = []
        while body.count < Self.largestError, let piece = await piece(of: stream, by: request.beginBy) {
            body += piece.prefix(Self.largestError - body.count)
        }
        let status = stream.head.status
        let error = ProviderError(body: body, status: status)
        if status < 400, error.isUnsaid {
            return Failure(reason: .unreachable("an answer \(status) that is no stream of events"))
        }
        return Failure(
            reason: error.reason(hiding: endpoint.keyText),
            isPassing: !error.isOutOfMoney && (advice.isAdvised ?? error.isPassing), pause: advice.pause)
    }

    /// Nil at the end, be it early.
    private func piece(of stream: HTTPStream, by limit: ContinuousClock.Instant?) async -> [UInt8]? {
        do throws(HTTPClientError) {
            return try await within(limit) { () throws(HTTPClientError) in try await stream.next() }
        } catch {
            return nil
        }
    }

    private func failure(_ error: HTTPClientError, _ request: ModelRequest) -> Failure {
        switch error {
        case .canceled: Failure(reason: .tooLate)
        case .timedOut:
            // With time left, rounded, it was the connection's that was over.
            ContinuousClock.now.advanced(by: .milliseconds(20)) < (request.beginBy ?? request.deadline)
                ? Failure(reason: .unreachable("no connection in time"), isPassing: true) : Failure(reason: .tooLate)
        case .unreachable(let detail), .cutOff(let detail):
            Failure(reason: .unreachable(detail), isPassing: true)
        case .untrusted(let detail), .invalid(let detail): Failure(reason: .unreachable(detail))
        case .tooLarge: Failure(reason: .unreachable("the answer is longer than any should be"))
        }
    }

    /// Does something, but not beyond a moment: then it timed out.
    private func within<Value: Sendable>(
        _ limit: ContinuousClock.Instant?, _ work: @escaping @Sendable () async throws(HTTPClientError) -> Value
    ) async throws(HTTPClientError) -> Value {
        guard let limit else { return try await work() }
        let first = await withTaskGroup(of: Result<Value, HTTPClientError>.self) { group in
            group.addTask {
                do throws(HTTPClientError) { return .success(try await work()) } catch { return .failure(error) }
            }
            group.addTask {
                try? await Task.sleep(until: limit)
                return .failure(.timedOut)
            }
            let first = await group.next() ?? .failure(.timedOut)
            group.cancelAll()
            return first
        }
        return try first.get()
    }
}
