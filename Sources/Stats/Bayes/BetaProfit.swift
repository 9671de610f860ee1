import Glibc

/// An arm that sells at one price: its conversion rate's posterior and what a conversion brings.
public struct PricedArm: Sendable, Equatable {
    public let rate: Beta
    /// Price − unit cost; may be zero or negative.
    public let margin: Double

    public init(rate: Beta, price: Double, unitCost: Double) throws(StatsError) {
        try Require.finite(price, "price")
        try Require.finite(unitCost, "unitCost")
        self.rate = rate
        margin = price - unitCost
        try Require.finite(margin, "price - unitCost")
    }

    /// The posterior mean of profit per visitor.
    public var meanProfit: Double { rate.mean * margin }
}

/// Arms compared by profit per visitor m θ, θ beta: the best price is seldom the one that converts best.
///
/// Same integrals as for rates, at θ_j = (m_k/m_j) θ_k; where that passes 1 the factor is 1 and a panel ends.
public struct ProfitComparison: Sendable, Equatable {
    public let probability: [Double]
    public let expectedLoss: [Double]

    public init(_ arms: [PricedArm]) throws(StatsError) {
        guard !arms.isEmpty else { throw .insufficient("need an arm") }
        let earning = arms.indices.filter { arms[$0].margin > 0 }
        let free = arms.indices.filter { arms[$0].margin == 0 }
        var probability = [Double](repeating: 0, count: arms.count)
        var loss = probability
        if !earning.isEmpty {
            // Whatever loses money or nothing never beats an arm that earns.
            let field = ScaledArms(arms: earning.map { arms[$0] }, smallestWins: false)
            for (position, k) in earning.enumerated() {
                probability[k] = field.probabilityOfBest(position)
                loss[k] = field.loss(position)
            }
            let best = arms[earning[0]].meanProfit + loss[earning[0]]
            for k in arms.indices where arms[k].margin <= 0 { loss[k] = best - arms[k].meanProfit }
        } else if !free.isEmpty {
            for k in free { probability[k] = 1 / Double(free.count) }
            for k in arms.indices { loss[k] = -arms[k].meanProfit }
        } else {
            let field = ScaledArms(arms: arms, smallestWins: true)
            for k in arms.indices {
                probability[k] = field.probabilityOfBest(k)
                loss[k] = field.loss(k)
            }
        }
        self.probability = probability
        expectedLoss = loss
    }
}

/// Arms whose margins all have one sign, by the size |m| θ.
private struct ScaledArms {
    let arms: [PricedArm]
    /// All margins negative: the arm that loses least wins.
    let smallestWins: Bool

    private func scale(_ j: Int) -> Double { abs(arms[j].margin) }

    /// log P(arm j is beaten or tied by the level that arm `reference` has at `point`).
    private func logBeaten(_ j: Int, reference: Int, _ point: LogitPoint) -> Double {
        let tails = tails(j, reference: reference, point)
        return smallestWins ? tails.logUpper : tails.logLower
    }

    private func logBeats(_ j: Int, reference: Int, _ point: LogitPoint) -> Double {
        let tails = tails(j, reference: reference, point)
        return smallestWins ? tails.logLower : tails.logUpper
    }

    private func tails(_ j: Int, reference: Int, _ point: LogitPoint) -> IncompleteGamma.Tails {
        if j == reference { return arms[j].rate.tails(point) }
        let ratio = scale(reference) / scale(j)
        if ratio == 1 { return arms[j].rate.tails(point) }
        let x = ratio * point.x
        // 1 − r x = (1 − r) + r y, without cancellation when x is near 1.
        let y = point.x < 0.5 ? 1 - x : (1 - ratio) + ratio * point.y
        if x >= 1 || y <= 0 { return .init(lower: 1, upper: 0, logLower: 0, logUpper: -.infinity) }
        return arms[j].rate.tails(LogitPoint(x: x, y: y))
    }

    func probabilityOfBest(_ k: Int) -> Double {
        if arms.count == 1 { return 1 }
        return min(
            1,
            exp(
                integrate(reference: k) { point in
                    var sum = arms[k].rate.logLogitDensity(point)
                    for j in arms.indices where j != k { sum += logBeaten(j, reference: k, point) }
                    return sum
                }))
    }

    func loss(_ k: Int) -> Double {
        var loss = 0.0
        for i in arms.indices where i != k {
            // ∫ P(k beaten by the level) P(i beats it) Π_{j<i} P(j beaten), over levels that arm i can reach; when the
            // smallest wins it is arm k's range that bounds the level.
            let reference = smallestWins ? k : i
            loss +=
                scale(reference)
                * exp(
                    integrate(reference: reference) { point in
                        var sum = point.logSlope + logBeaten(k, reference: reference, point)
                        sum += logBeats(i, reference: reference, point)
                        for j in arms.indices where j < i && j != k { sum += logBeaten(j, reference: reference, point) }
                        return sum
                    })
        }
        return loss
    }

    private func integrate(reference: Int, _ integrand: (LogitPoint) -> Double) -> Double {
        let law = arms[reference].rate
        func atLogit(_ u: Double) -> Double { integrand(LogitPoint(u)) }
        // Start at the smallest typical level, where nothing is beyond any arm's reach.
        var start = law.logitCentre
        for j in arms.indices {
            let level = scale(j) / scale(reference) * arms[j].rate.mean
            if level < 1 { start = min(start, log(level) - log1p(-level)) }
        }
        let (lower, mode, upper) = Quadrature.support(around: start, scale: law.logitScale, atLogit)
        var breaks = [mode]
        for j in arms.indices {
            let ratio = scale(j) / scale(reference)
            if ratio < 1 { breaks.append(log(ratio) - log1p(-ratio)) }
        }
        return Quadrature.logIntegral(from: lower, to: upper, breaks: breaks, panels: 4, atLogit)
    }
}
