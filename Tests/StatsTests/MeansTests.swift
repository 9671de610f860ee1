import Stats
import Testing

@Suite struct MeansTests {
    private static let scales: [Double] = [1e-9, 1, 1e7]

    @Test(arguments: scales)
    func `Welch's test does not depend on the unit`(scale: Double) throws {
        // Welch (1947)-type data; p by R's t.test.
        let x = [8.396, 7.351, 9.503, 10.841, 12.272, 10.219, 8.895, 8.43]
        let y = [13.246, 15.904, 11.818, 7.3, 8.125, 15.8, 11.609, 5.804, 10.749, 7.51, 9.112]
        let test = try WelchTest(Moments(of: x.map { $0 * scale }), Moments(of: y.map { $0 * scale }))
        expectClose(test.p, 0.3429660591017434, relative: 1e-10)
        expectClose(test.degreesOfFreedom, 14.886843446064502, relative: 1e-10)
    }

    @Test func `a p-value of 1e-195 keeps its digits`() throws {
        let test = try WelchTest(
            Moments(count: 100_000, mean: 10, variance: 9), Moments(count: 100_000, mean: 10.4, variance: 9))
        expectClose(test.p, 6.853180970891287e-195, relative: 1e-10)
    }

    @Test func `constant arms have no test`() {
        let constant = Moments(of: [2, 2, 2])
        #expect(throws: StatsError.zeroVariance("neither arm varies")) { try WelchTest(constant, constant) }
        #expect(throws: StatsError.insufficient("each arm needs two observations")) {
            try WelchTest(constant, Moments(of: [1]))
        }
    }

    @Test func `a lift over a control around zero is unbounded, not guessed`() {
        #expect(FiellerInterval(control: (0, 0.01), treatment: (1, 0.01), critical: 1.96) == .unbounded)
        guard
            case .bounded(let interval) = FiellerInterval(control: (5, 0.004), treatment: (5.3, 0.004), critical: 1.96)
        else {
            Issue.record("a clear control mean has an interval")
            return
        }
        #expect(interval.contains(5.3 / 5 - 1))
    }

    @Test func `CUPED with a perfect covariate leaves no variance`() throws {
        let x = [1.0, 4, 2, 8, 5, 7]
        let control = try Cuped.Arm(covariate: x, outcome: x.map { 2 * $0 })
        let treatment = try Cuped.Arm(covariate: x, outcome: x.map { 2 * $0 + 1 })
        let cuped = try Cuped(control: control, treatment: treatment)
        expectClose(cuped.theta, 2)
        expectClose(cuped.varianceReduction, 1)
        expectClose(cuped.treatment.mean - cuped.control.mean, 1)
    }

    @Test func `a covariate that never varies adjusts nothing`() throws {
        let arm = try Cuped.Arm(covariate: [3, 3, 3], outcome: [1, 2, 6])
        let other = try Cuped.Arm(covariate: [3, 3, 3], outcome: [2, 2, 7])
        let cuped = try Cuped(control: arm, treatment: other)
        #expect(cuped.theta == 0)
        expectClose(try cuped.effect(.absolute).estimate, 2.0 / 3, relative: 1e-12)
    }

    @Test func `Longley's regression meets NIST's certified digits`() throws {
        // NIST StRD, Longley: a notoriously ill-conditioned design (two of its seven coefficients).
        let gnpDeflator = [
            83.0, 88.5, 88.2, 89.5, 96.2, 98.1, 99.0, 100.0, 101.2, 104.6, 108.4, 110.8, 112.6, 114.2, 115.7, 116.9,
        ]
        let gnp = [
            234289.0, 259426, 258054, 284599, 328975, 346999, 365385, 363112, 397469, 419180, 442769, 444546, 482704,
            502601, 518173, 554894,
        ]
        let unemployed = [
            2356.0, 2325, 3682, 3351, 2099, 1932, 1870, 3578, 2904, 2822, 2936, 4681, 3813, 3931, 4806, 4007,
        ]
        let army = [1590.0, 1456, 1616, 1650, 3099, 3594, 3547, 3350, 3048, 2857, 2798, 2637, 2552, 2514, 2572, 2827]
        let population = [
            107608.0, 108632, 109773, 110929, 112075, 113270, 115094, 116219, 117388, 118734, 120445, 121950, 123366,
            125368, 127852, 130081,
        ]
        let year = (1947...1962).map(Double.init)
        let employed = [
            60323.0, 61122, 60171, 61187, 63221, 63639, 64989, 63761, 66019, 67857, 68169, 66513, 68655, 69564, 69331,
            70551,
        ]
        let fit = try LinearRegression(
            columns: [year.map { _ in 1 }, gnpDeflator, gnp, unemployed, army, population, year], y: employed)
        expectClose(fit.coefficients[0], -3482258.63459582, relative: 1e-9)
        expectClose(fit.coefficients[6], 1829.15146461355, relative: 1e-9)
        expectClose(try fit.classicErrors()[1], 84.9149257747669, relative: 1e-9)
    }

    @Test func `a design whose columns repeat is not identified`() {
        let x = [1.0, 2, 3, 4]
        #expect(throws: StatsError.notIdentified("the columns of the design depend on one another")) {
            try LinearRegression(columns: [x.map { _ in 1 }, x, x.map { 2 * $0 }], y: [1, 3, 2, 5])
        }
    }
}
