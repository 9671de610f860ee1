import Stats
import Testing

@Suite struct BayesTests {
    @Test(arguments: [
        (4.0, 20.0, 8.0, 25.0), (0, 10, 0, 10), (10, 10, 3, 3), (50, 5000, 400, 5000), (300, 1e8, 500, 1e8),
    ])
    func `two probabilities and two losses fit together`(xA: Double, nA: Double, xB: Double, nB: Double) throws {
        let prior = Beta(1, 1)
        let a = prior.posterior(after: try Proportion(successes: xA, trials: nA))
        let b = prior.posterior(after: try Proportion(successes: xB, trials: nB))
        let comparison = BetaComparison(a, b)
        expectClose(comparison.probabilityBBeatsA + comparison.probabilityABeatsB, 1, relative: 1e-12)
        // E[(B − A)⁺] − E[(A − B)⁺] = E[B] − E[A].
        expectClose(
            comparison.expectedLossChoosingA - comparison.expectedLossChoosingB, b.mean - a.mean,
            relative: 1e-9, absolute: 1e-12 * (a.mean + b.mean))
    }

    @Test(arguments: [
        (Beta(41, 161), Beta(61, 191)), (Beta(501, 9501), Beta(541, 9461)), (Beta(2501, 47_501), Beta(2611, 47_391)),
        (Beta(5e6, 9.5e7), Beta(5.003e6, 9.4997e7)), (Beta(300, 20), Beta(900, 70)), (Beta(30, 1e12), Beta(41, 1e12)),
    ])
    func `the common grid agrees with four quadratures`(a: Beta, b: Beta) {
        let comparison = BetaComparison(a, b)
        let together = comparison.summary
        expectClose(together.probabilityBBeatsA, comparison.probabilityBBeatsA, relative: 2e-10)
        expectClose(together.probabilityABeatsB, comparison.probabilityABeatsB, relative: 2e-10)
        expectClose(together.expectedLossChoosingA, comparison.expectedLossChoosingA, relative: 2e-10)
        expectClose(together.expectedLossChoosingB, comparison.expectedLossChoosingB, relative: 2e-10)
    }

    @Test func `Miller's sum for small counts`() throws {
        // Evan Miller, "Formulas for Bayesian A/B testing", at Beta(5, 17) and Beta(9, 18).
        expectClose(BetaComparison(Beta(5, 17), Beta(9, 18)).probabilityBBeatsA, 0.803800372946292, relative: 1e-12)
    }

    @Test func `an improbable arm keeps its digits`() {
        // P(A > B) for 50 and 400 of 5000 by Miller's finite sum at 120 digits.
        let comparison = BetaComparison(Beta(51, 4951), Beta(401, 4601))
        expectClose(comparison.probabilityABeatsB, 3.145552540026176e-72, relative: 1e-10)
        #expect(comparison.probabilityABeatsB > 0)
        #expect(
            comparison.expectedLossChoosingB > 0 && comparison.expectedLossChoosingB < comparison.probabilityABeatsB)
    }

    @Test func `the best of several sums to one and agrees with two`() throws {
        let rates = [Beta(51, 951), Beta(61, 941), Beta(56, 946)]
        let best = try BestArm(rates: rates)
        expectClose(best.probability.reduce(0, +), 1, relative: 1e-11)
        let pair = try BestArm(rates: [rates[0], rates[1]])
        expectClose(pair.probability[1], BetaComparison(rates[0], rates[1]).probabilityBBeatsA, relative: 1e-12)
        expectClose(pair.expectedLoss[1], BetaComparison(rates[0], rates[1]).expectedLossChoosingB, relative: 1e-12)
    }

    @Test func `equal margins make profit a matter of rates`() throws {
        let rates = [Beta(51, 951), Beta(61, 941), Beta(56, 946)]
        let best = try BestArm(rates: rates)
        let profit = try ProfitComparison(rates.map { try PricedArm(rate: $0, price: 12, unitCost: 5) })
        for k in rates.indices {
            expectClose(profit.probability[k], best.probability[k], relative: 1e-9)
            expectClose(profit.expectedLoss[k], 7 * best.expectedLoss[k], relative: 1e-9)
        }
    }

    @Test func `an arm that sells below cost never earns most`() throws {
        let rate = Beta(61, 941)
        let comparison = try ProfitComparison([
            try PricedArm(rate: rate, price: 10, unitCost: 12), try PricedArm(rate: rate, price: 10, unitCost: 9),
        ])
        #expect(comparison.probability == [0, 1])
        expectClose(comparison.expectedLoss[0], 3 * rate.mean, relative: 1e-12)
        #expect(comparison.expectedLoss[1] == 0)
    }

    @Test func `arms that all lose money are ranked by how little`() throws {
        let arms = try [Beta(51, 951), Beta(61, 941)].map { try PricedArm(rate: $0, price: 5, unitCost: 6) }
        let comparison = try ProfitComparison(arms)
        expectClose(comparison.probability.reduce(0, +), 1, relative: 1e-9)
        expectClose(
            comparison.probability[0], BetaComparison(arms[0].rate, arms[1].rate).probabilityBBeatsA, relative: 1e-9)
    }

    @Test func `normal arms known exactly share a tie`() throws {
        let best = try BestArm(means: [1, 1, 0], standardErrors: [0, 0, 0])
        #expect(best.probability == [0.5, 0.5, 0])
        #expect(best.expectedLoss == [0, 0, 1])
        let mixed = try BestArm(means: [0, 0, 0.5], standardErrors: [0, 1, 1])
        expectClose(mixed.probability.reduce(0, +), 1, relative: 1e-11)
    }

    @Test(arguments: [[1.0, 1, 1, 1], [0.001, 1, 50, 0.3], [2, 0.02, 0.02, 9]])
    func `loss and mean add up to the same maximum for each arm, whatever the widths`(errors: [Double]) throws {
        for gap in [0, 0.5, 4, 30] {
            let means = errors.indices.map { gap * Double($0 % 3) }
            let best = try BestArm(means: means, standardErrors: errors)
            expectClose(best.probability.reduce(0, +), 1, relative: 1e-10)
            let maxima = zip(best.expectedLoss, means).map { $0 + $1 }
            for maximum in maxima { expectClose(maximum, maxima[0], relative: 1e-10) }
        }
        for size in [20.0, 1e4, 1e9] {
            let rates = errors.indices.map {
                Beta(1 + size * 0.02 * Double($0 + 1), 1 + size * errors[$0].squareRoot())
            }
            let best = try BestArm(rates: rates)
            expectClose(best.probability.reduce(0, +), 1, relative: 1e-10)
            let maxima = zip(best.expectedLoss, rates).map { $0 + $1.mean }
            for maximum in maxima { expectClose(maximum, maxima[0], relative: 1e-10) }
        }
    }

    @Test func `normal arms by quadrature agree with the closed form for two`() throws {
        let two = try BestArm(means: [1, 1.3], standardErrors: [0.1, 0.2])
        let three = try BestArm(means: [1, 1.3, -50], standardErrors: [0.1, 0.2, 0.1])
        for k in 0..<2 {
            expectClose(two.probability[k], three.probability[k], relative: 1e-11)
            expectClose(two.expectedLoss[k], three.expectedLoss[k], relative: 1e-10)
        }
    }

    @Test(arguments: [(11.0, 91.0), (1.5, 40), (300, 2), (1, 5)])
    func `the shortest interval is shorter than the middle one and holds its mass`(a: Double, b: Double) throws {
        let law = Beta(a, b)
        let shortest = try law.highestDensity(mass: 0.9)
        let middle = try law.equalTailed(mass: 0.9)
        #expect(shortest.upper - shortest.lower <= middle.upper - middle.lower + 1e-12)
        expectClose(law.lowerTail(of: shortest.upper) - law.lowerTail(of: shortest.lower), 0.9, relative: 1e-9)
    }

    @Test func `gamma and normal posteriors agree with their symmetry`() throws {
        let a = try GammaPosterior(priorShape: 1, priorRate: 1, events: 250, exposure: 100)
        let b = try GammaPosterior(priorShape: 1, priorRate: 1, events: 301, exposure: 110)
        expectClose(a.probabilityOfExceeding(b) + b.probabilityOfExceeding(a), 1, relative: 1e-13)
        expectClose(b.expectedLoss(against: a) - a.expectedLoss(against: b), a.mean - b.mean, relative: 1e-9)
        let prior = try NormalInverseGamma(mean: 0, kappa: 0.01, shape: 1, scale: 1)
        let x = try prior.posterior(count: 50, mean: 10, sumOfSquaredDeviations: 300)
        let y = try prior.posterior(count: 9, mean: 11, sumOfSquaredDeviations: 90)
        expectClose(x.probabilityOfExceeding(y) + y.probabilityOfExceeding(x), 1, relative: 1e-11)
    }
}
