import Glibc

/// For each of several arms: the probability that it is the best and what choosing it would cost on average.
public struct BestArm: Sendable, Equatable {
    /// Sums to one.
    public let probability: [Double]
    /// E[max_j v_j − v_k], in the unit of the values.
    public let expectedLoss: [Double]

    /// Conversion rates with beta posteriors.
    ///
    /// P(k best) = ∫ f_k Π F_j; the loss is Σ_i ∫ F_k (1 − F_i) Π_{j before i} F_j dx, whose terms are positive and
    /// log-concave in logit x, so that a loss of 1e-50 keeps its digits (`ArmIntegrals`).
    public init(rates: [Beta]) throws(StatsError) {
        guard !rates.isEmpty else { throw .insufficient("need an arm") }
        if rates.count == 2 {
            let pair = BetaComparison(rates[0], rates[1]).summary
            probability = [pair.probabilityABeatsB, pair.probabilityBBeatsA]
            expectedLoss = [pair.expectedLossChoosingA, pair.expectedLossChoosingB]
            return
        }
        (probability, expectedLoss) = ArmIntegrals(BetaArms(rates: rates)).bests()
    }

    /// Means with normal posteriors (or sampling distributions): revenue and profit per visitor.
    ///
    /// - Parameters:
    ///   - means: of the arms.
    ///   - standardErrors: not negative; an arm with 0 is known exactly. Exactly known arms that tie for the best share
    ///     its probability.
    public init(means: [Double], standardErrors: [Double]) throws(StatsError) {
        try Require.sameLength(means.count, standardErrors.count, "mean, sd")
        try Require.finite(means, "mean")
        for error in standardErrors { try Require.nonNegative(error, "sd") }
        guard !means.isEmpty else { throw .insufficient("need an arm") }
        if standardErrors.allSatisfy({ $0 > 0 }) {
            let laws = SpreadNormalArms(means: means, errors: standardErrors)
            (probability, expectedLoss) = ArmIntegrals(laws).bests()
            return
        }
        let law = NormalArms(means: means, errors: standardErrors)
        let arms = means.indices
        probability = arms.map { law.probabilityOfBest($0) }
        expectedLoss = arms.map { law.loss($0) }
    }

    /// P(exactly one arm is better), for normal means whose errors are all positive: Σ_i ∫ φ_k (1 − Φ_i) Π_{j≠i,k} Φ_j.
    public static func probabilityOfSecond(means: [Double], standardErrors: [Double]) throws(StatsError) -> [Double] {
        try Require.sameLength(means.count, standardErrors.count, "mean, sd")
        try Require.finite(means, "mean")
        for error in standardErrors { try Require.positive(error, "sd") }
        let law = NormalArms(means: means, errors: standardErrors)
        return means.indices.map { law.probabilityOfSecond($0) }
    }
}

private struct NormalArms {
    let means: [Double]
    let errors: [Double]
    /// The best of the arms that are known exactly.
    let floor: Double?

    init(means: [Double], errors: [Double]) {
        self.means = means
        self.errors = errors
        floor = zip(means, errors).filter { $0.1 == 0 }.map(\.0).max()
    }

    private func random(except k: Int) -> [Int] { means.indices.filter { $0 != k && errors[$0] > 0 } }

    private func logLower(_ j: Int, _ z: Double) -> Double { Normal.logLowerTail(of: (z - means[j]) / errors[j]) }

    private func logUpper(_ j: Int, _ z: Double) -> Double { Normal.logLowerTail(of: (means[j] - z) / errors[j]) }

    func probabilityOfBest(_ k: Int) -> Double {
        let others = random(except: k)
        if errors[k] == 0 {
            guard let floor, means[k] == floor else { return 0 }
            let ties = zip(means, errors).count { $0 == floor && $1 == 0 }
            return exp(others.reduce(0) { $0 + logLower($1, floor) }) / Double(ties)
        }
        if others.count == 1, floor == nil {
            let j = others[0]
            return Normal.lowerTail(of: (means[k] - means[j]) / hypot(errors[k], errors[j]))
        }
        func integrand(_ z: Double) -> Double {
            var sum = Normal.logDensity((z - means[k]) / errors[k]) - log(errors[k])
            for j in others { sum += logLower(j, z) }
            return sum
        }
        guard let floor else {
            return min(1, exp(Quadrature.logConcaveIntegral(around: means[k], scale: errors[k], integrand)))
        }
        if others.isEmpty { return Normal.upperTail(of: (floor - means[k]) / errors[k]) }
        return min(1, exp(logIntegral(above: floor, around: means[k], scale: errors[k], integrand)))
    }

    func probabilityOfSecond(_ k: Int) -> Double {
        let others = random(except: k)
        var sum = 0.0
        for i in others {
            sum += exp(
                Quadrature.logConcaveIntegral(around: means[k], scale: errors[k]) { z in
                    var sum = Normal.logDensity((z - means[k]) / errors[k]) - log(errors[k]) + logUpper(i, z)
                    for j in others where j != i { sum += logLower(j, z) }
                    return sum
                })
        }
        return min(1, sum)
    }

    /// The part of a log-concave integral above a point.
    private func logIntegral(
        above floor: Double, around start: Double, scale: Double, _ integrand: (Double) -> Double
    ) -> Double {
        // Mirror the cut into the function: below it falls off a cliff that is itself log-concave.
        func cut(_ z: Double) -> Double { z < floor ? integrand(floor) - 1e6 * (floor - z) / scale : integrand(z) }
        let (_, mode, upper) = Quadrature.support(around: max(start, floor), scale: scale, cut)
        return Quadrature.logIntegral(from: floor, to: max(upper, floor), breaks: [mode], integrand)
    }

    func loss(_ k: Int) -> Double {
        // E[(max_{j≠k} − v_k)⁺] = E[(floor − v_k)⁺] + ∫_{z > floor} F_k (1 − Π F_j): the product telescopes.
        let others = random(except: k)
        var loss = 0.0
        if let floor {
            loss += errors[k] == 0 ? floor - means[k] : NormalExcess.mean(floor - means[k], errors[k])
        }
        for (position, i) in others.enumerated() {
            if others.count == 1, floor == nil {
                return NormalExcess.mean(means[i] - means[k], hypot(errors[i], errors[k]))
            }
            func integrand(_ z: Double) -> Double {
                var sum = logUpper(i, z)
                if errors[k] > 0 { sum += logLower(k, z) }
                for j in others[..<position] { sum += logLower(j, z) }
                return sum
            }
            if let floor {
                loss += exp(logIntegral(above: floor, around: means[i], scale: errors[i], integrand))
            } else {
                loss += exp(Quadrature.logConcaveIntegral(around: means[i], scale: errors[i], integrand))
            }
        }
        return loss
    }
}

/// The mean of the positive part of a normal variable.
enum NormalExcess {
    /// E[X⁺] for X ~ N(mean, sd²) = sd [φ(t) + t Φ(t)], t = mean/sd; in the far tail by the continued fraction, which
    /// does not subtract.
    static func mean(_ mean: Double, _ sd: Double) -> Double {
        if sd == 0 { return max(0, mean) }
        let t = mean / sd
        if t > -3 { return sd * (Normal.density(t) + t * Normal.lowerTail(of: t)) }
        // 1 − s R(s) with Mills' ratio R = 1/(s + 1/(s + 2/(s + …))), s = −t.
        let s = -t
        var inner = s
        for k in stride(from: 120.0, through: 2, by: -1) { inner = s + k / inner }
        let mills = 1 / (s + 1 / inner)
        return sd * Normal.density(t) * mills / inner
    }
}
