import Stats
import Testing

/// Rows by number: what an index is to agree with, and how it is asked.
private struct Reference {
    var rows: [Int: [Float]] = [:]
    let metric: VectorIndex.Metric

    private func score(_ row: [Float], _ query: [Float]) -> Double {
        var dot = 0.0
        var distance = 0.0
        var a = 0.0
        var b = 0.0
        for (x, y) in zip(row, query) {
            dot += Double(x) * Double(y)
            distance += (Double(x) - Double(y)) * (Double(x) - Double(y))
            a += Double(x) * Double(x)
            b += Double(y) * Double(y)
        }
        switch metric {
        case .cosine: return a * b == 0 ? 0 : dot / (a * b).squareRoot()
        case .dot: return dot
        case .euclidean: return distance.squareRoot()
        }
    }

    func nearest(_ k: Int, to query: [Float], among: (Int) -> Bool = { _ in true }) -> [VectorIndex.Match] {
        let all = rows.filter { among($0.key) }.map { VectorIndex.Match(id: $0.key, score: score($0.value, query)) }
        let sorted = all.sorted { a, b in
            if a.score == b.score { return a.id < b.id }
            return metric == .euclidean ? a.score < b.score : a.score > b.score
        }
        return Array(sorted.prefix(k))
    }
}

private func expectSame(
    _ found: [VectorIndex.Match], _ expected: [VectorIndex.Match], sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(found.map(\.id) == expected.map(\.id), sourceLocation: sourceLocation)
    for (a, b) in zip(found, expected) {
        expectClose(a.score, b.score, relative: 1e-12, absolute: 1e-13, sourceLocation: sourceLocation)
    }
}

/// Every metric over every encoding.
private let forms: [(VectorIndex.Metric, VectorIndex.Encoding)] = VectorIndex.Metric.allCases.flatMap { metric in
    VectorIndex.Encoding.allCases.map { (metric, $0) }
}

@Suite struct VectorIndexTests {
    private func normal(_ count: Int, _ generator: inout Xoshiro256PlusPlus) -> [Float] {
        (0..<count).map { _ in Float(generator.normal()) }
    }

    private func index(
        of rows: [[Float]], _ metric: VectorIndex.Metric, _ encoding: VectorIndex.Encoding = .float32
    ) throws -> VectorIndex {
        var index = try VectorIndex(dimension: rows[0].count, metric: metric, encoding: encoding)
        for (id, row) in rows.enumerated() { try index.add(row, id: id) }
        return index
    }

    @Test(arguments: forms)
    func `a search gives what a loop over all rows gives`(
        metric: VectorIndex.Metric, encoding: VectorIndex.Encoding
    ) throws {
        for (seed, dimension) in [(1, 1), (2, 3), (3, 16), (4, 33), (5, 100)] {
            var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
            var reference = Reference(metric: metric)
            for id in 0..<400 { reference.rows[id] = normal(dimension, &generator) }
            let index = try index(of: (0..<400).compactMap { reference.rows[$0] }, metric, encoding)
            for k in [0, 1, 10, 400, 1000] {
                // In one dimension every cosine is ±1, which a plain loop does not always give.
                if dimension == 1 && metric == .cosine { continue }
                let query = normal(dimension, &generator)
                expectSame(try index.nearest(k, to: query), reference.nearest(k, to: query))
            }
        }
    }

    @Test(arguments: forms)
    func `ties go to the lower id, in whatever order the rows came`(
        metric: VectorIndex.Metric, encoding: VectorIndex.Encoding
    ) throws {
        for seed in 1...3 {
            var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
            var reference = Reference(metric: metric)
            // Few small whole numbers: scores repeat, and a plain loop has no rounding in them.
            for id in 0..<500 {
                reference.rows[id] = (0..<4).map { _ in Float(Int.random(in: -1...1, using: &generator)) }
            }
            var index = try VectorIndex(dimension: 4, metric: metric, encoding: encoding)
            for id in (0..<500).shuffled(using: &generator) { try index.add(reference.rows[id] ?? [], id: id) }
            let queries = (0..<8).map { _ in (0..<4).map { _ in Float(Int.random(in: -1...1, using: &generator)) } }
            for query in queries {
                expectSame(try index.nearest(20, to: query), reference.nearest(20, to: query))
            }
            #expect(try index.nearest(20, toEach: queries) == queries.map { try index.nearest(20, to: $0) })
        }
    }

    @Test(arguments: forms)
    func `adding, replacing and removing leave what a new index would hold`(
        metric: VectorIndex.Metric, encoding: VectorIndex.Encoding
    ) throws {
        var generator = Xoshiro256PlusPlus(seed: 77)
        var reference = Reference(metric: metric)
        var index = try VectorIndex(dimension: 20, metric: metric, encoding: encoding)
        for step in 0..<3000 {
            let id = Int.random(in: 0..<600, using: &generator)
            let row = normal(20, &generator)
            if reference.rows[id] == nil {
                try index.add(row, id: id)
                reference.rows[id] = row
            } else if Bool.random(using: &generator) {
                let removed = index.remove(id: id)
                let again = index.remove(id: id)
                #expect(removed && !again)
                reference.rows[id] = nil
            } else {
                try index.replace(row, id: id)
                reference.rows[id] = row
            }
            #expect(index.count == reference.rows.count)
            #expect(index.vector(of: id) == reference.rows[id])
            if step % 100 == 0 {
                let query = normal(20, &generator)
                expectSame(try index.nearest(12, to: query), reference.nearest(12, to: query))
            }
        }
        var fresh = try VectorIndex(dimension: 20, metric: metric, encoding: encoding)
        let ids = reference.rows.keys.sorted()
        try fresh.add(rows: ids.flatMap { reference.rows[$0] ?? [] }, ids: ids)
        let queries = (0..<20).map { _ in normal(20, &generator) }
        #expect(try index.nearest(50, toEach: queries) == fresh.nearest(50, toEach: queries))
    }

    @Test(arguments: forms)
    func `a filter is looked at before rows are ranked`(
        metric: VectorIndex.Metric, encoding: VectorIndex.Encoding
    ) throws {
        var generator = Xoshiro256PlusPlus(seed: 5)
        var reference = Reference(metric: metric)
        for id in 0..<2500 { reference.rows[id] = normal(24, &generator) }
        let index = try index(of: (0..<2500).compactMap { reference.rows[$0] }, metric, encoding)
        // All, most, some, few, one block only, none; and numbers that no row has.
        let filters: [Set<Int>] = [
            Set(0..<4000), Set((0..<2500).filter { $0 % 7 != 0 }), Set((0..<2500).filter { $0 % 5 == 0 }),
            [3, 2400, 99],
            Set(1100..<1900), [], [9999],
        ]
        for filter in filters {
            let bitmap = try Bitmap(filter)
            let queries = (0..<5).map { _ in normal(24, &generator) }
            let together = try index.nearest(10, toEach: queries, among: bitmap)
            for (query, found) in zip(queries, together) {
                expectSame(found, reference.nearest(10, to: query, among: filter.contains))
                #expect(try index.nearest(10, to: query, among: bitmap) == found)
            }
        }
    }

    @Test(arguments: VectorIndex.Metric.allCases)
    func `one query or many, rows or bytes: the same answer to the bit`(metric: VectorIndex.Metric) throws {
        // Around the origin, and far from it, where single precision can tell little apart.
        for (seed, spread) in [(1, Float(30)), (2, 0.01)] {
            var generator = Xoshiro256PlusPlus(seed: UInt64(seed))
            let centre = normal(24, &generator).map { 40 * $0 }
            let rows = (0..<1200).map { _ in zip(centre, normal(24, &generator)).map { $0 + spread * $1 } }
            let plain = try index(of: rows, metric)
            let bytes = try index(of: rows, metric, .int8)
            let queries = (0..<6).map { _ in zip(centre, normal(24, &generator)).map { $0 + spread * $1 } }
            let answers = try plain.nearest(10, toEach: queries)
            #expect(try bytes.nearest(10, toEach: queries) == answers)
            for (query, answer) in zip(queries, answers) {
                #expect(try plain.nearest(10, to: query) == answer)
                #expect(try bytes.nearest(10, to: query) == answer)
            }
        }
    }

    @Test func `ten of ten are found through bytes`() throws {
        var generator = Xoshiro256PlusPlus(seed: 11)
        let rows = (0..<4000).map { _ in normal(64, &generator) }
        let plain = try index(of: rows, .cosine)
        let bytes = try index(of: rows, .cosine, .int8)
        var found = 0
        for _ in 0..<50 {
            let query = normal(64, &generator)
            let exact = Set(try plain.nearest(10, to: query).map(\.id))
            found += try bytes.nearest(10, to: query).count { exact.contains($0.id) }
        }
        #expect(found == 500)
    }

    @Test(arguments: forms)
    func `numbers too large or small for single precision are ranked as well`(
        metric: VectorIndex.Metric, encoding: VectorIndex.Encoding
    ) throws {
        var generator = Xoshiro256PlusPlus(seed: 3)
        var reference = Reference(metric: metric)
        for id in 0..<300 {
            let scale = [Float(1), 1e38, 1e-38, 1e20, 1e-20, 0x1p-146][id % 6]
            // Kept below the largest number, and rounded by the scale before they are compared.
            reference.rows[id] = normal(8, &generator).map { max(-3, min(3, $0)) * scale }
        }
        let index = try index(of: (0..<300).compactMap { reference.rows[$0] }, metric, encoding)
        for scale in [Float(1), 1e37, 1e-37] {
            let queries = (0..<6).map { _ in normal(8, &generator).map { $0 * scale } }
            let together = try index.nearest(25, toEach: queries)
            for (query, found) in zip(queries, together) {
                expectSame(found, reference.nearest(25, to: query))
                #expect(try index.nearest(25, to: query) == found)
            }
        }
    }

    @Test(arguments: VectorIndex.Encoding.allCases)
    func `parallel rows have one cosine, and a zero vector has none`(encoding: VectorIndex.Encoding) throws {
        var generator = Xoshiro256PlusPlus(seed: 9)
        // Whole numbers below 2²⁴, so that a multiple is exactly parallel; their squares do not fit one double.
        let row = (0..<200).map { _ in Float(Int.random(in: -250_000...250_000, using: &generator)) }
        var rows = (1...64).map { factor in row.map { $0 * Float(factor) } }
        rows.append([Float](repeating: 0, count: 200))
        let index = try index(of: rows, .cosine, encoding)
        for _ in 0..<20 {
            let query = normal(200, &generator)
            let found = try index.nearest(65, to: query)
            let zero = try #require(found.first { $0.id == 64 })
            #expect(zero.score == 0)
            #expect(found.filter { $0.id != 64 }.map(\.id) == Array(0..<64))
            #expect(Set(found.map(\.score)).count == 2)
        }
        #expect(try index.nearest(1, to: row).first == .init(id: 0, score: 1))
        let nothing = try index.nearest(3, to: [Float](repeating: 0, count: 200))
        #expect(nothing == (0..<3).map { .init(id: $0, score: 0) })
    }

    @Test func `a copy keeps what it held`() throws {
        var generator = Xoshiro256PlusPlus(seed: 21)
        var index = try index(of: (0..<1500).map { _ in normal(6, &generator) }, .dot)
        let query = normal(6, &generator)
        let snapshot = index
        let before = try snapshot.nearest(5, to: query)
        for match in before { index.remove(id: match.id) }
        try index.replace(query.map { $0 * 100 }, id: 1499)
        #expect(try snapshot.nearest(5, to: query) == before)
        let after = try index.nearest(5, to: query)
        #expect(after.first?.id == 1499)
        #expect(Set(after.map(\.id)).isDisjoint(with: before.map(\.id)))
    }

    @Test(arguments: VectorIndex.Encoding.allCases)
    func `what means nothing is refused and changes nothing`(encoding: VectorIndex.Encoding) throws {
        var index = try VectorIndex(dimension: 3, metric: .cosine, encoding: encoding)
        try index.add([1, 2, 3], id: 7)
        func refuses(_ what: Comment, _ body: (inout VectorIndex) throws -> Void) {
            #expect(what) {
                try body(&index)
            } throws: { error in
                if case StatsError.invalid? = error as? StatsError { true } else { false }
            }
        }
        refuses("a number that is taken") { try $0.add([1, 2, 3], id: 7) }
        refuses("a negative number") { try $0.add([1, 2, 3], id: -1) }
        refuses("a number beyond 31 bits") { try $0.add([1, 2, 3], id: 1 << 31) }
        refuses("NaN") { try $0.add([1, .nan, 3], id: 8) }
        refuses("infinity") { try $0.replace([1, .infinity, 3], id: 7) }
        refuses("too short") { try $0.add([1, 2], id: 8) }
        refuses("no such row") { try $0.replace([1, 2, 3], id: 8) }
        refuses("one of many taken") { try $0.add(rows: [1, 2, 3, 4, 5, 6], ids: [8, 7]) }
        refuses("two of one number") { try $0.add(rows: [1, 2, 3, 4, 5, 6], ids: [8, 8]) }
        refuses("more numbers than rows") { try $0.add(rows: [1, 2, 3], ids: [8, 9]) }
        refuses("infinity among many") { try $0.add(rows: [1, 2, 3, 4, 5, -.infinity], ids: [8, 9]) }
        refuses("negative k") { _ = try $0.nearest(-1, to: [1, 2, 3]) }
        refuses("a query of another length") { _ = try $0.nearest(1, to: [1, 2, 3, 4]) }
        refuses("NaN in a query") { _ = try $0.nearest(1, to: [1, 2, .nan]) }
        refuses("NaN in one query of many") { _ = try $0.nearest(1, toEach: [[1, 2, 3], [1, 2, .nan]]) }
        #expect(index.count == 1)
        #expect(index.vector(of: 7) == [1, 2, 3])
        for dimension in [0, -4, 65_537] {
            #expect(throws: StatsError.self) { try VectorIndex(dimension: dimension, metric: .dot) }
        }
    }

    @Test func `an empty index has nothing near`() throws {
        let index = try VectorIndex(dimension: 2, metric: .euclidean)
        #expect(try index.nearest(5, to: [1, 2]).isEmpty)
        #expect(try index.nearest(5, toEach: [[1, 2], [3, 4]]) == [[], []])
        #expect(try index.nearest(5, toEach: []).isEmpty)
    }
}

@Suite struct BitmapTests {
    @Test func `sets of numbers as bits are sets of numbers`() throws {
        var generator = SplitMix64(seed: 4)
        for _ in 0..<50 {
            let a = Set((0..<40).map { _ in Int.random(in: 0..<300, using: &generator) })
            let b = Set((0..<10).map { _ in Int.random(in: 0..<100, using: &generator) })
            let (x, y) = (try Bitmap(a), try Bitmap(b))
            #expect(x.count == a.count)
            #expect(try x.intersection(y) == Bitmap(a.intersection(b)))
            #expect(try x.union(y) == Bitmap(a.union(b)))
            #expect(try y.union(x) == Bitmap(a.union(b)))
            #expect(try x.subtracting(y) == Bitmap(a.subtracting(b)))
            #expect((-3..<400).filter(x.contains) == a.sorted())
            var emptied = x
            for id in a { emptied.remove(id) }
            #expect(emptied == Bitmap() && emptied.isEmpty)
        }
        #expect(throws: StatsError.self) { try Bitmap([-1]) }
        #expect(throws: StatsError.self) { try Bitmap([Int.max]) }
    }
}
