/// Texts as numbers of pieces of words, as the reference tokenizer of BERT's uncased models makes them.
///
/// One difference, on purpose: a text that spells a special token ("[CLS]") is read as the letters it has, so that what
/// stands in a catalogue cannot speak the model's own language.
struct WordPiece: Sendable {
    /// A longer word is unknown, in characters.
    private static let longestWord = 100

    private let pieces: [[UInt8]]
    /// Piece by the hash of its bytes; those that go on a word have "##" before them.
    private let numbers: [UInt64: Int32]
    private let first: Int32
    private let last: Int32
    private let unknown: Int32

    /// - Parameter vocabulary: one piece a line, as `vocab.txt` has them.
    /// - Throws: `ModelError.damaged` without the pieces that every text needs.
    init(vocabulary: [UInt8]) throws(ModelError) {
        var pieces = vocabulary.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0d ? line.dropLast() : line)
        }
        if pieces.last?.isEmpty == true { pieces.removeLast() }
        guard (5...1 << 24).contains(pieces.count) else { throw .damaged("vocab.txt has \(pieces.count) pieces") }
        var numbers: [UInt64: Int32] = [:]
        numbers.reserveCapacity(pieces.count)
        for (number, piece) in pieces.enumerated() {
            let hash = piece.reduce(Self.seed, Self.hash)
            // Of two with one hash the first would never be found: no vocabulary in use has such.
            guard numbers.updateValue(Int32(number), forKey: hash) == nil || piece.isEmpty else {
                throw .damaged("vocab.txt has a piece twice, in line \(number + 1)")
            }
        }
        self.pieces = pieces
        self.numbers = numbers
        func number(_ piece: String) throws(ModelError) -> Int32 {
            let bytes = Array(piece.utf8)
            guard let number = numbers[bytes.reduce(Self.seed, Self.hash)], pieces[Int(number)] == bytes else {
                throw .damaged("vocab.txt has no \(piece)")
            }
            return number
        }
        first = try number("[CLS]")
        last = try number("[SEP]")
        unknown = try number("[UNK]")
    }

    /// How many pieces there are.
    var count: Int { pieces.count }

    /// The pieces of a text, between the two that say where it begins and ends.
    ///
    /// - Parameter limit: at most so many, at least 2; what is beyond is left out.
    func tokens(of text: String, limit: Int) -> [Int32] {
        var tokens = [first]
        for word in Normalizer.words(of: text) {
            append(word, to: &tokens)
            if tokens.count >= limit { break }
        }
        if tokens.count > limit - 1 { tokens.removeLast(tokens.count - limit + 1) }
        tokens.append(last)
        return tokens
    }

    /// The longest piece that the word begins with, then the longest that goes on, to its end; unknown when that fails.
    private func append(_ word: [Unicode.Scalar], to tokens: inout [Int32]) {
        guard word.count <= Self.longestWord else { return tokens.append(unknown) }
        let before = tokens.count
        var start = 0
        while start < word.count {
            var hash = start == 0 ? Self.seed : Self.continuation
            var bytes: [UInt8] = start == 0 ? [] : [0x23, 0x23]
            var found: (number: Int32, end: Int)?
            for end in start..<word.count {
                for byte in UTF8.encode(word[end]) ?? UTF8.encodedReplacementCharacter {
                    hash = Self.hash(hash, byte)
                    bytes.append(byte)
                }
                if let number = numbers[hash], pieces[Int(number)] == bytes { found = (number, end + 1) }
            }
            guard let found else {
                tokens.removeLast(tokens.count - before)
                return tokens.append(unknown)
            }
            tokens.append(found.number)
            start = found.end
        }
    }

    /// FNV-1a.
    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
    private static let continuation = [0x23, 0x23].reduce(seed, hash)
    private static func hash(_ hash: UInt64, _ byte: UInt8) -> UInt64 { (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
}
