internal import Crypto
internal import EventLoop
internal import Experiments
internal import HTTPServer

extension PricingAPI {
    /// Who asks, if the route is for them.
    func caller(
        of request: Request, _ head: APIHead, for route: Route, _ parameters: [String]
    ) throws(Problem) -> Caller {
        let (roles, sent): (Set<Role>, APIHead.Key?)
        switch route.access {
        case .anyone: return .nobody
        case .roles(let wanted): (roles, sent) = (wanted, head.key)
        case .pathKey(let wanted): (roles, sent) = (wanted, APIHead.Key(Array((parameters.first ?? "").utf8)[...]))
        }
        switch sent {
        case .none: throw .unauthorized
        case .session(let text):
            guard let (principal, snapshot) = service.principal(session: text) else { throw .sessionOver }
            guard roles.contains(.widget) else { throw Self.forbidden(.widget) }
            try checkOrigin(head.origin, of: request, for: principal)
            return .member(principal, snapshot)
        case .hash(let hash): return try caller(hash, of: request, head, for: route, roles)
        }
    }

    private func caller(
        _ hash: Digest256, of request: Request, _ head: APIHead, for route: Route, _ roles: Set<Role>
    ) throws(Problem) -> Caller {
        if let (principal, snapshot) = service.principal(keyHash: hash, from: request.remoteAddress.host) {
            guard roles.contains(principal.role) else { throw Self.forbidden(principal.role) }
            if principal.role == .widget {
                guard route.opensSessions else { throw Self.forbidden(.widget) }
                guard head.origin != nil else { throw .originMissing }
                try checkOrigin(head.origin, of: request, for: principal)
            }
            return .member(principal, snapshot)
        }
        if let operatorHash, hash == operatorHash {
            guard roles.contains(.operator) else { throw Self.forbidden(.operator) }
            return .operator
        }
        throw .unauthorized
    }

    /// Whether who asked may ask still: for answers that go on.
    func isStillWelcome(_ context: Context) -> Bool {
        (try? caller(of: context.request, context.head, for: context.route, context.parameters)) != nil
    }

    /// A browser says where its page comes from; it must be ours, or a place that the key or this installation names.
    private func checkOrigin(_ origin: String?, of request: Request, for principal: Principal) throws(Problem) {
        guard let text = origin else { return }
        if configuration.allowedOrigins.contains(text) { return }
        guard let origin = WebOrigin(text) else { throw .originRefused(text) }
        if principal.key.allowedOrigins.contains(origin) { return }
        let isSecure =
            configuration.strictTransportSecurity || request.header("x-forwarded-proto")?.lowercased() == "https"
        if let host = request.header("host"), origin.isServed(byHost: host, throughTLS: isSecure) { return }
        throw .originRefused(text)
    }

    /// What lets the page of a session read the answer.
    func originHeaders(for caller: Caller, _ head: APIHead) -> [(name: String, value: String)] {
        guard head.origin != nil, case .member(let principal, _) = caller, principal.role == .widget else { return [] }
        return originHeaders(head)
    }

    func originHeaders(_ head: APIHead) -> [(name: String, value: String)] {
        guard let origin = head.origin, !configuration.allowedOrigins.contains(origin) else { return [] }
        return [
            ("Vary", "Origin"), ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Expose-Headers", Self.exposedHeaders),
        ]
    }

    /// Takes what a request of many parts costs beyond the one that it was admitted as.
    func charge(_ context: Context, for parts: Int) async throws(Problem) {
        guard let limiter, parts > 1 else { return }
        let verdict = await limiter.admit(try context.member.principal, cost: parts - 1, at: .read())
        if !verdict.isAdmitted { throw limiter.problem(verdict) }
    }

    private static func forbidden(_ role: Role) -> Problem {
        switch role {
        case .widget:
            Problem(
                403, "forbidden",
                "A widget key is publishable and opens only sessions of its own shoppers (POST /api/v1/sessions); call "
                    + "this from a server with an agent or merchant key.")
        default: Problem(403, "forbidden", "The role of this key, \(role.rawValue), may not do this.")
        }
    }

    /// Whether a request that has only begun bears a key of anybody's.
    func isKnown(_ head: RequestHead) -> Bool {
        let sent =
            Self.bearerKey(
                authorization: head.headerBytes("authorization"), apiKey: head.headerBytes("x-api-key"))
            ?? Self.pathKey(head.rawPath)
        guard let key = sent else { return false }
        if key.starts(with: ShopperSession.prefix.utf8) { return service.principal(session: key) != nil }
        let hash = SHA256.hash(key.span)
        return hash == operatorHash || service.hasKey(hash)
    }

    /// The key in a path of a program that knows no other place for it.
    private static func pathKey(_ path: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let prefix = "/api/eval/".utf8
        return path.starts(with: prefix) ? path.dropFirst(prefix.count) : nil
    }

    /// The key as it was sent: `Authorization: Bearer …`, else `X-API-Key`.
    static func bearerKey(of head: RequestHead) -> ArraySlice<UInt8>? {
        bearerKey(authorization: head.headerBytes("authorization"), apiKey: head.headerBytes("x-api-key"))
            ?? socketKey(of: head)
    }

    /// The key among the subprotocols of a WebSocket: browsers can put it nowhere else that no log keeps.
    private static func socketKey(of head: RequestHead) -> ArraySlice<UInt8>? {
        guard WebSocketHandshake.isAsked(by: head) else { return nil }
        return WebSocketHandshake.protocols(offeredBy: head).first { $0.hasPrefix(socketBearer) }
            .map { Array($0.utf8.dropFirst(socketBearer.utf8.count))[...] }
    }

    private static func bearerKey(
        authorization: ArraySlice<UInt8>?, apiKey: ArraySlice<UInt8>?
    ) -> ArraySlice<UInt8>? {
        if let header = authorization {
            guard header.count > 7, header.prefix(7).elementsEqual("Bearer ".utf8, by: Self.sameLetter) else {
                return nil
            }
            return header.dropFirst(7)
        }
        return apiKey
    }

    private static func sameLetter(_ a: UInt8, _ b: UInt8) -> Bool {
        a == b || (a | 0x20 == b | 0x20 && (0x61...0x7a).contains(a | 0x20))
    }
}

extension Problem {
    static var sessionOver: Problem {
        Problem(
            401, "session_over",
            "This shopper session has expired, or its key was taken away: open another (POST /api/v1/sessions).")
    }

    static var originMissing: Problem {
        Problem(
            403, "origin_missing",
            "A widget key is for browsers, which say where a page comes from (Origin). Servers use an agent key.")
    }

    static func originRefused(_ origin: String) -> Problem {
        Problem(
            403, "origin_refused",
            "Pages from \(origin.prefix(300)) may not use this key; make a widget key with that origin in "
                + "`allowed_origins`.")
    }
}
