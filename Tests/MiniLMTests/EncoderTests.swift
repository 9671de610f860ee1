import Testing

@testable import MiniLM

@Suite struct EncoderTests {
    private static func encoder(_ file: [UInt8]) throws -> Encoder {
        try Encoder(SafeTensors(file), shape: try ModelShape(Array(TinyModel.config.utf8)))
    }

    @Test func `the forward pass is that of the definition, alone and in company`() throws {
        let tiny = TinyModel()
        let encoder = try Self.encoder(tiny.file)
        let texts: [[Int32]] = [[2, 4, 5, 3], [2, 3], [2, 8, 6, 7, 1, 3], [0]]
        for (text, vector) in zip(texts, encoder.means(of: texts)) {
            let expected = tiny.vector(of: text.map(Int.init))
            #expect(zip(vector, expected).allSatisfy { abs(Double($0) - $1) < 2e-5 })
            let alone = encoder.means(of: [text])[0]
            #expect(zip(alone, expected).allSatisfy { abs(Double($0) - $1) < 2e-5 })
        }
        #expect(encoder.means(of: []).isEmpty)
    }

    @Test func `a file that was cut anywhere is refused`() throws {
        let file = TinyModel().file
        for length in stride(from: 0, to: file.count, by: 97) {
            #expect(throws: ModelError.self) { try Self.encoder(Array(file[..<length])) }
        }
    }

    @Test func `a file with any byte of its header changed is read or refused, and never more`() throws {
        let file = TinyModel().file
        var refused = 0
        for place in 0..<2000 {
            var damaged = file
            damaged[place] ^= UInt8(truncatingIfNeeded: place &* 37 | 1)
            do { _ = try Self.encoder(damaged) } catch is ModelError { refused += 1 }
        }
        #expect(refused > 1500)
    }

    @Test(
        arguments: [
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#,
            #"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,9223372036854775807]}}"#,
            #"{"a":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,8]}}"#,
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0]}}"#, #"{"a":{"dtype":"F32"}}"#, "[]", "7", "{",
        ])
    func `a header that says what cannot be is refused`(header: String) {
        let file = TinyModel.bytes(header: header, data: [UInt8](repeating: 0, count: 8))
        #expect(throws: ModelError.self) { try SafeTensors(file) }
    }

    @Test func `a tensor of another type, shape or with what is no number is refused`() throws {
        let header =
            #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}"#
        let file = try SafeTensors(TinyModel.bytes(header: header, data: [0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]))
        #expect(try file.numbers("a", [2]) == [1, -2])
        for (name, shape) in [("a", [1, 2]), ("b", [1]), ("c", [2])] {
            #expect(throws: ModelError.self) { try file.numbers(name, shape) }
        }
        let infinite = try SafeTensors(TinyModel.bytes(header: header, data: [0, 0, 0x80, 0x7f, 0, 0, 0, 0]))
        #expect(throws: ModelError.self) { try infinite.numbers("a", [2]) }
    }

    @Test(arguments: ["bert", "hidden_size", "gelu", "8,", "1e-12"])
    func `a description of another model is refused`(part: String) {
        let config = TinyModel.config.replacing(part, with: part == "8," ? "7," : "x")
        #expect(throws: ModelError.self) { try ModelShape(Array(config.utf8)) }
    }

    @Test func `a folder that is not there says so`() {
        #expect(throws: ModelError.unreadable("/nowhere/config.json: No such file or directory")) {
            try MiniLM(directory: "/nowhere")
        }
    }
}

@Suite struct WordPieceTests {
    @Test(
        arguments: [
            ("Teapot.", [2, 4, 5, 6, 3]), ("", [2, 3]), ("tea pot", [2, 4, 1, 3]), ("CAFÉ", [2, 7, 3]),
            ("tea茶tea", [2, 4, 8, 4, 3]), ("[CLS]", [2, 1, 1, 1, 3]), ("tea\u{0}\u{200b}pot", [2, 4, 5, 3]),
            ("teapots", [2, 1, 3]), ("tea tea tea tea tea tea tea", [2, 4, 4, 4, 4, 4, 4, 3]),
        ] as [(String, [Int32])])
    func `a text is divided as the reference divides it`(text: String, tokens: [Int32]) throws {
        let pieces = try WordPiece(vocabulary: Array(TinyModel.vocabulary.utf8))
        #expect(pieces.tokens(of: text, limit: 8) == tokens)
    }

    @Test(arguments: ["", "[CLS]\n[SEP]\n", "[CLS]\n[SEP]\n[UNK]\na\na\nb\n"])
    func `a vocabulary without what every text needs, or with a piece twice, is refused`(text: String) {
        #expect(throws: ModelError.self) { try WordPiece(vocabulary: Array(text.utf8)) }
    }
}
