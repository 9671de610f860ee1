/// Probabilities in rising order, and where each came from.
struct RankedProbabilities {
    let values: [Double]
    let positions: [UInt32]

    /// One pass throws the numbers into as many drawers as there are numbers, in equal steps from the least to the
    /// greatest; if some drawer is crowded, by the leading bits of the numbers instead, which are as fine near zero as
    /// numbers are. Then each drawer, mostly of a few, is put in order.
    init(_ p: [Double]) {
        guard var least = p.first, p.count < UInt32.max else {
            let order = p.indices.sorted { p[$0] < p[$1] }
            positions = order.map { UInt32(clamping: $0) }
            values = order.map { p[$0] }
            return
        }
        var greatest = least
        for value in p {
            if value < least { least = value }
            if value > greatest { greatest = value }
        }
        var drawers = Drawers(p, count: p.count + 1) { [scale = Self.scale(least, greatest, p.count)] value in
            UInt32((value - least) * scale)
        }
        if drawers.largest > Self.crowd {
            // + 0 turns a negative zero into zero; a nonnegative double's bit pattern rises with it.
            let base = (least + 0).bitPattern
            let range = (greatest + 0).bitPattern - base
            var shift = 0
            while range >> shift > UInt64(2 * p.count) { shift += 1 }
            drawers = Drawers(p, count: Int(range >> shift) + 1) { value in
                UInt32(((value + 0).bitPattern - base) >> shift)
            }
        }
        (values, positions) = drawers.emptied(p)
    }

    /// Above this many, a drawer is sorted by itself.
    private static let crowd: UInt32 = 64

    /// Drawers for each unit; 0 where all are the same, or so close that the step has no number.
    private static func scale(_ least: Double, _ greatest: Double, _ count: Int) -> Double {
        let scale = Double(count) / (greatest - least)
        return scale.isFinite ? scale : 0
    }

    private struct Drawers {
        /// Of each number.
        private let drawer: [UInt32]
        private var ends: [UInt32]
        let largest: UInt32

        /// - Parameter place: which drawer, below `count`; rises with the number.
        @inline(__always)
        init(_ p: [Double], count: Int, _ place: (Double) -> UInt32) {
            drawer = p.map { min(place($0), UInt32(count - 1)) }
            ends = [UInt32](repeating: 0, count: count)
            for index in drawer { ends[Int(index)] += 1 }
            var total: UInt32 = 0
            var most: UInt32 = 0
            for index in ends.indices {
                if ends[index] > most { most = ends[index] }
                total += ends[index]
                ends[index] = total
            }
            largest = most
        }

        /// All in order, with their places.
        func emptied(_ p: [Double]) -> ([Double], [UInt32]) {
            var ends = ends
            var positions = [UInt32](repeating: 0, count: p.count)
            var values = p
            for index in stride(from: p.count - 1, through: 0, by: -1) {
                let place = ends[Int(drawer[index])] - 1
                ends[Int(drawer[index])] = place
                positions[Int(place)] = UInt32(truncatingIfNeeded: index)
                values[Int(place)] = p[index]
            }
            if largest > RankedProbabilities.crowd {
                // Now the starts of the drawers.
                for index in ends.indices {
                    let start = Int(ends[index])
                    let end = index + 1 < ends.count ? Int(ends[index + 1]) : p.count
                    if end - start > 1 { positions[start..<end].sort { p[Int($0)] < p[Int($1)] } }
                }
                return (positions.map { p[Int($0)] }, positions)
            }
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
            return (values, positions)
        }
    }
}
