public import Experiments

/// One conversation of a rehearsal, and what came of it.
public struct RehearsedScene: Sendable, Equatable {
    /// What it is about.
    public enum Kind: String, Sendable, CaseIterable {
        /// The greeting says what the settings want said.
        case greeting
        /// A product is found by its own title.
        case find
        /// Its price is told, and is the quote.
        case price
        /// A discount asked for is not given, and the price stays.
        case discount
        /// A yes makes a checkout at that price, up to the button.
        case checkout
        /// Who wants a person gets one.
        case handoff
    }

    public enum Outcome: Sendable, Equatable {
        case passed
        /// Cannot be played here, and why.
        case skipped(String)
        /// A sentence for the merchant.
        case failed(String)
    }

    /// What one side said.
    public struct Said: Sendable, Equatable {
        public let role: ChatMessage.Role
        public let text: String
    }

    public let kind: Kind
    public let language: Language
    public let product: TenantKey?
    public let outcome: Outcome
    public let said: [Said]
}

extension Collection<RehearsedScene> {
    public var failures: Int {
        count { if case .failed = $0.outcome { true } else { false } }
    }

    /// What is kept of a rehearsal.
    ///
    /// - Parameter settings: those it was played with.
    public func verdict(on settings: AgentSettings, at now: Timestamp) -> AgentVerdict {
        AgentVerdict(at: now, scenes: count, failures: failures, settings: settings)
    }
}
