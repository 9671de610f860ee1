extension Conversation {
    /// The product that a message speaks of, if it is one.
    func one(_ message: Understanding) -> Shown? {
        if let place = message.place {
            let index = place < 0 ? shown.count - 1 : place
            return shown.indices.contains(index) ? shown[index] : nil
        }
        return named(message) ?? focus ?? (shown.count == 1 ? shown[0] : nil)
    }

    /// The one of those shown whose whole title the message has, else the one whose title alone has a word of it; of
    /// several that have it, the one that is spoken of.
    func named(_ message: Understanding) -> Shown? { named(message.matter, in: message.said, among: shown) }

    /// - Parameters:
    ///   - matter: the words that carry the matter.
    ///   - said: all words, in which a title may stand whole.
    private func named(_ matter: [String], in said: [String], among products: [Shown]) -> Shown? {
        let words = matter.filter { !SaidCount.isNumeral($0) }
        guard !words.isEmpty else { return nil }
        if let titled = Self.titled(said, among: products) { return titled }
        let numerals = matter.filter(SaidCount.isNumeral)
        let scores = products.map { product in
            let title = SaidWords(product.title).list
            let hits = words.count { word in title.contains { Self.sameWord($0, word) } }
            return (hits: hits, all: hits == 0 ? 0 : hits * 100 + numerals.count { title.contains($0) })
        }
        guard let best = scores.max(by: { $0.all < $1.all }), best.hits > 0,
            // "a red lamp" after a red mug is another thing.
            best.hits * 2 >= words.count
        else { return nil }
        let ties = zip(products, scores).filter { $0.1.all == best.all }.map(\.0)
        return ties.count == 1 ? ties[0] : ties.first { $0 == focus }
    }

    /// The one of those shown that a wish is for.
    func product(of wish: Wish) -> Shown? {
        if wish.words.isEmpty { return focus ?? (shown.count == 1 ? shown[0] : nil) }
        guard let place = IntentRules.place(in: wish.words) else {
            return named(wish.words, in: wish.words, among: shown)
        }
        let index = place < 0 ? shown.count - 1 : place
        return shown.indices.contains(index) ? shown[index] : nil
    }

    /// How many of a product were asked for together with another.
    func wished(_ product: Shown) -> Int64? { wish(for: product)?.quantity }

    /// What is spoken of is asked for no longer.
    mutating func bought() {
        guard let wish = focus.flatMap(wish), let wishes else { return }
        self.wishes = wishes.count > 1 ? wishes.filter { $0 != wish } : nil
    }

    /// The wish whose words a title has most of, and at least half; nil where two have as many.
    private func wish(for product: Shown) -> Wish? {
        let title = SaidWords(product.title).list
        let scores = (wishes ?? []).map { wish in
            let hits = wish.words.count { word in title.contains { Self.sameWord($0, word) } }
            return (wish: wish, hits: hits, missing: wish.words.count - hits)
        }.filter { $0.hits > 0 && $0.hits >= $0.missing }
        guard let best = scores.max(by: { ($0.hits, -$0.missing) < ($1.hits, -$1.missing) }),
            scores.count(where: { $0.hits == best.hits && $0.missing == best.missing }) == 1
        else { return nil }
        return best.wish
    }

    /// The one of some whose title stands whole in the words; of several the longest. A title of one word counts only
    /// where nothing else is named: a "coffee grinder" is no "Coffee".
    static func titled(_ words: [String], among products: [Shown]) -> Shown? {
        let matter = words.count { !IntentRules.fillers.contains($0) && !SaidCount.isNumeral($0) }
        var best: (length: Int, products: [Shown]) = (0, [])
        for product in products {
            let title = SaidWords(product.title).list
            // What is looked for has lost its little words: "cup tea" is "Cup for tea".
            let plain = title.filter { !IntentRules.fillers.contains($0) }
            guard place(of: title, in: words) != nil || place(of: plain, in: words) != nil,
                plain.count > 1 || matter == 1
            else { continue }
            if title.count > best.length {
                best = (title.count, [product])
            } else if title.count == best.length {
                best.products.append(product)
            }
        }
        return best.products.count == 1 ? best.products[0] : nil
    }

    /// How many of a product a message asks for: a number in its title is no number of pieces.
    func pieces(_ message: Understanding, of product: Shown) -> Int64? {
        let title = SaidWords(product.title).list
        if let place = Self.place(of: title, in: message.said) {
            var rest = message.said
            rest.removeSubrange(place)
            let isSaid = SaidCount(in: message.said).whole != nil
            return SaidCount(in: rest).whole ?? (isSaid ? nil : message.quantity)
        }
        guard let count = message.quantity, !title.contains(where: { IntentRules.number($0) == count }) else {
            return nil
        }
        return count
    }

    private static func place(of title: [String], in words: [String]) -> Range<Int>? {
        guard !title.isEmpty, title.count <= words.count else { return nil }
        for start in 0...(words.count - title.count)
        where zip(title, words[start...]).allSatisfy({ sameWord($0, $1) }) { return start..<(start + title.count) }
        return nil
    }

    /// The same but for an ending: mug and mugs, Tasse and Tassen.
    private static func sameWord(_ a: String, _ b: String) -> Bool {
        if a == b { return true }
        let (short, long) = a.count < b.count ? (a, b) : (b, a)
        return short.count >= 3 && long.hasPrefix(short) && long.count - short.count <= 2
    }
}
