import JSON
import Stats

/// What one function of the calculator takes and gives, and where it comes from.
public struct FunctionDescription: Sendable, Equatable {
    /// One input by its JSON name.
    public struct Input: Sendable, Equatable {
        public let name: String
        /// Meaning, unit and range.
        public let meaning: String
    }

    public let name: String
    public let summary: String
    public let inputs: [Input]
    /// Paper, section, equation; or the convention followed.
    public let reference: String
}

/// A description with the code that answers.
struct Function: Sendable {
    let description: FunctionDescription
    let body: @Sendable (Inputs) throws(StatsError) -> JSONValue

    /// - Parameter inputs: each as "name: meaning".
    init(
        _ name: String, _ summary: String, inputs: [String], reference: String,
        _ body: @escaping @Sendable (Inputs) throws(StatsError) -> JSONValue
    ) {
        description = FunctionDescription(
            name: name, summary: summary,
            inputs: inputs.map { text in
                let parts = text.split(separator: ":", maxSplits: 1)
                return .init(
                    name: String(parts[0]), meaning: parts.count > 1 ? String(parts[1].drop { $0 == " " }) : "")
            },
            reference: reference)
        self.body = body
    }

    /// A function of reals to a real; not a number is an invalid question.
    static func scalar(
        _ name: String, _ summary: String, _ inputs: [String], _ reference: String,
        _ body: @escaping @Sendable ([Double]) -> Double
    ) -> Function {
        let names = inputs.map { String($0.prefix { $0 != ":" }) }
        return Function(name, summary, inputs: inputs, reference: reference) { (i) throws(StatsError) in
            var values: [Double] = []
            for name in names { values.append(try i.number(name)) }
            let value = body(values)
            guard !value.isNaN else { throw .invalid("outside the domain of \(name)") }
            return .number(value)
        }
    }
}
