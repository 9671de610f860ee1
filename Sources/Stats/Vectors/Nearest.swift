/// The best k matches seen so far: better by score, then by lower id.
struct Nearest: Sendable {
    let limit: Int
    /// A heap with the worst match on top.
    private var heap: [VectorIndex.Match] = []
    /// Whether a smaller score is the better one.
    private let ascending: Bool

    init(limit: Int, ascending: Bool) {
        self.limit = limit
        self.ascending = ascending
    }

    /// What a match must at least equal to be kept; nil while there is room.
    var worst: Double? { heap.count < limit ? nil : heap.first?.score }

    /// The matches, best first.
    var sorted: [VectorIndex.Match] { heap.sorted { isBetter($0, $1) } }

    private func isBetter(_ a: VectorIndex.Match, _ b: VectorIndex.Match) -> Bool {
        if a.score != b.score { return ascending ? a.score < b.score : a.score > b.score }
        return a.id < b.id
    }

    mutating func offer(_ match: VectorIndex.Match) {
        if heap.count < limit {
            heap.append(match)
            var child = heap.count - 1
            while child > 0, isBetter(heap[(child - 1) / 2], heap[child]) {
                heap.swapAt(child, (child - 1) / 2)
                child = (child - 1) / 2
            }
        } else if let top = heap.first, isBetter(match, top) {
            heap[0] = match
            sink()
        }
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var worst = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && isBetter(heap[worst], heap[child])
            {
                worst = child
            }
            if worst == parent { return }
            heap.swapAt(parent, worst)
            parent = worst
        }
    }
}
