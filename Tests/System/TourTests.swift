import Glibc
import JSON
import Testing

/// The README's tour, run as it stands there.
struct TourTests {
    private static let readme: String = {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let file = unsafe open(root + "/README.md", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return "" }
        defer { close(file) }
        var text = [UInt8](repeating: 0, count: 1 << 20)
        let count = unsafe read(file, &text, text.count)
        return String(decoding: text.prefix(max(0, count)), as: UTF8.self)
    }()

    /// The shell blocks after the mark `<!-- tour -->`, up to the next heading.
    private static var script: String {
        var blocks: [Substring] = []
        var isTour = false
        var isShell = false
        for line in readme.split(separator: "\n", omittingEmptySubsequences: false) {
            if line == "<!-- tour -->" { isTour = true }
            if isTour, !isShell, line.hasPrefix("## ") { break }
            if isShell, line == "```" {
                isShell = false
            } else if isShell {
                blocks.append(line)
            } else if isTour, line == "```sh" {
                isShell = true
            }
        }
        return blocks.joined(separator: "\n") + "\n"
    }

    @Test func `the tour in the README does what it says`() async throws {
        try await blocking {
            let scratch = try Scratch()
            let server = try RunningCournot(["--demo", "--rate", "0"], in: scratch)
            // The tour speaks to the port that everybody has; this server took one that was free.
            let text = Self.script.replacing("127.0.0.1:8080", with: "127.0.0.1:\(server.port)")
            #expect(text.contains("/api/v1/quotes") || text.contains("$api/quotes"))
            let path = scratch.write("set -e\n" + text, to: "tour.sh")
            let shell = try ChildProcess("sh", [path], directory: scratch.path, errors: "\(scratch.path)/tour.err")
            let said = shell.rest()
            #expect(shell.wait() == 0, "\(scratch.text("tour.err"))")
            let answers = Self.objects(in: said)
            #expect(answers.count >= 8, "\(said)")
            for answer in answers { #expect(answer["code"] == nil, "\(answer)") }

            let prices = Set(
                answers.compactMap { $0["shopper"]?.string == "ada" ? $0["price"]?["amount"]?.int64 : nil })
            #expect(prices.count == 1)
            let batches = answers.filter { $0["duplicates"] != nil }
            #expect(batches.map { $0["accepted"]?.int64 } == [1, 0])
            #expect(batches.map { $0["duplicates"]?.int64 } == [0, 1])
            let report = try #require(answers.last)
            #expect(report["recommendation"]?["sentence"]?.string?.isEmpty == false)
            // Ada bought, and the report knows.
            let rates = try #require(
                report["metrics"]?.array?.first { $0["name"]?.string == "conversion_rate" }?["variants"]?.array)
            #expect(rates.contains { $0["n"]?.int64 == 1 && $0["estimate"]?.double == 1 }, "\(report)")
        }
    }

    /// The JSON objects that a script printed one after the other.
    private static func objects(in text: String) -> [JSONValue] {
        var found: [JSONValue] = []
        var depth = 0
        var isString = false
        var isEscaped = false
        var current: [UInt8] = []
        for byte in text.utf8 {
            if depth > 0 || byte == UInt8(ascii: "{") { current.append(byte) }
            if isEscaped {
                isEscaped = false
            } else if isString {
                if byte == UInt8(ascii: "\\") { isEscaped = true }
                if byte == UInt8(ascii: "\"") { isString = false }
            } else if byte == UInt8(ascii: "\"") {
                isString = depth > 0
            } else if byte == UInt8(ascii: "{") {
                depth += 1
            } else if byte == UInt8(ascii: "}") {
                depth -= 1
                if depth == 0 {
                    found.append((try? JSONValue(parsing: current)) ?? .null)
                    current = []
                }
            }
        }
        return found
    }
}
