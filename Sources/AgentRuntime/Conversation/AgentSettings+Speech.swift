public import Experiments

extension AgentSettings {
    /// Those of its languages that the agent speaks; never none.
    public var spoken: [Language] {
        let known = languages.compactMap { Language(rawValue: $0) }
        return known.isEmpty ? [.english] : known
    }

    /// Adds what stands in the way of saying it: a language that the agent does not speak, and words that could be taken
    /// for an amount or a concession.
    public func validateSpeech(into faults: inout Faults) {
        for (index, code) in languages.enumerated() where Language(rawValue: code) == nil {
            let spoken = Language.allCases.map(\.rawValue).joined(separator: ", ")
            faults.add("/languages/\(index)", "The agent speaks \(spoken).")
        }
        let judge = PriceGuard(languages: Set(Language.allCases))
        if let greeting, let first = judge.violations(in: greeting, facts: Facts()).first {
            faults.add("/greeting", "\"\(first.text)\" could be read as an amount, a concession or a link.")
        }
        for (pointer, text) in [("/name", name), ("/operator_contact", operatorContact), ("/disclosure", disclosure)] {
            if let objection = text.flatMap(ToldText.objection) { faults.add(pointer, objection) }
        }
        for (policy, texts) in policies ?? [:] {
            for (language, text) in texts {
                if let objection = ToldText.objection(to: text) {
                    faults.add("/policies/\(policy)/\(language)", objection)
                }
            }
        }
    }
}
