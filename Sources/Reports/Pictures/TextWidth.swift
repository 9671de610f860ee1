/// How wide text is about, where no font can be asked: in ems of a wide common sans-serif, so that what is
/// thought to fit does.
enum TextWidth {
    static func ems(_ text: some StringProtocol) -> Double {
        text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", ".", ",", ":", ";", "!", "'", "|", "I": 0.28
        case "f", "t", "r", "(", ")", "-", " ", "/", "[", "]": 0.38
        case "m", "w", "M", "W", "@", "%": 0.95
        case "+", "<", ">", "=", "±", "~": 0.84
        case "A"..."Z": 0.7
        case "\u{0300}"..."\u{036F}", "\u{200B}"..."\u{200F}", "\u{FE00}"..."\u{FE0F}": 0
        case "\u{1100}"...: 1.05
        default: 0.63
        }
    }

    /// The text on at most so many lines, broken at spaces where it can be; what does not fit ends in an ellipsis.
    static func lines(of text: String, ems limit: Double, atMost most: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        var rest = text.split(separator: " ", omittingEmptySubsequences: true)[...]
        while let word = rest.first {
            let longer = line.isEmpty ? String(word) : line + " " + word
            if ems(longer) <= limit {
                line = longer
                rest.removeFirst()
            } else if line.isEmpty || lines.count + 1 >= most {
                break
            } else {
                lines.append(line)
                line = ""
            }
        }
        guard !rest.isEmpty else { return line.isEmpty ? lines : lines + [line] }
        let all = ([line] + rest.map(String.init)).filter { !$0.isEmpty }.joined(separator: " ")
        return lines + [shortened(all, ems: limit)]
    }

    private static func shortened(_ text: String, ems limit: Double) -> String {
        var out = ""
        var width = 0.9
        for character in text {
            width += ems(String(character))
            guard width <= limit else { return out + "…" }
            out.append(character)
        }
        return out
    }
}
