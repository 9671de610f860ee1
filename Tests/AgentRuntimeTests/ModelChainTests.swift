import AgentRuntime
import Synchronization
import Testing

/// Answers or fails as it was told to, in order; the last for ever.
private final class ScriptedModel: LanguageModel {
    enum Line {
        case says(String)
        case fails(ModelFailure)
        case breaksOff(after: String)
    }

    let name: String
    let price = ModelPrice(input: 1_000_000, output: 5_000_000)
    private let state: Mutex<(lines: [Line], requests: [ModelRequest])>

    init(_ name: String, _ lines: [Line]) {
        self.name = name
        state = Mutex((lines, []))
    }

    var requests: [ModelRequest] { state.withLock { $0.requests } }
    var calls: Int { requests.count }

    func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        let line = state.withLock { state in
            state.requests.append(request)
            return state.lines.count > 1 ? state.lines.removeFirst() : state.lines[0]
        }
        switch line {
        case .says(let text):
            let goesOn = await receive(text)
            return ModelAnswer(
                text: text, calls: [], ending: goesOn ? .finished : .stopped, usage: ModelUsage(input: 10, output: 2))
        case .fails(let failure): throw failure
        case .breaksOff(let text):
            _ = await receive(text)
            throw ModelFailure(.unreachable("cut off"), usage: ModelUsage(input: 10), hasBegun: true)
        }
    }
}

/// Says nothing until nobody waits any more.
private final class MuteModel: LanguageModel {
    let name = "a/mute"
    let price = ModelPrice(input: 1_000_000, output: 5_000_000)
    let begun = AsyncStream<Void>.makeStream()

    func answer(
        _ request: ModelRequest, receive: (String) async -> Bool
    ) async throws(ModelFailure) -> ModelAnswer {
        begun.continuation.yield()
        try? await Task.sleep(for: .seconds(3600))
        throw ModelFailure(.tooLate)
    }
}

private final class HandClock: Sendable {
    private let instant = Mutex(ContinuousClock.now)
    var now: ContinuousClock.Instant { instant.withLock { $0 } }
    func advance(_ duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}

@Suite struct ModelChainTests {
    private let clock = HandClock()
    private static let busy = ModelFailure(.overloaded(status: 529), usage: ModelUsage(input: 3))

    private func chain(_ models: [ScriptedModel]) -> ModelChain {
        ModelChain(models, now: { [clock] in clock.now })
    }

    private func ask(
        _ chain: ModelChain, within time: Duration = .seconds(20)
    ) async throws(ChainFailure) -> (answer: ChainAnswer, heard: String) {
        var heard = ""
        let request = ModelRequest(
            system: "s", messages: [.shopper("hello")], mostTokens: 100, deadline: clock.now.advanced(by: time))
        let answer = try await chain.answer(request) { piece in
            heard += piece
            return true
        }
        return (answer, heard)
    }

    @Test(arguments: [(20, true), (1, false)] as [(Int, Bool)])
    func `one that is cut off when its time is over is left out, and one that was given up before is not`(
        seconds: Int, isLeftOut: Bool
    ) async {
        let mute = MuteModel()
        let chain = ModelChain([mute], now: { [clock] in clock.now })
        var begun = mute.begun.stream.makeAsyncIterator()
        for _ in 0..<3 {
            let asked = Task { _ = try? await ask(chain) }
            _ = await begun.next()
            clock.advance(.seconds(seconds))
            asked.cancel()
            await asked.value
        }
        #expect(chain.standings[0].isLeftOut == isLeftOut)
        #expect(chain.standings[0].failures == (isLeftOut ? 3 : 0))
    }

    @Test func `the first answers while it can, and the next where it fails`() async throws {
        let first = ScriptedModel("a/1", [.says("one"), .fails(Self.busy), .says("three")])
        let second = ScriptedModel("b/2", [.says("two")])
        let chain = chain([first, second])
        #expect(try await ask(chain).heard == "one")
        let (answer, heard) = try await ask(chain)
        #expect(heard == "two")
        #expect(answer.tries.map(\.model) == ["a/1", "b/2"])
        // Both are to be paid, each at its price.
        #expect(answer.tries.map(\.cost.picodollars) == [3_000_000, 20_000_000])
        #expect(answer.tries.map(\.failure) == [.overloaded(status: 529), nil])
        #expect(try await ask(chain).heard == "three")
    }

    @Test func `where some text was told nobody else is asked`() async throws {
        let first = ScriptedModel("a/1", [.breaksOff(after: "The cup costs")])
        let second = ScriptedModel("b/2", [.says("two")])
        let failure = await #expect(throws: ChainFailure.self) { try await ask(chain([first, second])) }
        #expect(failure?.hasBegun == true)
        #expect(failure?.tries.map(\.cost.picodollars) == [10_000_000])
        #expect(second.calls == 0)
    }

    @Test func `one that fails three times is left out for a while, longer each time, and tried once`() async throws {
        let first = ScriptedModel("a/1", [.fails(Self.busy)])
        let chain = chain([first, ScriptedModel("b/2", [.says("two")])])
        for _ in 0..<5 { #expect(try await ask(chain).heard == "two") }
        #expect(first.calls == 3)
        #expect(chain.standings.map(\.isLeftOut) == [true, false])
        for (pause, calls) in [(5, 4), (5, 4), (5, 5), (10, 5), (10, 6)] {
            clock.advance(.seconds(pause))
            for _ in 0..<3 { #expect(try await ask(chain).heard == "two") }
            #expect(first.calls == calls)
        }
        #expect(chain.standings.map(\.failures) == [6, 0])
    }

    @Test func `one that comes back is asked first again`() async throws {
        let lines = [ScriptedModel.Line](repeating: .fails(Self.busy), count: 3) + [.says("back")]
        let chain = chain([ScriptedModel("a/1", lines), ScriptedModel("b/2", [.says("two")])])
        for _ in 0..<4 { #expect(try await ask(chain).heard == "two") }
        clock.advance(.seconds(5))
        for _ in 0..<3 { #expect(try await ask(chain).heard == "back") }
        #expect(chain.standings.map(\.isLeftOut) == [false, false])
    }

    @Test func `a refused key is left alone for a minute, and a request not to its taste is no fault of the model's`()
        async throws
    {
        let refusing = ScriptedModel("a/1", [.fails(ModelFailure(.refused(status: 401, "no such key")))])
        let picky = ScriptedModel("b/2", [.fails(ModelFailure(.refused(status: 400, "too long")))])
        let chain = chain([refusing, picky, ScriptedModel("c/3", [.says("three")])])
        for _ in 0..<4 { #expect(try await ask(chain).heard == "three") }
        #expect(refusing.calls == 1)
        #expect(picky.calls == 4)
        clock.advance(.seconds(60))
        #expect(try await ask(chain).answer.tries.count == 3)
        #expect(refusing.calls == 2)
    }

    @Test func `who asks to be left alone is`() async throws {
        let failure = ModelFailure(.overloaded(status: 429), retryAfter: .seconds(30))
        let first = ScriptedModel("a/1", [.fails(failure), .says("one")])
        let chain = chain([first, ScriptedModel("b/2", [.says("two")])])
        for _ in 0..<2 { #expect(try await ask(chain).heard == "two") }
        #expect(first.calls == 1)
        clock.advance(.seconds(30))
        #expect(try await ask(chain).heard == "one")
    }

    @Test func `with every model left out nobody waits`() async {
        let failure = ModelFailure(.refused(status: 402, "no money"))
        let first = ScriptedModel("a/1", [.fails(failure)])
        let chain = chain([first])
        for tries in [1, 0, 0] {
            let failed = await #expect(throws: ChainFailure.self) { try await ask(chain) }
            #expect(failed?.tries.count == tries)
        }
        let nobody = await #expect(throws: ChainFailure.self) { try await ask(ModelChain([])) }
        #expect(nobody?.tries.isEmpty == true)
    }

    @Test func `those who wait behind have their part of the time`() async throws {
        let first = ScriptedModel("a/1", [.fails(ModelFailure(.tooLate))])
        let second = ScriptedModel("b/2", [.says("two")])
        _ = try await ask(chain([first, second]), within: .seconds(20))
        #expect(first.requests.map(\.beginBy) == [clock.now.advanced(by: .seconds(10))])
        #expect(second.requests.map(\.beginBy) == [nil])
        #expect(first.requests.map(\.deadline) == second.requests.map(\.deadline))
    }

    @Test func `who was given no time is not blamed for being late`() async throws {
        let first = ScriptedModel("a/1", [.fails(ModelFailure(.tooLate))])
        let chain = chain([first, ScriptedModel("b/2", [.says("two")])])
        for _ in 0..<5 { _ = try await ask(chain, within: .milliseconds(1500)) }
        #expect(first.calls == 5)
        #expect(chain.standings.map(\.isLeftOut) == [false, false])
    }

    @Test func `sums of what was used and spent stay at the largest number`() {
        let some = ModelUsage(input: .max, output: 1, isEstimate: true) + ModelUsage(input: 1, output: 2, cacheRead: 3)
        #expect(some == ModelUsage(input: .max, output: 3, cacheRead: 3, isEstimate: true))
        #expect(ModelCost(picodollars: .max) + ModelCost(picodollars: 1) == ModelCost(picodollars: .max))
        #expect(ModelCost(picodollars: 2) + ModelCost(picodollars: 1) == ModelCost(picodollars: 3))
    }
}
