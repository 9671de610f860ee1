import AgentRuntime
import ProviderSupport
import Providers
import Testing

/// Models against a server that does what providers do on bad days.
@Suite struct ExchangeTests {
    private static let overloaded = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
    private static let hello = Streams.anthropic(
        [Streams.start] + Streams.text(["Hel", "lo"]) + Streams.end("end_turn"))
    private static let usage = ModelUsage(input: 4, output: 23, cacheRead: 2455, cacheWrite: 5, longCacheWrite: 2)

    private func ask(
        _ model: any LanguageModel, within time: Duration = .seconds(300), beginningWithin begin: Duration? = nil,
        hearing heard: (String) async -> Bool = { _ in true }
    ) async throws(ModelFailure) -> ModelAnswer {
        let now = ContinuousClock.now
        let request = ModelRequest(
            system: "You sell.", messages: [.shopper("hello")], mostTokens: 100, deadline: now.advanced(by: time),
            beginBy: begin.map { now.advanced(by: $0) })
        return try await model.answer(request, receive: heard)
    }

    /// Says one thing after another, and the last for ever.
    private func server(_ replies: [[ScriptedServer.Step]]) throws -> ScriptedServer {
        try ScriptedServer { request in replies[min(request.number, replies.count - 1)] }
    }

    private func failure(
        of model: any LanguageModel, within time: Duration = .seconds(300), beginningWithin begin: Duration? = nil,
        hearing heard: (String) async -> Bool = { _ in true }
    ) async -> ModelFailure? {
        do throws(ModelFailure) {
            _ = try await ask(model, within: time, beginningWithin: begin, hearing: heard)
            return nil
        } catch {
            return error
        }
    }

    @Test func `an answer is told as it comes, and the key is shown as configured`() async throws {
        let server = try server([[.events(Self.hello)]])
        var heard: [String] = []
        let answer = try await ask(try TestModels.anthropic(at: server.base + "/")) {
            heard.append($0); return true
        }
        #expect(heard == ["Hel", "lo"])
        #expect(answer == ModelAnswer(text: "Hello", calls: [], ending: .finished, usage: Self.usage))
        _ = try await ask(try TestModels.anthropic(at: server.base, authentication: .bearer))
        let chunks = Streams.openAI([Streams.chunk(#"{"content":"Hi"}"#), Streams.chunk("{}", finish: "stop")])
        let other = try self.server([[.events(chunks)]])
        #expect(try await ask(try TestModels.openAI(at: other.base)).text == "Hi")
        let seen = server.requests + other.requests
        #expect(seen.map(\.path) == ["/v1/messages", "/v1/messages", "/v1/chat/completions"])
        #expect(seen[0].headers["x-api-key"] == TestModels.key && seen[0].headers["authorization"] == nil)
        #expect(seen[1].headers["authorization"] == "Bearer \(TestModels.key)" && seen[1].headers["x-api-key"] == nil)
        #expect(seen[2].headers["authorization"] == "Bearer \(TestModels.key)")
        #expect(seen[0].headers["anthropic-version"] == AnthropicModel.standardVersion)
        #expect(seen.allSatisfy { $0.headers["content-type"] == "application/json" })
    }

    @Test(arguments: [529, 429, 500, 503, 408])
    func `what passes is asked again, twice at most`(status: Int) async throws {
        let busy = ScriptedServer.Step.json(status, Self.overloaded)
        let once = try server([[busy], [busy], [.events(Self.hello)]])
        #expect(try await ask(try TestModels.anthropic(at: once.base, retries: .atOnce)).text == "Hello")
        #expect(once.requests.count == 3)
        let ever = try server([[busy]])
        let failed = await failure(of: try TestModels.anthropic(at: ever.base, retries: .atOnce))
        #expect(failed == ModelFailure(.overloaded(status: status)))
        #expect(ever.requests.count == 3)
    }

    @Test func `an error inside a 200 is asked again while nothing was told, and paid for`() async throws {
        let error = "event: error\ndata: \(Self.overloaded)\n\n"
        for first in [
            ScriptedServer.Step.events(error), .events(Streams.anthropic([Streams.start]) + error),
            .json(200, Self.overloaded),
        ] {
            let server = try server([[first], [.events(Self.hello)]])
            let answer = try await ask(try TestModels.anthropic(at: server.base, retries: .atOnce))
            #expect(answer.text == "Hello")
            #expect(server.requests.count == 2)
            #expect(answer.usage.input == 4 || answer.usage.input == 8 && answer.usage.isEstimate)
        }
        let late = try server([[.events(Streams.anthropic([Streams.start] + Streams.text(["Well"])) + error)]])
        let failed = await failure(of: try TestModels.anthropic(at: late.base, retries: .atOnce))
        #expect(failed?.reason == .overloaded(status: 529))
        #expect(failed?.hasBegun == true)
        #expect(failed?.usage.input == 4)
        #expect(late.requests.count == 1)
    }

    @Test(arguments: [400, 401, 402, 403, 404, 413])
    func `what does not pass is asked once, and said without the key`(status: Int) async throws {
        let body = #"{"type":"error","error":{"type":"x","message":"no \#(TestModels.key) here"}}"#
        let server = try server([[.json(status, body)]])
        let failed = await failure(of: try TestModels.anthropic(at: server.base, retries: .atOnce))
        #expect(failed == ModelFailure(.refused(status: status, "x: no <secret> here")))
        #expect(server.requests.count == 1)
    }

    @Test func `an account at its limit is not asked again, whatever else is said`() async throws {
        let body =
            #"{"type":"error","error":{"type":"rate_limit_error","message":"m","details":{"error_code":"enforced_spend_limit_reached"}}}"#
        let server = try server([[.json(429, body, headers: "x-should-retry: true\r\n")]])
        let failed = await failure(of: try TestModels.anthropic(at: server.base, retries: .atOnce))
        #expect(failed?.reason == .refused(status: 429, "rate_limit_error: m"))
        #expect(server.requests.count == 1)
    }

    @Test func `the provider's advice is taken`() async throws {
        let never = try server([[.json(529, Self.overloaded, headers: "X-Should-Retry: false\r\n")]])
        _ = await failure(of: try TestModels.anthropic(at: never.base, retries: .atOnce))
        #expect(never.requests.count == 1)
        let always = try server([[.json(400, "{}", headers: "X-Should-Retry: true\r\n")], [.events(Self.hello)]])
        #expect(try await ask(try TestModels.anthropic(at: always.base, retries: .atOnce)).text == "Hello")
        // Longer than anybody waits: the caller is told instead.
        let later = try server([[.json(429, "{}", headers: "Retry-After: 31\r\n")]])
        let failed = await failure(of: try TestModels.anthropic(at: later.base), within: .seconds(30))
        #expect(failed == ModelFailure(.overloaded(status: 429), retryAfter: .seconds(31)))
        #expect(later.requests.count == 1)
        let soon = try server([[.json(429, "{}", headers: "Retry-After-Ms: 1\r\n")], [.events(Self.hello)]])
        #expect(try await ask(try TestModels.anthropic(at: soon.base)).text == "Hello")
    }

    @Test func `a stream that is cut is asked again, unless some of it was told`() async throws {
        let silent = try server([
            [.events(Streams.anthropic([Streams.start]), cutting: 2)], [.say("HTTP/1.1 200 OK\r\nContent-")],
            [.events(Self.hello)],
        ])
        let answer = try await ask(try TestModels.anthropic(at: silent.base, retries: .atOnce))
        #expect(answer.text == "Hello")
        #expect(silent.requests.count == 3)
        let told = try server([[.events(Self.hello, cutting: 150)]])
        var heard = ""
        let failed = await failure(of: try TestModels.anthropic(at: told.base)) {
            heard += $0; return true
        }
        #expect(heard == "Hello")
        #expect(failed?.hasBegun == true)
        #expect(
            failed?.usage
                == ModelUsage(
                    input: 4, output: 2, cacheRead: 2455, cacheWrite: 5, longCacheWrite: 2, isEstimate: true))
        #expect(told.requests.count == 1)
    }

    @Test func `what is cut after its last word is whole`() async throws {
        let server = try server([[.events(Self.hello + ": a comment\n\n", cutting: 3)]])
        #expect(try await ask(try TestModels.anthropic(at: server.base)).text == "Hello")
        #expect(server.requests.count == 1)
    }

    @Test func `who has heard enough hangs up, and pays for what was said`() async throws {
        let begun = Streams.anthropic([Streams.start] + Streams.text(["Hello", " there"]))
        let server = try server([
            [.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + begun), .stay]
        ])
        let answer = try await ask(try TestModels.anthropic(at: server.base)) { $0 != " there" }
        #expect(answer.ending == .stopped)
        #expect(answer.text == "Hello there")
        #expect(answer.usage.output == 3 && answer.usage.isEstimate)
    }

    @Test func `a provider that says nothing is given up when somebody else could be asked`() async throws {
        for steps in [
            [ScriptedServer.Step.stay], [.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"), .stay],
            [.say("HTTP/1.1 503 No\r\nContent-Length: 9\r\n\r\n{"), .stay],
        ] {
            let server = try server([steps])
            let failed = await failure(
                of: try TestModels.anthropic(at: server.base), beginningWithin: .milliseconds(100))
            #expect(failed?.reason == .tooLate || failed?.reason == .overloaded(status: 503))
        }
        let silent = try server([[.stay]])
        let failed = await failure(of: try TestModels.anthropic(at: silent.base), within: .milliseconds(100))
        #expect(failed == ModelFailure(.tooLate))
        #expect(await failure(of: try TestModels.anthropic(at: silent.base), within: .zero) == ModelFailure(.tooLate))
    }

    @Test func `what has begun in time may take its time`() async throws {
        let halves = [[Streams.start] + Streams.text(["Hello"]), Streams.end("end_turn")].map(Streams.anthropic)
        let server = try server([
            [.say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + halves[0]), .hold, .say(halves[1])]
        ])
        let model = try TestModels.anthropic(at: server.base)
        // A machine that is busy begins too late: then it is given longer.
        for time in [0.125, 0.25, 0.5, 1, 2, 4, 8] {
            let begin = ContinuousClock.now.advanced(by: .seconds(time))
            do throws(ModelFailure) {
                let answer = try await ask(model, beginningWithin: .seconds(time)) { _ in
                    try? await Task.sleep(until: begin)
                    server.release()
                    return true
                }
                #expect(answer.text == "Hello" && answer.ending == .finished)
                return
            } catch {
                #expect(error == ModelFailure(.tooLate))
                server.release()
            }
        }
        Issue.record("it never began")
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<html>hello</html>",
        "HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 204 No Content\r\n\r\n", "garbage\r\n\r\n", "",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: {\n\n",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n\u{1}\u{2}",
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
    ])
    func `what speaks another protocol is unreachable`(reply: String) async throws {
        let server = try server([[.say(reply)]])
        for model: any LanguageModel in [
            try TestModels.anthropic(at: server.base, retries: .atOnce),
            try TestModels.openAI(at: server.base, retries: .atOnce),
        ] {
            guard case .unreachable = await failure(of: model)?.reason else {
                Issue.record("\(model.name) took it for an answer")
                continue
            }
        }
    }

    @Test func `an event without end is not kept`() async throws {
        let server = try server([
            [
                .say("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: "),
                .say(String(repeating: "a", count: 3 << 20)), .stay,
            ]
        ])
        let failed = await failure(of: try TestModels.openAI(at: server.base))
        #expect(failed?.reason == .unreachable("an event is longer than any should be"))
        #expect(server.requests.count == 1)
    }

    @Test func `where nobody listens it is unreachable, after two more tries`() async throws {
        var server: ScriptedServer? = try server([[.stay]])
        let base = try #require(server?.base)
        server = nil
        let failed = await failure(of: try TestModels.anthropic(at: base, retries: .atOnce))
        guard case .unreachable = failed?.reason else {
            Issue.record("\(String(describing: failed))")
            return
        }
    }

    @Test func `the next in a chain answers where the first cannot, and both are paid`() async throws {
        let first = try server([
            [.events(Streams.anthropic([Streams.start]) + "event: error\ndata: \(Self.overloaded)\n\n")]
        ])
        let chunks = Streams.openAI([
            Streams.chunk(#"{"content":"Hi"}"#), Streams.chunk("{}", finish: "stop"),
            Streams.usage(#"{"prompt_tokens":100,"completion_tokens":2}"#),
        ])
        let second = try server([[.events(chunks)]])
        let chain = ModelChain([
            try TestModels.anthropic(at: first.base, retries: .atOnce), try TestModels.openAI(at: second.base),
        ])
        let answer = try await chain.answer(
            ModelRequest(
                system: "s", messages: [.shopper("x")], mostTokens: 9, deadline: .now.advanced(by: .seconds(300)))
        ) { _ in true }
        #expect(answer.answer.text == "Hi")
        #expect(answer.tries.map(\.model) == ["anthropic/claude-haiku-4-5", "openai/gpt-5-mini"])
        #expect(first.requests.count == 3)
        #expect(answer.tries[0].usage.input == 12 && answer.tries[0].usage.cacheRead == 3 * 2455)
        #expect(answer.tries[1].cost == ModelCost(picodollars: 100 * 250_000 + 2 * 2_000_000))
    }

    @Test func `costs are those of the providers' own consoles`() {
        let sonnet = ModelPrice(input: 3_000_000, output: 15_000_000)
        let long = ModelUsage(input: 3, output: 550, cacheWrite: 12_304)
        #expect(sonnet.cost(of: long).picodollars == 54_399_000_000)
        let haiku = ModelPrice(input: 800_000, output: 4_000_000)
        let read = ModelUsage(input: 4, output: 23, cacheRead: 2455)
        #expect((haiku.cost(of: read).picodollars + 500_000) / 1_000_000 == 292)
    }
}
