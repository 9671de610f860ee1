/// A product that a message names with a number of pieces of its own, beside another: "3 of the cups and 2 espresso" has
/// two.
struct Wish: Sendable, Equatable, Codable {
    /// 1 to 999.
    let quantity: Int64
    /// Those that name it; none where it is what is spoken of ("3 of those").
    let words: [String]

    /// What is read of one message at most, and the words it may have: in a tale numbers are of anything.
    static let most = 5
    static let longest = 20

    /// The products that a message names, if they are several and one at least has a number of its own.
    ///
    /// - Parameter amounts: places of words that are amounts of money, or shares, and count no pieces.
    static func several(in words: [String], besides amounts: Set<Int>) -> [Wish]? {
        guard words.count <= longest else { return nil }
        var parts: [(quantity: Int64?, words: [String], pointsBack: Bool)] = [(nil, [], false)]
        var afterJoint = false
        // What stands before the first number counts only where a joint divides the two: "the cup and 2 espresso".
        var opensWithProduct = false
        for (index, word) in words.enumerated() {
            if joints.contains(word) {
                if parts.count == 1 { opensWithProduct = true }
                afterJoint = true
                continue
            }
            if !amounts.contains(index), let count = SaidCount.pieces(at: index, in: words),
                index == 0 || !describing.contains(words[index - 1])
            {
                parts.append((count, [], false))
            } else if afterJoint, determiners.contains(word) {
                parts.append((nil, [], false))
            } else if !IntentRules.fillers.contains(word), !SaidCount.isNumeral(word) {
                parts[parts.count - 1].words.append(word)
            }
            if IntentRules.pointers.contains(word) || pointers.contains(word) {
                parts[parts.count - 1].pointsBack = true
            }
            afterJoint = false
        }
        if !opensWithProduct { parts.removeFirst() }
        let named = parts.filter { !$0.words.isEmpty || $0.pointsBack && $0.quantity != nil }
        guard (2...most).contains(named.count), named.contains(where: { $0.quantity != nil }),
            Set(named.map { Set($0.words) }).count == named.count
        else { return nil }
        return named.map { Wish(quantity: $0.quantity ?? 1, words: $0.words) }
    }

    /// Beside those of one thing.
    private static let pointers: Set = ["those", "these", "them", "davon", "estos", "esos", "estas", "esas", "ceux"]
    private static let joints: Set = ["and", "plus", "und", "sowie", "y", "e", "et"]
    private static let determiners: Set = [
        "a", "an", "one", "the", "ein", "eine", "einen", "der", "die", "das", "den", "un", "una", "uno", "el", "la",
        "los", "las", "une", "le", "les",
    ]
    /// Before a number that says how a thing is: "a mug with 2 handles", "a set of 6 glasses".
    private static let describing: Set = [
        "with", "of", "for", "mit", "von", "fur", "con", "de", "para", "avec", "pour", "size", "grosse", "talla",
        "taille",
    ]
}
