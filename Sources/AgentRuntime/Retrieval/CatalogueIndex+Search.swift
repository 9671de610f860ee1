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
    /// How the ranking by words and the ranking by vectors are put together: weighted reciprocal-rank fusion (Cormack,
    /// Clarke & Büttcher 2009). A product at place r of a ranking gets that ranking's weight over 30 + r.
    public struct Mixture: Sendable, Equatable {
        /// The weight of the ranking by words, from 0 to 1; the rest is the vectors'.
        public let lexical: Double
        /// The least cosine of what is found without any word of the query.
        public let leastCosine: Double

        public init(lexical: Double, leastCosine: Double = 0) {
            precondition((0...1).contains(lexical))
            self.lexical = lexical
            self.leastCosine = leastCosine
        }

        /// Words alone; vectors are not asked.
        public static let words = Mixture(lexical: 1)
        /// Hashed vectors see pieces of words: what helps where a word of the query stands in no product.
        public static let hashed = Mixture(lexical: 0.6, leastCosine: 0.2)
        /// A model that knows meanings knows nearly as much as words do.
        public static let model = Mixture(lexical: 0.65, leastCosine: 0.2)
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
        answer(query, vector: vector, limit: limit, mixture: mixture, among: filter).hits
    }

    /// The same, with how well the best of them answers the query.
    func answer(
        _ query: String, vector: [Float]? = nil, limit: Int, mixture: Mixture? = nil,
        among filter: ((Product) -> Bool)? = nil
    ) -> (hits: [SearchHit], fit: Fit) {
        guard limit > 0, count > 0 else { return ([], .none) }
        let permitted = filter.map(rows(passing:))
        let depth = max(Self.depth, limit)
        var terms = Set<Words.Term>()
        Words(query).forEachTerm { terms.insert($0) }
        let mixture = mixture ?? (hashed == nil ? .model : terms.allSatisfy(lexical.contains) ? .words : .hashed)
        let vector = mixture.lexical < 1 ? vector ?? hashed?.vector(of: query) : nil
        if mixture.lexical == 0 { terms = [] }
        let scores = lexical.scores(of: terms)
        let words = best(scores, depth, permitted)
        let near = near(vector, depth, permitted).filter { row, cosine in
            cosine >= mixture.leastCosine || (scores.indices.contains(row) && scores[row] > 0)
        }
        let best = fuse(words, near, mixture).prefix(max(limit, Relevance.depth))
        let hits = best.prefix(limit).compactMap { row, score in
            rows[row].map { SearchHit(product: $0, score: score) }
        }
        // Pieces of words say how near letters are, not meanings.
        return (hits, fit(of: best.map(\.row), to: query, cosine: hashed == nil ? near.first?.score : nil))
    }

    /// Rows that each side brings: more finds no more and costs time.
    private static let depth = 100

    /// How little the first places of a ranking stand out. Chosen by bench/retrieval.
    private static let flatness = 30.0

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

    /// The rows nearest to a vector, none where there is none.
    private func near(
        _ vector: [Float]?, _ depth: Int, _ permitted: Bitmap?
    ) -> [(row: Int, score: Double)] {
        guard let vector else { return [] }
        do throws(StatsError) {
            return try shelf.index.nearest(depth, to: vector, among: permitted)
                .filter { $0.score > 0 }
                .map { (row: $0.id, score: $0.score) }
        } catch {
            // A vector of another model's length: words are enough for an answer.
            return []
        }
    }

    /// What equals another in a ranking shares its place; what has no vector yet counts by its words alone.
    private func fuse(
        _ words: [(row: Int, score: Double)], _ near: [(row: Int, score: Double)], _ mixture: Mixture
    ) -> [(row: Int, score: Double)] {
        var scores: [Int: Double] = [:]
        scores.reserveCapacity(words.count + near.count)
        func add(_ ranking: [(row: Int, score: Double)], _ weight: (Int) -> Double) {
            var place = 0
            for (index, (row, score)) in ranking.enumerated() {
                if score != ranking[place].score { place = index }
                scores[row, default: 0] += weight(row) * (Self.flatness + 1) / (Self.flatness + 1 + Double(place))
            }
        }
        let hasVectors = !near.isEmpty
        add(words) { hasVectors && shelf.holds(row: $0) ? mixture.lexical : 1 }
        add(near) { _ in words.isEmpty ? 1 : 1 - mixture.lexical }
        return scores.map { (row: $0.key, score: min($0.value, 1)) }.sorted {
            $0.score != $1.score ? $0.score > $1.score : isFirst($0.row, $1.row)
        }
    }
}
