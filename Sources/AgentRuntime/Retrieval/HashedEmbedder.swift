/// The embedder that needs nothing: pieces of words, hashed into a vector.
///
/// Each run of three to five characters of a word with its edges marked adds a sign to one element, both chosen by its
/// hash (Weinberger et al. 2009, "Feature hashing"). It knows nothing of meaning: what it adds to words that match is
/// words that nearly do, such as typing errors, compounds and other endings. The same text has the same
/// vector in every process and release.
public struct HashedEmbedder: Embedder {
    public let model: String
    public let dimensions: Int

    /// - Parameter dimensions: 32 to 4,096; fewer mix words up, more take memory.
    public init(dimensions: Int = 384) {
        precondition((32...4096).contains(dimensions))
        self.dimensions = dimensions
        model = "hashed-ngrams-1/\(dimensions)"
    }

    public func embed(_ texts: [String]) -> [[Float]] { texts.map(vector) }

    /// The vector of one text; zero for a text without words.
    public func vector(of text: String) -> [Float] {
        var vector = [Float](repeating: 0, count: dimensions)
        var edged: [UInt8] = []
        Words(text).forEachWord { word in
            edged.removeAll(keepingCapacity: true)
            edged.append(0x5e)
            edged += word
            edged.append(0x24)
            // A long word weighs as much as a short one.
            let pieces = (3...5).reduce(0) { $0 + max(0, edged.count - $1 + 1) }
            let weight = 1 / Float(max(pieces, 1)).squareRoot()
            for length in 3...5 where edged.count >= length {
                for start in 0...(edged.count - length) {
                    add(Words.hash(edged[start..<start + length]), weight: weight, to: &vector)
                }
            }
        }
        let norm = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
        if norm > 0 { for i in vector.indices { vector[i] /= norm } }
        return vector
    }

    private func add(_ hash: UInt64, weight: Float, to vector: inout [Float]) {
        let element = Int((hash >> 1).multipliedFullWidth(by: UInt64(dimensions) << 1).high)
        vector[element] += hash & 1 == 0 ? weight : -weight
    }
}
