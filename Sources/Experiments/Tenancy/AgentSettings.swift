/// How a tenant's commerce agent presents itself.
public struct AgentSettings: Sendable, Equatable, Codable {
    public enum Tone: String, Sendable, Codable, CaseIterable {
        /// Several wordings, some of them warm.
        case friendly
        /// Always the plainest.
        case formal
    }

    /// 1 to 60 characters.
    public var name: String
    /// Said instead of the standard greeting, in whatever language it is: 1 to 500 characters.
    public var greeting: String?
    public var tone: Tone
    /// Those it answers in, as codes; the first where a shopper's is not known.
    public var languages: [String]
    /// Told with a hand-off, such as an address or a telephone number: 1 to 200 characters.
    public var operatorContact: String?
    /// Told with the greeting, such as that a machine answers: 1 to 500 characters.
    public var disclosure: String?
    /// Messages a minute that a shopper may send in one conversation, 1 to 600.
    public var messagesPerMinute: Int
    /// What the shop says of a matter, by ``Policy`` and language; nil where it says nothing.
    public var policies: [String: [String: String]]?

    /// A matter that the shop may say something of in words of its own.
    public enum Policy: String, Sendable, Codable, CaseIterable {
        case shipping, returns, payment
    }

    /// Characters of one policy in one language.
    public static let longestPolicy = 400

    /// What the shop says of a matter in a language; nil where it says nothing in it.
    public func text(of policy: Policy, in language: String) -> String? { policies?[policy.rawValue]?[language] }

    public static let standard = AgentSettings()

    public init(
        name: String = "Cournot", greeting: String? = nil, tone: Tone = .friendly,
        languages: [String] = ["en", "de", "es", "fr"], operatorContact: String? = nil, disclosure: String? = nil,
        messagesPerMinute: Int = 10, policies: [String: [String: String]]? = nil
    ) {
        self.name = name
        self.greeting = greeting
        self.tone = tone
        self.languages = languages
        self.operatorContact = operatorContact
        self.disclosure = disclosure
        self.messagesPerMinute = messagesPerMinute
        self.policies = policies
    }

    /// Adds what is wrong with lengths and ranges.
    public func validate(into faults: inout Faults) {
        func length(_ text: String?, _ pointer: String, _ most: Int) {
            guard let text, text.isEmpty || text.count > most else { return }
            faults.add(pointer, "This has 1 to \(most) characters.")
        }
        length(name, "/name", 60)
        length(greeting, "/greeting", 500)
        length(operatorContact, "/operator_contact", 200)
        length(disclosure, "/disclosure", 500)
        for (policy, texts) in policies ?? [:] {
            for (language, text) in texts { length(text, "/policies/\(policy)/\(language)", Self.longestPolicy) }
        }
        if languages.isEmpty { faults.add("/languages", "An agent speaks a language.") }
        if Set(languages).count < languages.count { faults.add("/languages", "A language stands here twice.") }
        if !(1...600).contains(messagesPerMinute) {
            faults.add("/messages_per_minute", "From 1 to 600 messages a minute.")
        }
    }
}
