extension VectorIndex {
    /// Queries that go through the rows together: enough for SGEMM to be at its best, and their scores of one block stay
    /// in the second-level cache.
    private static var batch: Int { 64 }

    /// The k rows nearest to a query, nearest first, ties by lower id; all of them when there are fewer.
    ///
    /// - Parameters:
    ///   - filter: The rows that may be found, looked at before anything is ranked; nil for all.
    /// - Throws: `invalid` for a negative k, a length that is not the dimension, or an element that is not finite.
    public func nearest(_ k: Int, to query: [Float], among filter: Bitmap? = nil) throws(StatsError) -> [Match] {
        guard k >= 0 else { throw .invalid("k must not be negative") }
        try check(query, "query")
        return search(VectorQuery(query, stride: stride), k, filter)
    }

    /// The same for each of many queries: the same answers, and much faster than one by one.
    ///
    /// - Throws: `invalid`, as for one query.
    public func nearest(
        _ k: Int, toEach queries: [[Float]], among filter: Bitmap? = nil
    ) throws(StatsError) -> [[Match]] {
        guard k >= 0 else { throw .invalid("k must not be negative") }
        for query in queries { try check(query, "query") }
        let prepared = queries.map { VectorQuery($0, stride: stride) }
        // Codes are read at the speed of memory, and SGEMM reads the rows once for all: below this it cannot win.
        if prepared.count < (encoding == .int8 ? 5 : 2) { return prepared.map { search($0, k, filter) } }
        var results: [[Match]] = []
        for start in Swift.stride(from: 0, to: prepared.count, by: Self.batch) {
            results += searchTogether(prepared[start..<min(start + Self.batch, prepared.count)], k, filter)
        }
        return results
    }

    private func search(_ query: VectorQuery, _ k: Int, _ filter: Bitmap?) -> [Match] {
        var best = Nearest(limit: min(k, count), ascending: metric == .euclidean)
        guard best.limit > 0 else { return [] }
        let words = encoding == .int8 && query.isOrdinary ? query.words() : nil
        var dots: [Float] = []
        var sums: [Int32] = []
        if words == nil {
            dots = [Float](repeating: 0, count: blockRows)
        } else {
            sums = [Int32](repeating: 0, count: blockRows)
        }
        for block in blocks {
            let permitted = block.permitted(by: filter)
            let rows = permitted.reduce(0) { $0 + $1.nonzeroBitCount }
            // Scoring a row again costs about as much as ruling out four.
            if !query.isOrdinary || block.extremes > 0 || rows * 4 < block.count {
                scoreAll(block, permitted, query, &best)
                continue
            }
            if let words {
                VectorRows.dots(block.codes, count: block.count, stride: stride, query: words.words, into: &sums)
                collect(block, permitted, query, &best, lost: words.lost) { from, cut in
                    VectorRows.firstReaching(
                        cut, from: from, count: block.count, dots: sums, scale: words.scale,
                        weights: block.codeWeights, offsets: block.offsets, slacks: block.slacks, reach: words.reach)
                }
            } else {
                VectorRows.dots(block.rows, count: block.count, stride: stride, query: query.elements, into: &dots)
                collect(block, permitted, query, &best, lost: 0) { from, cut in
                    VectorRows.firstReaching(
                        cut, from: from, count: block.count, dots: dots, start: 0, weights: block.weights,
                        offsets: block.offsets)
                }
            }
        }
        return best.sorted
    }

    private func searchTogether(_ queries: ArraySlice<VectorQuery>, _ k: Int, _ filter: Bitmap?) -> [[Match]] {
        let queries = Array(queries)
        var best = queries.map { _ in Nearest(limit: min(k, count), ascending: metric == .euclidean) }
        guard min(k, count) > 0 else { return queries.map { _ in [] } }
        // A query that single precision cannot be trusted with takes part as zeros, and is scored row by row.
        let side = queries.flatMap { $0.isOrdinary ? $0.elements : [Float](repeating: 0, count: stride) }
        var dots = [Float](repeating: 0, count: queries.count * blockRows)
        for block in blocks {
            let permitted = block.permitted(by: filter)
            let rows = permitted.reduce(0) { $0 + $1.nonzeroBitCount }
            let oneByOne = block.extremes > 0 || rows * 32 < block.count
            if !oneByOne {
                VectorRows.dots(
                    block.rows, count: block.count, stride: stride, queries: side, queryCount: queries.count,
                    into: &dots)
            }
            for (q, query) in queries.enumerated() {
                if oneByOne || !query.isOrdinary {
                    scoreAll(block, permitted, query, &best[q])
                    continue
                }
                collect(block, permitted, query, &best[q], lost: 0) { from, cut in
                    VectorRows.firstReaching(
                        cut, from: from, count: block.count, dots: dots, start: q * block.count,
                        weights: block.weights, offsets: block.offsets)
                }
            }
        }
        return best.map(\.sorted)
    }

    /// Scores every row that may be found.
    private func scoreAll(
        _ block: VectorBlock, _ permitted: [UInt64], _ query: VectorQuery, _ best: inout Nearest
    ) {
        for (w, word) in permitted.enumerated() {
            var rest = word
            while rest != 0 {
                let row = w * 64 + rest.trailingZeroBitCount
                rest &= rest - 1
                best.offer(Match(id: Int(block.ids[row]), score: block.score(row, query)))
            }
        }
    }

    /// Scores the rows that `next` does not rule out: the first from a row on that may reach a cut. The cut rises as
    /// better rows are found.
    private func collect(
        _ block: VectorBlock, _ permitted: [UInt64], _ query: VectorQuery, _ best: inout Nearest, lost: Double,
        next: (_ from: Int, _ cut: Float) -> Int
    ) {
        var cut = query.cut(best.worst, in: block, lost: lost)
        var row = next(0, cut)
        while row < block.count {
            if permitted[row / 64] >> UInt64(row % 64) & 1 == 1 {
                best.offer(Match(id: Int(block.ids[row]), score: block.score(row, query)))
                cut = query.cut(best.worst, in: block, lost: lost)
            }
            row = next(row + 1, cut)
        }
    }
}
