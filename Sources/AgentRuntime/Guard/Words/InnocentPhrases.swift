/// Phrases in which a refused word says nothing of numbers or money. Believed only where the tenant speaks their language,
/// and never in a sentence about money unless they stand under `evenOfMoney`.
enum InnocentPhrases {
    static func phrases(_ language: Language) -> [String] {
        switch language {
        case .english: english + matches + materialFree
        case .german: german
        case .spanish: spanish
        case .french: french
        }
    }

    static func evenOfMoney(_ language: Language) -> [String] {
        let prices: [Language: [String]] = [
            .english: ["the price", "your price", "that price", "prices"], .german: [],
            .spanish: ["el precio", "los precios", "su precio"], .french: ["le prix", "les prix", "votre prix"],
        ]
        let phrases = withoutPrice(language)
        return refusals(language) + phrases
            + phrases.flatMap { phrase in (prices[language] ?? []).map { phrase + " " + $0 } }
    }

    /// "I can't offer you a discount", in each of its forms.
    private static func refusals(_ language: Language) -> [String] {
        let cannot: [String]
        let give: [String]
        let any: [String]
        let discount: [String]
        switch language {
        case .english:
            cannot = ["can t", "cannot", "can not", "not able to", "unable to", "don t", "do not", "not allowed to"]
            give = ["offer", "give", "grant", "make", "apply", "do", "offer you", "give you"]
            any = ["", "a", "any", "extra", "special", "additional", "further"]
            discount = ["discount", "discounts", "reduction", "reductions", "deals", "promotions"]
        case .german:
            cannot = ["keinen", "keine", "keinen weiteren", "keine weiteren"]
            give = ["rabatt", "rabatte", "nachlass", "preisnachlass"]
            any = [""]
            discount = ["geben", "gewähren", "gewaehren", "anbieten", "einräumen", "machen"]
        case .spanish:
            cannot = ["no puedo", "no podemos"]
            give = ["ofrecer", "ofrecerle", "ofrecerte", "hacer", "hacerle", "hacerte", "aplicar", "dar", "darle"]
            any = ["", "un", "ningún", "más"]
            discount = ["descuento", "descuentos", "rebaja", "rebajas"]
        case .french:
            cannot = ["ne peux pas", "ne pouvons pas", "ne peux pas vous", "ne pouvons pas vous"]
            give = ["accorder", "faire", "proposer", "offrir", "appliquer"]
            any = ["de", "une", "la"]
            discount = ["remise", "remises", "réduction", "réductions", "rabais"]
        }
        var phrases: [String] = []
        for a in cannot {
            for b in give {
                for c in any {
                    for d in discount { phrases.append(c.isEmpty ? "\(a) \(b) \(d)" : "\(a) \(b) \(c) \(d)") }
                }
            }
        }
        return phrases
    }

    private static func withoutPrice(_ language: Language) -> [String] {
        switch language {
        case .english:
            [
                "feel free", "one moment", "this one", "that one", "which one", "the one shown", "the one above",
                "once you", "once your", "once the",
                "once we", "once it", "can t change", "cannot change", "can not change", "can t negotiate",
                "cannot negotiate", "can not negotiate", "not able to change", "not able to negotiate",
                "unable to change", "unable to negotiate", "don t negotiate", "do not negotiate", "not negotiable",
                "isn t negotiable", "aren t negotiable", "can t be changed", "cannot be changed",
                "not up for negotiation",
                "can t match other", "cannot match other",
                "can t give you", "can t go below", "cannot go below", "can t go lower", "cannot go lower",
                "can t lower",
                "cannot lower", "can t reduce", "cannot reduce", "can t adjust", "cannot adjust",
                "do you want to pay by",
                "do you want to pay with", "do you want to pay now", "would you like to pay by",
                "would you like to pay with", "would you like to pay now", "how do you want to pay",
                "if you want to pay by", "if you want to pay with", "can t change it", "cannot change it",
                "not able to change it", "a new one",
                "cannot give you", "let me give you", "give you the total", "give you your",
                "give you the price",
            ]
        case .german:
            [
                "nicht andern", "nicht aendern", "nicht verhandeln", "nichts andern", "nichts aendern",
                "nicht verhandelbar", "keinen rabatt geben",
                "keinen rabatt gewahren", "keinen rabatt gewaehren", "keine rabatte geben", "keine rabatte gewahren",
                "keine rabatte gewaehren", "keinen rabatt anbieten", "keine rabatte anbieten", "nicht anpassen",
                "keinen nachlass geben", "keinen nachlass gewahren", "keinen nachlass gewaehren", "kein einfluss",
                "keinen einfluss",
            ]
        case .spanish:
            [
                "no puedo cambiar", "no puedo cambiarlo", "no podemos cambiarlo", "no podemos cambiar",
                "no puedo negociar", "no podemos negociar",
                "no puedo modificar", "no podemos modificar", "no es negociable", "no son negociables",
                "no puedo ofrecer descuentos", "no podemos ofrecer descuentos", "no puedo ofrecer un descuento",
                "no puedo ofrecerle un descuento", "no puedo ofrecerte un descuento", "no puedo hacer descuentos",
                "no puedo aplicar descuentos", "no puedo hacer un descuento", "no podemos hacer descuentos",
                "no se puede negociar",
            ]
        case .french:
            [
                "ne peux pas changer", "ne peux pas le changer", "ne pouvons pas le changer", "ne peux pas le modifier",
                "ne peux pas modifier", "ne pouvons pas changer", "ne pouvons pas modifier",
                "ne peux pas negocier", "ne pouvons pas negocier", "pas negociable", "pas negociables",
                "ne peux pas accorder de remise", "ne pouvons pas accorder de remise", "ne peux pas faire de remise",
                "ne peux pas proposer de remise", "ne pouvons pas faire de remise",
                "ne peux pas vous accorder de remise", "ne peux pas vous faire de remise",
                "ne peux pas accorder de reduction", "ne peux pas faire de reduction",
                "ne peux pas vous accorder de reduction",
            ]
        }
    }

    private static let english = [
        "one of our", "one of the", "one of these", "one of those", "the one with", "each one", "every one",
        "any one of", "another one",
        "a new one", "a different one", "the right one", "a smaller one", "a larger one", "a bigger one",
        "the blue one", "the black one", "the white one", "the red one",
        "the green one", "the other one", "your favourite one", "one more question", "one more thing", "one question",
        "one thing", "one sec", "one second", "one size", "at once",
        "once again", "once more", "once they", "once payment", "once delivered", "once washed", "once dispatched",
        "once shipped", "free to ask", "free to tell", "free to write", "free to reach", "free to contact",
        "free to message", "free to browse",
        "free to let", "turn off", "turned off", "turns off", "switch off", "take off", "takes off", "off white",
        "show off", "sign off", "drop off", "peel off", "come off", "comes off", "kick off", "keeps water off",
        "a couple of questions", "a couple of options", "a couple of things", "a couple of details",
        "couple of quick questions", "half zip", "half sleeve", "half sleeves", "third party", "third parties",
        "double check", "double checked",
        "great deal of", "good deal of", "deal with", "deals with", "in four way stretch", "two way zip", "two piece",
        "two tone", "all in one", "one piece", "two of you", "of the two", "two of us", "on the go", "one by one",
        "how about a different", "how about another", "up to you", "what you want to use", "what you like best",
        "what you like about", "what you like to wear", "what you want to wear", "whatever you need",
        "whatever you prefer", "your choice", "pick your size", "pick your color", "pick your colour",
        "pick your model", "choose your own style",
        "the code from", "penny loafer", "penny loafers", "let me know which one", "match your outfit",
        "knocked over", "give you more details", "give you a hand", "give you more information", "give you all",
        "give you the details", "give you an overview", "give you some",
        "give you good", "give you enough", "give you room", "give you support", "give you plenty",
        "give you the exact", "give you a better idea", "everything else", "lower back", "lower the seat", "lower part",
        "reduce the noise", "reduce the risk", "cut the sleeves", "cover the knees", "cover your ears",
        "cover your knees", "skip the ironing", "skip the tumble dryer", "skip the dryer",
        "how about trying", "split the order",
    ]

    private static let matches: [String] = {
        let verbs = ["match your", "matches your", "match the", "matches the", "match a", "matches a"]
        let things = [
            "jacket", "jeans", "trousers", "shoes", "shirt", "dress", "outfit", "style", "look", "wardrobe", "room",
            "sofa",
            "skin", "description", "photo", "photos", "picture", "pictures", "colour", "color", "needs", "taste",
            "suit",
            "belt", "bag", "boots", "size", "measurements", "search", "filters", "decor", "kitchen", "curtains",
        ]
        return verbs.flatMap { verb in things.map { verb + " " + $0 } }
            + [
                "a match for your", "best match", "closest match", "closest matches", "good match", "perfect match",
                "no match", "no matches", "great match", "nice match", "better match",
            ]
    }()

    private static let materialFree: [String] =
        [
            "gluten", "sugar", "dairy", "lactose", "fragrance", "perfume", "scent", "paraben", "sulfate", "sulphate",
            "silicone", "bpa", "pvc", "plastic", "nickel", "lead", "latex", "cruelty", "chlorine", "alcohol", "oil",
            "lint",
            "wrinkle", "crease", "iron", "hands", "noise", "fat", "nut", "acid", "pfas", "stress", "chemical",
            "mulesing", "rust", "allergen", "foam", "smoke", "pet",
        ].map { $0 + " free" }

    private static let german = [
        "frei von", "im freien", "vierter stock", "halber schuh", "null problemo", "unser angebot",
        "in unserem angebot", "halb so", "halbe stunde", "nickel frei", "bugel frei",
        "auf uns zu", "auf mich zu", "in acht", "herunterladen", "halbarm", "was sie mochten", "was sie moechten",
        "acht geben", "doppelt genaht", "doppelt genaeht", "doppelt vernaht",
        "gunstig gelegen", "nach ihren angaben",
    ]

    private static let spanish = [
        "talla media", "medio ambiente", "por medio", "en medio", "al aire libre", "libre de", "de nada",
        "cuarto de bano", "uno de los", "uno de nuestros", "cada uno", "es para regalo", "para un regalo",
        "un regalo para", "si es un regalo", "para regalo",
        "un par de preguntas", "un par de opciones", "un par de detalles", "doble capa", "doble costura", "doble cara",
        "lo que quieras saber", "lo que necesites", "en uno u otro", "lo que buscas",

    ]

    private static let french = [
        "tout neuf", "flambant neuf", "etat neuf", "est neuf", "tiers de confiance", "demi taille", "double couture",
        "deux couleurs", "l un ou l autre", "un cadeau pour", "pour un cadeau", "idee cadeau", "manches trois quarts",
        "d autres couleurs", "ce que vous voulez savoir", "c est vous qui voyez", "notre offre de", "offre une",
        "offre un", "offrir un",
        "le code postal", "offre une coupe", "en offrir", "l offrir", "pour offrir", "offrir a",
    ]
}
