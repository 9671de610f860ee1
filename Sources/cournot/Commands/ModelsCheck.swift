internal import AgentRuntime
internal import HTTPClient
internal import JSON
internal import ProcessIO

/// `cournot models check`
enum ModelsCheck: Command {
    enum Option: String, CommandOption {
        case models, json, seconds
        var takesValue: Bool { self != .json }
    }

    static let words = ["models", "check"]
    static let summary = "Ask every configured language model one small question"
    static let help = """
        Ask every configured language model one small question, and print how long it took, what it used and what that
        cost: whether keys, addresses and prices are right is known before a shopper asks.

        Usage: cournot models check [--models LIST] [--seconds N] [--json]

          --models LIST   As MODELS has it: anthropic:claude-haiku-4-5,openai:gpt-5-mini (MODELS)
          --seconds N     How long each may take, 1 to 600 (30)
          --json          [{"model":…,"ok":true,"milliseconds":…,"first_text_milliseconds":…,"usage":{…},
                          "price":{…},"cost_usd":"0.000035"}, …]

        Keys, addresses and prices are those that `cournot serve` would use, from the environment: see
        `cournot serve --help`. Ends with 1 when any model does not answer.

        Example:
          ANTHROPIC_API_KEY=… cournot models check --models anthropic:claude-haiku-4-5

        """

    private struct Outcome: Sendable {
        let model: any LanguageModel
        let result: Result<ModelAnswer, ModelFailure>
        let took: Duration
        let untilText: Duration?

        var usage: ModelUsage {
            switch result {
            case .success(let answer): answer.usage
            case .failure(let failure): failure.usage
            }
        }
        var cost: ModelCost { model.price.cost(of: usage) }
        var problem: String? {
            switch result {
            case .success(let answer):
                return answer.text.isEmpty && answer.ending != .length ? "it said nothing" : nil
            case .failure(let failure): return failure.reason.sentence
            }
        }
    }

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        let models = try Configuration(arguments).models
        guard !models.entries.isEmpty else {
            throw UsageError("no model is configured: set MODELS or --models, as in anthropic:claude-haiku-4-5")
        }
        let seconds: Int = try arguments.integer(.seconds, in: 1...600, or: 30)
        let http: HTTPClient
        do throws(HTTPClientError) { http = try HTTPClient() } catch { throw CommandFailure("\(error)") }
        var outcomes: [Outcome] = []
        // One after the other: they are not to slow each other down.
        for model in models.models(http: http) { outcomes.append(await ask(model, seconds)) }
        if arguments.has(.json) {
            StandardStream.output.write(json(outcomes))
        } else {
            for outcome in outcomes { StandardStream.output.line(line(outcome)) }
        }
        let failures = outcomes.count { $0.problem != nil }
        if failures > 0 { throw CommandFailure("\(failures) of \(outcomes.count) models did not answer") }
    }

    private static func ask(_ model: any LanguageModel, _ seconds: Int) async -> Outcome {
        let start = ContinuousClock.now
        var firstText: Duration?
        let request = ModelRequest(
            system: "You answer with one word.", messages: [.shopper("Which word stands for agreement?")],
            mostTokens: 256, deadline: start.advanced(by: .seconds(seconds)))
        let result: Result<ModelAnswer, ModelFailure>
        do throws(ModelFailure) {
            result = .success(
                try await model.answer(request) { _ in
                    if firstText == nil { firstText = start.duration(to: .now) }
                    return true
                })
        } catch {
            result = .failure(error)
        }
        return Outcome(model: model, result: result, took: start.duration(to: .now), untilText: firstText)
    }

    private static func line(_ outcome: Outcome) -> String {
        let name = outcome.model.name.padded(to: 34)
        if let problem = outcome.problem { return name + "FAILED  " + problem }
        let usage = outcome.usage
        let input = usage.input + usage.cacheRead + usage.cacheWrite + usage.longCacheWrite
        return name + "ok  \(outcome.took.milliseconds) ms"
            + (outcome.untilText.map { ", first text after \($0.milliseconds) ms" } ?? "")
            + ", \(input) tokens in, \(usage.output) out, $\(outcome.cost.dollars)"
            + (usage.isEstimate ? " (reckoned: the provider did not say)" : "")
    }

    private static func json(_ outcomes: [Outcome]) -> [UInt8] {
        var json = JSONWriter(layout: .pretty)
        json.beginArray()
        for outcome in outcomes {
            json.beginObject()
            json.field("model", outcome.model.name)
            json.field("ok", outcome.problem == nil)
            if let problem = outcome.problem { json.field("problem", problem) }
            if case .success(let answer) = outcome.result {
                json.field("text", answer.text)
                json.field("ending", answer.ending.rawValue)
            }
            json.field("milliseconds", outcome.took.milliseconds)
            if let first = outcome.untilText { json.field("first_text_milliseconds", first.milliseconds) }
            json.key("usage")
            json.beginObject()
            let usage = outcome.usage
            json.field("input", usage.input)
            json.field("output", usage.output)
            json.field("cache_read", usage.cacheRead)
            json.field("cache_write", usage.cacheWrite + usage.longCacheWrite)
            json.field("is_estimate", usage.isEstimate)
            json.endObject()
            json.key("price")
            json.beginObject()
            let price = outcome.model.price
            for (key, cost) in [
                ("input", price.input), ("output", price.output), ("cache_read", price.cacheRead),
                ("cache_write", price.cacheWrite),
            ] {
                // Picodollars a token are millionths of a dollar a million tokens.
                json.key(dynamic: key)
                json.string(
                    ModelCost(picodollars: cost.multipliedReportingOverflow(by: 1_000_000).partialValue).dollars)
            }
            json.endObject()
            json.field("cost_usd", outcome.cost.dollars)
            json.endObject()
        }
        json.endArray()
        json.newline()
        return json.bytes
    }
}

extension ModelFailure.Reason {
    /// For a person at a terminal.
    var sentence: String {
        switch self {
        case .unreachable(let detail): "not reached: \(detail)"
        case .tooLate: "no answer in time"
        case .overloaded(let status): "busy or out of order (\(status))"
        case .refused(let status, let detail): "refused (\(status)): \(detail)"
        }
    }
}

extension Duration {
    fileprivate var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1000 + attoseconds / 1_000_000_000_000_000
    }
}
