internal import Calculator
internal import JSON
internal import ProcessIO

/// `cournot stats`
enum StatsCommand: Command {
    enum Option: String, CommandOption {
        case list, json
        var takesValue: Bool { false }
    }

    static let words = ["stats"]
    static let summary = "Answer questions about numbers: JSON Lines in, JSON Lines out"
    static let help = """
        Answer questions about numbers: JSON Lines in, JSON Lines out, one answer a line, in order.

        Usage: cournot stats < QUESTIONS > ANSWERS
               cournot stats --list [--json]

          --list   Describe the functions and their inputs instead
          --json   With --list: [{"name","summary","inputs":[{"name","meaning"}],"reference"}, …]

        A question is {"fn":"NAME","inputs":{…}}; its answer {"result":…} or {"error":{"code","detail"}}. What is wrong
        with one line is answered on that line, and the exit code stays 0. Infinities and not-a-number are the strings
        "inf", "-inf" and "nan", both ways.

        Example:
          echo '{"fn":"wilson_ci","inputs":{"n":100,"x":10,"alpha":0.05}}' | cournot stats

        """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) throws {
        if arguments.has(.list) {
            StandardStream.output.write(arguments.has(.json) ? catalogueJSON : Array(catalogue.utf8))
            return
        }
        if arguments.has(.json) { throw UsageError("--json goes with --list; answers are JSON anyway") }
        try answer(InputFile.standardInput())
    }

    /// How long a question may be, in bytes.
    private static let longestLine = 64 << 20

    private static func answer(_ input: consuming InputFile) throws(CommandFailure) {
        let calculator = Calculator()
        var splitter = LineSplitter()
        while true {
            let part: [UInt8]
            do throws(FileError) { part = try input.next() } catch { throw CommandFailure("\(error)") }
            let lines = part.isEmpty ? splitter.last().map { [$0] } ?? [] : splitter.lines(endingIn: part)
            // Answers to all that came together leave together.
            var answers: [UInt8] = []
            for line in lines where line.contains(where: { $0 > UInt8(ascii: " ") }) {
                answers += calculator.answer(line: line)
                answers.append(UInt8(ascii: "\n"))
            }
            StandardStream.output.write(answers)
            if part.isEmpty { return }
            if splitter.waiting > longestLine { throw CommandFailure("a line is longer than \(longestLine) bytes") }
        }
    }

    private static var catalogue: String {
        Calculator.catalogue.map { function in
            let width = (function.inputs.map { $0.name.count }.max() ?? 0) + 2
            let inputs = function.inputs.map { "    \($0.name.padded(to: width))\($0.meaning)\n" }.joined()
            return "\(function.name): \(function.summary)\n\(inputs)    [\(function.reference)]\n"
        }.joined(separator: "\n")
    }

    private static var catalogueJSON: [UInt8] {
        var json = JSONWriter(layout: .pretty)
        json.beginArray()
        for function in Calculator.catalogue {
            json.beginObject()
            json.field("name", function.name)
            json.field("summary", function.summary)
            json.key("inputs")
            json.beginArray()
            for input in function.inputs {
                json.beginObject()
                json.field("name", input.name)
                json.field("meaning", input.meaning)
                json.endObject()
            }
            json.endArray()
            json.field("reference", function.reference)
            json.endObject()
        }
        json.endArray()
        json.newline()
        return json.bytes
    }
}
