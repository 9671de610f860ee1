/// Appends HTML or SVG; what is not markup is escaped.
struct Markup {
    private(set) var bytes: [UInt8] = []

    /// Markup of our own.
    mutating func raw(_ markup: String) { bytes.append(contentsOf: markup.utf8) }

    mutating func raw(_ other: Markup) { bytes.append(contentsOf: other.bytes) }

    /// Text of anybody's: no character of it is markup, in content or in a quoted attribute.
    mutating func text(_ text: String) {
        var scalars = text.unicodeScalars.makeIterator()
        while let scalar = scalars.next() {
            switch scalar {
            case "&": raw("&amp;")
            case "<": raw("&lt;")
            case ">": raw("&gt;")
            case "\"": raw("&quot;")
            case "'": raw("&#39;")
            // Neither HTML nor XML has a place for control characters or for what is no character.
            case "\u{00}"..<"\u{09}", "\u{0B}", "\u{0C}", "\u{0E}"..<"\u{20}", "\u{7F}"..<"\u{A0}", "\u{FFFE}",
                "\u{FFFF}":
                raw("\u{FFFD}")
            // What turns the direction of all text that follows would let a name rewrite the sentence around it.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": raw("\u{FFFD}")
            default: bytes.append(contentsOf: UTF8.encode(scalar).map { Array($0) } ?? [])
            }
        }
    }

    /// - Parameter tag: the name, and attributes of our own.
    mutating func element(_ tag: String, _ content: String) {
        raw("<\(tag)>")
        text(content)
        raw("</\(tag.prefix { $0 != " " })>")
    }

    /// A coordinate to a tenth; what is beyond all paper stands at its edge.
    mutating func coordinate(_ value: Double) {
        let tenths = (min(99_999, max(-99_999, value.isNaN ? 0 : value)) * 10).rounded()
        var whole = Int(tenths)
        if whole < 0 {
            bytes.append(UInt8(ascii: "-"))
            whole = -whole
        }
        bytes.append(contentsOf: String(whole / 10).utf8)
        if whole % 10 > 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(UInt8(48 + whole % 10))
        }
    }
}
