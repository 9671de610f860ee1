import AgentRuntime
import Glibc
import JSON
import ProviderSupport
import Providers
import RedisSupport
import Synchronization
import Testing

/// Models over the wire, against other people's servers and beside the providers' own clients.
@Suite(.serialized) struct ModelTests {
    private static let servers = ["mock-ai-api==0.1.1"]
    private static let clients = ["anthropic==2.12.0", "openai==3.54.0"]
    /// Nearly a gigabyte: only where it is asked for.
    private static let proxy = ["litellm[proxy]==1.106.2"]
    private static let isProxyTested = unsafe getenv("COURNOT_TEST_LITELLM") != nil

    /// A server of Python's, until the test lets go of it.
    private final class PythonServer: Sendable {
        let port: Int
        let process: ChildProcess

        /// - Parameter words: what Python is told, given the port.
        init(
            with packages: [String], in scratch: Scratch, environment: [String: String] = [:], _ words: (Int) -> String
        )
            throws
        {
            port = try FreePorts.find(1)[0]
            let python = try PythonClients.interpreter(with: packages, in: scratch)
            process = try ChildProcess(
                "sh", ["-c", "exec '\(python)' \(words(port)) 2>&1"], environment: environment,
                directory: scratch.path)
            var said = ""
            while let line = process.line() {
                said += line + "\n"
                if line.contains("running on http") { return }
            }
            throw RunningCournot.NotServing(output: said)
        }

        deinit {
            process.send(SIGTERM)
            process.wait()
        }

        var base: String { "http://127.0.0.1:\(port)" }

        static func mock(_ provider: String, in scratch: Scratch) throws -> PythonServer {
            try PythonServer(with: ModelTests.servers, in: scratch) {
                "-m uvicorn app.\(provider)_app:app --host 127.0.0.1 --port \($0)"
            }
        }
    }

    /// Does what blocks on a thread of its own.
    private func made<Value: Sendable>(_ make: @escaping @Sendable () throws -> Value) async throws -> Value {
        let box = Mutex<Value?>(nil)
        try await blocking {
            let value = try make()
            box.withLock { $0 = value }
        }
        return try #require(box.withLock { $0 })
    }

    private func ask(_ model: any LanguageModel) async throws(ModelFailure) -> (answer: ModelAnswer, told: String) {
        var told = ""
        let request = ModelRequest(
            system: "You sell.",
            tools: [ModelTool(name: "Write", description: "Writes", schema: #"{"type":"object","properties":{}}"#)],
            messages: [.shopper("hello")], mostTokens: 100, deadline: .now.advanced(by: .seconds(60)))
        let answer = try await model.answer(request) { piece in
            told += piece
            return true
        }
        return (answer, told)
    }

    private func reason(_ model: any LanguageModel) async -> ModelFailure.Reason? {
        do throws(ModelFailure) {
            _ = try await ask(model)
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func `a mock of both providers is understood, and its faults too`() async throws {
        let scratch = try Scratch()
        let (anthropic, openAI) = try await made {
            (try PythonServer.mock("anthropic", in: scratch), try PythonServer.mock("openai", in: scratch))
        }
        func claude(_ scenario: String) throws -> any LanguageModel {
            try TestModels.anthropic("claude-haiku-4-5:mock-\(scenario)", at: anthropic.base, retries: .atOnce)
        }
        func gpt(_ scenario: String) throws -> any LanguageModel {
            try TestModels.openAI("gpt-4.1:mock-\(scenario)", at: openAI.base, retries: .atOnce)
        }
        for model in [try claude("text"), try claude("anthropic-stream"), try gpt("text")] {
            let (answer, told) = try await ask(model)
            #expect(told == "Hello. It's nice to meet you.", "\(model.name)")
            #expect(answer.text == told && answer.ending == .finished)
            #expect(answer.usage.output > 0)
        }
        for model in [try claude("tool-stream"), try gpt("tool-stream")] {
            let (answer, told) = try await ask(model)
            #expect(told == "" && answer.ending == .tools, "\(model.name)")
            #expect(
                answer.calls.map { (try? JSONValue(parsing: Array($0.input.utf8)))?["path"] } == ["tmp/mock-file.txt"])
        }
        for make in [claude, gpt] {
            for (scenario, status) in [("429", 429), ("500", 500), ("503", 503)] {
                #expect(await reason(try make(scenario)) == .overloaded(status: status))
            }
            for (scenario, status) in [("400", 400), ("401", 401)] {
                guard case .refused(status, _)? = await reason(try make(scenario)) else {
                    Issue.record("\(scenario) was not refused")
                    continue
                }
            }
        }
        #expect(await reason(try claude("stream-error")) == .overloaded(status: 500))
        let embedder = try TestModels.embedder("text-embedding-3-small", at: openAI.base)
        let vectors = try await embedder.embed(["a cup", "a pot", "a cup"])
        #expect(vectors.map(\.count) == [1536, 1536, 1536])
        #expect(vectors[0] == vectors[2] && vectors[0] != vectors[1])
    }

    @Test func `the command asks each model and says what it cost`() async throws {
        let scratch = try Scratch()
        let (anthropic, openAI) = try await made {
            (try PythonServer.mock("anthropic", in: scratch), try PythonServer.mock("openai", in: scratch))
        }
        let environment = [
            "MODELS": "anthropic:a:mock-text,openai:b:mock-text,openai:c:mock-401",
            "MODEL_PRICES": "a:mock-text=1/5,b:mock-text=0.25/2,c:mock-401=1/1",
            "ANTHROPIC_BASE_URL": anthropic.base, "OPENAI_BASE_URL": openAI.base + "/v1",
            "OPENAI_API_KEY": "sk-never-to-be-seen",
        ]
        let outcome = try await made {
            try Program.run(["models", "check", "--json"], environment: environment, in: scratch)
        }
        #expect(outcome.code == 1)
        #expect(outcome.errors.contains("1 of 3 models did not answer"))
        #expect(!(outcome.errors + outcome.output).contains("sk-never"))
        let rows = try JSONValue(parsing: Array(outcome.output.utf8))
        guard case .array(let rows) = rows, rows.count == 3 else {
            Issue.record("\(outcome.output)")
            return
        }
        #expect(rows.map { $0["ok"] } == [true, true, false])
        guard case .integer(let input)? = rows[0]["usage"]?["input"],
            case .integer(let output)? = rows[0]["usage"]?["output"]
        else {
            Issue.record("\(outcome.output)")
            return
        }
        #expect(rows[0]["cost_usd"] == .string(ModelCost(picodollars: input * 1_000_000 + output * 5_000_000).dollars))
        #expect(rows[2]["problem"]?.string?.hasPrefix("refused (401)") == true)
    }

    @Test func `the providers' own clients and we read the same of the same streams`() async throws {
        let scratch = try Scratch()
        let server = try ScriptedServer { request in
            let name = request.path.split(separator: "/").first.map(String.init) ?? ""
            return Streams.named[name].map { [.events($0)] } ?? [.json(404, "{}")]
        }
        let names = Streams.named.keys.sorted()
        let said = try await made {
            try PythonClients.run(
                "model_sdks.py", [server.base] + names, with: Self.clients, in: scratch)
        }
        let lines = try said.split(separator: "\n").map { try JSONValue(parsing: Array($0.utf8)) }
        #expect(lines.map { $0["name"]?.string } == names)
        for (name, theirs) in zip(names, lines) {
            let isAnthropic = name.hasPrefix("anthropic")
            let base = "\(server.base)/\(name)"
            let model: any LanguageModel =
                isAnthropic ? try TestModels.anthropic(at: base) : try TestModels.openAI(at: base, retries: .atOnce)
            do throws(ModelFailure) {
                let (answer, told) = try await ask(model)
                #expect(theirs["error"] == nil, "\(name)")
                #expect(.string(told) == theirs["text"], "\(name)")
                let calls = answer.calls.map { call -> JSONValue in
                    [
                        "id": .string(call.id), "name": .string(call.name),
                        "input": (try? JSONValue(parsing: Array(call.input.utf8))) ?? .null,
                    ]
                }
                #expect(.array(calls) == theirs["calls"], "\(name)")
                let usage = answer.usage
                let counts = [usage.input, usage.output, usage.cacheRead, usage.cacheWrite + usage.longCacheWrite]
                #expect(
                    counts.map(JSONValue.integer)
                        == ["input", "output", "cache_read", "cache_write"].map { theirs[$0] ?? .null }, "\(name)")
                #expect(answer.ending == Streams.ending(of: theirs["stop"]?.string ?? ""), "\(name)")
            } catch {
                #expect(theirs["error"] != nil, "\(name): \(error)")
            }
        }
    }

    @Test(
        .enabled(
            if: ModelTests.isProxyTested,
            "litellm takes nearly a gigabyte: set COURNOT_TEST_LITELLM=1 to test through it"))
    func `a proxy that translates between the dialects is understood in both`() async throws {
        let scratch = try Scratch()
        let (anthropic, openAI) = try await made {
            (try PythonServer.mock("anthropic", in: scratch), try PythonServer.mock("openai", in: scratch))
        }
        let configuration = """
            model_list:
              - model_name: claude
                litellm_params: {model: "anthropic/claude-haiku-4-5:mock-anthropic-stream", api_base: "\(anthropic.base)", api_key: "x"}
              - model_name: gpt
                litellm_params: {model: "openai/gpt-4.1:mock-text", api_base: "\(openAI.base)/v1", api_key: "x"}
              - model_name: claude-tools
                litellm_params: {model: "anthropic/claude-haiku-4-5:mock-tool-stream", api_base: "\(anthropic.base)", api_key: "x"}
              - model_name: gpt-busy
                litellm_params: {model: "openai/gpt-4.1:mock-503", api_base: "\(openAI.base)/v1", api_key: "x"}
            """
        let proxy = try await made {
            let path = scratch.write(configuration, to: "proxy.yaml")
            return try PythonServer(
                with: Self.proxy, in: scratch,
                environment: ["LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MASTER_KEY": TestModels.key]
            ) {
                "-c 'import litellm.proxy.proxy_cli as c; c.run_server()' --config '\(path)' --host 127.0.0.1 --port \($0)"
            }
        }
        for name in ["claude", "gpt"] {
            for model: any LanguageModel in [
                try TestModels.openAI(name, at: proxy.base), try TestModels.anthropic(name, at: proxy.base),
            ] {
                let (answer, told) = try await ask(model)
                #expect(told == "Hello. It's nice to meet you.", "\(model.name)")
                #expect(answer.text == told && answer.ending == .finished)
                #expect(answer.usage.output > 0)
            }
        }
        for model: any LanguageModel in [
            try TestModels.openAI("claude-tools", at: proxy.base),
            try TestModels.anthropic("claude-tools", at: proxy.base),
        ] {
            let (answer, _) = try await ask(model)
            #expect(answer.ending == .tools && answer.calls.map(\.name) == ["Write"], "\(model.name)")
        }
        guard case .overloaded? = await reason(try TestModels.openAI("gpt-busy", at: proxy.base, retries: .atOnce))
        else {
            Issue.record("a busy model was not")
            return
        }
    }
}
