/// Some rows of a `VectorIndex`, with what a search needs to know of each.
///
/// A search ranks by s = weight · (row · query) + offset, larger being nearer: cosine has weight 1/‖x‖ and offset 0 (s is
/// the cosine times ‖query‖), dot has 1 and 0, euclidean has 2 and −‖x‖² (s is ‖query‖² less the squared distance).
struct VectorBlock: Sendable {
    let stride: Int
    let metric: VectorIndex.Metric
    let encoding: VectorIndex.Encoding

    private(set) var rows: [Float] = []
    /// Rows as bytes, when the index keeps them.
    private(set) var codes: [Int8] = []
    private(set) var ids: [Int32] = []
    /// One bit a row: whether it is there.
    private(set) var live: [UInt64] = []
    /// ‖x‖² in twice double precision.
    private(set) var squares: [(high: Double, low: Double)] = []
    private(set) var weights: [Float] = []
    private(set) var offsets: [Float] = []
    /// The weight of a dot product of codes, which has the row's scale in it.
    private(set) var codeWeights: [Float] = []
    /// At least weight · ‖x − its codes‖.
    private(set) var slacks: [Float] = []
    /// At least the largest ‖x‖ of a row there is or was: it only grows, and a block is soon refilled.
    private(set) var largestNorm = 0.0
    /// Rows whose norm single precision cannot be trusted with; a block that has any is scored row by row.
    private(set) var extremes = 0

    init(stride: Int, metric: VectorIndex.Metric, encoding: VectorIndex.Encoding, capacity: Int) {
        self.stride = stride
        self.metric = metric
        self.encoding = encoding
        rows.reserveCapacity(capacity * stride)
        if encoding == .int8 { codes.reserveCapacity(capacity * stride) }
    }

    /// Places of rows, whether they are there or not.
    var count: Int { ids.count }

    /// A norm whose products with another such neither overflow nor vanish in single precision.
    static func isOrdinary(norm: Double) -> Bool { norm == 0 || (norm >= 0x1p-40 && norm <= 0x1p40) }

    func vector(at row: Int, dimension: Int) -> [Float] { Array(rows[row * stride..<row * stride + dimension]) }

    /// A place more, empty. Returns its number.
    mutating func grow() -> Int {
        let row = ids.count
        if row % 64 == 0 { live.append(0) }
        ids.append(0)
        squares.append((0, 0))
        weights.append(0)
        offsets.append(-.infinity)
        rows += repeatElement(0, count: stride)
        if encoding == .int8 {
            codes += repeatElement(0, count: stride)
            codeWeights.append(0)
            slacks.append(0)
        }
        return row
    }

    mutating func clear(at row: Int) {
        if !Self.isOrdinary(norm: squares[row].high.squareRoot()) { extremes -= 1 }
        live[row / 64] &= ~(1 << UInt64(row % 64))
        squares[row] = (0, 0)
        weights[row] = 0
        offsets[row] = -.infinity
        for j in row * stride..<(row + 1) * stride { rows[j] = 0 }
        if encoding == .int8 {
            for j in row * stride..<(row + 1) * stride { codes[j] = 0 }
            codeWeights[row] = 0
            slacks[row] = 0
        }
    }

    /// Puts a row of finite numbers in a place, whatever was there.
    mutating func write(_ vector: ArraySlice<Float>, id: Int32, at row: Int) {
        if !Self.isOrdinary(norm: squares[row].high.squareRoot()) { extremes -= 1 }
        var padded = Array(vector)
        padded += repeatElement(0, count: stride - padded.count)
        rows.replaceSubrange(row * stride..<(row + 1) * stride, with: padded)
        ids[row] = id
        live[row / 64] |= 1 << UInt64(row % 64)
        squares[row] = VectorRows.exactDot(rows, row: row, stride: stride, padded)
        let norm = squares[row].high.squareRoot()
        let isOrdinary = Self.isOrdinary(norm: norm)
        if !isOrdinary { extremes += 1 }
        largestNorm = max(largestNorm, isOrdinary ? norm : 0)
        var weight = 0.0
        switch metric {
        case .cosine: weight = norm == 0 ? 0 : 1 / norm
        case .dot: weight = 1
        case .euclidean: weight = 2
        }
        weights[row] = isOrdinary ? Float(weight) : 0
        offsets[row] = metric == .euclidean && isOrdinary ? Float(-squares[row].high) : 0
        if encoding == .int8 { encode(padded, at: row, weight: isOrdinary ? weight : 0) }
    }

    private mutating func encode(_ vector: [Float], at row: Int, weight: Double) {
        let largest = Double(vector.reduce(0) { max($0, abs($1)) })
        let scale = largest / 127
        var lost = 0.0
        for (j, x) in vector.enumerated() {
            let code = largest == 0 ? 0 : max(-127, min(127, (Double(x) / scale).rounded(.toNearestOrEven)))
            let rest = Double(x) - code * scale
            lost += rest * rest
            codes[row * stride + j] = Int8(code)
        }
        codeWeights[row] = Float(weight * scale)
        slacks[row] = Float(weight * lost.squareRoot() * (1 + 0x1p-20)).nextUp
    }

    /// Which rows are there and, by the filter, may be found.
    func permitted(by filter: Bitmap?) -> [UInt64] {
        guard let filter else { return live }
        var words = live
        for w in words.indices {
            var rest = words[w]
            while rest != 0 {
                let bit = rest.trailingZeroBitCount
                rest &= rest - 1
                if !filter.contains(Int(ids[w * 64 + bit])) { words[w] &= ~(1 << UInt64(bit)) }
            }
        }
        return words
    }

    /// The score of a row, by the one routine that every answer's scores come from.
    func score(_ row: Int, _ query: VectorQuery) -> Double {
        switch metric {
        case .dot: return VectorRows.exactDot(rows, row: row, stride: stride, query.elements).high
        case .euclidean:
            return VectorRows.squaredDistance(rows, row: row, stride: stride, query.elements).squareRoot()
        case .cosine:
            let square = squares[row]
            guard square.high > 0, query.square.high > 0 else { return 0 }
            let dot = VectorRows.exactDot(rows, row: row, stride: stride, query.elements)
            return Self.cosine(dot, square, query.square)
        }
    }

    /// dot / √(a b) in twice double precision, so that parallel rows have one score and ties go by id.
    private static func cosine(
        _ dot: (high: Double, low: Double), _ a: (high: Double, low: Double), _ b: (high: Double, low: Double)
    ) -> Double {
        // At most 2e163 and at least 1e-180 from single-precision rows: nothing overflows or vanishes.
        let product = Elementary.twoProduct(a.high, b.high)
        let productLow = product.low + (a.high * b.low + a.low * b.high)
        let root = product.high.squareRoot()
        let rootLow = (product.high.addingProduct(-root, root) + productLow) / (2 * root)
        let quotient = dot.high / root
        let rest = dot.high.addingProduct(-quotient, root)
        let value = quotient + (rest + dot.low - quotient * rootLow) / root
        return max(-1, min(1, value))
    }
}
