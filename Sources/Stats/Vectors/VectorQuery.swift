/// A query as a search wants it.
struct VectorQuery: Sendable {
    /// Padded with zeros to the index's stride.
    let elements: [Float]
    /// ‖q‖² in twice double precision.
    let square: (high: Double, low: Double)
    let norm: Double
    /// Whether single precision can be trusted with it.
    let isOrdinary: Bool

    init(_ vector: [Float], stride: Int) {
        elements = vector + repeatElement(0, count: stride - vector.count)
        square = VectorRows.exactDot(elements, row: 0, stride: stride, elements)
        norm = square.high.squareRoot()
        isOrdinary = VectorBlock.isOrdinary(norm: norm)
    }

    /// The query in 16-bit words, so many times finer than the rows' bytes that only theirs counts.
    struct Words: Sendable {
        let words: [Int16]
        let scale: Float
        /// At least ‖q − its words‖.
        let lost: Double
        /// What a row's slack is multiplied by: at least ‖q‖ + lost.
        let reach: Float
    }

    /// The scale is the finest with which neither a word nor, against any row of codes, a sum overflows:
    /// Σ |word| · 127 < 2³¹.
    func words() -> Words {
        var largest = 0.0
        var total = 0.0
        for x in elements {
            largest = max(largest, Double(abs(x)))
            total += Double(abs(x))
        }
        guard largest > 0 else { return Words(words: elements.map { _ in 0 }, scale: 0, lost: 0, reach: 0) }
        // Rounding adds at most a half to each word.
        let room = 0x1p31 / 127 - 1 - Double(elements.count) / 2
        let scale = Double(Float(max(largest / 32_767, total / room)).nextUp)
        var square = 0.0
        var words: [Int16] = []
        words.reserveCapacity(elements.count)
        for x in elements {
            let word = (Double(x) / scale).rounded(.toNearestOrEven)
            let rest = Double(x) - word * scale
            square += rest * rest
            words.append(Int16(word))
        }
        let lost = square.squareRoot() * (1 + 0x1p-20)
        return Words(
            words: words, scale: Float(scale), lost: lost, reach: Float((norm + lost) * (1 + 0x1p-20)).nextUp)
    }

    /// What weight · dot + offset must reach, in single precision, for a row of the block to score as well as `worst`,
    /// which is nil while everything is welcome. `lost` is the query's in words, 0 when it was not rounded.
    ///
    /// |computed − true| ≤ γ ‖x‖ ‖q‖ for a dot product of n terms in any order, γ = n u / (1 − n u), u = 2⁻²⁴ (Higham
    /// 2002, eq. 3.5); 16 more u are for the weights, the offsets, sums with them, and products that vanish.
    func cut(_ worst: Double?, in block: VectorBlock, lost: Double) -> Float {
        guard let worst else { return -.infinity }
        let terms = Double(block.stride + 16) * 0x1p-24
        let gamma = terms / (1 - terms)
        let row = block.largestNorm
        let target: Double
        let error: Double
        switch block.metric {
        case .cosine:
            target = worst * norm
            error = gamma * norm + 2 * lost
        case .dot:
            target = worst
            error = (gamma * norm + 2 * lost) * row
        case .euclidean:
            target = square.high - worst * worst
            error = gamma * row * (row + 2 * norm) + 4 * lost * row + 0x1p-50 * (square.high + worst * worst)
        }
        return Float(target - error - 0x1p-50 * abs(target)).nextDown
    }
}
