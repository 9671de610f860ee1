import Testing

@testable import cournot

struct ArgumentTests {
    enum Option: String, CommandOption {
        case name, seed, json
        var takesValue: Bool { self != .json }
    }

    private func parse(_ words: String..., operands: ClosedRange<Int> = 0...0) throws(UsageError) -> Arguments<Option> {
        try Arguments(parsing: words, operands: operands)
    }

    @Test func `a value follows its option or an equals sign`() throws {
        #expect(try parse("--name", "Corner shop").text(.name) == "Corner shop")
        #expect(try parse("--name=a=b").text(.name) == "a=b")
        #expect(try parse("--name=").text(.name) == "")
        #expect(try parse("--seed", "-5").text(.seed) == "-5")
    }

    @Test func `what is not an option is an operand, and two dashes end the options`() throws {
        let arguments = try parse("a.csv", "--json", "-", "--", "--name", operands: 0...3)
        #expect(arguments.operands == ["a.csv", "-", "--name"])
        #expect(arguments.has(.json))
        #expect(arguments.text(.name) == nil)
    }

    @Test func `a misspelt option is refused with the one that was meant`() {
        #expect(throws: UsageError("there is no option --nmae; did you mean --name?")) { try parse("--nmae", "x") }
        #expect(throws: UsageError("there is no option --frobnicate")) { try parse("--frobnicate") }
        #expect(throws: UsageError("there is no option -x")) { try parse("-x") }
    }

    @Test func `an option is given once, with a value if and only if it takes one`() {
        #expect(throws: UsageError("--name is given twice")) { try parse("--name", "a", "--name=b") }
        #expect(throws: UsageError("--json is given twice")) { try parse("--json", "--json") }
        #expect(throws: UsageError("--json takes no value")) { try parse("--json=yes") }
        #expect(throws: UsageError("--name needs a value")) { try parse("--name") }
        #expect(throws: UsageError("--name needs a value")) { try parse("--name", "--json") }
    }

    @Test func `operands are counted`() {
        #expect(throws: UsageError(#"unexpected argument "b""#)) { try parse("a", "b", operands: 1...1) }
        #expect(throws: UsageError("an argument is missing")) { try parse("--json", operands: 1...1) }
    }

    @Test func `numbers lie in their range`() throws {
        #expect(try parse("--seed", "7").integer(.seed, in: 1...9, or: 3) == 7)
        #expect(try parse().integer(.seed, in: 1...9, or: 3) == 3)
        for text in ["0", "10", "7.0", "seven", "99999999999999999999"] {
            #expect(throws: UsageError(#"--seed is a whole number from 1 to 9, not "\#(text)""#)) {
                try parse("--seed", text).integer(.seed, in: 1...9, or: 3)
            }
        }
    }

    @Test func `a swapped pair of letters is one mistake`() {
        #expect(Suggestion.distance(Array("nmae".utf8), Array("name".utf8)) == 1)
        #expect(Suggestion.distance(Array("kitten".utf8), Array("sitting".utf8)) == 3)
        #expect(Suggestion.distance([], Array("abc".utf8)) == 3)
        #expect(Suggestion.nearest(to: "creat", in: ["create", "config"]) == "create")
        #expect(Suggestion.nearest(to: "zzzzzz", in: ["create", "config"]) == nil)
    }
}
