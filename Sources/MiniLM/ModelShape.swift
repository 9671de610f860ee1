internal import JSON

/// The sizes of a BERT encoder, as `config.json` says them.
struct ModelShape: Sendable, Equatable {
    let vocabulary: Int
    let width: Int
    let layers: Int
    let heads: Int
    let inner: Int
    let positions: Int
    let epsilon: Float

    /// - Throws: `ModelError.damaged` for what is no such encoder, or larger than any in use.
    init(_ json: [UInt8]) throws(ModelError) {
        let config: JSONValue
        do throws(JSONError) {
            config = try JSONValue(parsing: json)
        } catch {
            throw .damaged("config.json is not JSON")
        }
        func size(_ name: String, _ range: ClosedRange<Int64>) throws(ModelError) -> Int {
            guard let size = config[name]?.int64, range.contains(size) else {
                throw .damaged("config.json: \(name) is not from \(range.lowerBound) to \(range.upperBound)")
            }
            return Int(size)
        }
        guard config["model_type"]?.string == "bert", config["hidden_act"]?.string == "gelu" else {
            throw .damaged("config.json describes no BERT encoder with GELU")
        }
        vocabulary = try size("vocab_size", 5...1 << 24)
        width = try size("hidden_size", 1...4096)
        layers = try size("num_hidden_layers", 1...48)
        heads = try size("num_attention_heads", 1...64)
        inner = try size("intermediate_size", 1...16384)
        positions = try size("max_position_embeddings", 2...8192)
        guard width % heads == 0 else { throw .damaged("config.json: heads do not divide hidden_size") }
        guard let epsilon = config["layer_norm_eps"]?.double, epsilon > 0, epsilon < 0.1 else {
            throw .damaged("config.json: layer_norm_eps is not from 0 to 0.1")
        }
        self.epsilon = Float(epsilon)
    }
}
