/// Finds payment card numbers.
enum CardNumber {
    /// Where a card number that begins here ends; nil where none does. It ends where a group of digits does.
    static func end(in scalars: [Unicode.Scalar], from start: Int) -> Int? {
        guard Redaction.digit(scalars[start]) != nil else { return nil }
        var digits: [Int] = []
        var position = start
        var longest: Int?
        // A telephone number in international form has at most 15 digits.
        let least = start > 0 && scalars[start - 1] == "+" ? 16 : 13
        while position < scalars.count, digits.count <= 19 {
            if let digit = Redaction.digit(scalars[position]) {
                digits.append(digit)
                position += 1
                let endsGroup = position == scalars.count || Redaction.digit(scalars[position]) == nil
                if endsGroup, (least...19).contains(digits.count), isCard(digits) { longest = position }
                continue
            }
            var next = position
            while next < scalars.count, next - position < 3, Redaction.isSeparator(scalars[next]) { next += 1 }
            guard next > position, next < scalars.count, Redaction.digit(scalars[next]) != nil else { break }
            position = next
        }
        return longest
    }

    private static func isCard(_ digits: [Int]) -> Bool { hasIssuer(digits) && passesLuhn(digits) }

    private static func hasIssuer(_ digits: [Int]) -> Bool {
        let four = digits.prefix(4).reduce(0) { $0 * 10 + $1 }
        let two = four / 100
        switch digits.count {
        case 13: return two / 10 == 4
        case 14: return two == 36 || two == 38 || two == 39 || (300...305).contains(four / 10)
        case 15: return two == 34 || two == 37
        case 16:
            return two / 10 == 4 || (51...55).contains(two) || (2221...2720).contains(four) || two == 35
                || (60...65).contains(two) || two == 50 || (56...58).contains(two) || two == 67 || two == 81
        default: return two / 10 == 4 || two == 62 || two == 63 || two == 67 || two == 50 || (56...58).contains(two)
        }
    }

    private static func passesLuhn(_ digits: [Int]) -> Bool {
        var sum = 0
        for (index, digit) in digits.reversed().enumerated() {
            let value = index % 2 == 0 ? digit : digit * 2
            sum += value > 9 ? value - 9 : value
        }
        return sum % 10 == 0 && digits.contains { $0 != 0 }
    }
}
