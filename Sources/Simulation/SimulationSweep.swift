/// Many worlds, some at a time, with a line for whatever is worth one.
public struct SimulationSweep: Sendable {
    /// The first seed; the others follow it.
    public var firstSeed: UInt64 = 1
    /// How many seeds, at least 1.
    public var count: UInt64 = 1
    /// About how many shoppers each world has.
    public var shoppers = 500
    /// The mistakes to plant, each in every seed; nil for the engine as it is.
    public var planted: [PlantedBug]?
    /// Worlds under way at a time.
    public var width = 2

    public init() {}

    /// Runs them.
    ///
    /// - Parameter line: is given each line of output.
    /// - Returns: whether all is well: without a planted mistake no invariant was broken; with some, each was found in
    ///   one world at least.
    public func run(line: @escaping @Sendable (String) -> Void) async -> Bool {
        let (end, overflow) = firstSeed.addingReportingOverflow(max(1, count) - 1)
        let seeds = firstSeed...(overflow ? .max : end)
        var worlds = (planted.map { $0.map(Optional.some) } ?? [nil]).flatMap { bug in
            seeds.map { Simulation(seed: $0, shoppers: shoppers, planted: bug) }
        }[...]
        var failed = 0
        var done = 0
        let all = worlds.count
        var found: Set<PlantedBug> = []
        var totals = (operations: 0, quotes: 0, events: 0, crashes: 0)
        await withTaskGroup(of: SimulationReport.self) { group in
            for world in worlds.prefix(max(1, width)) { group.addTask { await world.run() } }
            worlds = worlds.dropFirst(max(1, width))
            while let report = await group.next() {
                if let world = worlds.popFirst() { group.addTask { await world.run() } }
                done += 1
                totals.operations += report.operations
                totals.quotes += report.quotes
                totals.events += report.events
                totals.crashes += report.crashes
                if let bug = report.planted {
                    if report.violations.contains(where: { $0.invariant == bug.expected }) { found.insert(bug) }
                } else if !report.isClean {
                    failed += 1
                }
                Self.tell(report, isAlone: all == 1, line)
                if all > 1, done % 50 == 0 { line("\(done) of \(all) worlds, \(failed) failed") }
            }
        }
        if all > 1 {
            line(
                "\(all) worlds: \(failed) failed; \(totals.operations) operations, \(totals.quotes) quotes, "
                    + "\(totals.events) events, \(totals.crashes) crashes")
        }
        let missed = (planted ?? []).filter { !found.contains($0) }
        for bug in missed { line("\(bug.rawValue): not found in any world") }
        return failed == 0 && missed.isEmpty
    }

    private static func tell(_ report: SimulationReport, isAlone: Bool, _ line: (String) -> Void) {
        if let bug = report.planted {
            let found = report.violations.first { $0.invariant == bug.expected }
            line("\(bug.rawValue), seed \(report.seed): " + (found.map { "found. \($0)" } ?? "did not show"))
        } else if !report.isClean {
            line(report.summary)
            for violation in report.violations { line("  \(violation)") }
            line("  again: \(report.replayCommand)")
        } else if isAlone {
            line(report.summary)
        }
    }
}
