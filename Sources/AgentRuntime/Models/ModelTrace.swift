/// What a language model had to do with a message, kept with it for proof.
public struct ModelTrace: Sendable, Equatable, Codable {
    public enum Verdict: String, Sendable, Codable, CaseIterable {
        /// Its words were told, with the slots filled.
        case told
        /// The same, at the second try.
        case regenerated
        /// It was cut or refused after some of its sentences were told; these stand.
        case cut
        /// It chose what to say, or what to ask; the words are a template's.
        case typed
        /// Nothing of it was told: a template answers.
        case templated
    }

    /// SHA-256 of all that it wrote, words and tool inputs, in hexadecimal digits.
    public internal(set) var output = ""
    /// Who wrote last; nil where nobody answered.
    public internal(set) var model: String?
    public internal(set) var verdict = Verdict.templated
    /// Requests that were made.
    public internal(set) var calls = 0
    /// Amounts that it named, as it named them, each with the quote or checkout that was told.
    public internal(set) var resolved: [String: String] = [:]
    /// Why what it wrote first, or at all, was not told.
    public internal(set) var refused: [Violation]?
}
