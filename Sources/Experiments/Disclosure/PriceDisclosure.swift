/// What a shopper has to be told beside a price: that it was set for them.
public struct PriceDisclosure: Sendable, Hashable, Codable {
    /// What set the price.
    public enum Basis: String, Sendable, Codable, CaseIterable {
        /// Chance alone: an experiment that takes whoever comes.
        case randomAssignment = "random_assignment"
        /// A rule that looks at nothing of the shopper, such as the channel.
        case rule = "rule_nonpersonal"
        /// Something known of the shopper had a part in it.
        case personalData = "personal_data"
    }

    public let basis: Basis
    /// To be shown as it stands, where the price is shown.
    public let text: String
    /// The law it follows: `US-NY` or `EU`; `unknown` where the shopper may be anywhere; else the place itself.
    public let jurisdiction: String

    /// One that was told before, as it was told.
    public init(basis: Basis, text: String, jurisdiction: String) {
        self.basis = basis
        self.text = text
        self.jurisdiction = jurisdiction
    }
}

extension PriceDisclosure {
    /// A jurisdiction whose law has a sentence, as far as the place is known.
    enum Law {
        /// New York General Business Law § 349-a (Algorithmic Pricing Disclosure Act, 2025): the very words.
        case newYork
        /// Directive 2011/83/EU Art. 6(1)(ea), as (EU) 2019/2161 has it: that the price was personalised on the basis of
        /// automated decision-making. In force in all of the European Economic Area.
        case europe
        case none
        case unknown

        init(_ place: ShopperPlace) {
            switch (place.country, place.region) {
            case (nil, _), ("US", nil): self = .unknown
            case ("US", "NY"): self = .newYork
            case (let country?, _): self = Self.area.contains(country) ? .europe : .none
            }
        }

        private static let area: Set<String> = [
            "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
            "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO",
            // Parts of the Union with codes of their own.
            "AX", "GF", "GP", "MF", "MQ", "RE", "YT",
        ]
    }

    /// - Parameters:
    ///   - place: with what is configured where it was not known.
    ///   - language: a BCP 47 tag; nil for the country's.
    init(_ basis: Basis, at place: ShopperPlace, language: String?) {
        let words = Words.of(language, place.country)
        self.basis = basis
        switch Law(place) {
        case .newYork:
            jurisdiction = "US-NY"
            text = Self.newYork
        case .unknown:
            jurisdiction = "unknown"
            // True wherever they are, and enough wherever anything is due.
            text = words.isEnglish ? Self.newYork : Self.newYork + " " + words.personal
        case .europe:
            jurisdiction = "EU"
            text = basis == .personalData ? words.personal : words.tested
        case .none:
            jurisdiction = place.code ?? "unknown"
            text = basis == .personalData ? words.personal : words.tested
        }
    }

    /// As the act has it, to the letter.
    static let newYork = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA."

    /// Sentences in a language. They hold no digit and name no amount.
    struct Words {
        let personal: String
        let tested: String
        let isEnglish: Bool

        static func of(_ language: String?, _ country: String?) -> Words {
            switch (language ?? country.map(spoken) ?? "en").prefix(2).lowercased() {
            case "de":
                Words(
                    personal: "Dieser Preis wurde durch eine automatisierte Entscheidungsfindung personalisiert.",
                    tested: "Dieser Preis gehört zu einem Preistest.", isEnglish: false)
            case "es":
                Words(
                    personal: "Este precio se ha personalizado mediante una decisión automatizada.",
                    tested: "Este precio forma parte de una prueba de precios.", isEnglish: false)
            case "fr":
                Words(
                    personal: "Ce prix a été personnalisé par une décision automatisée.",
                    tested: "Ce prix fait partie d’un test de prix.", isEnglish: false)
            default:
                Words(
                    personal: "This price was personalised on the basis of automated decision-making.",
                    tested: "This price is part of a price test.", isEnglish: true)
            }
        }

        private static func spoken(in country: String) -> String {
            switch country {
            case "AT", "DE", "LI": "de"
            case "ES": "es"
            case "FR", "LU": "fr"
            default: "en"
            }
        }
    }
}
