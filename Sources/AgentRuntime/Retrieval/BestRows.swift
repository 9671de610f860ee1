/// The best rows seen so far: by score, then by a given order of rows.
struct BestRows {
    private let limit: Int
    private let isFirst: (Int, Int) -> Bool
    /// A heap with the worst on top.
    private var heap: [(row: Int, score: Double)] = []

    /// - Parameter isFirst: whether one row comes before another of the same score.
    init(limit: Int, isFirst: @escaping (Int, Int) -> Bool) {
        self.limit = limit
        self.isFirst = isFirst
        heap.reserveCapacity(limit)
    }

    var sorted: [(row: Int, score: Double)] { heap.sorted(by: isBetter) }

    private func isBetter(_ a: (row: Int, score: Double), _ b: (row: Int, score: Double)) -> Bool {
        a.score != b.score ? a.score > b.score : isFirst(a.row, b.row)
    }

    mutating func offer(_ row: Int, _ score: Double) {
        if heap.count < limit {
            heap.append((row, score))
            var child = heap.count - 1
            while child > 0, isBetter(heap[(child - 1) / 2], heap[child]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if let worst = heap.first, score >= worst.score, isBetter((row, score), worst) {
            heap[0] = (row, score)
            sink()
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && isBetter(heap[worst], heap[child]) { worst = child }
            if worst == parent { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
