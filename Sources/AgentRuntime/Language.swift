/// A language that the agent answers in.
public enum Language: String, Sendable, Codable, CaseIterable {
    case english = "en"
    case german = "de"
    case spanish = "es"
    case french = "fr"

    /// The language of a BCP 47 tag ("de-AT", "FR"), by its first part alone; nil where the agent does not speak it.
    public init?(tag: some StringProtocol) {
        let primary = tag.prefix { $0 != "-" && $0 != "_" }
        self.init(rawValue: primary.lowercased())
    }

    /// The most wanted language of an `Accept-Language` header (RFC 9110, section 12.5.4) that the agent speaks; nil
    /// where it speaks none of them.
    public init?(accepting header: String) {
        var best: (language: Language, quality: Double)?
        for part in header.split(separator: ",") {
            let fields = part.split(separator: ";")
            guard let tag = fields.first, let language = Language(tag: Self.trimmed(tag)) else { continue }
            var quality = 1.0
            for field in fields.dropFirst() {
                let field = Self.trimmed(field)
                if field.hasPrefix("q=") { quality = Double(field.dropFirst(2)) ?? 0 }
            }
            guard quality > 0, quality > best?.quality ?? 0 else { continue }
            best = (language, quality)
        }
        guard let best else { return nil }
        self = best.language
    }

    private static func trimmed(_ text: Substring) -> Substring {
        let start = text.drop { $0 == " " || $0 == "\t" }
        guard let last = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start }
        return start[...last]
    }
}
