internal import ProcessIO

/// The program: finds the command that the first words name, and runs it.
@main
enum Cournot {
    /// Every command, in the order of the list that `cournot help` prints.
    static let commands: [any Command.Type] = [
        Serve.self, TenantCreate.self, Migrate.self, TransferCommand.self, ExportCommand.self, AgentTest.self,
        AgentAudit.self, CostsCommand.self, ModelsCheck.self,
        Analyze.self, StatsCommand.self, Simulate.self, ShowConfiguration.self, PrintOpenAPI.self, ShowVersion.self,
    ]

    static func main() {
        switch Invocation.reading(Array(CommandLine.arguments.dropFirst()), among: commands) {
        case .print(let text):
            StandardStream.output.write(text)
        case .complain(let message):
            StandardStream.error.line("cournot: \(message)\nSee: cournot --help")
            MainThread.end(ExitCode.usage)
        case .run(let command, let words):
            run(command, words)
        }
    }

    private static func run<Chosen: Command>(_ command: Chosen.Type, _ words: [String]) {
        let arguments: Arguments<Chosen.Option>
        do throws(UsageError) {
            arguments = try Arguments(parsing: words, operands: command.operands)
        } catch {
            StandardStream.error.line("cournot \(command.name): \(error.message)\n\(hint(for: command))")
            MainThread.end(ExitCode.usage)
        }
        if command.endsOnSignal {
            MainThread.run(untilSignal: { await outcome(of: command, arguments, stop: $0) })
        } else {
            MainThread.run { await outcome(of: command, arguments, stop: AsyncStream { $0.finish() }) }
        }
    }

    private static func outcome<Chosen: Command>(
        of command: Chosen.Type, _ arguments: Arguments<Chosen.Option>, stop: AsyncStream<Void>
    ) async -> Int32 {
        do {
            try await command.run(arguments, stop: stop)
            return ExitCode.done
        } catch let error as UsageError {
            StandardStream.error.line("cournot \(command.name): \(error.message)\n\(hint(for: command))")
            return ExitCode.usage
        } catch let faults as ConfigurationFaults {
            StandardStream.error.write(faults.list.map { "cournot \(command.name): \($0)\n" }.joined())
            return ExitCode.usage
        } catch let failure as CommandFailure {
            StandardStream.error.line("cournot \(command.name): \(failure.message)")
            return ExitCode.failed
        } catch {
            StandardStream.error.line("cournot \(command.name): \(error)")
            return ExitCode.failed
        }
    }

    private static func hint(for command: any Command.Type) -> String { "See: cournot \(command.name) --help" }
}
