internal import AgentRuntime
internal import Crypto
internal import HTTPClient
internal import Providers

/// The language models that the agent asks, in their order, and where.
struct ModelSettings {
    enum Provider: String, CaseIterable {
        case anthropic, openai
    }

    struct Entry {
        let provider: Provider
        let endpoint: ModelEndpoint
    }

    /// What is wrong, and with which setting.
    struct Fault: Error, Equatable {
        let setting: Setting
        let detail: String
    }

    let entries: [Entry]
    /// What was set, as people may see it.
    let shown: [Setting: String]

    static let none = ModelSettings()

    private init() {
        entries = []
        shown = [:]
    }

    /// - Parameter text: a setting's value; nil where it has none.
    init(_ text: (Setting) -> String?) throws(Fault) {
        let prices = try Self.prices(text(.modelPrices) ?? "")
        var entries: [Entry] = []
        for word in Self.words(text(.models) ?? "") {
            let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
            guard parts.count == 2, let provider = Provider(rawValue: parts[0]), Self.isName(parts[1]) else {
                throw Fault(
                    setting: .models,
                    detail: "\"\(word)\" is not anthropic:MODEL or openai:MODEL, as in anthropic:claude-haiku-4-5")
            }
            let model = parts[1]
            guard let price = prices[model] ?? KnownPrices.price(of: model) else {
                throw Fault(
                    setting: .models,
                    detail: "what \(model) costs is not known: say it in \(Setting.modelPrices.rawValue), in dollars a "
                        + "million tokens of input and output, as in \(model)=3/15")
            }
            guard !entries.contains(where: { $0.provider == provider && $0.endpoint.model == model }) else {
                throw Fault(setting: .models, detail: "\(word) stands there twice")
            }
            entries.append(Entry(provider: provider, endpoint: try Self.endpoint(provider, model, price, text)))
        }
        self.entries = entries
        var shown: [Setting: String] = [:]
        for setting in [
            Setting.models, .modelPrices, .anthropicBaseURL, .anthropicVersion, .anthropicAuthentication,
            .openAIBaseURL,
        ] { shown[setting] = text(setting) }
        for setting in [Setting.anthropicKey, .openAIKey] {
            shown[setting] = text(setting).map { Secret($0).description }
        }
        self.shown = shown
    }

    private static func endpoint(
        _ provider: Provider, _ model: String, _ price: ModelPrice, _ text: (Setting) -> String?
    ) throws(Fault) -> ModelEndpoint {
        switch provider {
        case .anthropic:
            let base = try base(.anthropicBaseURL, text, or: AnthropicModel.standardBase)
            let said = text(.anthropicAuthentication) ?? ModelEndpoint.Authentication.apiKey.rawValue
            guard let authentication = ModelEndpoint.Authentication(rawValue: said) else {
                throw Fault(setting: .anthropicAuthentication, detail: "\"\(said)\" is neither x-api-key nor bearer")
            }
            let version = text(.anthropicVersion) ?? AnthropicModel.standardVersion
            guard isName(version) else {
                throw Fault(setting: .anthropicVersion, detail: "\"\(version)\" is no version, as in 2023-06-01")
            }
            return ModelEndpoint(
                model: model, base: base.url, key: try key(.anthropicKey, text, isNeeded: base.isStandard),
                authentication: authentication, version: version, price: price)
        case .openai:
            let base = try base(.openAIBaseURL, text, or: OpenAIModel.standardBase)
            return ModelEndpoint(
                model: model, base: base.url, key: try key(.openAIKey, text, isNeeded: base.isStandard),
                authentication: .bearer, price: price)
        }
    }

    static func base(
        _ setting: Setting, _ text: (Setting) -> String?, or standard: String
    ) throws(Fault) -> (url: String, isStandard: Bool) {
        guard let said = text(setting), !said.isEmpty else { return (standard, true) }
        let rest = said.split(separator: "://", maxSplits: 1).dropFirst().first ?? ""
        guard said.hasPrefix("https://") || said.hasPrefix("http://"), !rest.isEmpty, isName(said), !rest.contains("@"),
            !said.contains("?"), !said.contains("#")
        else { throw Fault(setting: setting, detail: "not an address as in \(standard)") }
        return (said, said == standard)
    }

    static func key(_ setting: Setting, _ text: (Setting) -> String?, isNeeded: Bool) throws(Fault) -> Secret? {
        guard let said = text(setting), !said.isEmpty else {
            if isNeeded { throw Fault(setting: setting, detail: "missing: the provider asks for a key") }
            return nil
        }
        guard isName(said) else { throw Fault(setting: setting, detail: "a key is one word of ASCII") }
        return Secret(said)
    }

    /// `MODEL=INPUT/OUTPUT[/READ[/WRITE]]`, in dollars a million tokens.
    private static func prices(_ text: String) throws(Fault) -> [String: ModelPrice] {
        var prices: [String: ModelPrice] = [:]
        for word in words(text) {
            let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
            let numbers = parts.last?.split(separator: "/", omittingEmptySubsequences: false).map(picodollars) ?? []
            guard parts.count == 2, isName(parts[0]), (2...4).contains(numbers.count), let input = numbers[0],
                let output = numbers[1], !numbers.contains(nil)
            else {
                throw Fault(
                    setting: .modelPrices,
                    detail: "\"\(word)\" is not MODEL=INPUT/OUTPUT[/CACHE-READ[/CACHE-WRITE]] in dollars a million "
                        + "tokens, each 0 to 1000 with 6 decimals at most")
            }
            guard prices[parts[0]] == nil else {
                throw Fault(setting: .modelPrices, detail: "\(parts[0]) stands there twice")
            }
            prices[parts[0]] = ModelPrice(
                input: input, output: output, cacheRead: numbers.count > 2 ? numbers[2] : nil,
                cacheWrite: numbers.count > 3 ? numbers[3] : nil)
        }
        return prices
    }

    /// Dollars a million tokens, exactly, as picodollars a token.
    private static func picodollars(_ text: Substring) -> Int64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ $0.utf8.allSatisfy { (48...57).contains($0) } }),
            (1...4).contains(parts[0].count), let whole = Int64(parts[0])
        else { return nil }
        guard parts.count == 2 else { return whole <= 1000 ? whole * 1_000_000 : nil }
        guard (1...6).contains(parts[1].count),
            let part = Int64(String(parts[1]) + String(repeating: "0", count: 6 - parts[1].count)),
            whole * 1_000_000 + part <= 1_000_000_000
        else { return nil }
        return whole * 1_000_000 + part
    }

    private static func words(_ text: String) -> [String] {
        text.split(separator: ",").map { word in
            String(String(word.drop { $0 == " " }.reversed()).drop { $0 == " " }.reversed())
        }.filter { !$0.isEmpty }
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= 4096 && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    // MARK: Using them

    /// In their order.
    func models(http: HTTPClient) -> [any LanguageModel] {
        entries.map { entry -> any LanguageModel in
            switch entry.provider {
            case .anthropic: AnthropicModel(entry.endpoint, http: http, random: SystemRandom())
            case .openai: OpenAIModel(entry.endpoint, http: http, random: SystemRandom())
            }
        }
    }
}
