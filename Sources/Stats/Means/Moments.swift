/// Count, mean and centred sum of squares of real numbers: they add.
///
/// Merging is Chan, Golub & LeVeque (1979), so batches, days and shards compose without cancellation.
public struct Moments: Sendable, Equatable, Codable {
    public private(set) var count: Double
    public private(set) var mean: Double
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
        var shifted = CompensatedSum()
        for x in data { shifted.add(x - first) }
        let offset = shifted.value / n
        let centre = first + offset
        var squares = CompensatedSum()
        var residual = CompensatedSum()
        for x in data {
            let d = x - centre
            squares.add(d * d)
            residual.add(d)
        }
        count = n
        mean = centre + residual.value / n
        sumOfSquaredDeviations = max(0, squares.value - residual.value * residual.value / n)
    }

    /// Welford's update (Knuth, TAOCP 4.2.2, eq. 15–16).
    public mutating func add(_ x: Double) {
        count += 1
        let delta = x - mean
        mean += delta / count
        sumOfSquaredDeviations += delta * (x - mean)
    }

    /// Chan, Golub & LeVeque (1979), eq. 2.1.
    public func merging(_ other: Moments) -> Moments {
        if count == 0 { return other }
        if other.count == 0 { return self }
        let n = count + other.count
        let delta = other.mean - mean
        return Moments(
            count: n, mean: mean + delta * (other.count / n),
            sumOfSquaredDeviations: sumOfSquaredDeviations + other.sumOfSquaredDeviations
                + delta * delta * (count / n) * other.count)
    }

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

    mutating func add(_ x: Double) {
        let (s, e) = Elementary.twoSum(sum, x)
        sum = s
        error += e
    }
}
