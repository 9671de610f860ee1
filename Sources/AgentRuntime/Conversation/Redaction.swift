/// Takes payment data out of what a shopper typed, before it is kept or read by anything.
enum Redaction {
    /// Card numbers (13 to 19 digits with Luhn's check digit, however they are grouped) and IBANs (ISO 13616, check sum
    /// right) give way to what they were.
    static func redacted(_ text: String) -> String {
        let characters = Array(text)
        var out = ""
        var position = 0
        while position < characters.count {
            let isStart = position == 0 || !isAlphanumeric(characters[position - 1])
            if isStart, let end = ibanEnd(characters, from: position) {
                out += "[IBAN]"
                position = end
            } else if isStart, let end = cardEnd(characters, from: position) {
                out += "[card number]"
                position = end
            } else {
                out.append(characters[position])
                position += 1
            }
        }
        return out
    }

    private static func isAlphanumeric(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    private static func isGap(_ character: Character) -> Bool {
        " -.\u{a0}\u{202f}\u{2009}\u{2011}\u{2013}/_\t".contains(character)
    }

    /// The end of the longest card number that begins here.
    private static func cardEnd(_ characters: [Character], from start: Int) -> Int? {
        var digits: [Int] = []
        var best: Int?
        var position = start
        var gaps = 0
        while position < characters.count, digits.count < 19 {
            let character = characters[position]
            if let digit = character.wholeNumberValue, (0...9).contains(digit) {
                digits.append(digit)
                gaps = 0
                let ends = position + 1 == characters.count || characters[position + 1].wholeNumberValue == nil
                if digits.count >= 13, ends, isLuhn(digits) { best = position + 1 }
            } else if !digits.isEmpty, isGap(character), gaps < 2 {
                gaps += 1
            } else {
                break
            }
            position += 1
        }
        return best
    }

    private static func isLuhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let doubled = index % 2 == 1 ? digit * 2 : digit
            sum += doubled > 9 ? doubled - 9 : doubled
        }
        return sum % 10 == 0 && digits.contains { $0 != 0 }
    }

    /// The end of the IBAN that begins here.
    private static func ibanEnd(_ characters: [Character], from start: Int) -> Int? {
        var symbols: [Character] = []
        var best: Int?
        var position = start
        while position < characters.count, symbols.count < 34 {
            let character = characters[position]
            if character.isASCII, isAlphanumeric(character) {
                symbols.append(Character(character.uppercased()))
                let ends = position + 1 == characters.count || !isAlphanumeric(characters[position + 1])
                if symbols.count >= 15, ends, isIBAN(symbols) { best = position + 1 }
            } else if symbols.isEmpty || !isGap(character) {
                break
            }
            position += 1
        }
        return best
    }

    private static func isIBAN(_ symbols: [Character]) -> Bool {
        guard symbols[0].isLetter, symbols[1].isLetter, symbols[2].isNumber, symbols[3].isNumber else { return false }
        var rest = 0
        for symbol in symbols[4...] + symbols[..<4] {
            guard let value = symbol.hexDigitValue ?? letterValue(symbol) else { return false }
            rest = (value > 9 ? rest * 100 + value : rest * 10 + value) % 97
        }
        return rest == 1
    }

    private static func letterValue(_ symbol: Character) -> Int? {
        symbol.asciiValue.map { Int($0) - 55 }
    }
}
