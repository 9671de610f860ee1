internal import Experiments
internal import Stats

/// From who buys to what is earned: what one buyer comes to, and what each price brought in.
///
/// The curve is one of buyers. It says what a price earns only if buyers take, keep and pay alike at every price: then
/// each is worth the same number of prices paid, m, and the same cost, k, and a price p earns (m p − k) for each buyer.
enum BuyerAnalysis {
    /// How sure the data must be that buyers differ by price before no best price is said.
    private static let alpha = 0.01

    /// Fills in what prices brought in, and what a buyer comes to where that is the same at all of them.
    static func read(_ input: AnalysisInput, into out: inout DemandReport) throws(StatsError) {
        let revenue = try atEachPrice(.revenuePerVisitor, input, out)
        let profit = try atEachPrice(.profitPerVisitor, input, out)
        for place in out.points.indices {
            if let revenue { out.points[place].revenue = try mean(revenue[place], input.plan.alpha) }
            if let profit { out.points[place].profit = try mean(profit[place], input.plan.alpha) }
        }
        let buyers = out.points.reduce(Int64(0)) { $0 + $1.conversions }
        guard let revenue, buyers > 0 else {
            out.buyer = DemandReport.Buyer(paidItems: 1, cost: out.unitCost)
            return out.warnings.append("Taken as one item a buyer: nothing says how much was bought.")
        }
        let items = try atEachPrice(.unitsPerVisitor, input, out)
        var differ = areDifferent(revenue, out.points) { Double($0.price) }
        if let items { differ = differ || areDifferent(items, out.points) { _ in 1 } }
        if differ {
            return out.warnings.append(
                "Buyers take or keep different amounts at different prices, so that who buys does not say what a price earns: no best price is given. Go by what each price brought in."
            )
        }
        let paid = zip(revenue, out.points).reduce(0) { $0 + Double($1.0.sum) / Double($1.1.price) } / Double(buyers)
        guard paid > 0 else {
            return out.warnings.append("All that was paid went back, so that no price is best.")
        }
        var cost = out.unitCost.map { $0 * paid }
        if cost != nil, let profit {
            let spent = zip(revenue, profit).reduce(0) { $0 + Double($1.0.sum) - Double($1.1.sum) }
            cost = spent / Double(buyers)
        }
        out.buyer = DemandReport.Buyer(paidItems: paid, cost: cost)
        if abs(paid - 1) >= 0.005 {
            out.warnings.append(
                "A buyer keeps and pays \(paid.rounded(digits: 2)) items on average, at every price alike as far as these data say: best prices count on it."
            )
        }
    }

    /// A metric's values of all shoppers at each price; nil where nobody measured it or part of it is not known.
    private static func atEachPrice(
        _ metric: Metric, _ input: AnalysisInput, _ out: DemandReport
    ) throws(StatsError) -> [ExactMoments]? {
        guard let metric = input.metrics.first(where: { $0.name == metric.rawValue }) else { return nil }
        var prices: [Int64: ExactMoments] = [:]
        for (variant, arm) in input.arms.enumerated() {
            guard let price = arm.price else { continue }
            guard metric.unknown(of: variant) == 0 else { return nil }
            for sample in metric.samples[variant] {
                prices[price] = try (prices[price] ?? ExactMoments()).merging(sample.moments)
            }
        }
        return out.points.map { prices[$0.price] ?? ExactMoments() }
    }

    private static func mean(_ moments: ExactMoments, _ alpha: Double) throws(StatsError) -> DemandReport.Earned? {
        guard moments.count >= 2 else { return nil }
        let mean = try moments.mean
        let error = (try moments.variance / Double(moments.count)).squareRoot()
        let half = StudentT(degreesOfFreedom: Double(moments.count - 1)).upperQuantile(alpha / 2) * error
        return DemandReport.Earned(
            mean: mean, interval: ConfidenceInterval(lower: mean - half, upper: mean + half, level: 1 - alpha))
    }

    /// Whether buyers' values, in units of `scale`, differ between prices: one-way analysis of variance among those who
    /// bought, whose statistic times its degrees of freedom is χ² with as many shoppers as here. Sums that no such buyers
    /// could have differ.
    private static func areDifferent(
        _ values: [ExactMoments], _ points: [DemandReport.Point], _ scale: (DemandReport.Point) -> Double
    ) -> Bool {
        var groups: [(buyers: Double, mean: Double)] = []
        var within = 0.0
        for (moments, point) in zip(values, points) where point.conversions > 0 {
            // Whoever bought nothing is worth nothing, and so adds to the count alone.
            let sums = try? ExactMoments(
                count: point.conversions, sum: moments.sum, sumOfSquares: moments.sumOfSquares)
            guard let buyers = sums, let mean = try? buyers.mean else { return true }
            groups.append((Double(buyers.count), mean / scale(point)))
            let variance = (try? buyers.variance) ?? 0
            within += variance * Double(buyers.count - 1) / (scale(point) * scale(point))
        }
        let all = groups.reduce(0) { $0 + $1.buyers }
        guard groups.count >= 2, all > Double(groups.count) else { return false }
        let mean = groups.reduce(0) { $0 + $1.buyers * $1.mean } / all
        let between = groups.reduce(0) { $0 + $1.buyers * ($1.mean - mean) * ($1.mean - mean) }
        let variance = within / (all - Double(groups.count))
        // Rounding alone makes no difference.
        guard between > 1e-18 * all * mean * mean else { return false }
        guard variance > 0 else { return true }
        return ChiSquare(degreesOfFreedom: Double(groups.count - 1)).upperTail(of: between / variance) < alpha
    }
}
