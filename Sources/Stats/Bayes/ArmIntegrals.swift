import Glibc

/// Independent arms as `ArmIntegrals` sees them: each arm's law on a line on which it is smooth and log-concave.
protocol ArmLaws {
    var count: Int { get }
    /// Posterior means, which order the arms.
    func mean(_ arm: Int) -> Double
    /// Where the arm's density lies on the line, about; its standard deviation, about.
    func place(_ arm: Int) -> (centre: Double, scale: Double)
    /// Where its density is more than nothing.
    func support(_ arm: Int) -> (lower: Double, upper: Double)
    func logDensity(_ arm: Int, _ u: Double) -> Double
    /// log F and log (1 − F).
    func logTails(_ arm: Int, _ u: Double) -> (lower: Double, upper: Double)
    /// log dv/du: what a step on the line is in the values' unit.
    func logUnit(_ u: Double) -> Double
    /// P(v_a > v_b), and E[(v_a − v_b)⁺] and the same turned round, each with its digits.
    func pair(_ a: Int, _ b: Int) -> (aWins: Double, bWins: Double, aExcess: Double, bExcess: Double)
}

/// Probabilities and losses of several arms: integrals of products of densities and tails.
///
/// What two arms decide is taken from their closed form: a term that is bounded by less than half a rounding of the rest
/// is left out. All other integrals share one trapezoidal grid, on which each tail is computed once; where an integral has
/// not settled there (arms of very different width, or far apart) it gets a grid of its own.
struct ArmIntegrals<Laws: ArmLaws> {
    /// ∫ of a product: one density or the values' unit, perhaps one upper tail, and lower tails.
    struct Term {
        var density: Int?
        var upper: Int?
        var lower: [Int]
    }

    let laws: Laws
    /// The best mean first.
    private let order: [Int]
    private let pairs: [[Pair]]

    /// Row and column arm: P(row > column) and E[(row − column)⁺].
    private struct Pair {
        var wins = 0.0
        var excess = 0.0
    }

    init(_ laws: Laws) {
        self.laws = laws
        let n = laws.count
        order = (0..<n).sorted { (laws.mean($0), $1) > (laws.mean($1), $0) }
        var pairs = [[Pair]](repeating: [Pair](repeating: Pair(), count: n), count: n)
        for a in 0..<n {
            for b in 0..<a {
                let both = laws.pair(a, b)
                pairs[a][b] = Pair(wins: both.aWins, excess: both.aExcess)
                pairs[b][a] = Pair(wins: both.bWins, excess: both.bExcess)
            }
        }
        self.pairs = pairs
    }

    /// P(best) and expected loss of each arm.
    ///
    /// P(k best) = ∫ f_k Π F_j. The loss telescopes: Σ_i ∫ F_k (1 − F_i) Π_{j before i} F_j, its first term that of two
    /// arms; every term is positive and log-concave.
    func bests() -> (probability: [Double], loss: [Double]) {
        let n = laws.count
        var probability = [Double](repeating: 0, count: n)
        var loss = probability
        var terms: [Term] = []
        // Which number each term adds to: k for a probability, n + k for a loss.
        var owners: [Int] = []
        for k in 0..<n {
            let rivals = order.filter { $0 != k }
            if let known = probabilityFromPairs(k, rivals) {
                probability[k] = known
            } else {
                terms.append(Term(density: k, upper: nil, lower: rivals))
                owners.append(k)
            }
            guard let first = rivals.first else { continue }
            loss[k] = pairs[first][k].excess
            for (position, i) in rivals.enumerated().dropFirst() {
                var bound = pairs[i][k].excess
                for j in rivals[..<position] { bound = min(bound, pairs[i][j].excess) }
                if bound <= Self.nothing * loss[k] { continue }
                terms.append(Term(density: nil, upper: i, lower: [k] + rivals[..<position]))
                owners.append(n + k)
            }
        }
        for (owner, value) in zip(owners, values(of: terms)) {
            if owner < n { probability[owner] = min(1, value) } else { loss[owner - n] += value }
        }
        return (probability, loss)
    }

    /// P(k best) where one rival decides, or none: the others could take away at most
    /// Σ_j P(k > l, j > k) ≤ Σ_j min{P(k > l), P(j > k), P(j > l)}.
    private func probabilityFromPairs(_ k: Int, _ rivals: [Int]) -> Double? {
        guard let hardest = rivals.min(by: { pairs[k][$0].wins < pairs[k][$1].wins }) else { return 1 }
        let bound = pairs[k][hardest].wins
        if bound == 0 { return 0 }
        var lost = 0.0
        for j in rivals where j != hardest { lost += min(bound, pairs[j][k].wins, pairs[j][hardest].wins) }
        return lost <= Self.nothing * bound ? bound : nil
    }

    /// Half a rounding of what it is added to.
    private static var nothing: Double { 1e-17 }

    // MARK: Integrals

    func values(of terms: [Term]) -> [Double] {
        guard !terms.isEmpty else { return [] }
        let together = onSharedGrid(terms)
        return zip(terms, together).map { term, value in value ?? alone(term) }
    }

    private func alone(_ term: Term) -> Double {
        let place = laws.place(term.density ?? term.upper ?? 0)
        return exp(
            Quadrature.logConcaveIntegral(around: place.centre, scale: place.scale) { u in
                var sum = 0.0
                if let arm = term.density { sum += laws.logDensity(arm, u) } else { sum += laws.logUnit(u) }
                if let arm = term.upper { sum += laws.logTails(arm, u).upper }
                for arm in term.lower { sum += laws.logTails(arm, u).lower }
                return sum
            })
    }

    /// The trapezoidal rule over all supports, its step halved until each integral has changed by 1e-8 or less, which
    /// leaves the square of that. Nil for those that do not settle, or have not vanished at the ends.
    private func onSharedGrid(_ terms: [Term]) -> [Double?] {
        var results = [Double?](repeating: nil, count: terms.count)
        var involved = Set<Int>()
        for term in terms {
            involved.formUnion(term.lower)
            if let arm = term.density { involved.insert(arm) }
            if let arm = term.upper { involved.insert(arm) }
        }
        let arms = involved.sorted()
        let dense = Set(terms.compactMap(\.density))
        var (lower, upper, narrowest) = (Double.infinity, -Double.infinity, Double.infinity)
        for arm in arms {
            let support = laws.support(arm)
            lower = min(lower, support.lower)
            upper = max(upper, support.upper)
            narrowest = min(narrowest, laws.place(arm).scale)
        }
        let ratio = (upper - lower) / (0.75 * narrowest)
        guard ratio > 0, ratio < Double(Self.mostIntervals) / 2 else { return results }
        var intervals = max(16, Int(ratio.rounded(.up)))
        var step = (upper - lower) / Double(intervals)
        var rows = Rows(laws, arms, dense, (0...intervals).map { lower + Double($0) * step })
        let first = terms.map { rows.logValues(of: $0) }
        let tops = first.map { $0.max() ?? -.infinity }
        var open = terms.indices.filter { t in
            tops[t].isFinite && max(first[t][0], first[t][intervals]) < tops[t] - 36
        }
        var sums = terms.indices.map { t in first[t].reduce(0) { $0 + exp($1 - tops[t]) } }
        while !open.isEmpty, 2 * intervals <= Self.mostIntervals {
            rows = Rows(laws, arms, dense, (0..<intervals).map { lower + (Double($0) + 0.5) * step })
            intervals *= 2
            step *= 0.5
            open = open.filter { t in
                let middle = rows.logValues(of: terms[t]).reduce(0) { $0 + exp($1 - tops[t]) }
                let difference = abs(middle - sums[t])
                sums[t] += middle
                guard difference < 1e-8 * sums[t] else { return true }
                results[t] = exp(tops[t] + log(sums[t] * step))
                return false
            }
        }
        return results
    }

    private static var mostIntervals: Int { 640 }

    /// Logarithms of every law at the points of a grid.
    private struct Rows {
        private var density: [[Double]]
        private var lower: [[Double]]
        private var upper: [[Double]]
        private let unit: [Double]

        init(_ laws: Laws, _ arms: [Int], _ dense: Set<Int>, _ points: [Double]) {
            unit = points.map { laws.logUnit($0) }
            density = [[Double]](repeating: [], count: laws.count)
            lower = density
            upper = density
            for arm in arms {
                var (below, above) = ([Double](), [Double]())
                below.reserveCapacity(points.count)
                above.reserveCapacity(points.count)
                for point in points {
                    let tails = laws.logTails(arm, point)
                    below.append(tails.lower)
                    above.append(tails.upper)
                }
                (lower[arm], upper[arm]) = (below, above)
                if dense.contains(arm) { density[arm] = points.map { laws.logDensity(arm, $0) } }
            }
        }

        func logValues(of term: Term) -> [Double] {
            var values = unit
            if let arm = term.density { values = density[arm] }
            if let arm = term.upper { for i in values.indices { values[i] += upper[arm][i] } }
            for arm in term.lower { for i in values.indices { values[i] += lower[arm][i] } }
            return values
        }
    }
}

/// Rates with beta posteriors, on the line of their logits.
struct BetaArms: ArmLaws {
    let rates: [Beta]

    var count: Int { rates.count }
    func mean(_ arm: Int) -> Double { rates[arm].mean }
    func place(_ arm: Int) -> (centre: Double, scale: Double) { (rates[arm].logitCentre, rates[arm].logitScale) }
    func logDensity(_ arm: Int, _ u: Double) -> Double { rates[arm].logLogitDensity(LogitPoint(u)) }
    func logUnit(_ u: Double) -> Double { LogitPoint(u).logSlope }

    func support(_ arm: Int) -> (lower: Double, upper: Double) {
        let place = place(arm)
        let support = Quadrature.support(around: place.centre, scale: place.scale, drop: 45) { logDensity(arm, $0) }
        return (support.lower, support.upper)
    }

    func logTails(_ arm: Int, _ u: Double) -> (lower: Double, upper: Double) {
        let tails = rates[arm].tails(LogitPoint(u))
        return (tails.logLower, tails.logUpper)
    }

    func pair(_ a: Int, _ b: Int) -> (aWins: Double, bWins: Double, aExcess: Double, bExcess: Double) {
        let both = BetaComparison(rates[a], rates[b]).summary
        return (
            both.probabilityABeatsB, both.probabilityBBeatsA, both.expectedLossChoosingB, both.expectedLossChoosingA
        )
    }
}

/// Normal arms whose errors are all positive, on the line of their values.
struct SpreadNormalArms: ArmLaws {
    let means: [Double]
    let errors: [Double]

    var count: Int { means.count }
    func mean(_ arm: Int) -> Double { means[arm] }
    func place(_ arm: Int) -> (centre: Double, scale: Double) { (means[arm], errors[arm]) }
    func logUnit(_ u: Double) -> Double { 0 }

    func support(_ arm: Int) -> (lower: Double, upper: Double) {
        (means[arm] - 9.5 * errors[arm], means[arm] + 9.5 * errors[arm])
    }

    func logDensity(_ arm: Int, _ u: Double) -> Double {
        Normal.logDensity((u - means[arm]) / errors[arm]) - log(errors[arm])
    }

    func logTails(_ arm: Int, _ u: Double) -> (lower: Double, upper: Double) {
        let t = (u - means[arm]) / errors[arm]
        let (near, far): (Double, Double)
        if abs(t) < 37 {
            // Both from the smaller tail.
            let tail = Normal.upperTail(of: abs(t))
            (near, far) = (log(tail), tail < 1e-17 ? 0 : log1p(-tail))
        } else {
            (near, far) = (Normal.logLowerTail(of: -abs(t)), 0)
        }
        return t > 0 ? (far, near) : (near, far)
    }

    func pair(_ a: Int, _ b: Int) -> (aWins: Double, bWins: Double, aExcess: Double, bExcess: Double) {
        let gap = means[a] - means[b]
        let sd = hypot(errors[a], errors[b])
        return (
            Normal.lowerTail(of: gap / sd), Normal.upperTail(of: gap / sd), NormalExcess.mean(gap, sd),
            NormalExcess.mean(-gap, sd)
        )
    }
}
