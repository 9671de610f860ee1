/// How the next batch of new shoppers is spread over the arms.
///
/// Shoppers who have heard a price keep it: a batch moves only those still to come, and learning counts each shopper in
/// the arm that shopper heard first. So a plan is made for the newcomers alone, from what all earlier ones did.
public struct BatchPlan: Sendable, Equatable {
    /// Chance of each arm for a newcomer; they sum to one.
    public let weights: [Double]
    /// Whole newcomers of each arm when the batch is to be split exactly.
    public let newcomers: [Int]

    public enum Policy: Sendable, Equatable {
        /// Each arm by its probability of being best (Thompson 1933), by quadrature rather than draws.
        case thompson
        /// Russo (2020), the leader's share in [0, 1].
        case topTwo(leader: Double)
        /// Even.
        case even
    }

    /// - Parameters:
    ///   - probabilityBest: of each arm, summing to one.
    ///   - floor: the least any arm keeps, so that every arm stays estimable; at most one over the number of arms.
    ///   - newcomers: shoppers of the coming batch, ≥ 0.
    public init(
        _ policy: Policy, probabilityBest: [Double], floor: Double = 0, newcomers total: Int
    ) throws(StatsError) {
        let k = Double(probabilityBest.count)
        guard !probabilityBest.isEmpty else { throw .insufficient("need an arm") }
        for value in probabilityBest { try Require.probability(value, "probabilityBest") }
        let sum = probabilityBest.reduce(0, +)
        guard abs(sum - 1) < 1e-6 else { throw .invalid("probabilityBest must sum to one") }
        guard floor >= 0, floor * k <= 1 + 1e-12 else { throw .invalid("floor must lie between 0 and 1/arms") }
        guard total >= 0 else { throw .invalid("newcomers must be 0 or more") }
        let raw: [Double]
        switch policy {
        case .thompson: raw = probabilityBest.map { $0 / sum }
        case .topTwo(let leader): raw = try BanditAllocation.topTwo(probability: probabilityBest, beta: leader)
        case .even: raw = probabilityBest.map { _ in 1 / k }
        }
        let weights = raw.map { floor + max(0, 1 - floor * k) * $0 }
        self.weights = weights
        newcomers = Self.split(total, weights)
    }

    /// Hamilton's method: whole parts, then one more for the largest remainders; ties to the earlier arm.
    private static func split(_ total: Int, _ weights: [Double]) -> [Int] {
        let sum = weights.reduce(0, +)
        let exact = weights.map { Double(total) * ($0 / sum) }
        var parts = exact.map { Int($0) }
        let order = exact.indices.sorted {
            let (a, b) = (exact[$0] - exact[$0].rounded(.down), exact[$1] - exact[$1].rounded(.down))
            return a == b ? $0 < $1 : a > b
        }
        var left = total - parts.reduce(0, +)
        while left > 0 {
            for index in order where left > 0 {
                parts[index] += 1
                left -= 1
            }
        }
        return parts
    }
}
