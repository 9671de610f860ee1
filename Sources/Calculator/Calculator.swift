import JSON
import Stats

/// Answers one question about numbers: the mathematics of `Stats` behind JSON.
///
///     {"fn":"wilson_ci","inputs":{"n":100,"x":10,"alpha":0.05}}
///     {"result":{"lower":0.0552…,"upper":0.1743…}}
///
/// A line that cannot be answered gets `{"error":{"code":…,"detail":…}}`, where the code is `malformed` (not such a
/// question), `unknownFunction`, `invalid`, `insufficient`, `zeroVariance`, `notIdentified` or `overflow`.
///
/// JSON has no NaN and no infinity: those are the strings `"nan"`, `"inf"`, `"-inf"`, both ways. A string of digits is
/// accepted wherever a number is, for integers beyond 2^53.
public struct Calculator: Sendable {
    public init() {}

    /// What can be asked, in the order of `statistics.md`.
    public static let catalogue: [FunctionDescription] = functions.map(\.description)

    static let functions: [Function] =
        specialFunctions + distributionFunctions + randomFunctions + proportionFunctions + meanFunctions
        + betaFunctions + bayesFunctions + banditFunctions + sequentialFunctions + sampleRatioFunctions
        + powerFunctions + demandFunctions + multipleFunctions + quantileFunctions + ratioFunctions + cupedFunctions
        + groupSequentialFunctions + anytimeFunctions + extraFunctions

    private static let byName: [String: Function] = Dictionary(
        functions.map { ($0.description.name, $0) }, uniquingKeysWith: { first, _ in first })

    /// The answer to one line, without a line end.
    public func answer(line: [UInt8]) -> [UInt8] {
        Self.reply(to: line).serialized()
    }

    /// The answer to one line, without a line end.
    public func answer(line: String) -> String {
        String(decoding: answer(line: Array(line.utf8)), as: UTF8.self)
    }

    private static func reply(to line: [UInt8]) -> JSONValue {
        let question: JSONValue
        do {
            question = try JSONValue(parsing: line)
        } catch {
            return failure("malformed", "\(error)")
        }
        guard let name = question["fn"]?.string else {
            return failure("malformed", "a question is an object with \"fn\" and \"inputs\"")
        }
        guard let function = byName[name] else { return failure("unknownFunction", "there is no function \(name)") }
        guard let inputs = (question["inputs"] ?? .object(JSONObject())).object else {
            return failure("malformed", "\"inputs\" is an object")
        }
        do {
            return ["result": try function.body(Inputs(inputs))]
        } catch {
            switch error {
            case .invalid(let detail): return failure("invalid", detail)
            case .insufficient(let detail): return failure("insufficient", detail)
            case .zeroVariance(let detail): return failure("zeroVariance", detail)
            case .notIdentified(let detail): return failure("notIdentified", detail)
            case .overflow(let detail): return failure("overflow", detail)
            }
        }
    }

    private static func failure(_ code: String, _ detail: String) -> JSONValue {
        ["error": ["code": .string(code), "detail": .string(detail)]]
    }
}
