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
            for i in draw.indices { draw[i] = data[generator.index(below: data.count)] }
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
            for i in a.indices { a[i] = first[generator.index(below: first.count)] }
            for i in b.indices { b[i] = second[generator.index(below: second.count)] }
            values.append(statistic(b) - statistic(a))
        }
        return try interval(
            values, observed: statistic(second) - statistic(first),
            jackknife: [leaveOneOut(first) { -statistic($0) }, leaveOneOut(second, statistic)], alpha: alpha)
    }

    /// The bootstrap-t interval: quantiles of (estimate* − estimate)/error* stand for Student's (Efron & Tibshirani 1993,
    /// §12.5; Hall 1988). Second-order right, and follows skewness further than `bca`; wide when a resample's error can
    /// come near zero.
    ///
    /// - Parameters:
    ///   - alpha: two-sided, in (0, 1).
    ///   - resamples: 2000 and more for a 95% interval, 100…10,000,000.
    ///   - statistic: an estimate with its standard error, of a sample as long as `data`.
    /// - Throws: `invalid` for an alpha or a number of resamples out of range or data that are not finite, `insufficient`
    ///   below two observations, `zeroVariance` when the error at hand is not above 0, `notIdentified` when more than one
    ///   resample in a hundred has no error above 0. Fewer are left out.
    public static func studentised(
        _ data: [Double], alpha: Double, resamples: Int, using generator: inout some RandomNumberGenerator,
        statistic: ([Double]) -> (estimate: Double, standardError: Double)
    ) throws(StatsError) -> Interval {
        try check([data], alpha, resamples)
        let observed = statistic(data)
        var draw = data
        return try studentised(observed, alpha: alpha, resamples: resamples) {
            for i in draw.indices { draw[i] = data[generator.index(below: data.count)] }
            return statistic(draw)
        }
    }

    /// Bootstrap-t of a difference of means, second − first, each resample with Welch's error: for revenue, whose
    /// skewness Student's quantiles ignore.
    ///
    /// - Throws: as for one sample.
    public static func studentisedDifference(
        _ first: [Double], _ second: [Double], alpha: Double, resamples: Int,
        using generator: inout some RandomNumberGenerator
    ) throws(StatsError) -> Interval {
        try check([first, second], alpha, resamples)
        let observed = difference(Moments(of: first), Moments(of: second))
        return try studentised(observed, alpha: alpha, resamples: resamples) {
            var (a, b) = (Moments(), Moments())
            for _ in first.indices { a.add(first[generator.index(below: first.count)]) }
            for _ in second.indices { b.add(second[generator.index(below: second.count)]) }
            return difference(a, b)
        }
    }

    private static func difference(_ a: Moments, _ b: Moments) -> (estimate: Double, standardError: Double) {
        let variance =
            a.sumOfSquaredDeviations / (a.count * (a.count - 1)) + b.sumOfSquaredDeviations / (b.count * (b.count - 1))
        return (b.difference(from: a), variance.squareRoot())
    }

    private static func studentised(
        _ observed: (estimate: Double, standardError: Double), alpha: Double, resamples: Int,
        _ resample: () -> (estimate: Double, standardError: Double)
    ) throws(StatsError) -> Interval {
        guard observed.estimate.isFinite, observed.standardError.isFinite else {
            throw .notIdentified("the statistic fails on the data")
        }
        guard observed.standardError > 0 else { throw .zeroVariance("the statistic has no error on the data") }
        // Where all values of a resample are equal, rounding may leave an error that is not quite 0.
        let least = 1e-12 * observed.standardError
        var ratios: [Double] = []
        ratios.reserveCapacity(resamples)
        for _ in 0..<resamples {
            let draw = resample()
            let ratio = (draw.estimate - observed.estimate) / draw.standardError
            if draw.standardError > least, ratio.isFinite { ratios.append(ratio) }
        }
        guard (resamples - ratios.count) * 100 <= resamples else {
            throw .notIdentified("too many resamples do not vary")
        }
        ratios.sort()
        func quantile(_ level: Double) -> Double {
            let position = level * Double(ratios.count - 1)
            let index = Int(position)
            let next = min(index + 1, ratios.count - 1)
            return ratios[index] + (position - Double(index)) * (ratios[next] - ratios[index])
        }
        return Interval(
            lower: observed.estimate - quantile(1 - alpha / 2) * observed.standardError,
            upper: observed.estimate - quantile(alpha / 2) * observed.standardError)
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
