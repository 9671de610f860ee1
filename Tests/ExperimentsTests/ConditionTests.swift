import Testing

@testable import Experiments

struct ConditionTests {
    private func fault(_ source: AttributeValue, _ reading: Condition.Reading = .strict) -> ConditionFault? {
        do {
            _ = try Condition(parsing: source, reading: reading)
            return nil
        } catch {
            return error
        }
    }

    private func asking(_ name: String, _ test: AttributeValue) -> AttributeValue { .object([name: test]) }

    @Test func `a fault says what, where and why`() {
        let table: [(AttributeValue, ConditionFault.Reason, String)] = [
            (.string("x"), .notAnObject, ""),
            (asking("$orr", .list([])), .unknownOperator, "/$orr"),
            (asking("$or", .object([:])), .wrongOperand, "/$or"),
            (asking("$and", .list([.object([:]), .number(1)])), .notAnObject, "/$and/1"),
            (asking("age/days", .object(["$gtt": .number(1)])), .unknownOperator, "/age~1days/$gtt"),
            (asking("a~b", .object(["$in": .number(1)])), .wrongOperand, "/a~0b/$in"),
            (asking("a", .object(["$in": .list([.number(1), .list([])])])), .wrongOperand, "/a/$in/1"),
            (asking("a", .object(["$eq": .object([:])])), .wrongOperand, "/a/$eq"),
            (asking("a", .object(["$exists": .string("yes")])), .wrongOperand, "/a/$exists"),
            (asking("a", .object(["$type": .string("text")])), .wrongOperand, "/a/$type"),
            (asking("a", .object(["$size": .object(["$lx": .number(1)])])), .unknownOperator, "/a/$size/$lx"),
            (asking("a", .object(["$elemMatch": .number(1)])), .wrongOperand, "/a/$elemMatch"),
            (asking("a", .object(["$inGroup": .number(1)])), .wrongOperand, "/a/$inGroup"),
            (asking("a", .object(["$gt": .number(1), "b": .number(2)])), .mixedOperators, "/a/b"),
            (asking("a", .object(["$regex": .string("^x")])), .patternRefused, "/a/$regex"),
            (asking("$not", .object(["a": .object(["$regexi": .string("x")])])), .patternRefused, "/$not/a/$regexi"),
        ]
        for (source, reason, pointer) in table {
            let fault = fault(source)
            #expect(fault?.reason == reason && fault?.pointer == pointer, "\(source)")
            #expect(fault?.sentence.hasSuffix(".") == true)
        }
    }

    @Test func `a pattern is refused however lenient the reading`() {
        #expect(fault(asking("a", .object(["$regex": .string("(a+)+$")])), .lenient)?.reason == .patternRefused)
    }

    @Test func `nesting is bounded, in conditions and in values`() {
        var condition: AttributeValue = .object([:])
        var value: AttributeValue = .null
        for _ in 0..<10_000 {
            condition = asking("$not", condition)
            value = .list([value])
        }
        for reading in [Condition.Reading.strict, .lenient] {
            #expect(fault(condition, reading)?.reason == .tooDeep)
            #expect(fault(asking("a", value), reading)?.reason == .tooDeep)
        }
    }

    @Test func `a condition keeps the tree it was read from`() throws {
        let source = asking("country", .object(["$ini": .list([.string("De"), .string("at")]), "$ne": .null]))
        let condition = try Condition(parsing: source)
        #expect(condition.source == source)
        #expect(try Condition(parsing: condition.source) == condition)
        #expect(try Condition(parsing: asking("country", .null)) != condition)
        #expect(condition.matches(["country": .string("DE")]))
        #expect(!condition.matches(["country": .string("FR")]))
    }

    @Test func `texts are told apart by their code points`() throws {
        let condition = try Condition(parsing: asking("city", .object(["$eq": .string("Orle\u{301}ans")])))
        #expect(condition.matches(["city": .string("Orle\u{301}ans")]))
        #expect(!condition.matches(["city": .string("Orl\u{e9}ans")]))
    }

    @Test func `paths go into lists and say their length`() throws {
        let attributes: Attributes = ["tags": .list([.string("new"), .object(["depth": .number(2)])])]
        #expect(try Condition(parsing: asking("tags.0", .string("new"))).matches(attributes))
        #expect(try Condition(parsing: asking("tags.1.depth", .number(2))).matches(attributes))
        #expect(try Condition(parsing: asking("tags.length", .number(2))).matches(attributes))
        for missing in ["tags.2", "tags.-1", "tags.x", "tags.0.y", ""] {
            #expect(try Condition(parsing: asking(missing, .null)).matches(attributes), "\(missing)")
        }
    }

    /// Answers of JavaScript's operators, where they surprise.
    @Test func `values are converted as JavaScript converts them`() throws {
        let table: [(AttributeValue, AttributeValue, Bool)] = [
            (.number(0), .null, true), (.number(1), .bool(true), true), (.number(5), .list([.string("5")]), true),
            (.number(0), .list([]), true), (.number(0), .object([:]), false), (.string("null"), .null, true),
            (.string("1,2,"), .list([.number(1), .number(2), .null]), true), (.string("12"), .number(12), true),
            (.bool(true), .list([]), true), (.bool(false), .string(""), true), (.bool(false), .null, false),
            (.object(["$lt": .string("b")]), .string("a"), true), (.object(["$lt": .string("b")]), .number(1), false),
            (.object(["$gte": .number(0)]), .null, true), (.object(["$gte": .number(0)]), .string("x"), false),
            (.object(["$lt": .string("10")]), .string("9"), false), (.object(["$lt": .number(10)]), .string("9"), true),
            (.object(["$elemMatch": .object(["$gte": .number(0)])]), .list([.number(0), .string("")]), false),
            (.object(["$lt": .string("\u{ff5e}")]), .string("😀"), true),
        ]
        for (test, value, expected) in table {
            #expect(try Condition(parsing: asking("a", test)).matches(["a": value]) == expected, "\(test) \(value)")
        }
    }

    @Test(arguments: [
        "race", "religion", "customer_religion", "shopperAge", "isPregnant", "HIV-status", "Sexual Orientation",
        "sexualOrientation", "dateOfBirth", "birthdate", "person.ethnicity", "profile.health", "nationalOrigin",
        "is_male",
        "mental_health_score", "GENDER",
    ])
    func `a price may not depend on`(name: String) {
        #expect(fault(asking(name, .string("x")))?.reason == .protectedAttribute)
        #expect(fault(asking("$nor", .list([asking(name, .bool(true))])))?.reason == .protectedAttribute)
    }

    @Test(arguments: [
        "country", "account_age", "ageOfAccountDays", "race_distance", "page", "trace", "health_products_viewed",
        "colour_theme",
        "device.os", "visits", "faithfulness", "category", "$",
    ])
    func `a price may depend on`(name: String) {
        #expect(ProtectedAttributes.standard.term(in: name) == nil)
    }

    @Test func `protected names are found inside values and element conditions`() {
        let inValue = asking("person", .object(["name": .string("x"), "religion": .string("y")]))
        #expect(fault(inValue)?.pointer == "/person/religion")
        let inElements = asking("people", .object(["$elemMatch": .object(["disability": .bool(true)])]))
        #expect(fault(inElements)?.pointer == "/people/$elemMatch/disability")
        let inAll = asking("people", .object(["$all": .list([.list([.object(["race": .null])])])]))
        #expect(fault(inAll)?.reason == .protectedAttribute)
        #expect(fault(inValue)?.sentence == "A price may not depend on religion; religion names a protected attribute.")
    }
}
