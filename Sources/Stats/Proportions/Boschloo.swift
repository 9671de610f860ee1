import Glibc

extension TwoProportions {
    /// Boschloo's (1970) exact test: Fisher's p-value as the statistic, judged by how often a value as small occurs at
    /// the common rate where that is most often. Never less powerful than Fisher's test, and as strictly valid.
    public struct BoschlooTest: Sendable, Equatable {
        /// Twice the smaller of the two below, at most 1.
        public let twoSided: Double
        /// Against p₂ > p₁.
        public let secondGreater: Double
        /// Against p₂ < p₁.
        public let secondLess: Double
    }

    /// - Throws: `invalid` for counts that are not whole, or more than 5000 trials an arm: there Fisher's test loses
    ///   nothing that matters.
    public func boschlooExact() throws(StatsError) -> BoschlooTest {
        for count in [first.successes, first.trials, second.successes, second.trials] where count != count.rounded() {
            throw .invalid("Boschloo's test needs whole counts")
        }
        guard first.trials <= 5000, second.trials <= 5000 else {
            throw .invalid("Boschloo's test is for at most 5000 trials an arm: use fisherExact")
        }
        let greater = Self.boschloo(first, second)
        let less = Self.boschloo(second, first)
        return BoschlooTest(twoSided: min(1, 2 * min(greater, less)), secondGreater: greater, secondLess: less)
    }

    /// sup over the common rate of P(Fisher's p against `high` > `low` is at most the observed one).
    private static func boschloo(_ low: Proportion, _ high: Proportion) -> Double {
        func fisher(_ x: Double, _ y: Double) -> Double {
            Hypergeometric(good: high.trials, bad: low.trials, drawn: x + y).atLeast(y)
        }
        let observed = fisher(low.successes, high.successes) * (1 + 1e-7)
        // For each x the y from which on the table is as extreme: it rises with x, so one pass finds them all.
        var edges: [Double] = []
        var y = 0.0
        for x in 0...Int(low.trials) {
            while y <= high.trials, fisher(Double(x), y) > observed { y += 1 }
            if y > high.trials { break }
            edges.append(y)
        }
        func size(_ rate: Double) -> Double {
            let a = Binomial(trials: low.trials, probability: rate)
            let b = Binomial(trials: high.trials, probability: rate)
            var sum = 0.0
            for (x, edge) in edges.enumerated() {
                sum += exp(a.logMass(Double(x))) * (edge == 0 ? 1 : b.upperTail(of: edge - 1))
            }
            return min(1, sum)
        }
        // The size has several humps in the rate: a grid even in asin √rate, where they are equally wide, then each of
        // the highest ones climbed.
        let steps = 200
        func rate(_ angle: Double) -> Double { sin(angle) * sin(angle) }
        let step = Double.pi / 2 / Double(steps)
        let grid = (1..<steps).map { size(rate(Double($0) * step)) }
        guard let top = grid.max() else { return 1 }
        var best = top
        for (index, value) in grid.enumerated() where value > 0.9 * top {
            let isPeak =
                (index == 0 || grid[index - 1] <= value) && (index + 1 == grid.count || grid[index + 1] <= value)
            if isPeak {
                best = max(best, Self.peak(from: Double(index) * step, to: Double(index + 2) * step) { size(rate($0)) })
            }
        }
        return best
    }

    /// The highest value of a function with one hump, by golden section.
    private static func peak(from start: Double, to end: Double, _ function: (Double) -> Double) -> Double {
        let golden = 0.381_966_011_250_105
        var (a, b) = (start, end)
        var x = a + golden * (b - a)
        var y = b - golden * (b - a)
        var (fx, fy) = (function(x), function(y))
        for _ in 0..<45 {
            if fx > fy {
                (b, y, fy) = (y, x, fx)
                x = a + golden * (b - a)
                fx = function(x)
            } else {
                (a, x, fx) = (x, y, fy)
                y = b - golden * (b - a)
                fy = function(y)
            }
        }
        return max(fx, fy)
    }
}
