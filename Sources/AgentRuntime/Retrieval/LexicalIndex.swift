internal import Glibc

/// Which products have which words, ranked by BM25 (Robertson & Zaragoza 2009, "The Probabilistic Relevance Framework").
///
/// A word counts by the field it stands in, as in BM25F with one length for all fields: the sum of the fields' weights
/// takes the place of the word's frequency. A posting is one word of 32 bits: the row above, its weight in the lowest
/// byte. Products come and go one by one; nothing is ever rebuilt.
struct LexicalIndex: Sendable {
    /// How often each term stands in a document, times the weight of the field.
    typealias Counts = [Words.Term: Int]

    /// Saturation of repeated words, in units of the fields' weights, and the share of length that counts. Chosen by
    /// bench/retrieval.
    private static let k1: Float = 1
    private static let b: Float = 0.75

    /// Rows that can be told apart in a posting.
    static let rowLimit = 1 << 24

    private var lists: [Words.Term: Int32] = [:]
    /// By list: rows in ascending order, each with its weight.
    private var postings: [[UInt32]] = []
    private var freeLists: [Int32] = []
    /// By row: the sum of its weights; 0 where there is no document.
    private var lengths: [Float] = []
    private var totalLength = 0.0
    private(set) var count = 0

    /// How many different terms there are.
    var termCount: Int { lists.count }

    var postingCount: Int { postings.reduce(0) { $0 + $1.count } }

    /// Whether any document has the term.
    func contains(_ term: Words.Term) -> Bool { lists[term] != nil }

    /// Whether a row's document has the term.
    func has(_ term: Words.Term, row: Int) -> Bool {
        guard let list = lists[term].map(Int.init) else { return false }
        let place = position(of: row, in: list)
        return place < postings[list].count && Int(postings[list][place] >> 8) == row
    }

    /// How rare a term is among so many documents, as BM25 weighs it; as rare as can be where none has it.
    func rarity(of term: Words.Term, among documents: Int) -> Double {
        let having = Double(lists[term].map { postings[Int($0)].count } ?? 0)
        return Glibc.log1p((Double(documents) - having + 0.5) / (having + 0.5))
    }

    mutating func add(_ counts: Counts, row: Int) {
        precondition(row >= 0 && row < Self.rowLimit)
        if row >= lengths.count { lengths += repeatElement(0, count: row + 1 - lengths.count) }
        precondition(lengths[row] == 0, "the row has a document already")
        var length = 0
        for (term, weight) in counts {
            length += weight
            let list = list(of: term)
            let posting = UInt32(row) << 8 | UInt32(min(max(weight, 1), 255))
            if let last = postings[list].last, last >> 8 > UInt32(row) {
                postings[list].insert(posting, at: position(of: row, in: list))
            } else {
                postings[list].append(posting)
            }
        }
        // A document without a word is a document too.
        lengths[row] = Float(max(length, 1))
        totalLength += Double(lengths[row])
        count += 1
    }

    /// - Parameter counts: those the document was added with.
    mutating func remove(_ counts: Counts, row: Int) {
        guard lengths.indices.contains(row), lengths[row] > 0 else { return }
        for term in counts.keys {
            guard let list = lists[term].map(Int.init) else { continue }
            let place = position(of: row, in: list)
            if place < postings[list].count, postings[list][place] >> 8 == UInt32(row) {
                postings[list].remove(at: place)
            }
            if postings[list].isEmpty {
                postings[list] = []
                lists[term] = nil
                freeLists.append(Int32(list))
            }
        }
        totalLength -= Double(lengths[row])
        lengths[row] = 0
        count -= 1
    }

    /// The score of every row, 0 where no word of the query stands; empty when no row has any.
    func scores(of query: Set<Words.Term>) -> [Float] {
        // In the terms' own order, so that the same documents have the same bits, however they came.
        let found = query.sorted().compactMap { lists[$0].map(Int.init) }
        guard !found.isEmpty, count > 0 else { return [] }
        var scores = [Float](repeating: 0, count: lengths.count)
        let average = Float(totalLength / Double(count))
        let perLength = Self.k1 * Self.b / average
        let constant = Self.k1 * (1 - Self.b)
        for list in found {
            let having = Float(postings[list].count)
            let rarity = Self.log1p((Float(count) - having + 0.5) / (having + 0.5)) * (Self.k1 + 1)
            for posting in postings[list] {
                let row = Int(posting >> 8)
                let weight = Float(posting & 0xff)
                scores[row] += rarity * weight / (weight + constant + perLength * lengths[row])
            }
        }
        return scores
    }

    private static func log1p(_ x: Float) -> Float { Float(Glibc.log1p(Double(x))) }

    private mutating func list(of term: Words.Term) -> Int {
        if let list = lists[term] { return Int(list) }
        let list = freeLists.popLast() ?? Int32(postings.count)
        if Int(list) == postings.count { postings.append([]) }
        lists[term] = list
        return Int(list)
    }

    /// Where a row's posting is, or would be.
    private func position(of row: Int, in list: Int) -> Int {
        var low = 0
        var high = postings[list].count
        while low < high {
            let middle = (low + high) / 2
            if postings[list][middle] >> 8 < UInt32(row) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
