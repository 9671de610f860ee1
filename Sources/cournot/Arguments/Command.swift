/// One thing the program can be told to do.
protocol Command: SendableMetatype {
    associatedtype Option: CommandOption

    /// The words that name it.
    static var words: [String] { get }
    /// One line for the list of commands.
    static var summary: String { get }
    /// All there is to know, as `--help` prints it.
    static var help: String { get }
    /// How many operands it takes.
    static var operands: ClosedRange<Int> { get }
    /// Whether SIGTERM and SIGINT ask it to come to an end instead of ending it.
    static var endsOnSignal: Bool { get }

    /// Does it.
    ///
    /// - Parameter stop: yields once when the command should come to an end; never unless ``endsOnSignal``.
    static func run(_ arguments: Arguments<Option>, stop: AsyncStream<Void>) async throws
}

extension Command {
    static var operands: ClosedRange<Int> { 0...0 }
    static var endsOnSignal: Bool { false }
    /// As people write it.
    static var name: String { words.joined(separator: " ") }
}

/// Why a command, rightly told, did not do it; the message is for people.
struct CommandFailure: Error {
    let message: String

    init(_ message: String) { self.message = message }
}

/// What a process ends with, for scripts.
enum ExitCode {
    static let done: Int32 = 0
    static let failed: Int32 = 1
    static let usage: Int32 = 2
}

/// The option of commands that only know `--json`.
enum JSONOption: String, CommandOption {
    case json
    var takesValue: Bool { false }
}

/// No options.
enum NoOption: CommandOption {
    init?(rawValue: String) { nil }
    var rawValue: String { switch self {} }
    var takesValue: Bool { switch self {} }
}
