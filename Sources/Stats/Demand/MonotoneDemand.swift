import Glibc

/// Conversion as a falling function of price without a shape: a Gaussian process on the logit whose slope is held at or
/// below zero by virtual observations of its sign (Riihimäki & Vehtari 2010).
///
/// The prior is a constant, the logit of all conversions over all visitors, plus a squared-exponential process. Binomial
/// counts at the prices and probit signs of the slope between them are joined by expectation propagation (Minka 2001;
/// Rasmussen & Williams 2006, §3.6). Between virtual points a slope may rise, by very little. Outside the prices tested
/// it returns to the prior, so nothing may be read off there.
public struct MonotoneDemand: Sendable {
    /// The log marginal likelihood, signs included, without the binomial coefficients: larger for a better length scale.
    public let logEvidence: Double
    /// The lowest and the highest price tested.
    public let tested: ClosedRange<Double>

    private let kernel: SlopeKernel
    private let sites: [SlopeKernel.Input]
    private let centre: Double
    /// √τ of each site, the Cholesky factor of I + √τ K √τ, and K⁻¹ × the posterior mean.
    private let roots: [Double]
    private let factor: CholeskyRows
    private let weights: [Double]

    /// - Parameters:
    ///   - points: what was seen at each price; at most 200.
    ///   - lengthScale: the distance in price over which demand may bend, above 0; half the range tested unless said.
    ///   - signalSD: how far the logit may lie from its middle, above 0.
    ///   - virtualPoints: where the sign of the slope is held, evenly over the range tested; 0 lets it go. 0…100.
    /// - Throws: `invalid` for parameters out of range; `insufficient` without a point; `notIdentified` with one price or
    ///   when nobody or everybody bought; also where the counts rise so surely that no falling curve fits them, or are so
    ///   large (about 1e9 a price) that no digits are left for the signs.
    public init(
        _ points: [PricePoint], lengthScale: Double? = nil, signalSD: Double = 1.5, virtualPoints: Int = 12
    ) throws(StatsError) {
        guard !points.isEmpty else { throw .insufficient("demand needs a price") }
        guard points.count <= 200 else { throw .invalid("at most 200 points") }
        guard (0...100).contains(virtualPoints) else { throw .invalid("virtualPoints must lie between 0 and 100") }
        try Require.positive(signalSD, "signalSD")
        let prices = points.map(\.price)
        guard let lowest = prices.min(), let highest = prices.max(), lowest < highest else {
            throw .notIdentified("demand needs two prices")
        }
        let scale = lengthScale ?? (highest - lowest) / 2
        try Require.positive(scale, "lengthScale")
        let bought = points.reduce(0) { $0 + $1.conversions }
        let left = points.reduce(0) { $0 + ($1.visitors - $1.conversions) }
        guard bought > 0, left > 0 else { throw .notIdentified("nobody or everybody bought") }
        tested = lowest...highest
        let centre = log(bought / left)
        self.centre = centre
        let kernel = SlopeKernel(variance: signalSD * signalSD, lengthScale: scale)
        self.kernel = kernel
        var sites = prices.map { SlopeKernel.Input(price: $0, isSlope: false) }
        for k in 0..<virtualPoints {
            let share = virtualPoints == 1 ? 0.5 : Double(k) / Double(virtualPoints - 1)
            sites.append(SlopeKernel.Input(price: lowest + share * (highest - lowest), isSlope: true))
        }
        self.sites = sites
        // A sign is told with an error of a thousandth of the slopes that the prior expects.
        let signError = 1e-3 * signalSD / scale
        let result = try ExpectationPropagation(
            covariance: sites.map { a in sites.map { kernel.covariance(a, $0) } }
        ) { i, mean, variance in
            i < points.count
                ? TiltedMoments(
                    conversions: points[i].conversions, visitors: points[i].visitors, centre: centre, mean: mean,
                    variance: variance)
                : TiltedMoments(negativeWithin: signError, mean: mean, variance: variance)
        }
        logEvidence = result.logEvidence
        roots = result.precisions.map { $0.squareRoot() }
        factor = result.factor
        weights = result.weights
        // Soft signs yield to enough shoppers: then no falling curve is what was seen.
        for site in sites where site.isSlope && slope(at: site.price).mean > 3 * signError {
            throw .notIdentified("the counts rise so surely that no falling curve fits them")
        }
    }

    /// The posterior of the logit at a price, as a normal distribution.
    public func logit(at price: Double) -> (mean: Double, variance: Double) {
        normal(SlopeKernel.Input(price: price, isSlope: false), centre)
    }

    /// The posterior of the logit's slope at a price, per unit of price.
    public func slope(at price: Double) -> (mean: Double, variance: Double) {
        normal(SlopeKernel.Input(price: price, isSlope: true), 0)
    }

    /// The conversion rate at a price, posterior median.
    public func conversion(at price: Double) -> Double { IncompleteBeta.logistic(logit(at: price).mean).x }

    /// The equal-tailed credible interval of the conversion rate.
    ///
    /// - Throws: `invalid` for a mass outside (0, 1).
    public func interval(at price: Double, mass: Double) throws(StatsError) -> Interval {
        try Require.fraction(mass, "mass")
        let (mean, variance) = logit(at: price)
        let half = Normal.upperQuantile((1 - mass) / 2) * variance.squareRoot()
        return Interval(
            lower: IncompleteBeta.logistic(mean - half).x, upper: IncompleteBeta.logistic(mean + half).x)
    }

    private func normal(_ input: SlopeKernel.Input, _ prior: Double) -> (mean: Double, variance: Double) {
        var mean = prior
        var scaled: [Double] = []
        for i in sites.indices {
            let k = kernel.covariance(input, sites[i])
            mean += k * weights[i]
            scaled.append(k * roots[i])
        }
        let explained = factor.forward(scaled).reduce(0) { $0 + $1 * $1 }
        return (mean, max(0, kernel.covariance(input, input) - explained))
    }
}

/// The squared-exponential kernel between values and slopes of one function (Rasmussen & Williams 2006, §9.4).
struct SlopeKernel: Sendable {
    struct Input: Sendable {
        let price: Double
        let isSlope: Bool
    }

    let variance: Double
    let lengthScale: Double

    func covariance(_ a: Input, _ b: Input) -> Double {
        let d = (a.price - b.price) / lengthScale
        let k = variance * exp(-0.5 * d * d)
        // Nothing times a distance whose square overflows is still nothing.
        if k == 0 { return 0 }
        switch (a.isSlope, b.isSlope) {
        case (false, false): return k
        case (false, true): return k * d / lengthScale
        case (true, false): return -k * d / lengthScale
        case (true, true): return k * (1 - d * d) / (lengthScale * lengthScale)
        }
    }
}
