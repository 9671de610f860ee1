internal import Stats

/// A BERT encoder: what each token means where it stands.
struct Encoder: Sendable {
    /// A matrix, one row for each output, and what is added to its product.
    private struct Linear: Sendable {
        let weights: [Float]
        let bias: [Float]
    }

    private struct Norm: Sendable {
        let gain: [Float]
        let bias: [Float]
    }

    private struct Layer: Sendable {
        /// Query, key and value at once.
        let parts: Linear
        let attended: Linear
        let attendedNorm: Norm
        let widening: Linear
        let narrowing: Linear
        let outputNorm: Norm
    }

    let shape: ModelShape
    private let words: [Float]
    /// Position and the one type of token there is, added.
    private let places: [Float]
    private let placesNorm: Norm
    private let layers: [Layer]

    /// - Throws: `ModelError.damaged` where the file is not of this shape.
    init(_ file: SafeTensors, shape: ModelShape) throws(ModelError) {
        self.shape = shape
        let width = shape.width
        func norm(_ name: String) throws(ModelError) -> Norm {
            Norm(
                gain: try file.numbers(name + ".LayerNorm.weight", [width]),
                bias: try file.numbers(name + ".LayerNorm.bias", [width]))
        }
        func linear(_ name: String, from inputs: Int, to outputs: Int) throws(ModelError) -> Linear {
            Linear(
                weights: try file.numbers(name + ".weight", [outputs, inputs]),
                bias: try file.numbers(name + ".bias", [outputs]))
        }
        words = try file.numbers("embeddings.word_embeddings.weight", [shape.vocabulary, width])
        let positions = try file.numbers("embeddings.position_embeddings.weight", [shape.positions, width])
        // Types of token are two in every such model, and a text by itself is of the first.
        let types = try file.numbers("embeddings.token_type_embeddings.weight", [2, width])
        places = positions.indices.map { positions[$0] + types[$0 % width] }
        placesNorm = try norm("embeddings")
        var layers: [Layer] = []
        for number in 0..<shape.layers {
            let name = "encoder.layer.\(number)."
            let query = try linear(name + "attention.self.query", from: width, to: width)
            let key = try linear(name + "attention.self.key", from: width, to: width)
            let value = try linear(name + "attention.self.value", from: width, to: width)
            layers.append(
                Layer(
                    parts: Linear(
                        weights: query.weights + key.weights + value.weights, bias: query.bias + key.bias + value.bias),
                    attended: try linear(name + "attention.output.dense", from: width, to: width),
                    attendedNorm: try norm(name + "attention.output"),
                    widening: try linear(name + "intermediate.dense", from: width, to: shape.inner),
                    narrowing: try linear(name + "output.dense", from: shape.inner, to: width),
                    outputNorm: try norm(name + "output")))
        }
        self.layers = layers
    }

    /// The mean of each text's tokens, of unit length.
    ///
    /// Texts lie one after the other in the same rows: none is padded to the length of another.
    ///
    /// - Parameter texts: each at least one token and at most `shape.positions`, of the vocabulary.
    func means(of texts: [[Int32]]) -> [[Float]] {
        let width = shape.width
        let rows = texts.reduce(0) { $0 + $1.count }
        guard rows > 0 else { return [] }
        var state = embedded(texts, rows: rows)
        var parts = [Float](repeating: 0, count: rows * 3 * width)
        var attended = [Float](repeating: 0, count: rows * width)
        var changed = [Float](repeating: 0, count: rows * width)
        var wide = [Float](repeating: 0, count: rows * shape.inner)
        let longest = texts.reduce(0) { max($0, $1.count) }
        var scores = [Float](repeating: 0, count: longest * longest)
        for layer in layers {
            Layers.linear(state, rows: rows, weights: layer.parts.weights, bias: layer.parts.bias, into: &parts)
            var start = 0
            for text in texts {
                Layers.attend(
                    parts, from: start, count: text.count, width: width, heads: shape.heads, scores: &scores,
                    into: &attended)
                start += text.count
            }
            Layers.linear(
                attended, rows: rows, weights: layer.attended.weights, bias: layer.attended.bias, into: &changed)
            normalise(&state, adding: changed, rows, layer.attendedNorm)
            Layers.linear(state, rows: rows, weights: layer.widening.weights, bias: layer.widening.bias, into: &wide)
            Layers.gelu(&wide, count: rows * shape.inner)
            Layers.linear(
                wide, rows: rows, weights: layer.narrowing.weights, bias: layer.narrowing.bias, into: &changed)
            normalise(&state, adding: changed, rows, layer.outputNorm)
        }
        return pooled(state, texts)
    }

    private func embedded(_ texts: [[Int32]], rows: Int) -> [Float] {
        let width = shape.width
        var state: [Float] = []
        var added: [Float] = []
        state.reserveCapacity(rows * width)
        added.reserveCapacity(rows * width)
        for text in texts {
            precondition(text.count <= shape.positions, "a text is longer than the model reads")
            added += places[..<(text.count * width)]
            for token in text { state += words[Int(token) * width..<(Int(token) + 1) * width] }
        }
        normalise(&state, adding: added, rows, placesNorm)
        return state
    }

    private func normalise(_ state: inout [Float], adding added: [Float], _ rows: Int, _ norm: Norm) {
        Layers.addNorm(&state, added, rows: rows, gain: norm.gain, bias: norm.bias, epsilon: shape.epsilon)
    }

    private func pooled(_ state: [Float], _ texts: [[Int32]]) -> [[Float]] {
        let width = shape.width
        var row = 0
        return texts.map { text in
            var mean = [Float](repeating: 0, count: width)
            for _ in text {
                for j in 0..<width { mean[j] += state[row * width + j] }
                row += 1
            }
            let norm = mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
            if norm > 0 { for j in 0..<width { mean[j] /= norm } }
            return mean
        }
    }
}
