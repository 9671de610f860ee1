import Stats

/// What runs add up to.
protocol Tally: Sendable {
    init()
    mutating func merge(_ other: Self)
}

/// Counts of several kinds of event.
struct Counts: Tally {
    var values: [Int] = []

    mutating func add(_ index: Int, _ amount: Int = 1) {
        while values.count <= index { values.append(0) }
        values[index] += amount
    }

    subscript(index: Int) -> Int { index < values.count ? values[index] : 0 }

    mutating func merge(_ other: Counts) {
        for (index, value) in other.values.enumerated() { add(index, value) }
    }
}

/// Means with their errors, of several quantities.
struct Means: Tally {
    private var moments: [Moments] = []

    mutating func add(_ index: Int, _ value: Double) {
        while moments.count <= index { moments.append(Moments()) }
        moments[index].add(value)
    }

    func mean(_ index: Int) -> Double { index < moments.count ? moments[index].mean : .nan }
    func variance(_ index: Int) -> Double { (try? moments[index].variance) ?? .nan }
    func error(_ index: Int) -> Double { (variance(index) / moments[index].count).squareRoot() }

    mutating func merge(_ other: Means) {
        while moments.count < other.moments.count { moments.append(Moments()) }
        for (index, value) in other.moments.enumerated() { moments[index] = moments[index].merging(value) }
    }
}

/// Values kept one by one.
struct Sample: Tally {
    var values: [Double] = []
    mutating func merge(_ other: Sample) { values += other.values }
}

/// Two tallies of one simulation.
struct Both<First: Tally, Second: Tally>: Tally {
    var first = First()
    var second = Second()

    mutating func merge(_ other: Self) {
        first.merge(other.first)
        second.merge(other.second)
    }
}

/// Repeats `body`, on every core. The runs are cut into 64 strands, each with its own generator (2¹²⁸ draws apart), so the
/// answer depends on the seed and not on how many cores there are.
func simulate<T: Tally>(
    _ runs: Int, seed: UInt64, as type: T.Type = T.self,
    _ body: @escaping @Sendable (inout Xoshiro256PlusPlus, inout T) throws -> Void
) async throws -> T {
    let strands = 64
    return try await withThrowingTaskGroup(of: (Int, T).self) { group in
        var generator = Xoshiro256PlusPlus(seed: seed)
        for strand in 0..<strands {
            let own = generator
            generator.jump()
            let share = runs * (strand + 1) / strands - runs * strand / strands
            group.addTask {
                var generator = own
                var tally = T()
                for _ in 0..<share { try body(&generator, &tally) }
                return (strand, tally)
            }
        }
        var parts: [(Int, T)] = []
        for try await part in group { parts.append(part) }
        // In the order of the strands: means of floating-point numbers depend on it.
        var total = T()
        for (_, part) in parts.sorted(by: { $0.0 < $1.0 }) { total.merge(part) }
        return total
    }
}
