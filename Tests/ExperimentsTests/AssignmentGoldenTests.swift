import Testing

@testable import Experiments

/// Values recorded once. If one of these fails, shoppers are about to be told a second price: the code
/// is wrong, never the expectation.
struct AssignmentGoldenTests {
    /// From `charCodeAt` in JavaScript, which is what the reference SDK hashes; those without characters
    /// beyond U+FFFF also from the Python SDK 4.0.0.
    @Test func `ids of any script hash as in JavaScript`() {
        let golden: [(id: String, v2: Double, v1: Double)] = [
            ("", 0.0954, 0.26), ("a", 0.3254, 0.455), ("shopper-1", 0.8171, 0.549),
            ("é", 0.7148, 0.279), ("e\u{301}", 0.0534, 0.122), ("кл-1", 0.8524, 0.007), ("客-42", 0.6258, 0.037),
            ("日本", 0.4447, 0.399), ("🛒", 0.6874, 0.745), ("🛒-7", 0.3387, 0.781), ("a\u{0}b", 0.2091, 0.541),
        ]
        for (id, v2, v1) in golden {
            #expect(Bucketing.hash(seed: "exp_1", value: id, version: .v2) == v2, "\(id)")
            #expect(Bucketing.hash(seed: "exp_1", value: id, version: .v1) == v1, "\(id)")
        }
    }

    /// GrowthBook's published values, for checkouts without its cases.
    @Test func `the specification's own examples`() {
        #expect(Bucketing.hash(seed: "", value: "a", version: .v1) == 0.22)
        #expect(Bucketing.hash(seed: "b", value: "a", version: .v1) == 0.946)
        #expect(Bucketing.hash(seed: "", value: "___)((*\":&", version: .v1) == 0.563)
        #expect(Bucketing.hash(seed: "seed", value: "a", version: .v2) == 0.0505)
        #expect(Bucketing.hash(seed: "89123klj", value: "8952klfjas09ujkasdf", version: .v2) == 0.124)
        #expect(HashVersion(rawValue: 99) == nil)
        #expect(!Namespace("namespace1", from: 0, to: 0.4).contains("1"))
        #expect(Namespace("namespace1", from: 0.4, to: 1).contains("1"))
    }

    /// The digest was computed by GrowthBook's Python SDK 4.0.0 (`gbhash`, `getBucketRanges`,
    /// `chooseVariation`) over the same ids, seeds and weights, the weights as fractions.
    @Test func `a million assignments have never drifted`() throws {
        let weights = [[1, 1], [1, 2, 7], [50, 30, 20], [3, 3, 3], [1, 0, 1]]
        let coverage = [1, 0.4, 1, 0.9, 1]
        let allocations = try zip(weights, coverage).map { try Allocation(weights: $0, coverage: $1) }
        let seeds = (0..<7).map { Bucketing.Seed("exp_\($0)", version: .v2) }
        let scripts = ["s-", "кл-", "客-", "é"]

        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in 0..<1_000_000 {
            let id = scripts[index % 10 == 0 ? index % 4 : 0] + String(index)
            let place = seeds[index % 7].unit(of: id)
            let variant = allocations[index % 5].variant(at: place) ?? 255
            digest = (digest ^ UInt64(variant)) &* 0x100_0000_01b3
            digest = (digest ^ UInt64(seeds[index % 7].bucket(of: id))) &* 0x100_0000_01b3
            if Double(seeds[index % 7].bucket(of: id)) / 10_000 != place {
                Issue.record("bucket and place differ: \(id)")
            }
        }
        #expect(digest == 0xeefb_d7ee_45cf_d99b)
    }

    @Test func `numbers are written as JavaScript writes them`() {
        let golden: [(Double, String)] = [
            (0, "0"), (-0.0, "0"), (100, "100"), (-2.5, "-2.5"), (0.1, "0.1"), (0.1 + 0.2, "0.30000000000000004"),
            (1e15, "1000000000000000"), (1e16, "10000000000000000"), (9_007_199_254_740_992, "9007199254740992"),
            (123_456_789_012_345_683_968, "123456789012345680000"),
            (12_345_678_901_234_567_168, "12345678901234567000"),
            (1e21, "1e+21"), (1.25e21, "1.25e+21"), (1e-6, "0.000001"), (0.00001234, "0.00001234"), (1e-7, "1e-7"),
            (-1e-7, "-1e-7"), (1.5e-10, "1.5e-10"), (.leastNonzeroMagnitude, "5e-324"),
            (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
            (123456789.125, "123456789.125"), (.infinity, "Infinity"), (-.infinity, "-Infinity"), (.nan, "NaN"),
        ]
        for (number, text) in golden { #expect(AttributeValue.number(number).text == text) }
    }

    @Test func `texts are read as JavaScript reads them`() {
        let golden: [(String, Double)] = [
            ("", 0), ("  ", 0), (" 8 ", 8), ("\u{a0}9", 9), ("0x1F", 31), ("0b101", 5), ("0o17", 15), ("1e3", 1000),
            (".5", 0.5), ("5.", 5), ("+7", 7), ("Infinity", .infinity), ("-Infinity", -.infinity),
        ]
        for (text, number) in golden { #expect(AttributeValue.string(text).numericValue == number, "\(text)") }
        for text in ["-", "1_0", "inf", "nan", "1e", "0x", "0xg", "0b2", "1 2", "١"] {
            #expect(AttributeValue.string(text).numericValue.isNaN, "\(text)")
        }
    }
}
