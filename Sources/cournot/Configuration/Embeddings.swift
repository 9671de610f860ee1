internal import AgentRuntime
internal import HTTPClient
internal import MiniLM
internal import Providers

/// What makes the vectors that catalogues are searched by.
enum Embeddings: Equatable, CustomStringConvertible {
    case builtIn
    /// all-MiniLM-L6-v2, from a folder.
    case miniLM(directory: String)
    /// A model of OpenAI's API, wherever that is spoken.
    case openAI(OpenAIEmbedder.Endpoint)

    /// - Parameter setting: the value of another setting; nil where it has none.
    init(_ text: String, _ setting: (Setting) -> String? = { _ in nil }) throws(ModelSettings.Fault) {
        if text == "builtin" {
            self = .builtIn
        } else if text.hasPrefix("minilm:"), text.count > "minilm:".count {
            self = .miniLM(directory: String(text.dropFirst("minilm:".count)))
        } else if text.hasPrefix("openai:"), text.count > "openai:".count {
            let base = try ModelSettings.base(.openAIBaseURL, setting, or: OpenAIModel.standardBase)
            let key = try ModelSettings.key(.openAIKey, setting, isNeeded: base.isStandard)
            let name = text.dropFirst("openai:".count)
            let parts = name.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let dimensions = parts.count > 1 ? Int(parts[1]) : nil
            guard dimensions != nil || parts.count == 1, !parts[0].isEmpty,
                let endpoint = OpenAIEmbedder.Endpoint(
                    model: parts[0], dimensions: dimensions, base: base.url, key: key)
            else {
                throw ModelSettings.Fault(
                    setting: .embeddings,
                    detail: "\"\(text)\" does not say how many numbers its vectors have, 1 to 65536, as in "
                        + "openai:text-embedding-3-small@1536")
            }
            self = .openAI(endpoint)
        } else {
            throw ModelSettings.Fault(
                setting: .embeddings,
                detail: "\"\(text)\" is neither builtin nor minilm: and a folder nor openai: and a model")
        }
    }

    /// Whether another server makes them.
    var isElsewhere: Bool { if case .openAI = self { true } else { false } }

    var description: String {
        switch self {
        case .builtIn: "builtin"
        case .miniLM(let directory): "minilm:\(directory)"
        case .openAI(let endpoint): "openai:\(endpoint.model)@\(endpoint.dimensions)"
        }
    }

    /// Reads the model; nil where none is needed.
    ///
    /// - Parameter http: what one elsewhere is asked with.
    func open(http: HTTPClient? = nil) throws(CommandFailure) -> (any Embedder)? {
        switch self {
        case .builtIn: return nil
        case .miniLM(let directory):
            do throws(ModelError) {
                return try MiniLM(directory: directory)
            } catch {
                throw CommandFailure("\(Setting.embeddings.rawValue): \(error)")
            }
        case .openAI(let endpoint):
            guard let http else { return nil }
            return OpenAIEmbedder(endpoint, http: http)
        }
    }
}
