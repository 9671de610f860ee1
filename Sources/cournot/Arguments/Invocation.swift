/// What a command line asks for.
enum Invocation {
    /// To read something.
    case print(String)
    /// To do something, with the words after the command's name.
    case run(any Command.Type, [String])
    /// Nothing that there is.
    case complain(String)

    /// Reads the words after the program's name. `help X` is `X --help`.
    static func reading(_ words: [String], among commands: [any Command.Type]) -> Invocation {
        let isHelp = words.first == "help"
        let named = isHelp ? Array(words.dropFirst()) : words
        if let command = commands.first(where: { named.starts(with: $0.words) }) {
            let rest = Array(named.dropFirst(command.words.count))
            return isHelp || asksForHelp(rest) ? .print(command.help) : .run(command, rest)
        }
        guard let first = named.first else {
            return isHelp ? .print(overview(of: commands)) : .complain("a command is missing")
        }
        if first == "--help" || first == "-h" { return .print(overview(of: commands)) }
        let family = commands.filter { $0.words.count > 1 && $0.words[0] == first }
        guard family.isEmpty else {
            if isHelp || asksForHelp(named) { return .print(overview(of: family)) }
            let names = family.map { "cournot \($0.name)" }.joined(separator: ", ")
            return .complain("\(first) needs one more word: \(names)")
        }
        let meant = nearest(to: named, among: commands).map { "; did you mean \($0)?" } ?? ""
        return .complain("there is no command \(first)\(meant)")
    }

    private static func asksForHelp(_ words: [String]) -> Bool {
        words.prefix { $0 != "--" }.contains { $0 == "--help" || $0 == "-h" }
    }

    private static func nearest(to words: [String], among commands: [any Command.Type]) -> String? {
        let spoken = words.prefix { !$0.hasPrefix("-") }
        for count in [2, 1] where spoken.count >= count {
            let phrase = spoken.prefix(count).joined(separator: " ")
            if let found = Suggestion.nearest(to: phrase, in: commands.map { $0.name }) { return found }
        }
        return nil
    }

    private static func overview(of commands: [any Command.Type]) -> String {
        let width = (commands.map { $0.name.count }.max() ?? 0) + 3
        var text = "Cournot runs pricing experiments: one shopper, one price.\n\nUsage: cournot COMMAND [OPTIONS]\n\n"
        for command in commands { text += "  \(command.name.padded(to: width))\(command.summary)\n" }
        text += "\ncournot COMMAND --help says all about a command.\n"
        text += "Exit codes: 0 done, 1 failed, 2 told wrongly.\n"
        return text
    }
}
