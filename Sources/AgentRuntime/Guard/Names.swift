/// Words whose inner capitals are their own.
enum Names {
    static let mixed: Set<[WordTree.Step]> = Set(
        """
        paypal whatsapp mastercard iphone ipad ebay youtube gmbh linkedin tiktok fedex applepay googlepay ios macbook usb
        visa gopro instagram
        """
        .split(whereSeparator: { $0 == " " || $0 == "\n" }).map { Lexicon.steps($0) })

    /// Vowels, n and c: "é", "ñ", "ç" as two characters.
    static func takesAccent(_ step: WordTree.Step) -> Bool { isVowel(step) || step == 14 || step == 3 }

    static func isVowel(_ step: WordTree.Step) -> Bool {
        switch step {
        case 1, 5, 9, 15, 21, 25: true
        default: false
        }
    }
}
