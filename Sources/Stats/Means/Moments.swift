/// Count, mean and centred sum of squares of real numbers: they add.
///
/// Merging is Chan, Golub & LeVeque (1979), so batches, days and shards compose without cancellation.
public struct Moments: Sendable, Equatable, Codable {
    public private(set) var count: Double
    public private(set) var mean: Double
    /// What rounding left off the mean: with an offset of 1e9 two means differ in digits that one double does not hold.
    private var meanRest = 0.0
    /// Σ (x − mean)².
    public private(set) var sumOfSquaredDeviations: Double

    public init() {
        count = 0
        mean = 0
        sumOfSquaredDeviations = 0
    }

    /// From summary numbers; variance with denominator n − 1.
    public init(count: Double, mean: Double, variance: Double) {
        self.count = count
        self.mean = mean
        sumOfSquaredDeviations = variance * max(0, count - 1)
    }

    init(count: Double, mean: Double, sumOfSquaredDeviations: Double) {
        self.count = count
        self.mean = mean
        self.sumOfSquaredDeviations = sumOfSquaredDeviations
    }

    /// Two passes over data at hand, with the correction term of Chan et al. (1983), eq. 1.7.
    public init(of data: some Collection<Double>) {
        self.init()
        guard let first = data.first else { return }
        let n = Double(data.count)
        var total = CompensatedSum()
        for x in data { total.add(x) }
        let centre = total.value.isFinite ? total.value / n : first
        var squares = CompensatedSum()
        var residual = CompensatedSum()
        for x in data {
            let d = x - centre
            squares.add(d * d)
            residual.add(d)
        }
        count = n
        // What the division left, exactly.
        let whole = Elementary.twoProduct(n, centre)
        let rest = ((total.high - whole.high) + (total.low - whole.low)) / n
        (mean, meanRest) = rest.isFinite ? Elementary.twoSum(centre, rest) : (centre + residual.value / n, 0)
        sumOfSquaredDeviations = max(0, squares.value - residual.value * residual.value / n)
    }

    /// Welford's update (Knuth, TAOCP 4.2.2, eq. 15–16).
    public mutating func add(_ x: Double) {
        count += 1
        let delta = (x - mean) - meanRest
        (mean, meanRest) = Elementary.twoSum(mean, meanRest + delta / count)
        sumOfSquaredDeviations += delta * ((x - mean) - meanRest)
    }

    /// Chan, Golub & LeVeque (1979), eq. 2.1.
    public func merging(_ other: Moments) -> Moments {
        if count == 0 { return other }
        if other.count == 0 { return self }
        let n = count + other.count
        let delta = other.difference(from: self)
        var merged = Moments(
            count: n, mean: mean,
            sumOfSquaredDeviations: sumOfSquaredDeviations + other.sumOfSquaredDeviations
                + delta * delta * (count / n) * other.count)
        (merged.mean, merged.meanRest) = Elementary.twoSum(mean, meanRest + delta * (other.count / n))
        return merged
    }

    /// This mean less another, to more digits than the means themselves have.
    func difference(from other: Moments) -> Double { (mean - other.mean) + (meanRest - other.meanRest) }

    /// The sample variance, denominator n − 1. Fewer than two observations have none.
    public var variance: Double {
        get throws(StatsError) {
            guard count >= 2 else { throw .insufficient("a variance needs two observations") }
            return sumOfSquaredDeviations / (count - 1)
        }
    }
}

/// A sum that carries its rounding error (Neumaier 1974).
struct CompensatedSum: Sendable {
    private var sum = 0.0
    private var error = 0.0

    var value: Double { sum + error }
    /// The value in two parts.
    var high: Double { sum }
    var low: Double { error }

    mutating func add(_ x: Double) {
        let (s, e) = Elementary.twoSum(sum, x)
        sum = s
        error += e
    }
}
