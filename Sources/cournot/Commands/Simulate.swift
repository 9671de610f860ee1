internal import ProcessIO
internal import Simulation

/// `cournot simulate`
enum Simulate: Command {
    enum Option: String, CommandOption {
        case seed, seeds, shoppers, planted
        var takesValue: Bool { true }
    }

    static let words = ["simulate"]
    static let summary = "Run the engine in a seeded world of shoppers, faults and retries"
    static let help =
        """
        Run the real engine in a seeded world of merchants, shoppers, retries, crashes and clocks that jump, and hold
        all it says against a ledger. The same seed is the same world.

        Usage: cournot simulate [--seed N] [--seeds COUNT] [--shoppers M] [--planted BUG]

          --seed N        The first seed (1)
          --seeds COUNT   How many seeds from there, two at a time (1)
          --shoppers M    About how many shoppers a world has (500)
          --planted BUG   Plant a mistake and see that it is found; all for each of them in turn:

        """
        + PlantedBug.allCases.map { "                    \($0.rawValue)\n" }.joined()
            + """

            Ends with 1 if an invariant was broken, or if a planted mistake was not found in any of the seeds; what was
            broken is said with the command that shows it again.

            Examples:
              cournot simulate --seed 42
              cournot simulate --seed 1 --seeds 5 --planted all

            """

    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws {
        var sweep = SimulationSweep()
        sweep.firstSeed = try arguments.integer(.seed, in: 0 ... .max, or: 1)
        sweep.count = try arguments.integer(.seeds, in: 1...1_000_000, or: 1)
        sweep.shoppers = try arguments.integer(.shoppers, in: 1...1_000_000, or: 500)
        if let name = arguments.text(.planted) {
            if name == "all" {
                sweep.planted = PlantedBug.allCases
            } else if let bug = PlantedBug(rawValue: name) {
                sweep.planted = [bug]
            } else {
                throw UsageError("there is no mistake called \"\(name)\" to plant")
            }
        }
        let isWell = await sweep.run { StandardStream.output.line($0) }
        if !isWell { throw CommandFailure("not as it should be") }
    }
}
