/// The options of a command: an enumeration whose raw values are written after two dashes.
protocol CommandOption: RawRepresentable<String>, CaseIterable, Hashable, Sendable {
    /// Whether a value follows (`--name VALUE` or `--name=VALUE`).
    var takesValue: Bool { get }
}

extension CommandOption {
    /// As people write it.
    var spelling: String { "--" + rawValue }
}

/// Why a command line is not one.
struct UsageError: Error, Equatable {
    let message: String

    init(_ message: String) { self.message = message }
}

/// The words after a command, sorted into options and operands. Every option is known, is given once, and has a value
/// if and only if it takes one.
struct Arguments<Option: CommandOption>: Sendable {
    private var values: [Option: String] = [:]
    private var switches: Set<Option> = []
    /// What is neither an option nor its value, in order.
    private(set) var operands: [String] = []

    /// Sorts `words`. `--` ends the options; `-` alone is an operand, as it stands for standard input.
    init(parsing words: some Sequence<String>, operands allowed: ClosedRange<Int>) throws(UsageError) {
        var rest = Array(words)[...]
        while let word = rest.popFirst() {
            if word == "--" {
                operands += rest
                break
            }
            guard word.hasPrefix("-"), word != "-" else {
                operands.append(word)
                continue
            }
            try take(word, &rest)
        }
        if operands.count > allowed.upperBound {
            throw UsageError("unexpected argument \"\(operands[allowed.upperBound])\"")
        }
        if operands.count < allowed.lowerBound {
            throw UsageError("an argument is missing")
        }
    }

    private mutating func take(_ word: String, _ rest: inout ArraySlice<String>) throws(UsageError) {
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let spelling = String(parts[0])
        guard let option = Option.allCases.first(where: { $0.spelling == spelling }) else {
            let nearest = Suggestion.nearest(to: spelling, in: Option.allCases.map(\.spelling) + ["--help"])
            throw UsageError(
                "there is no option \(spelling)" + (nearest.map { "; did you mean \($0)?" } ?? ""))
        }
        if values[option] != nil || switches.contains(option) { throw UsageError("\(spelling) is given twice") }
        if !option.takesValue {
            guard parts.count == 1 else { throw UsageError("\(spelling) takes no value") }
            switches.insert(option)
        } else if parts.count == 2 {
            values[option] = String(parts[1])
        } else if let value = rest.first, value == "-" || !value.hasPrefix("--") {
            values[option] = value
            rest.removeFirst()
        } else {
            throw UsageError("\(spelling) needs a value")
        }
    }

    /// Whether an option without value was given.
    func has(_ option: Option) -> Bool { switches.contains(option) }

    /// The value of an option; nil when it was not given.
    func text(_ option: Option) -> String? { values[option] }

    /// The value of an option that must be given.
    func required(_ option: Option) throws(UsageError) -> String {
        guard let value = values[option] else { throw UsageError("\(option.spelling) is missing") }
        return value
    }

    /// The value of an option as a whole number within a range.
    func integer<Number: FixedWidthInteger>(
        _ option: Option, in range: ClosedRange<Number>, or standard: Number
    ) throws(UsageError) -> Number {
        guard let text = values[option] else { return standard }
        guard let value = Number(text), range.contains(value) else {
            throw UsageError(
                "\(option.spelling) is a whole number from \(range.lowerBound) to \(range.upperBound), not \"\(text)\"")
        }
        return value
    }
}
