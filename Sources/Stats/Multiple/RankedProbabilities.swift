/// Probabilities in rising order, and where each came from.
struct RankedProbabilities {
    let values: [Double]
    let positions: [Int]

    /// A nonnegative double's bit pattern rises with it: one pass throws the numbers into as many drawers as there are
    /// numbers, by the leading bits of the range in use; then each drawer, mostly of a few, is put in order.
    init(_ p: [Double]) {
        guard var least = p.first, p.count < UInt32.max else {
            positions = p.indices.sorted { p[$0] < p[$1] }
            values = positions.map { p[$0] }
            return
        }
        var greatest = least
        for value in p {
            if value < least { least = value }
            if value > greatest { greatest = value }
        }
        // + 0 turns a negative zero into zero.
        let base = (least + 0).bitPattern
        let range = (greatest + 0).bitPattern - base
        var shift = 0
        while range >> shift > UInt64(2 * p.count) { shift += 1 }
        var ends = [UInt32](repeating: 0, count: Int(range >> shift) + 1)
        for value in p { ends[Int(((value + 0).bitPattern - base) >> shift)] += 1 }
        var total: UInt32 = 0
        var largest: UInt32 = 0
        for drawer in ends.indices {
            largest = max(largest, ends[drawer])
            total += ends[drawer]
            ends[drawer] = total
        }
        var positions = [Int](repeating: 0, count: p.count)
        for index in p.indices.reversed() {
            let drawer = Int(((p[index] + 0).bitPattern - base) >> shift)
            ends[drawer] -= 1
            positions[Int(ends[drawer])] = index
        }
        if largest > 64 {
            // Now the starts of the drawers.
            for drawer in ends.indices {
                let start = Int(ends[drawer])
                let end = drawer + 1 < ends.count ? Int(ends[drawer + 1]) : p.count
                if end - start > 1 { positions[start..<end].sort { p[$0] < p[$1] } }
            }
            self.positions = positions
            values = positions.map { p[$0] }
            return
        }
        var values = positions.map { p[$0] }
        for i in values.indices.dropFirst() where values[i] < values[i - 1] {
            let value = values[i]
            let position = positions[i]
            var j = i
            while j > 0, values[j - 1] > value {
                values[j] = values[j - 1]
                positions[j] = positions[j - 1]
                j -= 1
            }
            values[j] = value
            positions[j] = position
        }
        self.values = values
        self.positions = positions
    }
}
