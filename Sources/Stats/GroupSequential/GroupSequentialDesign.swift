import Glibc

/// A plan of a few looks that keeps its error rate over all of them.
public struct GroupSequentialDesign: Sendable, Equatable {
    /// How the boundary is shaped.
    public enum Shape: Sendable, Equatable {
        /// z_k = C t_k^{Δ−½} (Wang & Tsiatis 1987): Δ = 0 is O'Brien–Fleming, ½ is Pocock.
        case wangTsiatis(delta: Double)
        /// A fixed z at the interim looks (Haybittle 1971, Peto 1976), the last one solved for.
        case haybittlePeto(interimZ: Double)
        case spending(SpendingFunction)
    }

    public let sides: Int
    public let alpha: Double
    public let infoFractions: [Double]
    /// Critical values on the z scale; +∞ where nothing may be spent yet.
    public let criticalZ: [Double]
    /// C of Wang & Tsiatis.
    public let constant: Double?
    /// Error spent by each look, both sides together.
    public let cumulativeAlpha: [Double]

    /// - Parameters:
    ///   - sides: 1 or 2 (symmetric).
    ///   - infoFractions: rising, in (0, 1], the last one 1; at most 100.
    public init(_ shape: Shape, alpha: Double, sides: Int, infoFractions: [Double]) throws(StatsError) {
        try Require.fraction(alpha, "alpha")
        guard sides == 1 || sides == 2 else { throw .invalid("sided must be 1 or 2") }
        try Self.check(infoFractions)
        self.alpha = alpha
        self.sides = sides
        self.infoFractions = infoFractions
        switch shape {
        case .wangTsiatis(let delta):
            try Require.finite(delta, "delta")
            let powers = infoFractions.map { pow($0, delta - 0.5) }
            let share = alpha / Double(sides)
            // The likeliest look alone crosses less often than all together, and they less often than their sum.
            let least = powers.map { Normal.upperQuantile(share) / $0 }.max() ?? 0
            let most = Self.solve(from: min(least, -10), to: max(least, 45)) { c in
                Self.logOf(powers.reduce(0) { $0 + Normal.upperTail(of: c * $1) }) - log(share)
            }
            func excess(_ c: Double) -> Double {
                Self.logOf(Self.crossing(powers.map { c * $0 }, infoFractions, sides: sides).reduce(0, +)) - log(alpha)
            }
            let c = Self.solve(within: least, most, excess) ?? Self.solve(from: least, to: most, excess)
            constant = c
            criticalZ = powers.map { c * $0 }
        case .haybittlePeto(let interim):
            try Require.positive(interim, "interimZ")
            let early = infoFractions.dropLast().map { _ in interim }
            let spent = Self.crossing(early, Array(infoFractions.dropLast()), sides: sides).reduce(0, +)
            guard spent < alpha else { throw .invalid("the interim looks alone spend more than alpha") }
            let last = Self.solve { z in
                Self.logOf(Self.crossing(early + [z], infoFractions, sides: sides).reduce(0, +)) - log(alpha)
            }
            constant = nil
            criticalZ = early + [last]
        case .spending(let function):
            constant = nil
            criticalZ = Self.spendingBounds(function, alpha: alpha, sides: sides, infoFractions)
        }
        var total = 0.0
        if case .spending(let function) = shape {
            cumulativeAlpha = infoFractions.map { function.spent($0, alpha: alpha) }
        } else {
            cumulativeAlpha = Self.crossing(criticalZ, infoFractions, sides: sides).map {
                total += $0
                return total
            }
        }
    }

    private static func check(_ t: [Double]) throws(StatsError) {
        guard !t.isEmpty, t.count <= 100 else { throw .invalid("need between 1 and 100 looks") }
        var previous = 0.0
        for value in t {
            guard value > previous, value <= 1 + 1e-9 else {
                throw .invalid("infoFractions must rise strictly within (0, 1]")
            }
            previous = value
        }
        guard abs(previous - 1) < 1e-9 else { throw .invalid("infoFractions must end at 1") }
    }

    private static func spendingBounds(
        _ function: SpendingFunction, alpha: Double, sides: Int, _ t: [Double]
    ) -> [Double] {
        var walk = StagewiseWalk(drift: 0)
        var bounds: [Double] = []
        var before = 0.0
        for (k, time) in t.enumerated() {
            let spent = function.spent(time, alpha: alpha)
            let share = (spent - before) / Double(sides)
            before = spent
            let z: Double
            if share <= 0 {
                z = .infinity
            } else if k == 0 {
                z = Normal.upperQuantile(share)
            } else {
                let current = walk
                // Solved in logarithms, so that a share of 1e-100 is met to the same digits.
                z = solve { logOf(current.upperCrossing($0, at: time)) - log(share) }
            }
            bounds.append(z)
            if k + 1 < t.count {
                walk.advance(to: time, before: t[k + 1], lower: sides == 2 ? -z : -.infinity, upper: z)
            }
        }
        return bounds
    }

    /// log p, finite where p has underflowed, so that a root can still be bracketed.
    private static func logOf(_ p: Double) -> Double { log(max(Double.leastNonzeroMagnitude, p)) }

    /// The zero of a falling function of z, by the Illinois form of false position within a bracket.
    private static func solve(from low: Double = -10, to high: Double = 45, _ function: (Double) -> Double) -> Double {
        var (x0, x1) = (low, high)
        // Halve while the bracket is so wide that the function is flat at its ends.
        var f0 = 1.0
        var f1 = -1.0
        while x1 - x0 > 0.5 {
            let middle = 0.5 * (x0 + x1)
            let f = function(middle)
            if f > 0 { (x0, f0) = (middle, f) } else { (x1, f1) = (middle, f) }
        }
        for _ in 0..<60 where abs(x1 - x0) > 1e-13 {
            let x = f1 == f0 ? 0.5 * (x0 + x1) : x1 - f1 * (x1 - x0) / (f1 - f0)
            let f = function(x)
            if f == 0 || abs(x - x1) < 1e-13 { return x }
            if (f > 0) != (f1 > 0) { (x0, f0) = (x1, f1) } else { f0 *= 0.5 }
            (x1, f1) = (x, f)
        }
        return x1
    }

    /// The zero of a falling function between two points that are thought to enclose it: nil if they do not.
    private static func solve(
        within low: Double, _ high: Double, _ function: (Double) -> Double
    ) -> Double? {
        var (x0, x1) = (low, high)
        var (f0, f1) = (function(low), function(high))
        if abs(f0) < 1e-13 { return low }
        guard f0 > 0, f1 < 0, f1 > -.infinity else { return nil }
        for _ in 0..<60 where abs(x1 - x0) > 1e-13 * max(1, abs(x1)) {
            let x = x1 - f1 * (x1 - x0) / (f1 - f0)
            let f = function(x)
            if abs(f) < 1e-14 || abs(x - x1) < 1e-12 { return x }
            if (f > 0) != (f1 > 0) { (x0, f0) = (x1, f1) } else { f0 *= 0.5 }
            (x1, f1) = (x, f)
        }
        return x1
    }

    /// P(crossing first at each look) under no drift.
    private static func crossing(_ z: [Double], _ t: [Double], sides: Int) -> [Double] {
        var walk = StagewiseWalk(drift: 0)
        var result: [Double] = []
        for (k, (z, time)) in zip(z, t).enumerated() {
            result.append(Double(sides) * walk.upperCrossing(z, at: time))
            if k + 1 < t.count {
                walk.advance(to: time, before: t[k + 1], lower: sides == 2 ? -z : -.infinity, upper: z)
            }
        }
        return result
    }

    /// P(leaving upwards or downwards at each look), Z_k ~ N(drift √I_k, 1).
    public static func exitProbabilities(
        infoFractions t: [Double], lower: [Double], upper: [Double], drift: Double
    ) throws(StatsError) -> (lower: [Double], upper: [Double]) {
        try exits(t, lower: lower, upper: upper, drift: drift, followsLowerTail: lower.contains { $0 > -.infinity })
    }

    private static func exits(
        _ t: [Double], lower: [Double], upper: [Double], drift: Double, followsLowerTail: Bool
    ) throws(StatsError) -> (lower: [Double], upper: [Double]) {
        try check(t)
        try Require.sameLength(t.count, lower.count, "infoFractions, lowerZ")
        try Require.sameLength(t.count, upper.count, "infoFractions, upperZ")
        try Require.finite(drift, "drift")
        for (a, b) in zip(lower, upper) {
            guard a <= b else { throw .invalid("lowerZ must not exceed upperZ") }
        }
        var walk = StagewiseWalk(drift: drift, followsLowerTail: followsLowerTail)
        var downwards: [Double] = []
        var upwards: [Double] = []
        for k in t.indices {
            upwards.append(walk.upperCrossing(upper[k], at: t[k]))
            downwards.append(walk.lowerCrossing(lower[k], at: t[k]))
            if k + 1 < t.count { walk.advance(to: t[k], before: t[k + 1], lower: lower[k], upper: upper[k]) }
        }
        return (downwards, upwards)
    }

    /// What the plan costs against one look with the same power.
    public struct Characteristics: Sendable, Equatable {
        /// Maximal information over the fixed design's.
        public let inflationFactor: Double
        /// Expected information over the fixed design's, under the alternative and the null.
        public let expectedInfoRatioH1: Double
        public let expectedInfoRatioH0: Double
        public let rejectPerStageH1: [Double]
        /// The drift at which the power holds.
        public let drift: Double
    }

    /// - Parameter beta: 1 − power, in (0, 1 − alpha).
    public func characteristics(beta: Double) throws(StatsError) -> Characteristics {
        try Require.fraction(beta, "beta")
        guard beta < 1 - alpha else { throw .invalid("beta must lie below 1 - alpha") }
        let lower = criticalZ.map { sides == 2 ? -$0 : -.infinity }
        func rejections(_ drift: Double) throws(StatsError) -> [Double] {
            let exits = try Self.exits(
                infoFractions, lower: lower, upper: criticalZ, drift: drift, followsLowerTail: false)
            return zip(exits.lower, exits.upper).map { (sides == 2 ? $0 : 0) + $1 }
        }
        let fixed = Normal.upperQuantile(alpha / Double(sides)) + Normal.upperQuantile(beta)
        func shortfall(_ drift: Double) throws(StatsError) -> Double {
            1 - beta - (try rejections(drift).reduce(0, +))
        }
        // The inflated drift lies a little above the fixed one: secant steps from there, falling back on halving.
        var low = 0.0
        var high = max(1.3 * fixed, 1)
        while try shortfall(high) > 0 { high *= 2 }
        var drift = 1.02 * fixed
        for _ in 0..<60 {
            let gap = try shortfall(drift)
            if gap > 0 { low = drift } else { high = drift }
            let slope = (try shortfall(drift + 1e-4) - gap) / 1e-4
            let next = drift - gap / slope
            let step = next > low && next < high ? next : 0.5 * (low + high)
            let change = abs(step - drift)
            drift = step
            if change < 1e-11 { break }
        }
        let factor = drift * drift / (fixed * fixed)
        func expected(_ reject: [Double]) -> Double {
            var sum = 0.0
            var left = 1.0
            for (k, t) in infoFractions.enumerated() {
                let stop = k + 1 == infoFractions.count ? left : reject[k]
                sum += t * stop
                left -= stop
            }
            return factor * sum
        }
        let underH1 = try rejections(drift)
        return Characteristics(
            inflationFactor: factor, expectedInfoRatioH1: expected(underH1),
            expectedInfoRatioH0: expected(try rejections(0)), rejectPerStageH1: underH1, drift: drift)
    }
}
