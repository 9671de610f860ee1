import Testing

@testable import cournot

struct InvocationTests {
    private func read(_ words: String...) -> Invocation { .reading(words, among: Cournot.commands) }

    @Test func `the first words name the command, the rest is its own`() throws {
        guard case .run(let command, let rest) = read("tenant", "create", "--name", "Shop") else {
            Issue.record("not run")
            return
        }
        #expect(command.name == "tenant create")
        #expect(rest == ["--name", "Shop"])
    }

    @Test(arguments: Cournot.commands.map { $0.words })
    func `every command explains itself, whichever way it is asked`(words: [String]) {
        let command = Cournot.commands.first { $0.words == words }
        for asked in [words + ["--help"], words + ["-h"], ["help"] + words] {
            guard case .print(let text) = Invocation.reading(asked, among: Cournot.commands) else {
                Issue.record("\(asked) prints nothing")
                continue
            }
            #expect(text == command?.help)
            #expect(text.contains("Usage: cournot " + words.joined(separator: " ")))
            #expect(text.hasSuffix("\n") && !text.hasSuffix("\n\n"))
            #expect(text.split(separator: "\n").allSatisfy { $0.count <= 120 })
        }
    }

    @Test(arguments: Cournot.commands.map { $0.words })
    func `help tells of exactly the options that there are`(words: [String]) throws {
        let command = try #require(Cournot.commands.first { $0.words == words })
        var told: Set<String> = []
        for word in command.help.split(whereSeparator: { !($0.isLetter || $0 == "-") })
        where word.hasPrefix("--") && word.count > 2 { told.insert(String(word)) }
        told.remove("--help")
        #expect(told == spellings(command))
    }

    private func spellings<Chosen: Command>(_ command: Chosen.Type) -> Set<String> {
        Set(Chosen.Option.allCases.map { $0.spelling })
    }

    @Test func `two dashes keep help from being asked for`() {
        guard case .run = read("version", "--", "--help") else {
            Issue.record("not run")
            return
        }
    }

    @Test func `what is not a command is answered with the one that was meant`() {
        for (words, expected) in [
            (["versoin"], "there is no command versoin; did you mean version?"),
            (["tennant", "create"], "there is no command tennant; did you mean tenant create?"),
            (["tenant"], "tenant needs one more word: cournot tenant create"),
            (["tenant", "destroy"], "tenant needs one more word: cournot tenant create"),
            (["frobnicate"], "there is no command frobnicate"),
            ([], "a command is missing"),
        ] {
            guard case .complain(let message) = Invocation.reading(words, among: Cournot.commands) else {
                Issue.record("\(words) is taken")
                continue
            }
            #expect(message == expected)
        }
    }

    @Test func `the overview names every command`() {
        guard case .print(let text) = read("--help") else {
            Issue.record("prints nothing")
            return
        }
        for command in Cournot.commands { #expect(text.contains("  \(command.name) ")) }
    }
}
