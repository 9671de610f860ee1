/// The checks that stand in front of every estimator, so that each is written once.
enum Require {
    static func finite(_ value: Double, _ name: String) throws(StatsError) {
        guard value.isFinite else { throw .invalid("\(name) must be a finite number") }
    }

    static func finite(_ values: [Double], _ name: String) throws(StatsError) {
        for value in values where !value.isFinite { throw .invalid("\(name) must hold finite numbers only") }
    }

    static func positive(_ value: Double, _ name: String) throws(StatsError) {
        guard value.isFinite, value > 0 else { throw .invalid("\(name) must be a finite number above 0") }
    }

    static func nonNegative(_ value: Double, _ name: String) throws(StatsError) {
        guard value.isFinite, value >= 0 else { throw .invalid("\(name) must be a finite number, 0 or more") }
    }

    /// Strictly between 0 and 1: a level, a mass, a probability that must leave both sides something.
    static func fraction(_ value: Double, _ name: String) throws(StatsError) {
        guard value > 0, value < 1 else { throw .invalid("\(name) must lie strictly between 0 and 1") }
    }

    static func probability(_ value: Double, _ name: String) throws(StatsError) {
        guard value >= 0, value <= 1 else { throw .invalid("\(name) must lie between 0 and 1") }
    }

    static func sameLength(_ first: Int, _ second: Int, _ names: String) throws(StatsError) {
        guard first == second else { throw .invalid("\(names) must have the same length") }
    }

    /// Successes out of trials.
    static func counts(_ successes: Double, of trials: Double, _ names: String) throws(StatsError) {
        guard trials.isFinite, successes.isFinite, successes >= 0, successes <= trials else {
            throw .invalid("\(names): need 0 <= successes <= trials")
        }
    }
}
