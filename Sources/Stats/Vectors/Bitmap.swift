/// A set of row numbers as bits: which rows of a `VectorIndex` a search may return.
///
/// Takes one bit for each number up to the largest it holds.
public struct Bitmap: Sendable, Equatable {
    /// Never ends in a zero word, so that equal sets are equal values.
    private var words: [UInt64] = []

    /// The empty set.
    public init() {}

    /// The set of these numbers.
    ///
    /// - Throws: `invalid` for a number outside `VectorIndex.identifiers`.
    public init(_ ids: some Sequence<Int>) throws(StatsError) {
        for id in ids { try insert(id) }
    }

    /// How many numbers the set holds.
    public var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    public var isEmpty: Bool { words.isEmpty }

    public func contains(_ id: Int) -> Bool {
        guard id >= 0, id >> 6 < words.count else { return false }
        return words[id >> 6] >> UInt64(id & 63) & 1 == 1
    }

    /// - Throws: `invalid` for a number outside `VectorIndex.identifiers`.
    public mutating func insert(_ id: Int) throws(StatsError) {
        guard VectorIndex.identifiers.contains(id) else {
            throw .invalid("a row's number must lie in 0 ... 2147483647")
        }
        let word = id >> 6
        if word >= words.count { words += repeatElement(0, count: word + 1 - words.count) }
        words[word] |= 1 << UInt64(id & 63)
    }

    public mutating func remove(_ id: Int) {
        guard contains(id) else { return }
        words[id >> 6] &= ~(1 << UInt64(id & 63))
        trim()
    }

    /// Those in both sets.
    public func intersection(_ other: Bitmap) -> Bitmap {
        var result = Bitmap()
        result.words = zip(words, other.words).map { $0 & $1 }
        result.trim()
        return result
    }

    /// Those in either set.
    public func union(_ other: Bitmap) -> Bitmap {
        var result = words.count >= other.words.count ? self : other
        for (i, word) in (words.count >= other.words.count ? other : self).words.enumerated() {
            result.words[i] |= word
        }
        return result
    }

    /// Those in this set and not in the other.
    public func subtracting(_ other: Bitmap) -> Bitmap {
        var result = self
        for (i, word) in other.words.prefix(words.count).enumerated() { result.words[i] &= ~word }
        result.trim()
        return result
    }

    private mutating func trim() {
        while words.last == 0 { words.removeLast() }
    }
}
