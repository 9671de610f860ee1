import Glibc

/// Several products that take sales from one another, and buying nothing: utilities α_j + β price_j against 0.
///
/// Maximum likelihood of McFadden's (1974) conditional logit by Newton's method; the likelihood is concave (Train 2009,
/// ch. 3). It assumes that a product draws from all others in proportion to their shares (independence of irrelevant
/// alternatives): for two near-identical products it understates how much they take from one another.
public struct MultinomialLogit: Sendable, Equatable {
    /// What was chosen while prices stood at one vector.
    public struct Occasion: Sendable, Equatable {
        public let prices: [Double]
        /// Purchases of each product.
        public let purchases: [Double]
        public let visitors: Double

        /// - Throws: `invalid` for lengths that differ, prices that are no numbers, more purchases than visitors.
        public init(prices: [Double], purchases: [Double], visitors: Double) throws(StatsError) {
            try Require.sameLength(prices.count, purchases.count, "prices, purchases")
            try Require.finite(prices, "prices")
            for count in purchases { try Require.nonNegative(count, "purchases") }
            try Require.counts(purchases.reduce(0, +), of: visitors, "purchases, visitors")
            self.prices = prices
            self.purchases = purchases
            self.visitors = visitors
        }
    }

    /// α of each product: its worth at price 0 over buying nothing.
    public let intercepts: [Double]
    /// β, < 0 when demand falls.
    public let priceCoefficient: Double
    public let priceCoefficientError: Double
    public let interceptErrors: [Double]
    public let logLikelihood: Double

    /// - Throws: `insufficient` without occasions or visitors; `notIdentified` when no product's price moves, a product
    ///   is never bought, nobody leaves without buying, or prices separate buyers from the rest.
    public init(_ occasions: [Occasion]) throws(StatsError) {
        guard let products = occasions.first?.prices.count, products > 0 else {
            throw .insufficient("need an occasion with a product")
        }
        for occasion in occasions { try Require.sameLength(occasion.prices.count, products, "prices of all occasions") }
        let visitors = occasions.reduce(0) { $0 + $1.visitors }
        guard visitors > 0 else { throw .insufficient("need a visitor") }
        let bought = (0..<products).map { j in occasions.reduce(0) { $0 + $1.purchases[j] } }
        let passed = visitors - bought.reduce(0, +)
        guard bought.allSatisfy({ $0 > 0 }), passed > 0 else {
            throw .notIdentified("each product must be bought and passed over at least once")
        }
        // Prices about their mean and in units of their spread, so that yen and dollars converge alike.
        let all = Moments(of: occasions.flatMap(\.prices))
        let centre = all.mean
        let scale = (all.sumOfSquaredDeviations / all.count).squareRoot()
        guard scale > 0 else { throw .notIdentified("a price coefficient needs two prices") }
        let model = Likelihood(occasions: occasions, products: products, centre: centre, scale: scale)
        var parameters = bought.map { log($0 / passed) } + [0]
        var state = model.state(parameters)
        for _ in 0..<200 {
            let inverse = try state.information.choleskyInverse().inverse
            let step = inverse.times(state.score)
            var shrink = 1.0
            var next = state
            var candidate = parameters
            while shrink > 1e-10 {
                candidate = zip(parameters, step).map { $0 + shrink * $1 }
                next = model.state(candidate)
                if next.value >= state.value - 1e-12 * abs(state.value) { break }
                shrink *= 0.5
            }
            (parameters, state) = (candidate, next)
            let size = parameters.reduce(1) { $0 + abs($1) }
            if step.reduce(0, { $0 + abs($1) }) < 1e-12 * size { break }
        }
        guard parameters.allSatisfy({ abs($0) < 500 }) else {
            throw .notIdentified("price separates buyers from the rest")
        }
        let inverse = try state.information.choleskyInverse().inverse
        let beta = parameters[products]
        let ratio = centre / scale
        intercepts = (0..<products).map { parameters[$0] - beta * ratio }
        priceCoefficient = beta / scale
        priceCoefficientError = inverse[products, products].squareRoot() / scale
        interceptErrors = (0..<products).map { j in
            let variance =
                inverse[j, j] - 2 * ratio * inverse[j, products] + ratio * ratio * inverse[products, products]
            return max(0, variance).squareRoot()
        }
        logLikelihood = state.value
    }

    private struct Likelihood {
        let occasions: [Occasion]
        let products: Int
        let centre: Double
        let scale: Double

        struct State {
            var value: Double
            var score: [Double]
            var information: Matrix
        }

        func state(_ parameters: [Double]) -> State {
            let k = products
            var value = CompensatedSum()
            var score = [Double](repeating: 0, count: k + 1)
            var information = Matrix(rows: k + 1, columns: k + 1)
            for occasion in occasions {
                let z = occasion.prices.map { ($0 - centre) / scale }
                let utilities = (0..<k).map { parameters[$0] + parameters[k] * z[$0] }
                let logSum = Elementary.logSumExp(utilities + [0])
                let shares = utilities.map { exp($0 - logSum) }
                let passed = occasion.visitors - occasion.purchases.reduce(0, +)
                value.add(-passed * logSum)
                var meanPrice = 0.0
                for j in 0..<k { meanPrice += shares[j] * z[j] }
                var spread = 0.0
                for j in 0..<k {
                    value.add(occasion.purchases[j] * (utilities[j] - logSum))
                    let residual = occasion.purchases[j] - occasion.visitors * shares[j]
                    score[j] += residual
                    score[k] += residual * z[j]
                    spread += shares[j] * (z[j] - meanPrice) * (z[j] - meanPrice)
                    for i in 0..<k {
                        information[j, i] += occasion.visitors * ((i == j ? shares[j] : 0) - shares[i] * shares[j])
                    }
                    let cross = occasion.visitors * shares[j] * (z[j] - meanPrice)
                    information[j, k] += cross
                    information[k, j] += cross
                }
                // The outside option has price utility 0: it spreads too.
                let outside = exp(-logSum)
                information[k, k] += occasion.visitors * (spread + outside * meanPrice * meanPrice)
            }
            return State(value: value.value, score: score, information: information)
        }
    }

    /// Shares, own elasticities and the log sum at a vector of prices.
    public func shares(at prices: [Double]) throws(StatsError) -> MultinomialShares {
        try Require.sameLength(prices.count, intercepts.count, "prices, products")
        return try MultinomialShares(
            utilities: zip(intercepts, prices).map { $0 + priceCoefficient * $1 }, outsideUtility: 0,
            priceCoefficient: priceCoefficient, prices: prices)
    }

    /// d log share_j / d log price_i, i ≠ j: −β price_i share_i, the same for every j.
    public func crossElasticity(ofPrice i: Int, at prices: [Double]) throws(StatsError) -> Double {
        guard intercepts.indices.contains(i) else { throw .invalid("no such product") }
        return -priceCoefficient * prices[i] * (try shares(at: prices).shares[i])
    }

    /// Expected consumer surplus per visitor, in money: log Σ e^u / (−β) (Small & Rosen 1981). β < 0.
    public func consumerSurplus(at prices: [Double]) throws(StatsError) -> Double {
        -(try shares(at: prices).logSum) / priceCoefficient
    }

    /// The prices that together earn most: one markup on every product's cost, m = [1 + W₀(Σ e^{α_j + βc_j − 1})]/(−β)
    /// (Li & Huh 2011, Theorem 1). Nil when demand does not fall.
    public func optimalPrices(unitCosts: [Double]) throws(StatsError) -> [Double]? {
        try Require.sameLength(unitCosts.count, intercepts.count, "unitCosts, products")
        try Require.finite(unitCosts, "unitCosts")
        guard priceCoefficient < 0 else { return nil }
        let worth = Elementary.logSumExp(zip(intercepts, unitCosts).map { $0 + priceCoefficient * $1 - 1 })
        let markup = -(1 + LambertW.principal(ofExpOf: worth)) / priceCoefficient
        return unitCosts.map { $0 + markup }
    }
}
