import Testing

@testable import AgentRuntime

@Suite struct WordsTests {
    private static func folded(_ text: String) -> String { String(decoding: Words(text).folded, as: UTF8.self) }
    private static func stem(_ word: String) -> String {
        String(decoding: Stem.of(Array(word.utf8)[...]), as: UTF8.self)
    }

    @Test(
        arguments: [
            ("Blue MUG, 1.2L", "blue mug 1 2l "), ("  Naïve—café!! ", "naive cafe "), ("Straße", "strasse "),
            ("ＵＳＢ－Ｃ", "usb c "), ("Intel® Core™2", "intel core 2 "), ("茶壶 2", "茶 壶 2 "), ("e\u{301}te\u{301}", "ete "),
            ("Ærø", "aero "), ("ﬁlter", "filter "), ("", ""), ("–…!", ""), ("zero\u{200b}width", "zerowidth "),
        ])
    func `case, accents and width do not count`(text: String, words: String) {
        #expect(Self.folded(text) == words)
    }

    @Test(
        arguments: [
            ("mugs", "mug"), ("batteries", "battery"), ("boxes", "box"), ("cases", "case"), ("Lampen", "Lampe"),
            ("colores", "color"), ("rouges", "rouge"), ("phones", "phone"), ("tablets", "tablet"),
        ])
    func `a plural and its singular have one stem`(plural: String, singular: String) {
        #expect(Self.stem(Self.folded(plural).lowercased().filter { $0 != " " }) == Self.stem(singular.lowercased()))
    }

    @Test(arguments: ["glass", "bus", "iris", "usb", "tn2110s", "aaa", "gps", "x5s", "ps4"])
    func `what only looks like a plural stays whole`(word: String) {
        #expect(Self.stem(word) == word)
    }
}
