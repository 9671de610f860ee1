public import Experiments
internal import Stats

/// A product that was found.
public struct SearchHit: Sendable, Equatable {
    /// As it stands in the catalogue that was searched. Its price is the list price and no shopper's.
    public let product: Product
    /// 0 to 1, larger is better. Comparable within one answer only.
    public let score: Double

    public init(product: Product, score: Double) {
        self.product = product
        self.score = score
    }
}

extension CatalogueIndex {
    /// How words and vectors are put together.
    public struct Mixture: Sendable, Equatable {
        /// The share of the words' score, from 0 to 1; the rest is the vectors'.
        public let lexical: Double
        /// The least cosine of what is found without any word of the query.
        public let leastCosine: Double

        public init(lexical: Double, leastCosine: Double = 0) {
            precondition((0...1).contains(lexical))
            self.lexical = lexical
            self.leastCosine = leastCosine
        }

        /// Hashed vectors see pieces of words: a hint beside words that match.
        public static let hashed = Mixture(lexical: 0.8, leastCosine: 0.18)
        /// A model that knows meanings knows as much as words do.
        public static let model = Mixture(lexical: 0.5, leastCosine: 0.2)
    }

    /// The products that answer a query best, best first; of equal ones the lower SKU first.
    ///
    /// - Parameters:
    ///   - vector: the query as the shelf's model sees it; nil to search by words alone. The built-in model's is made
    ///     here.
    ///   - limit: at most so many, from 0 on.
    ///   - mixture: how words and vectors are put together; nil for what suits the model.
    ///   - filter: which products may be found, asked before anything is ranked; nil for all.
    public func search(
        _ query: String, vector: [Float]? = nil, limit: Int, mixture: Mixture? = nil,
        among filter: ((Product) -> Bool)? = nil
    ) -> [SearchHit] {
        let mixture = mixture ?? (hashed == nil ? .model : .hashed)
        guard limit > 0, count > 0 else { return [] }
        let permitted = filter.map(rows(passing:))
        let depth = max(Self.depth, limit)
        let vector = mixture.lexical < 1 ? vector ?? hashed?.vector(of: query) : nil
        var terms = Set<Words.Term>()
        if mixture.lexical > 0 { Words(query).forEachTerm { terms.insert($0) } }
        let scores = lexical.scores(of: terms)
        let words = best(scores, depth, permitted)
        let near = near(vector, depth, permitted, also: words)
        return mix(words, scores, near, mixture).prefix(limit).compactMap { row, score in
            rows[row].map { SearchHit(product: $0, score: score) }
        }
    }

    /// Rows that each side brings: more finds no more and costs time.
    private static let depth = 150

    private func isFirst(_ a: Int, _ b: Int) -> Bool {
        guard let a = rows[a]?.sku, let b = rows[b]?.sku else { return a < b }
        return a < b
    }

    private func rows(passing filter: (Product) -> Bool) -> Bitmap {
        var permitted = Bitmap()
        for (row, product) in rows.enumerated() {
            guard let product, filter(product) else { continue }
            do throws(StatsError) {
                try permitted.insert(row)
            } catch {
                preconditionFailure("a row has a number: \(error)")
            }
        }
        return permitted
    }

    private func best(_ scores: [Float], _ depth: Int, _ permitted: Bitmap?) -> [(row: Int, score: Double)] {
        var best = BestRows(limit: depth, isFirst: isFirst)
        for (row, score) in scores.enumerated() where score > 0 {
            if let permitted, !permitted.contains(row) { continue }
            best.offer(row, Double(score))
        }
        return best.sorted
    }

    /// Cosines of the rows nearest to a vector and of those that words found.
    private func near(
        _ vector: [Float]?, _ depth: Int, _ permitted: Bitmap?, also words: [(row: Int, score: Double)]
    ) -> [Int: Double]? {
        guard let vector else { return nil }
        do throws(StatsError) {
            var near: [Int: Double] = [:]
            for match in try shelf.index.nearest(depth, to: vector, among: permitted) { near[match.id] = match.score }
            let others = try Bitmap(words.lazy.map(\.row).filter { near[$0] == nil })
            if !others.isEmpty {
                for match in try shelf.index.nearest(depth, to: vector, among: others) { near[match.id] = match.score }
            }
            return near
        } catch {
            // A vector of another model's length: words are enough for an answer.
            return nil
        }
    }

    /// Each side as a share of its best; a product without a vector yet counts by its words alone.
    private func mix(
        _ words: [(row: Int, score: Double)], _ scores: [Float], _ near: [Int: Double]?, _ mixture: Mixture
    ) -> [(row: Int, score: Double)] {
        let highest = words.first?.score ?? 0
        guard let near, let nearest = near.values.max(), nearest > 0 else {
            return words.map { ($0.row, highest > 0 ? $0.score / highest : 0) }
        }
        var mixed: [(row: Int, score: Double)] = []
        mixed.reserveCapacity(near.count + words.count)
        for (row, cosine) in near {
            let share = max(0, cosine / nearest)
            let word = scores.indices.contains(row) && highest > 0 ? Double(scores[row]) / highest : 0
            if word == 0, cosine < mixture.leastCosine { continue }
            let score = highest > 0 ? mixture.lexical * word + (1 - mixture.lexical) * share : share
            if score > 0 { mixed.append((row, min(score, 1))) }
        }
        for (row, score) in words where near[row] == nil { mixed.append((row, score / highest)) }
        return mixed.sorted { $0.score != $1.score ? $0.score > $1.score : isFirst($0.row, $1.row) }
    }
}
