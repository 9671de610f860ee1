/// Rows of single-precision numbers, searched for those nearest to a query, exactly.
///
/// The answer is the one a loop over all rows in double precision would give, to the bit and whatever road was taken:
/// one query or a batch, rows or codes of bytes, filled in order or with rows removed and their places reused. Single
/// precision (SGEMV, SGEMM, integer sums over codes) only decides which rows cannot be among the best k, by bounds on
/// what rounding and quantising can have done; the others are scored again by one routine, whose products are exact and
/// whose sum is compensated, and ranked by that score. Equal scores go to the lower id.
///
/// Rows lie in blocks of about 2 MB. A copy of the index shares them, and changing a row copies one block at most: a
/// reader keeps its snapshot while a writer goes on.
///
/// Sources: Higham 2002, Accuracy and Stability of Numerical Algorithms, §3.1 (the bound γₙ on a dot product in any
/// order); Ogita, Rump & Oishi 2005 (the compensated sum).
public struct VectorIndex: Sendable {
    /// What "near" means.
    public enum Metric: String, Sendable, CaseIterable {
        /// u·v / (‖u‖ ‖v‖), in [−1, 1], larger is nearer; 0 when a vector is zero.
        case cosine
        /// u·v, larger is nearer.
        case dot
        /// ‖u − v‖, smaller is nearer.
        case euclidean
    }

    /// What a search reads first.
    public enum Encoding: String, Sendable, CaseIterable {
        /// The rows themselves.
        case float32
        /// A quarter of the bytes: each row as q = round(x / scale), half to even, with scale = max |x| / 127, beside
        /// the row. How far a row is from its codes is known, so no row that belongs to the answer is missed.
        case int8
    }

    /// A row that was found.
    public struct Match: Sendable, Equatable {
        /// The number its caller gave it.
        public let id: Int
        /// Cosine, dot product or distance, by the index's metric.
        public let score: Double

        public init(id: Int, score: Double) {
            self.id = id
            self.score = score
        }
    }

    /// The numbers a row may have.
    public static let identifiers = 0...Int(Int32.max)

    /// The processor OpenBLAS chose its kernels for, `SkylakeX` being AVX-512.
    public static var kernelName: String { VectorRows.kernelName }

    /// Elements of every vector.
    public let dimension: Int
    public let metric: Metric
    public let encoding: Encoding

    var blocks: [VectorBlock] = []
    private var slots: [Int32: Int32] = [:]
    private var free: [Int32] = []

    /// An empty index.
    ///
    /// - Parameter dimension: Elements of every vector, 1 to 65,536.
    /// - Throws: `invalid` for another dimension.
    public init(dimension: Int, metric: Metric, encoding: Encoding = .float32) throws(StatsError) {
        guard (1...65_536).contains(dimension) else { throw .invalid("dimension must lie in 1 ... 65536") }
        self.dimension = dimension
        self.metric = metric
        self.encoding = encoding
    }

    /// How many rows there are.
    public var count: Int { slots.count }

    public func contains(id: Int) -> Bool { slot(of: id) != nil }

    /// The row as it was given; nil when there is none of that number.
    public func vector(of id: Int) -> [Float]? {
        guard let slot = slot(of: id) else { return nil }
        return blocks[slot / blockRows].vector(at: slot % blockRows, dimension: dimension)
    }

    /// Adds a row.
    ///
    /// - Throws: `invalid` for a number that is taken or outside `identifiers`, a length that is not the dimension, or an
    ///   element that is not finite.
    public mutating func add(_ vector: [Float], id: Int) throws(StatsError) {
        try check(vector, "vector")
        try checkFree(id)
        place(vector[...], Int32(id))
    }

    /// Adds many rows, one after the other in `rows`; all of them or, when it throws, none.
    ///
    /// - Throws: `invalid`, as for one row, and when there are not as many rows as numbers.
    public mutating func add(rows: [Float], ids: some Collection<Int>) throws(StatsError) {
        let (elements, overflow) = ids.count.multipliedReportingOverflow(by: dimension)
        guard !overflow, elements == rows.count else { throw .invalid("rows and ids must be as many") }
        guard rows.allSatisfy(\.isFinite) else { throw .invalid("rows must hold finite numbers only") }
        var seen = Set<Int>(minimumCapacity: ids.count)
        for id in ids {
            try checkFree(id)
            guard seen.insert(id).inserted else { throw .invalid("ids must differ from one another") }
        }
        slots.reserveCapacity(slots.count + ids.count)
        for (i, id) in ids.enumerated() { place(rows[i * dimension..<(i + 1) * dimension], Int32(id)) }
    }

    /// Puts another vector in the place of a row.
    ///
    /// - Throws: `invalid` when there is no such row, or for a vector that `add` refuses.
    public mutating func replace(_ vector: [Float], id: Int) throws(StatsError) {
        try check(vector, "vector")
        guard let slot = slot(of: id) else { throw .invalid("there is no row of that number") }
        blocks[slot / blockRows].write(vector[...], id: Int32(id), at: slot % blockRows)
    }

    /// Removes a row; its place is the next one's. False when there was none of that number.
    @discardableResult
    public mutating func remove(id: Int) -> Bool {
        guard let slot = slot(of: id) else { return false }
        slots[Int32(id)] = nil
        free.append(Int32(slot))
        blocks[slot / blockRows].clear(at: slot % blockRows)
        return true
    }

    /// Elements a row takes.
    var stride: Int { (dimension + VectorRows.lanes - 1) / VectorRows.lanes * VectorRows.lanes }

    /// Rows in a block: a multiple of 64, about half a million elements.
    var blockRows: Int { max(64, min(1024, (1 << 19) / stride / 64 * 64)) }

    func check(_ vector: [Float], _ name: String) throws(StatsError) {
        guard vector.count == dimension else { throw .invalid("\(name) must have as many elements as the index") }
        guard vector.allSatisfy(\.isFinite) else { throw .invalid("\(name) must hold finite numbers only") }
    }

    private func checkFree(_ id: Int) throws(StatsError) {
        guard Self.identifiers.contains(id) else { throw .invalid("a row's number must lie in 0 ... 2147483647") }
        guard slots[Int32(id)] == nil else { throw .invalid("there is a row of that number already") }
    }

    private func slot(of id: Int) -> Int? {
        guard let id = Int32(exactly: id), let slot = slots[id] else { return nil }
        return Int(slot)
    }

    private mutating func place(_ vector: ArraySlice<Float>, _ id: Int32) {
        if let slot = free.popLast() {
            slots[id] = slot
            blocks[Int(slot) / blockRows].write(vector, id: id, at: Int(slot) % blockRows)
            return
        }
        if blocks.last.map({ $0.count == blockRows }) ?? true {
            blocks.append(
                VectorBlock(
                    stride: stride, metric: metric, encoding: encoding, capacity: blocks.isEmpty ? 0 : blockRows))
        }
        let block = blocks.count - 1
        let row = blocks[block].grow()
        slots[id] = Int32(block * blockRows + row)
        blocks[block].write(vector, id: id, at: row)
    }
}
