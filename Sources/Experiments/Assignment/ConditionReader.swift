/// Reads the tree of a condition into clauses and tests, or says where it is wrong.
struct ConditionReader {
    let reading: Condition.Reading
    let protected: ProtectedAttributes

    /// A condition's object: `$and`, `$or`, `$nor`, `$not` and attribute paths.
    func clause(_ source: AttributeValue, at pointer: String, depth: Int) throws(ConditionFault) -> Condition.Clause {
        let members = try object(source, at: pointer, depth: depth)
        var clauses: [Condition.Clause] = []
        for (name, operand) in members {
            let here = pointer.appending(name)
            switch name {
            case "$and": clauses.append(.every(try clauseList(operand, at: here, depth: depth)))
            case "$or": clauses.append(.any(try clauseList(operand, at: here, depth: depth)))
            case "$nor": clauses.append(.not(.any(try clauseList(operand, at: here, depth: depth))))
            case "$not": clauses.append(.not(try clause(operand, at: here, depth: depth + 1)))
            default:
                if name.hasPrefix("$"), reading == .strict {
                    throw ConditionFault(
                        .unknownOperator, at: here,
                        "\(name) is no operator between conditions; use $and, $or, $nor or $not.")
                }
                let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
                for step in path { try refuseProtected(step, at: here) }
                clauses.append(.field(path: path, try test(operand, at: here, depth: depth + 1)))
            }
        }
        return clauses.count == 1 ? clauses[0] : .every(clauses)
    }

    /// What one attribute is asked: a plain value to be equal to, or an object of operators.
    private func test(
        _ source: AttributeValue, at pointer: String, depth: Int, ignoringCase: Bool = false
    ) throws(ConditionFault) -> Condition.Test {
        switch source {
        case .null: return .isNull
        case .bool(let value): return .equalsTruth(value)
        case .number(let value): return .equalsNumber(value)
        case .string(let text):
            return .equalsText(ignoringCase ? text.lowercased() : text, ignoringCase: ignoringCase)
        case .list:
            try inspect(source, at: pointer, depth: depth)
            return .isSame(source)
        case .object(let members):
            let operators = members.keys.count { $0.hasPrefix("$") }
            if operators == 0 || (operators < members.count && reading == .lenient) {
                try inspect(source, at: pointer, depth: depth)
                return .isSame(source)
            }
            var tests: [Condition.Test] = []
            for (name, operand) in try object(source, at: pointer, depth: depth) {
                let here = pointer.appending(name)
                guard name.hasPrefix("$") else {
                    throw ConditionFault(
                        .mixedOperators, at: here,
                        "\(name) stands among operators; an object is either all operators or all members to be equal.")
                }
                tests.append(try self.operator(name, operand, at: here, depth: depth + 1))
            }
            return tests.count == 1 ? tests[0] : .every(tests)
        }
    }

    private func `operator`(
        _ name: String, _ operand: AttributeValue, at pointer: String, depth: Int
    ) throws(ConditionFault) -> Condition.Test {
        switch name {
        case "$eq": return .identical(try scalar(name, operand, at: pointer))
        case "$ne": return .not(.identical(try scalar(name, operand, at: pointer)))
        case "$lt": return .compares(.less, try scalar(name, operand, at: pointer))
        case "$lte": return .compares(.lessOrEqual, try scalar(name, operand, at: pointer))
        case "$gt": return .compares(.greater, try scalar(name, operand, at: pointer))
        case "$gte": return .compares(.greaterOrEqual, try scalar(name, operand, at: pointer))
        case "$veq": return .versionEquals(VersionText(try scalar(name, operand, at: pointer)))
        case "$vne": return .not(.versionEquals(VersionText(try scalar(name, operand, at: pointer))))
        case "$vlt": return .versionCompares(.less, VersionText(try scalar(name, operand, at: pointer)))
        case "$vlte": return .versionCompares(.lessOrEqual, VersionText(try scalar(name, operand, at: pointer)))
        case "$vgt": return .versionCompares(.greater, VersionText(try scalar(name, operand, at: pointer)))
        case "$vgte": return .versionCompares(.greaterOrEqual, VersionText(try scalar(name, operand, at: pointer)))

        case "$exists":
            if case .bool(let value) = operand { return .exists(value) }
            return reading == .lenient
                ? .exists(operand.isTruthy) : try wrongOperand("true or false", name, at: pointer)
        case "$type":
            let types = ["string", "number", "boolean", "array", "object", "null"]
            if case .string(let type) = operand, types.contains(type) { return .hasType(type) }
            return try wrongOperand("one of \(types.joined(separator: ", "))", name, at: pointer)
        case "$inGroup", "$notInGroup":
            guard case .string(let group) = operand else {
                return try wrongOperand("a group's name", name, at: pointer)
            }
            return name == "$inGroup" ? .isInGroup(group) : .not(.isInGroup(group))

        case "$in", "$ini", "$nin", "$nini":
            guard case .list(var members) = operand else { return try wrongOperand("a list", name, at: pointer) }
            for (index, member) in members.enumerated() {
                members[index] = try scalar(name, member, at: pointer.appending(String(index)))
            }
            let ignoringCase = name.hasSuffix("i")
            if ignoringCase {
                members = members.map { if case .string(let text) = $0 { .string(text.lowercased()) } else { $0 } }
            }
            let test = Condition.Test.isIn(members, ignoringCase: ignoringCase)
            return name.hasPrefix("$n") ? .not(test) : test
        case "$all", "$alli":
            guard case .list(let members) = operand else { return try wrongOperand("a list", name, at: pointer) }
            var tests: [Condition.Test] = []
            for (index, member) in members.enumerated() {
                let here = pointer.appending(String(index))
                tests.append(try test(member, at: here, depth: depth, ignoringCase: name == "$alli"))
            }
            return .containsAll(tests)

        case "$not": return .not(try test(operand, at: pointer, depth: depth))
        case "$size": return .size(try test(operand, at: pointer, depth: depth))
        case "$elemMatch":
            guard case .object(let members) = operand else { return try wrongOperand("a condition", name, at: pointer) }
            let asksValues = !members.isEmpty && members.keys.allSatisfy { $0.hasPrefix("$") }
            if asksValues { return .elementPasses(try test(operand, at: pointer, depth: depth)) }
            return .elementMatches(try clause(operand, at: pointer, depth: depth))

        case "$regex", "$regexi":
            // Refused in both readings: to answer "no" to an audience we did not evaluate would be a lie.
            throw ConditionFault(
                .patternRefused, at: pointer,
                "\(name) is not supported, as a pattern can take for ever on the way to a price; use $in, $ini or a list of tags."
            )
        default:
            if reading == .lenient { return .never }
            throw ConditionFault(.unknownOperator, at: pointer, "\(name) is no operator.")
        }
    }

    private func clauseList(
        _ source: AttributeValue, at pointer: String, depth: Int
    ) throws(ConditionFault) -> [Condition.Clause] {
        guard case .list(let members) = source else {
            throw ConditionFault(.wrongOperand, at: pointer, "This takes a list of conditions.")
        }
        var clauses: [Condition.Clause] = []
        for (index, member) in members.enumerated() {
            clauses.append(try clause(member, at: pointer.appending(String(index)), depth: depth + 1))
        }
        return clauses
    }

    /// Members in the order of their names, so that the first fault is always the same one.
    private func object(
        _ source: AttributeValue, at pointer: String, depth: Int
    ) throws(ConditionFault) -> [(key: String, value: AttributeValue)] {
        guard depth <= Condition.maximumDepth else {
            throw ConditionFault(.tooDeep, at: pointer, "Conditions nest at most \(Condition.maximumDepth) deep.")
        }
        guard case .object(let members) = source else {
            throw ConditionFault(.notAnObject, at: pointer, "A condition is an object.")
        }
        return members.sorted { $0.key < $1.key }
    }

    /// An operand that must be text, number, truth or null: a list or object is never identical to another.
    private func scalar(
        _ name: String, _ operand: AttributeValue, at pointer: String
    ) throws(ConditionFault) -> AttributeValue {
        switch operand {
        case .null, .bool, .number, .string: return operand
        case .list, .object:
            guard reading == .strict else { return operand }
            throw ConditionFault(
                .wrongOperand, at: pointer,
                "\(name) compares text, numbers, truth values and null; write a list or object without an operator to be equal to it."
            )
        }
    }

    private func wrongOperand(
        _ wanted: String, _ name: String, at pointer: String
    ) throws(ConditionFault) -> Condition.Test {
        guard reading == .strict else { return .never }
        throw ConditionFault(.wrongOperand, at: pointer, "\(name) takes \(wanted).")
    }

    /// A value to be equal to may name attributes as well: `{"person": {"religion": "…"}}`.
    private func inspect(_ value: AttributeValue, at pointer: String, depth: Int) throws(ConditionFault) {
        guard depth <= Condition.maximumDepth else {
            throw ConditionFault(.tooDeep, at: pointer, "Conditions nest at most \(Condition.maximumDepth) deep.")
        }
        switch value {
        case .list(let elements):
            for (index, element) in elements.enumerated() {
                try inspect(element, at: pointer.appending(String(index)), depth: depth + 1)
            }
        case .object(let members):
            for (name, member) in members.sorted(by: { $0.key < $1.key }) {
                try refuseProtected(name, at: pointer.appending(name))
                try inspect(member, at: pointer.appending(name), depth: depth + 1)
            }
        default: break
        }
    }

    private func refuseProtected(_ name: String, at pointer: String) throws(ConditionFault) {
        guard let term = protected.term(in: name) else { return }
        throw ConditionFault(
            .protectedAttribute, at: pointer,
            "A price may not depend on \(term); \(name) names a protected attribute.")
    }
}

extension String {
    /// A JSON pointer (RFC 6901) one step further.
    fileprivate func appending(_ step: String) -> String {
        var pointer = self + "/"
        for character in step.unicodeScalars {
            switch character {
            case "~": pointer += "~0"
            case "/": pointer += "~1"
            default: pointer.unicodeScalars.append(character)
            }
        }
        return pointer
    }
}
