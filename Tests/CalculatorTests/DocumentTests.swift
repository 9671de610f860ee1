import Calculator
import Foundation
import JSON
import Testing

/// What `docs/STATISTICS.md` shows is what the calculator says.
@Suite struct DocumentTests {
    /// The pairs of lines in blocks fenced as `jsonl`: a question, its answer with seven digits.
    private static func examples() throws -> [(question: String, answer: String)] {
        let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/STATISTICS.md")
        let text = try String(contentsOf: document, encoding: .utf8)
        var lines: [String] = []
        var isInside = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("```") {
                isInside = line == "```jsonl"
            } else if isInside {
                lines.append(String(line))
            }
        }
        try #require(lines.count.isMultiple(of: 2))
        return stride(from: 0, to: lines.count, by: 2).map { (lines[$0], lines[$0 + 1]) }
    }

    @Test func `every example of the statistics document is what the calculator answers`() throws {
        let examples = try Self.examples()
        #expect(examples.count >= 40)
        for (question, answer) in examples {
            let got = try JSONValue(parsing: Calculator().answer(line: Array(question.utf8)))
            let want = try JSONValue(parsing: Array(answer.utf8))
            var comparison = Comparison(relative: 2e-6, absolute: 1e-15)
            if let error = want["error"] {
                #expect(got["error"]?["code"] == error["code"], "\(question)")
                continue
            }
            comparison.compare(got["result"], try #require(want["result"]), at: question)
            for difference in comparison.differences { Issue.record("\(difference)") }
        }
    }
}
