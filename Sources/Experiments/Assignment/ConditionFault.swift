/// Why a tree is not a condition: what is wrong, where, and a sentence for the person who wrote it.
public struct ConditionFault: Error, Sendable, Hashable {
    /// The kinds of fault.
    public enum Reason: Sendable, Hashable {
        /// A condition must be an object.
        case notAnObject
        /// A word after `$` that means nothing.
        case unknownOperator
        /// The operator is known and what follows it is of the wrong type.
        case wrongOperand
        /// Operators and members side by side in one object.
        case mixedOperators
        /// `$regex` and `$regexi`, which backtracking engines can be made to run for ever on.
        case patternRefused
        /// The condition mentions what a price may not depend on.
        case protectedAttribute
        /// Deeper than ``Condition/maximumDepth``.
        case tooDeep
    }

    /// What is wrong.
    public let reason: Reason
    /// Where: a JSON pointer (RFC 6901) from the root of the condition, "" for the root itself.
    public let pointer: String
    /// For people.
    public let sentence: String

    init(_ reason: Reason, at pointer: String, _ sentence: String) {
        self.reason = reason
        self.pointer = pointer
        self.sentence = sentence
    }
}
