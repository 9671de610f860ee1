/// The rules that intents are told by: phrases in four languages, read in one order. What is asked of us in particular
/// comes before what is said in passing ("hi, thanks, where is my order?" asks for the order).
enum IntentRules {
    static let ordered: [(intent: Intent, phrases: [SaidPhrase])] = [
        (.robot, SaidPhrase.list(robot)), (.person, SaidPhrase.list(person)), (.status, SaidPhrase.list(status)),
        (.whyPrice, SaidPhrase.list(whyPrice)),
        (.payment, SaidPhrase.list(payment)), (.service, SaidPhrase.list(service)),
        (.compare, SaidPhrase.list(cheapest)), (.negotiate, SaidPhrase.list(negotiate)),
        (.compare, SaidPhrase.list(compare)), (.details, SaidPhrase.list(measures)),
        (.currency, SaidPhrase.list(currency)), (.price, SaidPhrase.list(price)),
        (.quantity, []), (.details, SaidPhrase.list(details)),
        (.more, SaidPhrase.list(more)), (.choose, SaidPhrase.list(choose)),
        (.buy, SaidPhrase.list(buy)),
        (.deny, SaidPhrase.list(deny)), (.search, SaidPhrase.list(search)), (.bye, SaidPhrase.list(bye)),
        (.confirm, SaidPhrase.list(confirm)), (.thanks, SaidPhrase.list(thanks)), (.greet, SaidPhrase.list(greet)),
    ]

    /// A text of more words that no rule knows is no list of things to look for.
    static let longestQuery = 12

    /// What is meant without a phrase that says so.
    static func implies(_ intent: Intent, words: [String], place: Int?, count: SaidCount) -> Bool {
        switch intent {
        case .choose: place != nil
        case .quantity:
            place == nil && (count.whole != nil || count.isUnclear)
                && words.allSatisfy { fillers.contains($0) || SaidCount.isNumeral($0) || ordinals[$0] != nil }
        case .negotiate: bids(words)
        default: false
        }
    }

    /// An amount with its currency, or nothing but a percentage: a price of the shopper's own. "Under $20" says what to
    /// look for.
    private static func bids(_ words: [String]) -> Bool {
        let amounts = amounts(in: words)
        guard !amounts.isEmpty else { return false }
        if amounts.contains(where: { currencies.contains(words[$0]) }) {
            return !words.contains(where: limits.contains)
                && !zip(words, words.dropFirst()).contains { pairsOfLimits.contains([$0, $1]) }
        }
        return words.indices.allSatisfy {
            amounts.contains($0) || fillers.contains(words[$0]) || SaidCount.isNumeral(words[$0])
        }
    }

    /// Places of the words that are an amount or a percentage: "$14.00", "10 euro", "10 %". None of them is a number of
    /// pieces, nor something to look for.
    static func amounts(in words: [String]) -> Set<Int> {
        var places: Set<Int> = []
        for (unit, word) in words.enumerated() where word == "percent" || currencies.contains(word) {
            func isNumber(_ place: Int) -> Bool {
                words.indices.contains(place) && words[place].first?.isNumber ?? false
            }
            // "14.00" is two words.
            var first = unit
            while isNumber(first - 1), unit - first < 3 { first -= 1 }
            var last = unit
            while first == unit, word != "percent", isNumber(last + 1), last - unit < 3 { last += 1 }
            if last > first { places.formUnion(first...last) }
        }
        return places
    }

    private static let currencies: Set = [
        "dollar", "dollars", "bucks", "usd", "euro", "euros", "eur", "cents", "pounds", "gbp", "franken", "chf", "yen",
        "pesos",
    ]

    /// What makes a bound of an amount.
    private static let limits: Set = [
        "under", "below", "max", "maximum", "between", "around", "budget", "most", "unter", "bis", "maximal",
        "hochstens", "zwischen", "etwa", "rund", "hasta", "maximo", "presupuesto", "entre", "jusqu", "environ",
    ]
    private static let pairsOfLimits: Set = [
        ["less", "than"], ["up", "to"], ["weniger", "als"], ["menos", "de"], ["moins", "de"],
    ]

    // MARK: Which and how many

    /// The place that is spoken of: "the second", "number two", "el último".
    static func place(in words: [String]) -> Int? {
        for (index, word) in words.enumerated() {
            // "Wait a second" speaks of none.
            if word == "second", index > 0, ["a", "one", "une"].contains(words[index - 1]) { continue }
            if word == "segundo", index > 0, words[index - 1] == "un" { continue }
            // "The first two" are no one product.
            if let place = ordinals[word] {
                return index + 1 < words.count && words[index + 1] != "one" && number(words[index + 1]) != nil
                    ? nil : place
            }
            let names = numberNames.contains(word) && index + 1 < words.count
            if names, let count = number(words[index + 1]), count <= 20 { return Int(count) - 1 }
        }
        return nil
    }

    /// 1 to 999, in digits or as a word.
    static func number(_ word: String) -> Int64? {
        if let known = numberWords[word] { return known }
        let word = word.hasPrefix("x") ? word.dropFirst() : word.hasSuffix("x") ? word.dropLast() : word[...]
        guard word.utf8.count <= 3, word.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let value = Int64(word),
            value > 0
        else { return nil }
        return value
    }

    /// What makes a place of a number. "No" is not among them: "no, two" is a number of pieces.
    static let numberNames: Set = ["number", "nr", "nummer", "numero", "option", "opcion"]

    /// What there is, and words that ask what.
    static let wholes: Set = [
        "everything", "all", "products", "catalog", "catalogue", "assortment", "range", "alles", "produkte",
        "sortiment", "katalog", "todo", "productos", "catalogo", "tout", "produits",
    ]
    static let askers: Set = ["what", "was", "que", "quoi", "qu", "tout"]

    static let agreements = SaidPhrase.list(confirm)

    private static let withdrawals = SaidPhrase.list(takeBack)

    static func takesBack(_ words: [String]) -> Bool {
        let said = SaidWords(words.joined(separator: " "))
        return withdrawals.contains { $0.isSaid(in: said) }
    }

    static let ordinals: [String: Int] = {
        var out: [String: Int] = [:]
        let table = [
            (0, "first 1st erste ersten erster erstes primero primera primer premier premiere 1er"),
            (1, "second 2nd zweite zweiten zweiter zweites segundo segunda deuxieme second seconde"),
            (1, "middle mittlere mittleren medio milieu"),
            (2, "third 3rd dritte dritten dritter drittes tercero tercera tercer troisieme"),
            (-1, "last letzte letzten letzter letztes ultimo ultima dernier derniere"),
        ]
        for (place, words) in table { for word in words.split(separator: " ") { out[String(word)] = place } }
        return out
    }()

    private static let numberWords: [String: Int64] = {
        let table = [
            "one two three four five six seven eight nine ten eleven twelve",
            "eins zwei drei vier funf sechs sieben acht neun zehn elf zwolf",
            "uno dos tres cuatro cinco seis siete ocho nueve diez once doce",
            "un deux trois quatre cinq six sept huit neuf dix onze douze",
        ]
        var out: [String: Int64] = [:]
        for line in table {
            for (index, word) in line.split(separator: " ").enumerated() { out[String(word)] = Int64(index) + 1 }
        }
        for word in ["dozen", "dutzend", "docena", "docenas", "douzaine", "douzaines"] { out[word] = 12 }
        return out
    }()

    /// SaidWords that point at what is spoken of.
    static let pointers: Set = [
        "it", "that", "this", "es", "das", "dies", "diese", "dieses", "diesen", "lo", "la", "ese", "esa", "este",
        "esta", "eso", "ihn", "le", "celui", "celle", "cela", "ca",
    ]
}
