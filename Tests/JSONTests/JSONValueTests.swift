import JSON
import SeedSupport
import Testing

private func value(_ text: String) throws(JSONError) -> JSONValue {
    try JSONValue(parsing: Array(text.utf8))
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

@Suite struct JSONValueTests {
    @Test func `a tree keeps kinds, order and exact integers`() throws {
        let tree = try value(#"{"z":1,"a":[1.0,18446744073709551615,null,true,"x"],"o":{}}"#)
        #expect(
            tree == [
                "z": 1,
                "a": [1.0, .unsigned(.max), nil, true, "x"],
                "o": [:],
            ])
        #expect(tree.object?.keys == ["z", "a", "o"])
        #expect(tree["z"]?.int64 == 1)
        #expect(tree["a"]?.array?.count == 5)
    }

    @Test func `a key said twice is an error`() {
        #expect(throws: JSONError.duplicateKey(name: "b", pointer: "/a/0/b")) {
            try value(#"{"a":[{"b":1,"b":2}]}"#)
        }
    }

    // RFC 7396, appendix A, all of it.
    @Test(arguments: [
        (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
        (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
        (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
        (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
        (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
        (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
        (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
        (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
        (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
        (#"{"a":"foo"}"#, "null", "null"),
        (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
        (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
        (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
        (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
    ])
    func `a merge patch does what RFC 7396 says`(original: String, patch: String, result: String) throws {
        #expect(text(try value(original).merging(patch: value(patch)).serialized()) == result)
    }

    @Test func `setting a member keeps its place, setting nil removes it`() throws {
        var object = try #require(value(#"{"a":1,"b":2,"c":3}"#).object)
        object["b"] = "two"
        object["a"] = nil
        object["d"] = .null
        object["absent"] = nil
        #expect(text(JSONValue.object(object).serialized()) == #"{"b":"two","c":3,"d":null}"#)
    }

    @Test func `pretty text is stable and reads back`() throws {
        let tree: JSONValue = ["name": "x", "list": [1, [], [:]], "empty": [:]]
        #expect(
            text(tree.pretty()) == """
                {
                  "name": "x",
                  "list": [
                    1,
                    [],
                    {}
                  ],
                  "empty": {}
                }

                """)
        #expect(try JSONValue(parsing: tree.pretty()) == tree)
    }

    @Test func `a pointer escapes what RFC 6901 asks for`() {
        #expect(JSONPointer().description == "")
        #expect(JSONPointer("variants").appending(0).appending("price").description == "/variants/0/price")
        #expect(JSONPointer("a/b", "m~n", "", "~1").description == "/a~1b/m~0n//~01")
    }
}

@Suite struct JSONWriterTests {
    @Test func `commas stand where they belong`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("a", 1)
        writer.key("b")
        writer.beginArray()
        writer.int(1)
        writer.beginArray()
        writer.endArray()
        writer.beginObject()
        writer.endObject()
        writer.null()
        writer.raw(Array("{\"r\":1}".utf8))
        writer.endArray()
        writer.field("c", true)
        writer.key(dynamic: "d\"")
        writer.string("e")
        writer.endObject()
        writer.newline()
        writer.int(2)
        #expect(text(writer.bytes) == "{\"a\":1,\"b\":[1,[],{},null,{\"r\":1}],\"c\":true,\"d\\\"\":\"e\"}\n2")
    }

    @Test func `every control character is escaped and reads back`() throws {
        let all = String(String.UnicodeScalarView((0..<0x300).compactMap { Unicode.Scalar(UInt32($0)) })) + "😀\u{2028}"
        var writer = JSONWriter()
        writer.string(all)
        #expect(!writer.bytes.contains { $0 < 0x20 })
        #expect(try JSONDocument(parsing: writer.bytes).root.string == all)
        var fromBytes = JSONWriter()
        fromBytes.string(utf8: Array(all.utf8)[...])
        #expect(fromBytes.bytes == writer.bytes)
    }

    @Test func `texts of every length, clean or not, read back`() throws {
        for count in 0...130 {
            for text in [String(repeating: "x", count: count), String(repeating: "x", count: count) + "\"\n\\y"] {
                var writer = JSONWriter()
                writer.beginArray()
                writer.string(text)
                writer.string(text)
                writer.endArray()
                let root = try JSONDocument(parsing: writer.bytes).root
                #expect(root[0]?.string == text)
                #expect(root[1]?.string == text)
            }
        }
    }

    @Test(arguments: [
        0, 1, -1, 9, 10, 99, 100, Int128(Int64.max), Int128(Int64.min), Int128(UInt64.max), Int128.max, Int128.min,
    ])
    func `integers of any width are written in full`(number: Int128) {
        var writer = JSONWriter()
        writer.int(number)
        #expect(text(writer.bytes) == String(number))
        if let small = Int64(exactly: number) {
            var other = JSONWriter()
            other.int(small)
            #expect(other.bytes == writer.bytes)
        }
        if let small = UInt64(exactly: number) {
            var other = JSONWriter()
            other.int(small)
            #expect(other.bytes == writer.bytes)
        }
    }

    @Test func `doubles read back bit for bit`() throws {
        var random = SplitMix(3)
        var numbers = [
            0, -0.0, 10, 0.1, 1e21, 1e-7, Double.leastNonzeroMagnitude, Double.greatestFiniteMagnitude, 1.0 / 3,
        ]
        while numbers.count < 5_000 {
            let number = Double(bitPattern: random.next())
            if number.isFinite { numbers.append(number) }
        }
        for number in numbers {
            var writer = JSONWriter()
            writer.double(number)
            let root = try JSONDocument(parsing: writer.bytes).root
            #expect(root.kind == .double)
            #expect(root.double?.bitPattern == number.bitPattern)
        }
        var whole = JSONWriter()
        whole.double(10)
        #expect(text(whole.bytes) == "10.0")
    }

    @Test(arguments: [Double.nan, .infinity, -.infinity]) func `what JSON cannot say is null`(number: Double) {
        var writer = JSONWriter()
        writer.double(number)
        #expect(text(writer.bytes) == "null")
    }
}

@Suite struct JSONLinesTests {
    @Test func `lines keep their numbers through blanks and CRLF`() throws {
        let lines = JSONLines(Array("{\"a\":1}\r\n\n  \t\n[2]\nnot json\n3".utf8))
        #expect(lines.map(\.number) == [1, 4, 5, 6])
        var parsed: [Int] = []
        var refused: [Int] = []
        for line in lines {
            do throws(JSONError) {
                _ = try line.parse()
                parsed.append(line.number)
            } catch {
                refused.append(line.number)
            }
        }
        #expect(parsed == [1, 4, 6])
        #expect(refused == [5])
    }

    @Test func `nothing has no lines`() {
        #expect(JSONLines([]).map(\.number).isEmpty)
        #expect(JSONLines(Array("\n\n".utf8)).map(\.number).isEmpty)
    }
}
