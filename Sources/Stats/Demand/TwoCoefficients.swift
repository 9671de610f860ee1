import Glibc

/// A predictor a + b·z by maximum likelihood.
///
/// Fisher scoring (McCullagh & Nelder 1989, §2.5), each step halved until the likelihood does not fall.
struct TwoCoefficients {
    private(set) var a: Double
    private(set) var b = 0.0
    /// The expected information where the last step began.
    private(set) var information = Symmetric2()
    /// Whether the last step was as short as asked.
    private(set) var hasConverged = false

    /// - Parameters:
    ///   - a: where to begin, with b = 0.
    ///   - tolerance: the length of the last step, relative to 1 + |a| + |b|.
    ///   - steepest: the |b| beyond which nothing is looked for.
    ///   - slope: of the likelihood at (a, b): its information and its score.
    init(
        from a: Double, tolerance: Double, steepest: Double = .infinity,
        logLikelihood: (_ a: Double, _ b: Double) -> Double,
        slope: (_ a: Double, _ b: Double) -> (information: Symmetric2, score: (Double, Double))
    ) {
        self.a = a
        var best = logLikelihood(a, b)
        for _ in 0..<200 {
            let (information, score) = slope(self.a, b)
            self.information = information
            guard let step = information.solve(score) else { return }
            var shrink = 1.0
            var candidate = best
            while shrink > 1e-10 {
                candidate = logLikelihood(self.a + shrink * step.0, b + shrink * step.1)
                if candidate >= best - 1e-12 * abs(best) { break }
                shrink *= 0.5
            }
            self.a += shrink * step.0
            b += shrink * step.1
            best = candidate
            hasConverged = abs(step.0) + abs(step.1) < tolerance * (1 + abs(self.a) + abs(b))
            if hasConverged || abs(b) > steepest { return }
        }
    }

    /// Conversions Poisson with mean visitors · e^{a + bz}, the visitors as offset (McCullagh & Nelder 1989, ch. 6).
    ///
    /// - Parameter values: z of each point.
    init(poisson points: [PricePoint], at values: [Double]) {
        let rate = points.reduce(0) { $0 + $1.conversions } / points.reduce(0) { $0 + $1.visitors }
        self.init(from: log(rate), tolerance: 1e-14) { a, b in
            zip(points, values).reduce(0) {
                let eta = a + b * $1.1
                return $0 + $1.0.conversions * eta - $1.0.visitors * exp(eta)
            }
        } slope: { a, b in
            var information = Symmetric2()
            var score = (0.0, 0.0)
            for (point, z) in zip(points, values) {
                let mean = point.visitors * exp(a + b * z)
                information.add(mean, z)
                score.0 += point.conversions - mean
                score.1 += (point.conversions - mean) * z
            }
            return (information, score)
        }
    }
}
