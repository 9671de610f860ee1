internal import AgentRuntime
internal import MiniLM

/// What makes the vectors that catalogues are searched by.
enum Embeddings: Equatable, CustomStringConvertible {
    case builtIn
    /// all-MiniLM-L6-v2, from a folder.
    case miniLM(directory: String)

    /// Nil for what is neither `builtin` nor `minilm:` and a folder.
    init?(_ text: String) {
        if text == "builtin" {
            self = .builtIn
        } else if text.hasPrefix("minilm:"), text.count > "minilm:".count {
            self = .miniLM(directory: String(text.dropFirst("minilm:".count)))
        } else {
            return nil
        }
    }

    var description: String {
        switch self {
        case .builtIn: "builtin"
        case .miniLM(let directory): "minilm:\(directory)"
        }
    }

    /// Reads the model; nil where none is needed.
    func open() throws(CommandFailure) -> (any Embedder)? {
        switch self {
        case .builtIn: return nil
        case .miniLM(let directory):
            do throws(ModelError) {
                return try MiniLM(directory: directory)
            } catch {
                throw CommandFailure("\(Setting.embeddings.rawValue): \(error)")
            }
        }
    }
}
