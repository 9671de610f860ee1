internal import ProcessIO
internal import Simulation

/// `cournot simulate`
enum Simulate: Command {
    enum Option: String, CommandOption {
        case seed, seeds, shoppers, planted
        var takesValue: Bool { true }
    }

    static let words = ["simulate"]
    static let summary = "Run the whole engine in seeded worlds of shoppers, faults and crashes"
    static let help =
        """
        Run the whole engine in seeded worlds of shoppers, merchants, retries, crashes and clocks that jump, and hold it
        against a ledger. The same seed is the same world; one that fails prints the command that replays it. The exit
        code is 1 if an invariant was broken, or a planted mistake was not found.

        Usage: cournot simulate [--seed N] [--seeds COUNT] [--shoppers M] [--planted BUG|all]

          --seed N        The first seed (1)
          --seeds COUNT   How many worlds, from that seed on (1)
          --shoppers M    About how many shoppers a world has (500)
          --planted BUG   Plant a mistake and see that it is found, `all` for each in turn:

        """
        + PlantedBug.allCases.map { "                            \($0.rawValue)\n" }.joined() + """

            Examples:
              cournot simulate --seed 42
              cournot simulate --seeds 20 --planted all

            """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        var sweep = SimulationSweep()
        sweep.firstSeed = try arguments.integer(.seed, in: 0...UInt64.max, or: 1)
        sweep.count = try arguments.integer(.seeds, in: 1...1_000_000, or: 1)
        sweep.shoppers = try arguments.integer(.shoppers, in: 1...1_000_000, or: 500)
        sweep.width = processorCount
        if let name = arguments.text(.planted) {
            sweep.planted = try bugs(named: name)
        }
        let isWell = await sweep.run { StandardStream.output.line($0) }
        if !isWell { throw CommandFailure("the engine did not hold") }
    }

    private static func bugs(named name: String) throws(UsageError) -> [PlantedBug] {
        if name == "all" { return PlantedBug.allCases }
        if let bug = PlantedBug(rawValue: name) { return [bug] }
        let nearest = Suggestion.nearest(to: name, in: PlantedBug.allCases.map(\.rawValue))
        throw UsageError(
            "there is no mistake called \(name) to plant" + (nearest.map { "; did you mean \($0)?" } ?? ""))
    }
}
