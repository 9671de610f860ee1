import Glibc
import SeedSupport
import Testing

@testable import AgentRuntime

@Suite struct LexicalIndexTests {
    private static func counts(_ text: String) -> LexicalIndex.Counts {
        var counts: LexicalIndex.Counts = [:]
        Words(text).forEachTerm { counts[$0, default: 0] += 1 }
        return counts
    }

    private static func terms(_ text: String) -> Set<Words.Term> { Set(counts(text).keys) }

    private static func text(_ random: inout Seeded) -> String {
        (0..<Int.random(in: 0...12, using: &random)).map { _ in "w\(Int.random(in: 0..<40, using: &random))" }
            .joined(separator: " ")
    }

    @Test func `scores are those of the formula, worked out without an index`() {
        var random = Seeded(11)
        let texts = (0..<60).map { _ in Self.text(&random) }
        var index = LexicalIndex()
        for (row, text) in texts.enumerated() { index.add(Self.counts(text), row: row) }
        let average = texts.map { Double(max(1, Words($0).folded.count { $0 == 0x20 })) }.reduce(0, +) / 60
        for query in ["w1", "w2 w3", "w4 w5 w6 unknown"] {
            let scores = index.scores(of: Self.terms(query))
            for (row, text) in texts.enumerated() {
                let counts = Self.counts(text)
                let length = Double(max(1, counts.values.reduce(0, +)))
                var expected = 0.0
                for term in Self.terms(query) {
                    let having = Double(texts.count { Self.counts($0)[term] != nil })
                    let frequency = Double(counts[term] ?? 0)
                    let rarity = Glibc.log(1 + (60 - having + 0.5) / (having + 0.5))
                    expected += rarity * frequency * 2 / (frequency + 0.25 + 0.75 * length / average)
                }
                #expect(abs(Double(scores[row]) - expected) < 1e-4)
            }
        }
    }

    @Test func `after any changes it answers as one built anew`() {
        var random = Seeded(5)
        var index = LexicalIndex()
        var texts: [Int: String] = [:]
        for _ in 0..<3000 {
            let row = Int.random(in: 0..<50, using: &random)
            if let old = texts.removeValue(forKey: row) { index.remove(Self.counts(old), row: row) }
            if Bool.random(using: &random) {
                let text = Self.text(&random)
                texts[row] = text
                index.add(Self.counts(text), row: row)
            }
        }
        var anew = LexicalIndex()
        for row in texts.keys.sorted() { anew.add(Self.counts(texts[row] ?? ""), row: row) }
        #expect(index.count == anew.count)
        #expect(index.termCount == anew.termCount)
        #expect(index.postingCount == anew.postingCount)
        for word in 0..<40 {
            let (a, b) = (index.scores(of: Self.terms("w\(word) w7")), anew.scores(of: Self.terms("w\(word) w7")))
            for row in 0..<50 {
                let (x, y) = (a.indices.contains(row) ? a[row] : 0, b.indices.contains(row) ? b[row] : 0)
                #expect(abs(x - y) < 1e-4)
            }
        }
    }
}
