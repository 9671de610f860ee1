/// What the shopper of a rehearsal says, in each language: sentences that the rules were made for, so that what fails is
/// the shop's and not the sentence's.
struct ShopperLines: Sendable {
    /// Before a product's title.
    let lookingFor: String
    /// Which of those shown, from the first on.
    let places: [String]
    let howMuch: String
    let discount: String
    let take: String
    let yes: String
    let person: String

    static func of(_ language: Language) -> ShopperLines {
        switch language {
        case .english:
            ShopperLines(
                lookingFor: "I am looking for ", places: ["the first one", "the second one", "the third one"],
                howMuch: "how much is it?", discount: "can you give me a discount of 20%?", take: "I'll take it",
                yes: "yes", person: "I want to talk to a person")
        case .german:
            ShopperLines(
                lookingFor: "ich suche ", places: ["das erste", "das zweite", "das dritte"],
                howMuch: "was kostet das?", discount: "kann ich 20 % Rabatt bekommen?", take: "ich nehme es", yes: "ja",
                person: "ich möchte mit einem Menschen sprechen")
        case .spanish:
            ShopperLines(
                lookingFor: "busco ", places: ["el primero", "el segundo", "el tercero"],
                howMuch: "¿cuánto cuesta?", discount: "¿me haces un descuento del 20 %?", take: "me lo llevo",
                yes: "sí",
                person: "quiero hablar con una persona")
        case .french:
            ShopperLines(
                lookingFor: "je cherche ", places: ["le premier", "le deuxième", "le troisième"],
                howMuch: "c'est combien ?", discount: "vous pouvez me faire une remise de 20 % ?", take: "je le prends",
                yes: "oui", person: "je veux parler à une personne")
        }
    }
}
