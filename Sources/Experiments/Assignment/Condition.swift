/// An audience: which shoppers an experiment is for.
///
/// Written as GrowthBook writes it (SDK specification, "evalCondition": MongoDB's query language), read
/// once into this value, asked at each quote. Evaluation follows the reference SDK to its conversions
/// (a missing attribute counts as 0 where numbers are compared), so that a shop that evaluates the same
/// audience with an SDK sees the same shoppers; two departures are noted at ``matches(_:groups:)``.
///
/// ```swift
/// let audience = try Condition(parsing: .object([
///     "country": .object(["$in": .list([.string("DE"), .string("AT")])]),
///     "visits": .object(["$gte": .number(3)]),
/// ]))
/// audience.matches(["country": .string("AT"), "visits": .number(5)])  // true
/// ```
public struct Condition: Sendable {
    /// How forgiving the reading is.
    public enum Reading: Sendable {
        /// A merchant writes it: whatever could never mean what was meant is a fault.
        case strict
        /// Another system wrote it: an operator that is unknown or has an operand of the wrong type
        /// answers what the SDKs answer, which is false.
        case lenient
    }

    /// The deepest a condition may nest; reading and asking recur this far and no farther.
    public static let maximumDepth = 24

    /// The tree it was read from, unchanged: what is stored.
    public let source: AttributeValue
    /// The attributes that it asks for, by the first part of their names.
    public let attributeNames: Set<String>
    private let root: Clause

    /// Reads a condition.
    ///
    /// - Parameters:
    ///   - source: an object; the empty one holds for everybody.
    ///   - reading: see ``Reading``.
    ///   - protected: names no condition may mention.
    /// - Throws: the first fault, with a pointer to where it is.
    public init(
        parsing source: AttributeValue, reading: Reading = .strict, protected: ProtectedAttributes = .standard
    ) throws(ConditionFault) {
        let reader = ConditionReader(reading: reading, protected: protected)
        root = try reader.clause(source, at: "", depth: 0)
        self.source = source
        var names: Set<String> = []
        Self.gather(source, into: &names)
        attributeNames = names
    }

    /// As deep as a condition may nest, which reading it has bounded.
    private static func gather(_ value: AttributeValue, into names: inout Set<String>) {
        switch value {
        case .object(let members):
            for (name, member) in members {
                if name.hasPrefix("$") {
                    gather(member, into: &names)
                } else {
                    names.insert(String(name.prefix { $0 != "." }))
                }
            }
        case .list(let elements): for element in elements { gather(element, into: &names) }
        case .null, .bool, .number, .string: break
        }
    }

    /// Whether the condition holds.
    ///
    /// Departures from the reference SDK: objects are compared whatever the order of their members, and
    /// attribute names that are canonically equivalent in Unicode are one name.
    ///
    /// - Parameters:
    ///   - attributes: what is known of the shopper; what is not known is null.
    ///   - groups: saved lists for `$inGroup` and `$notInGroup`; an unknown one is empty.
    /// - Complexity: each operator once; `$in` and `$all` on a list take the product of both lengths, so
    ///   whoever accepts attributes from outside bounds how many there are.
    public func matches(_ attributes: Attributes, groups: [String: [AttributeValue]] = [:]) -> Bool {
        root.holds(for: .object(attributes), groups: groups)
    }
}

extension Condition: Equatable {
    /// Conditions are equal when their sources are.
    public static func == (left: Condition, right: Condition) -> Bool {
        left.source == right.source
    }
}

extension Condition {
    /// An order comparison.
    enum Relation: Sendable {
        case less, lessOrEqual, greater, greaterOrEqual

        var holdsForEqual: Bool { self == .lessOrEqual || self == .greaterOrEqual }

        /// For two values that differ.
        func holds(ascending: Bool) -> Bool {
            switch self {
            case .less, .lessOrEqual: ascending
            case .greater, .greaterOrEqual: !ascending
            }
        }
    }

    /// A question about a whole object.
    indirect enum Clause: Sendable {
        case every([Clause])
        /// Of none, the reference says true.
        case any([Clause])
        case not(Clause)
        case field(path: [String], Test)
    }

    /// A question about one value.
    indirect enum Test: Sendable {
        case every([Test])
        case not(Test)
        case never

        case equalsText(String, ignoringCase: Bool)
        case equalsNumber(Double)
        case equalsTruth(Bool)
        case isNull
        case isSame(AttributeValue)

        case identical(AttributeValue)
        case compares(Relation, AttributeValue)
        case exists(Bool)
        case isIn([AttributeValue], ignoringCase: Bool)
        case isInGroup(String)
        case hasType(String)
        case size(Test)
        case containsAll([Test])
        case elementPasses(Test)
        case elementMatches(Clause)
        case versionEquals(VersionText)
        case versionCompares(Relation, VersionText)
    }
}

extension Condition.Clause {
    func holds(for object: AttributeValue, groups: [String: [AttributeValue]]) -> Bool {
        switch self {
        case .every(let clauses): clauses.allSatisfy { $0.holds(for: object, groups: groups) }
        case .any(let clauses): clauses.isEmpty || clauses.contains { $0.holds(for: object, groups: groups) }
        case .not(let clause): !clause.holds(for: object, groups: groups)
        case .field(let path, let test): test.passes(object.value(at: path), groups: groups)
        }
    }
}

extension Condition.Test {
    func passes(_ actual: AttributeValue, groups: [String: [AttributeValue]]) -> Bool {
        switch self {
        case .every(let tests): return tests.allSatisfy { $0.passes(actual, groups: groups) }
        case .not(let test): return !test.passes(actual, groups: groups)
        case .never: return false

        case .equalsText(let expected, ignoringCase: false): return actual.text.utf8.elementsEqual(expected.utf8)
        case .equalsText(let expected, ignoringCase: true):
            return actual.text.lowercased().utf8.elementsEqual(expected.utf8)
        case .equalsNumber(let expected): return actual.numericValue == expected
        case .equalsTruth(let expected): return actual != .null && actual.isTruthy == expected
        case .isNull: return actual == .null
        case .isSame(let expected): return actual.isSame(as: expected)

        case .identical(let expected): return actual.isIdentical(to: expected)
        case .compares(let relation, let expected): return actual.compares(to: expected, relation)
        case .exists(let expected): return (actual != .null) == expected
        case .isIn(let expected, let ignoringCase): return actual.isFound(in: expected, ignoringCase: ignoringCase)
        case .isInGroup(let name): return actual.isFound(in: groups[name] ?? [], ignoringCase: false)
        case .hasType(let name): return actual.typeName == name
        case .versionEquals(let expected): return VersionText(actual) == expected
        case .versionCompares(let relation, let expected): return VersionText(actual).compares(to: expected, relation)

        case .size(let test):
            guard case .list(let elements) = actual else { return false }
            return test.passes(.number(Double(elements.count)), groups: groups)
        case .containsAll(let tests):
            guard case .list(let elements) = actual else { return false }
            return tests.allSatisfy { test in elements.contains { test.passes($0, groups: groups) } }
        // The reference passes over elements that are false in JavaScript, 0 and "" among them.
        case .elementPasses(let test):
            guard case .list(let elements) = actual else { return false }
            return elements.contains { $0.isTruthy && test.passes($0, groups: groups) }
        case .elementMatches(let clause):
            guard case .list(let elements) = actual else { return false }
            return elements.contains { $0.isTruthy && clause.holds(for: $0, groups: groups) }
        }
    }
}

extension AttributeValue {
    /// Membership; a list is in another when they meet.
    fileprivate func isFound(in expected: [AttributeValue], ignoringCase: Bool) -> Bool {
        if case .list(let elements) = self {
            return elements.contains { $0.isElement(of: expected, ignoringCase: ignoringCase) }
        }
        return isElement(of: expected, ignoringCase: ignoringCase)
    }

    private func isElement(of expected: [AttributeValue], ignoringCase: Bool) -> Bool {
        // The expected texts were put into lower case when the condition was read.
        guard ignoringCase, case .string(let text) = self else { return expected.contains { isIdentical(to: $0) } }
        let lowered = AttributeValue.string(text.lowercased())
        return expected.contains { lowered.isIdentical(to: $0) }
    }
}
