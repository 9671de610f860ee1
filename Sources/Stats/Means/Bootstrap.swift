import Glibc

/// Intervals from resampling the data at hand, for statistics without a formula.
///
/// Efron (1987): bias-corrected and accelerated percentiles. Second-order right for smooth statistics of independent
/// units; wrong for maxima, and too narrow where a handful of orders carries the revenue (the sample has not seen the
/// next whale).
public enum Bootstrap {
    /// - Parameters:
    ///   - statistic: of a sample as long as `data`.
    ///   - resamples: 2000 and more for a 95% interval.
    public static func bca(
        _ data: [Double], alpha: Double, resamples: Int, using generator: inout some RandomNumberGenerator,
        statistic: ([Double]) -> Double
    ) throws(StatsError) -> Interval {
        try check([data], alpha, resamples)
        let observed = statistic(data)
        var draw = data
        var values: [Double] = []
        for _ in 0..<resamples {
            for i in draw.indices { draw[i] = data[Int.random(in: 0..<data.count, using: &generator)] }
            values.append(statistic(draw))
        }
        return try interval(values, observed: observed, jackknife: [leaveOneOut(data, statistic)], alpha: alpha)
    }

    /// The same for second − first of two independent samples.
    public static func bcaDifference(
        _ first: [Double], _ second: [Double], alpha: Double, resamples: Int,
        using generator: inout some RandomNumberGenerator, statistic: ([Double]) -> Double
    ) throws(StatsError) -> Interval {
        try check([first, second], alpha, resamples)
        var a = first
        var b = second
        var values: [Double] = []
        for _ in 0..<resamples {
            for i in a.indices { a[i] = first[Int.random(in: 0..<first.count, using: &generator)] }
            for i in b.indices { b[i] = second[Int.random(in: 0..<second.count, using: &generator)] }
            values.append(statistic(b) - statistic(a))
        }
        return try interval(
            values, observed: statistic(second) - statistic(first),
            jackknife: [leaveOneOut(first) { -statistic($0) }, leaveOneOut(second, statistic)], alpha: alpha)
    }

    private static func check(_ samples: [[Double]], _ alpha: Double, _ resamples: Int) throws(StatsError) {
        try Require.fraction(alpha, "alpha")
        for sample in samples {
            try Require.finite(sample, "data")
            guard sample.count >= 2 else { throw .insufficient("resampling needs two observations") }
        }
        guard resamples >= 100, resamples <= 10_000_000 else {
            throw .invalid("resamples must lie between 100 and 10 million")
        }
    }

    private static func leaveOneOut(_ data: [Double], _ statistic: ([Double]) -> Double) -> [Double] {
        data.indices.map { i in
            var rest = data
            rest.remove(at: i)
            return statistic(rest)
        }
    }

    /// Efron & Tibshirani (1993), eq. 14.9–14.15; several samples add their influences (eq. 14.36 of Davison & Hinkley's
    /// stratified form).
    static func interval(
        _ resampled: [Double], observed: Double, jackknife: [[Double]], alpha: Double
    ) throws(StatsError) -> Interval {
        for value in resampled where !value.isFinite { throw .notIdentified("the statistic fails on some resamples") }
        let sorted = resampled.sorted()
        let n = Double(sorted.count)
        let below = Double(sorted.count { $0 < observed }) + 0.5 * Double(sorted.count { $0 == observed })
        guard let first = sorted.first, let last = sorted.last, first < last else {
            throw .zeroVariance("the statistic is the same on every resample")
        }
        let bias = Normal.quantile(min(max(below / n, 0.5 / n), 1 - 0.5 / n))
        var cubes = 0.0
        var squares = 0.0
        for values in jackknife {
            let size = Double(values.count)
            let mean = Moments(of: values).mean
            for value in values {
                let influence = (size - 1) * (mean - value) / size
                squares += influence * influence
                cubes += influence * influence * influence
            }
        }
        let acceleration = squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
        func end(_ level: Double) -> Double {
            let z = bias + Normal.quantile(level)
            let share = Normal.lowerTail(of: bias + z / (1 - acceleration * z))
            let position = min(max(share * (n - 1), 0), n - 1)
            let index = Int(position)
            let next = min(index + 1, sorted.count - 1)
            return sorted[index] + (position - Double(index)) * (sorted[next] - sorted[index])
        }
        return Interval(lower: end(alpha / 2), upper: end(1 - alpha / 2))
    }
}
