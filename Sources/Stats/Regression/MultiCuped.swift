/// Outcomes adjusted for several things known before exposure.
///
/// Deng, Xu, Kohavi & Walker (2013), App. B: y − θᵀ(x − x̄) with θ = Sxx⁻¹ sxy over both arms together. Covariates that
/// depend on one another (a total beside its parts, a constant) do no harm: the θ of smallest norm is taken, and the
/// adjusted outcomes are the same for every θ that solves the equations.
public struct MultiCuped: Sendable, Equatable {
    public let theta: [Double]
    /// How many of the covariates say something the others do not.
    public let rank: Int
    /// Adjusted about the common covariate means.
    public let control: ArmSummary
    public let treatment: ArmSummary
    public let unadjustedControl: ArmSummary
    public let unadjustedTreatment: ArmSummary

    /// - Parameters:
    ///   - covariates: columns, each as long as the outcome.
    ///   - treated: of each unit.
    /// - Throws: `insufficient` below two units an arm.
    public init(covariates: [[Double]], outcome y: [Double], treated: [Bool]) throws(StatsError) {
        try Require.sameLength(treated.count, y.count, "treated, outcome")
        try Require.finite(y, "outcome")
        var centred: [[Double]] = []
        var scales: [Double] = []
        for column in covariates {
            try Require.sameLength(column.count, y.count, "covariates, outcome")
            try Require.finite(column, "covariates")
            let mean = Moments(of: column).mean
            let moved = column.map { $0 - mean }
            let largest = moved.map { abs($0) }.max() ?? 0
            // What is left of a constant after its mean is taken off is rounding, not information.
            let scale = largest > 1e-13 * abs(mean) ? largest : 0
            scales.append(scale)
            centred.append(moved.map { scale > 0 ? $0 / scale : 0 })
        }
        let (theta, rank) = try Self.slopes(centred, y)
        var arms: (control: [Double], treatment: [Double]) = ([], [])
        var plain: (control: [Double], treatment: [Double]) = ([], [])
        for i in y.indices {
            var adjusted = y[i]
            for (slope, column) in zip(theta, centred) { adjusted -= slope * column[i] }
            if treated[i] {
                arms.treatment.append(adjusted)
                plain.treatment.append(y[i])
            } else {
                arms.control.append(adjusted)
                plain.control.append(y[i])
            }
        }
        guard arms.control.count >= 2, arms.treatment.count >= 2 else {
            throw .insufficient("each arm needs two units")
        }
        self.theta = zip(theta, scales).map { $1 > 0 ? $0 / $1 : 0 }
        self.rank = rank
        control = try ArmSummary(Moments(of: arms.control))
        treatment = try ArmSummary(Moments(of: arms.treatment))
        unadjustedControl = try ArmSummary(Moments(of: plain.control))
        unadjustedTreatment = try ArmSummary(Moments(of: plain.treatment))
    }

    private static func slopes(
        _ columns: [[Double]], _ y: [Double]
    ) throws(StatsError) -> (theta: [Double], rank: Int) {
        guard !columns.isEmpty, !y.isEmpty else { return (columns.map { _ in 0 }, 0) }
        let mean = Moments(of: y).mean
        let centred = y.map { $0 - mean }
        if let fit = try? LinearRegression(columns: columns, y: centred) { return (fit.coefficients, columns.count) }
        let fit = try Matrix(columns: columns).leastSquares(
            centred, tolerance: 1e-12 * Double(max(columns.count, 1)))
        return (fit.solution, fit.rank)
    }

    /// How much of the difference's variance the adjustment removed.
    public var varianceReduction: Double {
        func variance(_ a: ArmSummary, _ b: ArmSummary) -> Double { a.variance / a.count + b.variance / b.count }
        let before = variance(unadjustedControl, unadjustedTreatment)
        return before > 0 ? 1 - variance(control, treatment) / before : 0
    }

    /// The adjusted effect. A relative one is over control's unadjusted mean.
    public func effect(_ scale: Effect.Scale) throws(StatsError) -> Effect {
        try Effect(
            scale, control: control, treatment: treatment, levels: (unadjustedControl.mean, unadjustedTreatment.mean))
    }
}
