import Calculator
import Foundation
import JSON
import Testing

/// The published expected values, where the folder of contracts lies beside the checkout.
enum Vectors {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "shared/vectors/statistics")

    static var files: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
            .filter { $0.hasSuffix(".json") }.sorted()
    }

    static func cases(_ file: String) throws -> [JSONValue] {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
        return try #require(JSONValue(parsing: bytes)["cases"]?.array)
    }
}

/// What disagrees between an answer and what was expected.
struct Comparison {
    let relative: Double
    let absolute: Double
    private(set) var differences: [String] = []

    init(relative: Double, absolute: Double) {
        self.relative = relative
        self.absolute = absolute
    }

    mutating func compare(_ got: JSONValue?, _ want: JSONValue, at path: String) {
        switch want {
        case .null: return
        case .object(let members):
            for member in members.members where member.key != "ok" {
                compare(got?[member.key], member.value, at: path + "." + member.key)
            }
        case .array(let elements):
            guard let found = got?.array, found.count == elements.count else {
                return differences.append("\(path): \(String(describing: got)) instead of \(elements.count) elements")
            }
            for (index, element) in elements.enumerated() { compare(found[index], element, at: "\(path)[\(index)]") }
        case .bool, .string:
            if got != want { differences.append("\(path): \(String(describing: got)) instead of \(want)") }
        case .integer, .unsigned, .double:
            guard let value = got?.double, let expected = want.double else {
                return differences.append("\(path): \(String(describing: got)) instead of \(want)")
            }
            if abs(value - expected) > absolute + relative * abs(expected) {
                let error = abs(value - expected) / max(abs(expected), .leastNormalMagnitude)
                differences.append("\(path): \(value) instead of \(expected), relative error \(error)")
            }
        }
    }
}

@Suite struct VectorTests {
    private static let names = Set(Calculator.catalogue.map(\.name))

    @Test(
        .enabled(if: !Vectors.files.isEmpty, "the folder of expected values is not beside this checkout"),
        arguments: Vectors.files)
    func `every published case agrees within its tolerance`(file: String) throws {
        var compared = 0
        var absent: Set<String> = []
        for example in try Vectors.cases(file) {
            let name = try #require(example["name"]?.string)
            let function = try #require(example["fn"]?.string)
            guard Self.names.contains(function) else {
                absent.insert(function)
                continue
            }
            var inputs = try #require(example["inputs"]?.object)
            // A simulation: few runs here, held to its own stated error below.
            let isSimulation = function == "thompson_regret_mc"
            if isSimulation { inputs["runs"] = 60 }
            let question: JSONValue = ["fn": .string(function), "inputs": .object(inputs)]
            let answer = try JSONValue(parsing: Calculator().answer(line: question.serialized()))
            let want = try #require(example["expected"])
            compared += 1
            if let code = want["error"] {
                #expect(answer["error"]?["code"] == code, "\(name)")
                continue
            }
            var comparison = Comparison(
                relative: example["tolerance"]?["rel"]?.double ?? 0,
                absolute: example["tolerance"]?["abs"]?.double ?? 0)
            guard let result = answer["result"] else {
                Issue.record("\(name): \(answer)")
                continue
            }
            if isSimulation {
                let regret = try #require(result["meanRegret"]?.double)
                let error = try #require(result["mcSE"]?.double)
                let expected = try #require(want["meanRegret"]?.double)
                #expect(abs(regret - expected) <= 5 * error, "\(name)")
                continue
            }
            comparison.compare(result, want, at: name)
            for difference in comparison.differences { Issue.record("\(difference)") }
        }
        print("\(file): \(compared) cases compared", absent.isEmpty ? "" : "; not offered: \(absent.sorted())")
    }
}
