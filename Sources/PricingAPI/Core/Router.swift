internal import Experiments
internal import HTTPServer

/// Who may use a route.
enum Access: Sendable, Equatable {
    case anyone
    case roles(Set<Role>)
    /// The key stands in the path, as its first parameter: for programs that know no other place.
    case pathKey(Set<Role>)
}

/// Whose manners a route keeps.
enum Dialect: Sendable {
    /// Our own: unknown query parameters are refused, problems are RFC 9457.
    case own
    /// OpenFeature's remote evaluation: unknown parameters are passed over, problems are its own.
    case openFeature
    /// GrowthBook's: unknown parameters are passed over.
    case growthBook
    /// The Model Context Protocol's: problems are JSON-RPC errors.
    case contextProtocol
}

/// What a handler comes back with: an answer, or work that ends in one.
enum Answer: Sendable {
    case now(Response)
    case later(@Sendable () async throws(Problem) -> Response)
    /// Calls back once, on the loop it was called on, with what the answer then is.
    case called(@Sendable (_ then: @escaping @Sendable (Answer) -> Void) -> Void)
}

/// One row of the table: what is served, for whom, and by what. A class, so that a request carries one reference to it.
final class Route: Sendable {
    typealias Handler = @Sendable (PricingAPI, Context) throws(Problem) -> Answer

    let method: HTTPMethod
    /// Such as `/api/v1/products/{sku}`; also the label in metrics. `/console/{rest...}` is what lies beneath and has no
    /// route of its own, for GET alone.
    let pattern: String
    let access: Access
    /// The query parameters it knows; others are refused.
    let query: [String]
    /// The largest body, in bytes.
    let bodyLimit: Int
    /// Whether it is a file for people, under other headers than the API's answers.
    let isPage: Bool
    let dialect: Dialect
    /// Whether its answers are the same for everybody, so that caches may keep them for some minutes.
    let isPublished: Bool
    let handler: Handler
    let metrics = RouteMetrics()

    /// Whether shoppers in a session may come here.
    var isForSessions: Bool {
        if case .roles(let roles) = access { roles.contains(.widget) } else { false }
    }

    /// Whether a widget key by itself, without a shopper, may come here.
    var opensSessions: Bool { pattern == RouteTable.sessionsPath }

    /// Whether its answers may be kept by who asked, to be asked after with `If-None-Match`.
    var isKept: Bool { dialect == .growthBook && method == .get }

    init(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, query: [String] = [], bodyLimit: Int = 1 << 20,
        isPage: Bool = false, dialect: Dialect = .own, isPublished: Bool = false, handler: @escaping Handler
    ) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.query = query
        self.bodyLimit = bodyLimit
        self.isPage = isPage
        self.dialect = dialect
        self.isPublished = isPublished
        self.handler = handler
    }

    /// A route that answers from memory.
    static func now(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, query: [String] = [], isPage: Bool = false,
        _ handler: @escaping @Sendable (PricingAPI, Context) throws(Problem) -> Response
    ) -> Route {
        Route(method, pattern, access, query: query, isPage: isPage) {
            api, context throws(Problem) in
            .now(try handler(api, context))
        }
    }

    /// A route that waits for the store.
    static func later(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, query: [String] = [], bodyLimit: Int = 1 << 20,
        _ handler: @escaping @Sendable (PricingAPI, Context) async throws(Problem) -> Response
    ) -> Route {
        Route(method, pattern, access, query: query, bodyLimit: bodyLimit) {
            api, context throws(Problem) in
            .later { () async throws(Problem) in try await handler(api, context) }
        }
    }

    /// A route that answers at once if it can.
    static func either(
        _ method: HTTPMethod, _ pattern: String, _ access: Access, _ handler: @escaping Handler
    ) -> Route {
        Route(method, pattern, access, handler: handler)
    }
}

/// Finds the route of a request.
struct Router: Sendable {
    enum Match: Sendable {
        case route(Route, parameters: [String])
        case wrongMethod(allow: String, isForSessions: Bool)
        case nothing
    }

    private enum Segment: Sendable {
        case literal(String)
        case parameter
    }

    private struct Pattern: Sendable {
        let segments: [Segment]
        var routes: [Route]

        func parameters(of path: [String]) -> [String]? {
            var parameters: [String] = []
            for (segment, text) in zip(segments, path) {
                switch segment {
                case .literal(let word): if word != text { return nil }
                case .parameter: parameters.append(text)
                }
            }
            return parameters
        }
    }

    let routes: [Route]
    /// By number of segments; patterns with more literal segments first.
    private let patterns: [Int: [Pattern]]
    /// What answers for all that lies beneath a path and is nowhere else.
    private let remainders: [(path: [String], route: Route)]
    /// Paths without parameters whose bodies may be larger than usual.
    private let limits: [(path: [UInt8], limit: Int)]
    private let quotes: Route?

    init(_ table: [Route]) {
        routes = table
        var patterns: [String: Pattern] = [:]
        var remainders: [(path: [String], route: Route)] = []
        for route in routes {
            if route.pattern.hasSuffix(Self.remainder) {
                let path = route.pattern.dropFirst().dropLast(Self.remainder.count)
                remainders.append((path.split(separator: "/").map(String.init), route))
                continue
            }
            let path = route.pattern.dropFirst()
            let segments = (path.isEmpty ? [] : path.split(separator: "/", omittingEmptySubsequences: false))
                .map { $0.hasPrefix("{") ? Segment.parameter : .literal(String($0)) }
            patterns[route.pattern, default: Pattern(segments: segments, routes: [])].routes.append(route)
        }
        self.remainders = remainders
        func literals(_ pattern: Pattern) -> Int {
            pattern.segments.reduce(0) { if case .literal = $1 { $0 + 1 } else { $0 } }
        }
        self.patterns = Dictionary(grouping: patterns.values) { $0.segments.count }
            .mapValues { $0.sorted { literals($0) > literals($1) } }
        quotes = routes.first { $0.method == .post && $0.pattern == RouteTable.quotePath.description }
        limits = routes.filter { $0.bodyLimit != 1 << 20 }.map { (Array($0.pattern.utf8), $0.bodyLimit) }
    }

    func match(_ head: RequestHead) -> Match {
        // What is asked most is found without taking its path apart.
        if let quotes, head.method == .post, head.pathIs(RouteTable.quotePath) { return .route(quotes, parameters: []) }
        return match(head.method, head.pathSegments)
    }

    /// The route that a method and the segments of a path lead to. HEAD goes where GET goes.
    func match(_ method: HTTPMethod, _ path: [String]) -> Match {
        let wanted: HTTPMethod = method == .head ? .get : method
        var allowed: [String] = []
        var isForSessions = false
        for pattern in patterns[path.count] ?? [] {
            guard let parameters = pattern.parameters(of: path) else { continue }
            for route in pattern.routes {
                if route.method == wanted { return .route(route, parameters: parameters) }
                allowed.append(route.method.description)
                if route.isForSessions { isForSessions = true }
                if route.method == .get { allowed.append("HEAD") }
            }
        }
        if allowed.isEmpty {
            guard wanted == .get, let found = remainders.first(where: { path.starts(with: $0.path) }) else {
                return .nothing
            }
            return .route(found.route, parameters: [])
        }
        return .wrongMethod(
            allow: (allowed + ["OPTIONS"]).joined(separator: ", "), isForSessions: isForSessions)
    }

    private static let remainder = "/{rest...}"

    func bodyLimit(of path: ArraySlice<UInt8>) -> Int {
        limits.first { $0.path.elementsEqual(path) }?.limit ?? 1 << 20
    }
}
