internal import Experiments

extension MemoryTenant {
    func counts(of id: ExperimentID) -> Measurements? {
        guard let experiment = configuration.experiments.first(where: { $0.id == id }), let asOf = changedAt[id] else {
            return nil
        }
        var counts = UnitCounts()
        for unit in (units[id] ?? [:]).values { counts.count(unit, times: 1) }
        counts = counts.withoutZeros
        return Measurements(experiment: experiment, asOf: asOf, cells: counts.cells, tallies: counts.tallies)
    }

    /// The same from the events alone.
    func recount(of experiment: Experiment) -> UnitCounts {
        var counts = UnitCounts()
        for (subject, stored) in units[experiment.id] ?? [:] {
            guard let exposedAt = stored.exposedAt else { continue }
            var unit = stored
            unit.outcome = experiment.outcome(
                of: outcomes[subject] ?? [], exposedAt: exposedAt, variant: unit.variant)
            counts.count(unit, times: 1)
        }
        return counts.withoutZeros
    }
}
