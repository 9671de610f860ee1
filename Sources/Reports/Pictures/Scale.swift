/// From values to places on paper, along a straight line.
struct Scale {
    let lower: Double
    let upper: Double
    private let start: Double
    private let end: Double

    /// - Parameters:
    ///   - values: what has to fit; what is no finite number is passed over.
    ///   - start: where the lowest stands, `end` where the highest does.
    ///   - padding: room at both ends, as a share of the range.
    init(_ values: [Double], from start: Double, to end: Double, padding: Double = 0.06) {
        let finite = values.filter(\.isFinite)
        var lower = finite.min() ?? 0
        var upper = finite.max() ?? 1
        if upper - lower <= 1e-12 * max(abs(lower), abs(upper)) {
            // One value: room on both sides of it.
            let room = lower == 0 ? 1 : abs(lower) * 0.1
            (lower, upper) = (lower - room, upper + room)
        }
        let room = (upper - lower) * padding
        self.lower = lower - room
        self.upper = upper + room
        self.start = start
        self.end = end
    }

    /// What the last digits of a division may be off by.
    private static let slack = 1e-9

    func place(_ value: Double) -> Double { start + (value - lower) / (upper - lower) * (end - start) }

    /// Round numbers (1, 2 or 5 times a power of ten apart) inside the range, about as many as asked for.
    func ticks(about count: Int) -> (values: [Double], step: Double) {
        let rough = (upper - lower) / Double(max(1, count))
        guard rough > 0, rough.isFinite else { return ([], 1) }
        var power = 1.0
        while power > rough { power /= 10 }
        while power * 10 <= rough { power *= 10 }
        let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough * (1 - Self.slack) } ?? 10 * power
        let first = (lower / step - Self.slack).rounded(.up)
        let last = (upper / step + Self.slack).rounded(.down)
        guard first <= last, last - first < 1000, first.magnitude < 1e15 else { return ([], step) }
        return ((0...Int(last - first)).map { (first + Double($0)) * step }, step)
    }
}
