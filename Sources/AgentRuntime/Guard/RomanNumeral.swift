/// Numerals in letters, as they are properly written: I to MMMCMXCIX.
enum RomanNumeral {
    /// Whether the letters are a numeral that is not also an ordinary word, a size or a unit.
    static func isOne(_ letters: ArraySlice<WordTree.Step>, isUpper: Bool) -> Bool {
        guard letters.count >= 2, letters.count <= 15 else { return false }
        var rest = letters
        func take(_ letter: Step, atMost count: Int) {
            var left = count
            while left > 0, rest.first == letter {
                rest.removeFirst()
                left -= 1
            }
        }
        func takePair(_ a: Step, _ b: Step) -> Bool {
            guard rest.first == a, rest.dropFirst().first == b else { return false }
            rest.removeFirst(2)
            return true
        }
        take(m, atMost: 3)
        for (one, five, ten) in [(c, d, m), (x, l, c), (i, v, x)] {
            if takePair(one, ten) || takePair(one, five) { continue }
            take(five, atMost: 1)
            take(one, atMost: 3)
        }
        guard rest.isEmpty else { return false }
        return !exceptions.contains(Array(letters))
    }

    private typealias Step = WordTree.Step
    private static let (i, v, x, l, c, d, m): (Step, Step, Step, Step, Step, Step, Step) = (9, 22, 24, 12, 3, 4, 13)

    private static let exceptions: Set<[Step]> = Set(
        "xl cd mix mm cm ml cl dl mi di li dim cc md dc vi ci ll dm cv ii".split(separator: " ").map {
            Lexicon.steps($0)
        }
    ).subtracting([Lexicon.steps("ii")])
}
