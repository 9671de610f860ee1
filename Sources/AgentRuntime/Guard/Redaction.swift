/// Takes payment credentials out of what a shopper typed, before it is stored, logged or shown to a model.
public struct Redaction: Sendable {
    /// Whether e-mail addresses go too: yes for a model and for logs, no where the shopper was asked for one.
    public let takesEmail: Bool

    public init(takesEmail: Bool) { self.takesEmail = takesEmail }

    /// The text with card numbers as `[card]`, IBANs as `[IBAN]` and, where asked, e-mail addresses as `[e-mail]`.
    ///
    /// A card number is 13 to 19 digits of any script, in groups that spaces, dots or dashes part, that begins as an
    /// issuer's numbers do (ISO/IEC 7812) and has a valid check digit (Luhn). An IBAN has its country's length and a
    /// valid check (ISO 13616: remainder 1 modulo 97).
    public func redacted(_ text: String) -> String {
        Self.replacing(text) { scalars, start in find(in: scalars, at: start) }
    }

    /// The text with a mark for each stretch that is found, from left to right.
    ///
    /// - Parameter find: the end of the stretch that begins at a place, and its mark; nil where none does.
    static func replacing(
        _ text: String, _ find: (_ scalars: [Unicode.Scalar], _ start: Int) -> (end: Int, mark: String)?
    ) -> String {
        let scalars = Array(text.unicodeScalars)
        var out = String.UnicodeScalarView()
        var position = 0
        while position < scalars.count {
            if let (end, mark) = find(scalars, position) {
                out.append(contentsOf: mark.unicodeScalars)
                position = end
            } else {
                out.append(scalars[position])
                position += 1
            }
        }
        return String(out)
    }

    private func find(in scalars: [Unicode.Scalar], at start: Int) -> (end: Int, mark: String)? {
        let before = start > 0 ? scalars[start - 1] : nil
        if takesEmail, before.map({ !Self.isLocalPart($0) }) ?? true, let end = Self.emailEnd(in: scalars, from: start)
        {
            return (end, "[e-mail]")
        }
        if before.map({ !Self.isAlphanumeric($0) }) ?? true {
            if let end = IBAN.end(in: scalars, from: start) { return (end, "[IBAN]") }
        }
        if before.map({ Self.digit($0) == nil }) ?? true, let end = CardNumber.end(in: scalars, from: start) {
            return (end, "[card]")
        }
        return nil
    }

    /// The value of a decimal digit of any script.
    static func digit(_ scalar: Unicode.Scalar) -> Int? {
        if scalar.isASCII {
            return (48...57).contains(scalar.value) ? Int(scalar.value) - 48 : nil
        }
        guard scalar.properties.numericType == .decimal || scalar.properties.numericType == .digit,
            let value = scalar.properties.numericValue, value >= 0, value <= 9
        else { return nil }
        return Int(value)
    }

    static func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
        digit(scalar) != nil || scalar.properties.isAlphabetic
    }

    /// What people put between groups of digits, and what hides there unseen.
    static func isSeparator(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return " -._\t".unicodeScalars.contains(scalar) }
        switch scalar.properties.generalCategory {
        case .spaceSeparator, .dashPunctuation, .format: return true
        default: return false
        }
    }

    private static func isLocalPart(_ scalar: Unicode.Scalar) -> Bool {
        isAlphanumeric(scalar) || ".!#$%&'*+-/=?^_`{|}~".unicodeScalars.contains(scalar)
    }

    private static func emailEnd(in scalars: [Unicode.Scalar], from start: Int) -> Int? {
        var at = start
        while at < scalars.count, at - start <= 64, isLocalPart(scalars[at]) { at += 1 }
        guard at > start, at < scalars.count, scalars[at] == "@" || scalars[at] == "\u{ff20}" else { return nil }
        var end = at + 1
        var dot: Int?
        while end < scalars.count, end - at <= 255 {
            if scalars[end] == "." {
                dot = end
            } else if !isAlphanumeric(scalars[end]), scalars[end] != "-" {
                break
            }
            end += 1
        }
        while end > at + 1, !isAlphanumeric(scalars[end - 1]) { end -= 1 }
        guard let dot, dot > at + 1, end > at + 3 else { return nil }
        return end
    }
}
