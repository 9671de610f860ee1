// What shoppers say of prices beside asking for one, and how they change a number by one: English, German, Spanish,
// French. Without accents, as `SaidWords` reads them.

extension IntentRules {
    /// Asks in which currency, or for another.
    static let currency = """
        in euro|in euros|in eur|in dollar|in dollars|in usd|in pounds|in gbp|in pesos|in yen|in francs|how many euros
        how many dollars|how many pesos|how many pounds|how many yen|which currency|what currency|currency|currencies
        in pfund|in franken|in chf|wie viele euro*|wie viel euro*|wieviel euro*|wie viele dollar|wie viel dollar|wahrung
        wahrungen
        en euro|en euros|en dolares|en dolar|en pesos|en libras|en yenes|cuantos euros|cuantos dolares|cuantos pesos
        cuantas libras|moneda|divisa
        en dollars|en livres|en francs|combien d euros|combien de dollars|combien de pesos|devise|quelle monnaie
        """

    /// Asks how the price came about, or whether others have it too.
    static let whyPrice = """
        why is it this price|why this price|why that price|why the price|why is the price|why does it cost|why do i pay
        how is the price|how are prices|how are the prices|how do you set|who sets the price|same price for|price the same
        same for every*|everybody pay*|everyone pay*|everybody get*|everyone get*|do others pay|others pay|other people pay
        pay the same|others get|price for everyone|price for everybody|personal price|personalised price
        personalized price
        warum dieser preis|warum kostet|warum ist der preis|wieso kostet|wieso dieser preis|wieso ist der preis
        warum dieser|fur alle gleich|fur alle der*|fur alle das*|gleiche preis|gleichen preis|derselbe preis|denselben preis
        zahlen alle|bezahlen alle|zahlen andere|bezahlen andere|preis fur alle|wie kommt der preis
        por que este precio|por que ese precio|por que cuesta|por que vale|por que el precio|mismo precio|igual para todos
        el mismo para todos|pagan todos|todos pagan|pagan otros|otros pagan|precio para todos
        pourquoi ce prix|pourquoi ca coute|pourquoi cela coute|pourquoi coute|pourquoi le prix|meme prix|le meme pour tou*
        tout le monde paie|tout le monde paye|les autres paient|prix pour tou*
        """

    /// Asks what all pieces come to.
    static let totals: Set = [
        "total", "altogether", "together", "sum", "insgesamt", "zusammen", "gesamt", "gesamtpreis", "summe",
        "gesamtsumme",
        "junto", "ensemble",
    ]

    /// Words that only want to pay.
    static let payments: Set = [
        "pay", "paying", "payment", "bezahlen", "bezahle", "zahlen", "zahle", "kasse", "pagar", "pagarlo", "payer",
    ]

    /// By how many a message changes the number of pieces: "one more" is 1, "one less" -1; nil where it says anything
    /// else.
    static func step(in words: [String]) -> Int64? {
        let said = SaidWords(words.joined(separator: " "))
        let steps: [(Int64, [SaidPhrase])] = [(1, more1), (-1, less1)]
        guard let step = steps.first(where: { $0.1.contains { $0.isSaid(in: said) } })?.0,
            words.allSatisfy({ fillers.contains($0) || SaidCount.isNumeral($0) || changing.contains($0) }),
            !words.contains(where: showing.contains)
        else { return nil }
        return step
    }

    private static let more1 = SaidPhrase.list(
        """
        one more|1 more|one extra|add one|add 1|noch ein|noch eine|noch einen|noch eins|eins mehr|einen mehr|eine mehr
        1 mehr|uno mas|una mas|1 mas|un de plus|une de plus|1 de plus|un en plus|une en plus|1 en plus
        """)
    private static let less1 = SaidPhrase.list(
        """
        one less|1 less|one fewer|1 fewer|remove one|remove 1|one off|eins weniger|einen weniger|eine weniger|1 weniger
        uno menos|una menos|1 menos|un de moins|une de moins|1 de moins|un en moins|une en moins|1 en moins
        """)
    private static let changing: Set = [
        "more", "less", "fewer", "extra", "add", "remove", "off", "mehr", "weniger", "menos", "moins",
    ]
    private static let showing: Set = [
        "show", "see", "find", "zeig", "zeigen", "zeigt", "muestrame", "ensename", "montrez",
    ]
}
