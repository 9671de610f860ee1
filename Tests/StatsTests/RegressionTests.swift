import Glibc
import Stats
import Testing

/// Twelve units; expected values by statsmodels 0.15 and NumPy.
@Suite struct RegressionTests {
    private let x = [0.35, 0.82, 0.33, -1.3, 0.91, 0.45, -0.54, 0.58, 0.36, 0.29, 0.03, 0.55]
    private let x2 = [-2.71, -1.89, -0.17, -0.42, 0.21, 0.22, 2.12, -1.11, -0.38, 2.04, 0.65, 0.66]
    private let y = [0.88, 2.39, 0.97, 1.0, 1.47, 2.04, 0.42, 2.16, 1.18, 1.92, 1.53, 2.64]
    private let treated = (0..<12).map { $0 % 2 == 1 }

    @Test func `Lin's estimator with HC2 errors`() throws {
        let lin = try LinEstimator(covariates: [x], outcome: y, treated: treated)
        expectClose(lin.effect, 0.9552713705661193)
        expectClose(lin.standardError, 0.16220898933139938)
        #expect(lin.degreesOfFreedom == 8)
        // A covariate that never varies says nothing and is left out.
        let same = try LinEstimator(covariates: [x, x.map { _ in 3 }], outcome: y, treated: treated)
        expectClose(same.effect, lin.effect)
    }

    @Test func `many covariates, one of them the sum of two others`() throws {
        let sum = zip(x, x2).map { $0 + $1 }
        for columns in [[x, x2], [x, x2, sum], [x, x2, sum, x.map { _ in 7 }]] {
            let cuped = try MultiCuped(covariates: columns, outcome: y, treated: treated)
            #expect(cuped.rank == 2)
            let effect = try cuped.effect(.absolute)
            expectClose(effect.estimate, 0.9570153207473309, relative: 1e-10)
            expectClose(effect.standardError, 0.1466117562410154, relative: 1e-10)
        }
        let none = try MultiCuped(covariates: [], outcome: y, treated: treated)
        #expect(none.rank == 0 && none.varianceReduction == 0)
    }

    @Test func `one covariate adjusts as CUPED does`() throws {
        func arm(_ values: [Double], _ isTreated: Bool) -> [Double] {
            zip(values, treated).filter { $0.1 == isTreated }.map(\.0)
        }
        let single = try Cuped(
            control: Cuped.Arm(covariate: arm(x, false), outcome: arm(y, false)),
            treatment: Cuped.Arm(covariate: arm(x, true), outcome: arm(y, true)))
        let many = try MultiCuped(covariates: [x], outcome: y, treated: treated)
        expectClose(many.theta[0], single.theta, relative: 1e-12)
        expectClose(many.varianceReduction, single.varianceReduction, relative: 1e-10)
    }

    @Test func `an anytime-valid effect leaves zero out when its p-value says so`() throws {
        let test = try AnytimeRegression(
            treatment: treated.map { $0 ? 1 : 0 }, covariates: [x], outcome: y, phi: 1)
        expectClose(test.estimate, 0.9554575540503756)
        expectClose(test.standardError, 0.15921412570639698)
        #expect(test.degreesOfFreedom == 9)
        // The interval ends where the e-value reaches 1/alpha.
        let interval = try test.interval(alpha: 0.05)
        expectClose(try test.logEValue(against: interval.lower), -log(0.05), relative: 1e-9)
        expectClose(try test.logEValue(against: interval.upper), -log(0.05), relative: 1e-9)
        #expect(interval.contains(0) == (try test.p() > 0.05))
        // Too little data for any level: the whole line.
        let early = try AnytimeRegression(
            treatment: [0, 1, 0, 1], covariates: [], outcome: [1, 2, 1.5, 2.5], phi: 1)
        #expect(try early.interval(alpha: 0.001).upper == .infinity)
    }
}
