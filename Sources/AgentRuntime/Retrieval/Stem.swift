/// What is left of a word when its plural and what hangs on it are taken off.
///
/// Light on purpose: English plurals, a silent "e", and the "-en" of German plurals. The same rules apply to every
/// language, so that a Spanish or French plural in "-s" or "-es" meets its singular too, and nothing but an ending of
/// three letters is ever lost. Model numbers keep all: a word with a digit is its own stem.
enum Stem {
    static func of(_ word: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var word = word
        guard word.count > 3, word.allSatisfy({ (0x61...0x7a).contains($0) || $0 >= 0x80 }) else { return word }
        if word.suffix(3).elementsEqual("ies".utf8), word.count > 4 {
            // "batteries" and "battery" meet at "batteri".
            word.removeLast(2)
        } else if word.last == UInt8(ascii: "s"), let before = word.dropLast().last, !Self.keepsS.contains(before) {
            word.removeLast()
        }
        if word.count > 5, word.suffix(2).elementsEqual("en".utf8) {
            word.removeLast(2)
        } else if word.count > 3, word.last == UInt8(ascii: "e") {
            word.removeLast()
        }
        if word.count > 3, word.last == UInt8(ascii: "y"), let index = word.indices.last {
            word[index] = UInt8(ascii: "i")
        }
        return word
    }

    /// Letters before a final "s" that belongs to the word: glass, bus, iris.
    private static let keepsS = Array("sui".utf8)
}
