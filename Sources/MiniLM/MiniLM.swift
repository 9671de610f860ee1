public import AgentRuntime
internal import Crypto
internal import ProcessIO

/// The sentence embedder all-MiniLM-L6-v2, or any other BERT encoder whose tokens' mean is the text's vector, run here
/// on BLAS.
///
/// Loaded from a folder with `model.safetensors`, `config.json` and `vocab.txt` as their publisher gives them, about
/// 90 MB, kept in memory. Nothing of it changes afterwards, so that many threads may embed at once. Single precision
/// throughout; the vector of a text differs in the last places with what it is embedded beside.
public struct MiniLM: Embedder {
    /// Tokens that go through the model together: what fills the processor's units and stays in its caches.
    private static let batch = 512
    /// What the model was trained to read, in tokens; more of a text is left out.
    private static let longestText = 256

    /// `minilm/` and the first digits of the weights' SHA-256.
    public let model: String
    private let encoder: Encoder
    private let pieces: WordPiece

    /// - Throws: `ModelError` for a folder that is not such a model's.
    public init(directory: String) throws(ModelError) {
        func bytes(_ name: String, limit: Int) throws(ModelError) -> [UInt8] {
            let path = directory + "/" + name
            do throws(FileError) {
                return try InputFile(path: path).rest(limit: limit)
            } catch {
                throw .unreadable("\(path): \(error.reason)")
            }
        }
        let shape = try ModelShape(try bytes("config.json", limit: 1 << 20))
        pieces = try WordPiece(vocabulary: try bytes("vocab.txt", limit: 64 << 20))
        guard pieces.count <= shape.vocabulary else {
            throw .damaged("vocab.txt has \(pieces.count) pieces and the model \(shape.vocabulary)")
        }
        let weights = try bytes("model.safetensors", limit: 4 << 30)
        do throws(ModelError) {
            encoder = try Encoder(SafeTensors(weights), shape: shape)
        } catch {
            throw .damaged("\(directory)/model.safetensors: \(error)")
        }
        model = "minilm/" + String(Hex.encode(SHA256.hash(weights).bytes).prefix(16))
    }

    public var dimensions: Int { encoder.shape.width }

    public func embed(_ texts: [String]) -> [[Float]] {
        let limit = min(Self.longestText, encoder.shape.positions)
        let tokens = texts.map { pieces.tokens(of: $0, limit: limit) }
        var vectors = [[Float]](repeating: [], count: texts.count)
        var group: [Int] = []
        var size = 0
        func run() {
            for (place, vector) in zip(group, encoder.means(of: group.map { tokens[$0] })) { vectors[place] = vector }
            group.removeAll(keepingCapacity: true)
            size = 0
        }
        for place in texts.indices {
            if size + tokens[place].count > Self.batch { run() }
            group.append(place)
            size += tokens[place].count
        }
        run()
        return vectors
    }

    /// The numbers of a text's pieces, as the encoder reads them.
    func tokens(of text: String) -> [Int32] { pieces.tokens(of: text, limit: Self.longestText) }
}
