/// Finds what somebody probably meant.
enum Suggestion {
    /// The candidate nearest to `word`, if it is near enough to be worth naming.
    static func nearest(to word: String, in candidates: some Sequence<String>) -> String? {
        let best = candidates.map { ($0, distance(Array(word.utf8), Array($0.utf8))) }.min { $0.1 < $1.1 }
        guard let best, best.1 <= max(2, word.utf8.count / 3) else { return nil }
        return best.0
    }

    /// How many bytes must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment).
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var least = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { least = min(least, beforeLast[j - 1] + 1) }
                row.append(least)
            }
            beforeLast = last
            last = row
        }
        return last[b.count]
    }
}
