internal import Experiments

extension StoreError {
    /// For a person at a terminal.
    var sentence: String {
        switch self {
        case .full: "the disk is full"
        case .broken(let detail): "a write failed: \(detail)"
        case .unavailable(let detail), .unreachable(let detail), .uncertain(let detail): detail
        case .outdated: "somebody else changed the configuration at the same time; try again"
        case .repeated: "this was done before"
        case .corrupt(let detail): "what is stored cannot be read: \(detail)"
        }
    }
}
