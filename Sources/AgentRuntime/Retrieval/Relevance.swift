internal import Experiments

/// How well the best of what was found answers a query.
public enum Fit: String, Sendable, Codable, CaseIterable {
    /// It is what was asked for.
    case match
    /// It comes nearest to it: some of the words are there, and not enough to say that it is the thing.
    case near
    /// Nothing of the kind is sold here: what was found shares a word by chance.
    case none
}

/// The floor beneath which what was found is no answer.
///
/// A ranking always has a first place. Whether that is any answer is seen by how much of what the query says stands in
/// the product: the words' rarities (as BM25 has them) of those that do, over those of all. Words that name no thing
/// ("looking for", "blue", "cheap") are left out; a word that no product has is as rare as can be; one that is nearly
/// that of a title ("headphnes") counts as far as it is. A model's cosine speaks for what is said in other words.
///
/// The floors were set on 135 judged queries of a shop, of which none with an answer may fall below the first, and on 40
/// for what that shop does not sell, and looked at on 40 more (bench/retrieval).
enum Relevance {
    /// Shares of the query from which it is a match, and from which it comes near.
    static let match = 0.55
    static let near = 0.3
    /// The same for cosines, of MiniLM.
    static let matchCosine = 0.58
    static let nearCosine = 0.45
    /// Cosine of pieces of words from which one may be the other misspelt.
    static let misspelt = 0.4
    /// Of how many hits the best is taken.
    static let depth = 10
    /// How many products a word's rarity is counted among at least: among three, rarity says nothing.
    static let fewest = 1000

    /// Words that say how a thing is, and not which, as search folds them.
    static let qualities: Set<String> = Set(
        """
        red blue green black white yellow grey gray brown pink purple orange beige small big large little tiny huge short
        long new old best better cheap cheaper cheapest affordable expensive quality pretty beautiful lovely cool
        great perfect favourite favorite different other another birthday present gift men women mens womens kids size
        colour color
        rot rote roten roter rotes blau blaue blauen blauer blaues grun grune grunen gruner grunes schwarz schwarze
        schwarzen schwarzer schwarzes weiss weisse weissen weisser weisses gelb gelbe gelben gelber gelbes grau graue
        grauen grauer graues klein kleine kleinen kleiner kleines gross grosse grossen grosser grosses neu neue neuen
        neuer neues billig billige billigen gunstig gunstige gunstigen schon schone schonen schoner schones geschenk
        farbe grosse
        rojo roja rojos rojas azul azules verde verdes negro negra negros negras blanco blanca blancos blancas amarillo
        amarilla gris grises pequeno pequena pequenos pequenas grande grandes nuevo nueva barato barata baratos baratas
        bonito bonita regalo talla color
        rouge rouges bleu bleue bleus bleues vert verte verts vertes noir noire noirs noires blanc blanche blancs
        blanches jaune jaunes gris grise petit petite petits petites grand grande grands grandes nouveau nouvelle
        cher chere joli jolie beau belle cadeau taille couleur
        """.split(whereSeparator: { $0 == " " || $0 == "\n" }).map(String.init))
}

extension CatalogueIndex {
    /// One word of a query, as far as it names a thing.
    private struct Said {
        let word: [UInt8]
        let term: Words.Term
        let rarity: Double
        let isKnown: Bool
    }

    /// How well the best of some rows answers a query.
    ///
    /// - Parameter cosine: of a model, of the row that is nearest; nil where none was asked.
    func fit(of found: [Int], to query: String, cosine: Double?) -> Fit {
        guard !found.isEmpty else { return .none }
        if let cosine, cosine >= Relevance.matchCosine { return .match }
        let said = said(query)
        let all = said.reduce(0) { $0 + $1.rarity }
        var best = 0.0
        if all > 0 {
            for row in found.prefix(Relevance.depth) {
                let covered = said.reduce(0) { $0 + $1.rarity * share(of: $1, in: row) }
                best = max(best, covered / all)
            }
        }
        if best >= Relevance.match { return .match }
        return best >= Relevance.near || cosine ?? 0 >= Relevance.nearCosine ? .near : .none
    }

    /// Each once. A query of nothing but small words is all of them.
    private func said(_ query: String) -> [Said] {
        var naming: [Said] = []
        var others: [Said] = []
        var seen = Set<Words.Term>()
        Words(query).forEachWord { word in
            let term = Words.hash(Stem.of(word))
            guard seen.insert(term).inserted else { return }
            let isKnown = lexical.contains(term)
            let one = Said(
                word: Array(word), term: term, rarity: lexical.rarity(of: term, among: max(count, Relevance.fewest)),
                isKnown: isKnown)
            let text = String(decoding: word, as: UTF8.self)
            if IntentRules.fillers.contains(text) || Relevance.qualities.contains(text) {
                others.append(one)
            } else {
                naming.append(one)
            }
        }
        return naming.isEmpty ? others : naming
    }

    /// How far a word stands in a row: 1 where it does; where it stands in no product, as near as a word of the title is.
    private func share(of said: Said, in row: Int) -> Double {
        if said.isKnown { return lexical.has(said.term, row: row) ? 1 : 0 }
        guard said.word.count >= 4, let title = rows[row]?.title else { return 0 }
        let pieces = HashedEmbedder(dimensions: 256)
        let wanted = pieces.vector(of: String(decoding: said.word, as: UTF8.self))
        var best = 0.0
        Words(title).forEachWord { word in
            guard word.count >= 4 else { return }
            let other = pieces.vector(of: String(decoding: word, as: UTF8.self))
            best = max(best, Double(zip(wanted, other).reduce(0) { $0 + $1.0 * $1.1 }))
        }
        return best >= Relevance.misspelt ? best : 0
    }
}
