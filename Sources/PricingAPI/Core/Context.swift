internal import Crypto
internal import EventLoop
internal import Experiments
internal import HTTPServer

/// Who asks.
enum Caller: Sendable {
    case nobody
    case `operator`
    case member(Principal, TenantSnapshot)

    /// As audit rows name it.
    var actor: String {
        switch self {
        case .nobody: "nobody"
        case .operator: "operator"
        case .member(let principal, _): principal.key.id.description
        }
    }
}

/// A request on its way to its handler.
struct Context: Sendable {
    let request: Request
    let head: APIHead
    let route: Route
    /// The values of the pattern's names, in order.
    let parameters: [String]
    let id: RequestID
    let started: MonotonicInstant
    let caller: Caller
    /// That the request came in on, and is answered on.
    let loop: EventLoop

    var requestID: String { id.text }

    /// The tenant's own principal and newest configuration.
    var member: (principal: Principal, snapshot: TenantSnapshot) {
        get throws(Problem) {
            guard case .member(let principal, let snapshot) = caller else { throw .notFound }
            return (principal, snapshot)
        }
    }

    func parameter(_ index: Int) -> String { parameters.indices.contains(index) ? parameters[index] : "" }

    /// A query parameter, said at most once.
    func query(_ name: String) throws(Problem) -> String? {
        guard request.rawQuery != nil else { return nil }
        let values = request.queryItems.filter { $0.name == name }
        if values.count > 1 { throw .parameter("`\(name)` stands in the query twice.") }
        return values.first?.value
    }

    /// Refuses query parameters the route does not know.
    func checkQuery() throws(Problem) {
        guard request.rawQuery != nil else { return }
        for item in request.queryItems where !route.query.contains(item.name) {
            let hint = Spelling.nearest(to: item.name, among: route.query).map { " Did you mean `\($0)`?" } ?? ""
            throw .parameter("`\(item.name.prefix(64))` is not a parameter here.\(hint)")
        }
    }
}
