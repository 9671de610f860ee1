internal import Stats

/// The fitted demand curve at evenly spaced prices, with its uncertainty.
enum DemandCurve {
    private static let steps = 40
    /// How far beyond the tested prices the curve is drawn, as a share of their range.
    private static let beyond = 0.15

    /// log odds ± z √Var(a + b p), mapped to rates: the interval stays between 0 and 1.
    static func points(
        _ curve: LogitDemand, tested: [Double], alpha: Double
    ) -> [DemandReport.CurvePoint] {
        guard let lowest = tested.min(), let highest = tested.max(), lowest < highest else { return [] }
        let fit = curve.fit
        let margin = beyond * (highest - lowest)
        let lower = max(0.5 * lowest, lowest - margin)
        let width = highest + margin - lower
        let z = Normal.upperQuantile(alpha / 2)
        return (0...steps).compactMap { step in
            let price = lower + width * Double(step) / Double(steps)
            let variance = fit.interceptVariance + 2 * price * fit.covariance + price * price * fit.slopeVariance
            let half = z * max(0, variance).squareRoot()
            let eta = fit.intercept + fit.slope * price
            guard half.isFinite, eta.isFinite else { return nil }
            func rate(_ eta: Double) -> Double { OptimalPrice.logitConversion(eta, 0, at: 0) }
            return DemandReport.CurvePoint(
                price: price, rate: rate(eta),
                interval: ConfidenceInterval(lower: rate(eta - half), upper: rate(eta + half), level: 1 - alpha),
                isTested: price >= lowest && price <= highest)
        }
    }
}
