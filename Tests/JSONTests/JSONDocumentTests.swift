import JSON
import SeedSupport
import Testing

private func parse(_ text: String, maximumDepth: Int = 64) throws(JSONError) -> JSONNode {
    try JSONDocument(parsing: Array(text.utf8), maximumDepth: maximumDepth).root
}

@Suite struct JSONDocumentTests {
    @Test func `every kind of value is read exactly`() throws {
        let root = try parse(
            #"{"n":null,"t":true,"f":false,"i":-9223372036854775808,"u":18446744073709551615,"d":5.0,"s":"a\u00e9\ud83d\ude00\"","a":[1,[],{}],"o":{"x":1}}"#
        )
        #expect(root.kind == .object)
        #expect(root["n"]?.isNull == true)
        #expect(root["t"]?.bool == true)
        #expect(root["f"]?.bool == false)
        #expect(root["i"]?.int64 == .min)
        #expect(root["i"]?.uint64 == nil)
        #expect(root["u"]?.uint64 == .max)
        #expect(root["u"]?.int64 == nil)
        #expect(root["u"]?.kind == .unsigned)
        #expect(root["d"]?.kind == .double)
        #expect(root["d"]?.double == 5)
        #expect(root["d"]?.int64 == nil)
        #expect(root["s"]?.string == "aé😀\"")
        #expect(root["s"]?.isString("aé😀\"") == true)
        #expect(root["s"]?.utf8.map { Array($0) } == Array("aé😀\"".utf8))
        #expect(root["a"]?.elements.map { $0.map(\.kind) } == [.integer, .array, .object])
        #expect(root["a"]?[1]?.elements.map { Array($0).count } == 0)
        #expect(root["a"]?[3] == nil)
        #expect(root["a"]?[-1] == nil)
        #expect(root["o"]?["x"]?.int64 == 1)
        #expect(root["absent"] == nil)
        #expect(root.members?.map(\.key) == ["n", "t", "f", "i", "u", "d", "s", "a", "o"])
    }

    @Test func `a node outlives its bytes, its parser and the next parse`() throws {
        let first = try parse(#"["one",1]"#)
        _ = try parse(#"["another text entirely",2,3,4]"#)
        #expect(first[0]?.string == "one")
        #expect(first[1]?.int64 == 1)
    }

    @Test func `a bare scalar is a document`() throws {
        #expect(try parse(" 42 ").int64 == 42)
        #expect(try parse("\"x\"").string == "x")
        #expect(try parse("null").isNull)
    }

    @Test(arguments: [
        ("", JSONError.empty),
        (" \n ", .empty),
        ("{\"a\":1,}", .malformed(reason: "a key in quotes expected, found '}'", offset: 7)),
        ("[1,]", .malformed(reason: "a value expected, found ']'", offset: 3)),
        ("[1 2]", .malformed(reason: "',' or ']' expected, found '2'", offset: 3)),
        ("{\"a\" 1}", .malformed(reason: "':' expected, found '1'", offset: 5)),
        ("{\"a\":1} x", .malformed(reason: "something stands after the end of the value", offset: 8)),
        ("{\"a\":1}{}", .malformed(reason: "something stands after the end of the value", offset: 7)),
        ("[tru]", .malformed(reason: "'true' expected", offset: 1)),
        ("[01]", .malformed(reason: "a number does not begin with zero", offset: 1)),
        ("[1.]", .malformed(reason: "a digit expected, found ']'", offset: 3)),
        ("[-]", .malformed(reason: "a digit expected, found ']'", offset: 2)),
        ("[NaN]", .malformed(reason: "a value expected, found 'N'", offset: 1)),
        ("\"abc", .malformed(reason: "this string has no end", offset: 0)),
        ("\"a\nb\"", .malformed(reason: "a control character in a string must be escaped", offset: 2)),
        ("\"\\x\"", .malformed(reason: "no such escape", offset: 1)),
        ("\"\\ud800\"", .malformed(reason: "half a surrogate pair", offset: 1)),
        ("\"\\udc00\"", .malformed(reason: "half a surrogate pair", offset: 1)),
        ("\"\\ud800\\u0041\"", .malformed(reason: "half a surrogate pair", offset: 1)),
        ("\"\\u12g4\"", .malformed(reason: "a hexadecimal digit expected, found 'g'", offset: 5)),
        ("[18446744073709551616]", .numberOutOfRange(offset: 1)),
        ("[-9223372036854775809]", .numberOutOfRange(offset: 1)),
        ("[1e400]", .numberOutOfRange(offset: 1)),
        ("{", .malformed(reason: "a key in quotes expected, but the text ends", offset: 1)),
        ("\u{FEFF}{}", .malformed(reason: "a value expected, found byte 239", offset: 0)),
    ])
    func `a fault is named with its offset`(text: String, expected: JSONError) {
        #expect(throws: expected) { try parse(text) }
    }

    @Test(
        arguments: [
            ([0x22, 0xFF, 0x22], 1), ([0x22, 0x61, 0xC3, 0x22], 2), ([0x22, 0xED, 0xA0, 0x80, 0x22], 1),
            ([0x22, 0xC0, 0x80, 0x22], 1), ([0x5B, 0x31, 0x5D, 0x80], 3),
        ] as [([UInt8], Int)])
    func `invalid UTF-8 is refused where it stands`(bytes: [UInt8], offset: Int) {
        #expect(throws: JSONError.invalidUTF8(offset: offset)) { try JSONDocument(parsing: bytes) }
    }

    @Test func `offsets in a slice count from the slice's first byte`() {
        let bytes = Array("xxxx[1,]".utf8)
        #expect(throws: JSONError.malformed(reason: "a value expected, found ']'", offset: 3)) {
            try JSONDocument(parsing: bytes[4...])
        }
    }

    @Test(arguments: [1, 2, 64, 512]) func `nesting is allowed up to the maximum and not beyond`(maximum: Int) throws {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(try parse(nested(maximum), maximumDepth: maximum).kind != .null)
            #expect(throws: JSONError.tooDeep(maximum: maximum)) {
                try parse(nested(maximum + 1), maximumDepth: maximum)
            }
            #expect(throws: JSONError.tooDeep(maximum: maximum)) {
                try parse(nested(20_000), maximumDepth: maximum)
            }
        }
    }

    @Test func `a large document is read whole`() throws {
        let count = 50_000
        let text = "[" + (0..<count).map { #"{"id":\#($0),"name":"item \#($0)"}"# }.joined(separator: ",") + "]"
        let elements = try #require(try parse(text).elements)
        var expected = 0
        for element in elements {
            #expect(element["id"]?.int64 == Int64(expected))
            expected += 1
        }
        #expect(expected == count)
        #expect(elements.first { _ in true }?["name"]?.string == "item 0")
        #expect(try parse("[1]")[0]?.int64 == 1)
    }

    @Test(arguments: [2, 15, 16, 17, 100]) func `a key said twice is found in small and large objects`(count: Int)
        throws
    {
        let keys = (0..<count).map { "\"k\($0)\":\($0)" }
        let unique = "{" + keys.joined(separator: ",") + "}"
        #expect(try parse(unique).firstDuplicateKey == nil)
        for twice in [0, count / 2, count - 1] {
            let text = "{" + (keys + ["\"k\(twice)\":0"]).joined(separator: ",") + "}"
            #expect(try parse(text).firstDuplicateKey == "k\(twice)")
        }
    }

    @Test func `an escaped key is the same key`() throws {
        #expect(try parse(#"{"a":1,"\u0061":2}"#).firstDuplicateKey == "a")
    }

    @Test func `a key said twice deep inside is named by its pointer`() throws {
        let root = try parse(#"{"variants":[{"a":1},{"a/b":{"x~y":1,"x~y":2}}]}"#)
        #expect(root.firstDuplicateKey == nil)
        #expect(throws: JSONError.duplicateKey(name: "x~y", pointer: "/variants/1/a~1b/x~0y")) {
            try root.requireUniqueKeys()
        }
    }

    @Test func `random damage never traps and both readers agree on what is JSON`() throws {
        let seedText = Array(
            #"{"id":"e1","n":[1,-2.5e3,18446744073709551615,true,false,null],"o":{"k\u00e9\n":"v😀"},"x":""}"#.utf8)
        var random = SplitMix(7)
        var refused = 0
        for _ in 0..<20_000 {
            var bytes = seedText
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch UInt8.random(in: 0..<3, using: &random) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(bytes[Int.random(in: 0..<bytes.count, using: &random)], at: place)
                }
            }
            do throws(JSONError) {
                let value = try JSONValue(parsing: bytes)
                #expect(try JSONValue(parsing: value.serialized()) == value)
            } catch .duplicateKey {
            } catch {
                refused += 1
                // The slow reader found a fault too: otherwise it would not know its place.
                if case .malformed(_, nil) = error { Issue.record("no fault found in \(bytes)") }
            }
        }
        #expect(refused > 10_000)
    }
}
