public import AgentRuntime
internal import Crypto
public import EventLoop
public import Experiments
public import HTTPServer
internal import JSON
internal import Synchronization

/// Everything that is reachable over HTTP: finds the route, the caller and the faults of a request, calls the domain,
/// and writes the answer. Knows no socket: a test calls `respond` with a request it built.
public final class PricingAPI: Responder {
    let service: PricingService
    /// Nil where nothing is sold.
    let checkouts: CheckoutService?
    let conversations: ConversationService
    let chatLimiter: ChatLimiter
    let owners = ConversationOwners()
    let rehearsing = Rehearsing()
    let configuration: APIConfiguration
    let router: Router
    let metrics: Metrics
    let running = RunningKeys()
    let requestIDs: RequestIDs
    let operatorHash: Digest256?
    let metricsHash: Digest256?
    let limiter: RateLimiter?
    let live: LiveReports
    let signers: Signers
    /// What finds products by words: one for every door, so that a catalogue is indexed once.
    public let search: CatalogueSearch
    let startedAt: Timestamp
    /// Header lines of every answer of the API, up to the value of X-Request-Id.
    private let standardHeaders: [UInt8]
    private let pageHeaders: [UInt8]
    /// For answers that their reader may keep, asking each time whether they still hold.
    private let keptHeaders: [UInt8]
    /// For what is the same for everybody and seldom changes.
    private let publishedHeaders: [UInt8]
    private let quoteRoute: Route?
    private let isDraining = Atomic(false)

    /// - Parameters:
    ///   - service: loaded (`PricingService.load()`).
    ///   - checkouts: of the same service; nil where nothing is sold.
    public init(service: PricingService, checkouts: CheckoutService? = nil, configuration: APIConfiguration) {
        self.service = service
        self.checkouts = checkouts
        self.configuration = configuration
        search = configuration.search ?? CatalogueSearch(workers: configuration.workers)
        conversations = ConversationService(
            pricing: service, search: search, checkouts: checkouts, model: configuration.model)
        chatLimiter = ChatLimiter(replicas: configuration.replicas, shared: configuration.sharedRateLimits)
        router = Router(RouteTable.routes(pages: configuration.pages))
        metrics = Metrics()
        requestIDs = RequestIDs()
        operatorHash = configuration.operatorKey.map { SHA256.hash($0.bytes) }
        metricsHash = configuration.metricsKey.map { SHA256.hash($0.bytes) }
        limiter = configuration.rateLimitPerMinute.flatMap(RateLimit.init).map {
            RateLimiter($0, replicas: configuration.replicas, shared: configuration.sharedRateLimits)
        }
        live = LiveReports(configuration.live) { key, mark in
            await Self.liveEvent(key, after: mark, from: service, configuration)
        }
        signers = Signers(configuration.signingKeys)
        startedAt = service.clock.now()
        quoteRoute = router.routes.first { $0.method == .post && $0.pattern == RouteTable.quotePath.description }
        let transport =
            configuration.strictTransportSecurity
            ? "Strict-Transport-Security: max-age=31536000; includeSubDomains\r\n" : ""
        standardHeaders = Array(
            ("X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n" + transport + "X-Request-Id: ").utf8)
        keptHeaders = Array(
            ("X-Content-Type-Options: nosniff\r\nCache-Control: private, no-cache\r\n" + transport + "X-Request-Id: ")
                .utf8)
        publishedHeaders = Array(
            ("X-Content-Type-Options: nosniff\r\nCache-Control: public, max-age=300\r\n" + transport
                + "X-Request-Id: ").utf8)
        pageHeaders = Array(
            ("X-Content-Type-Options: nosniff\r\nCache-Control: no-cache\r\nReferrer-Policy: no-referrer\r\n"
                + "X-Frame-Options: DENY\r\nContent-Security-Policy: default-src 'self'; base-uri 'none'; "
                + "form-action 'self'; frame-ancestors 'none'; object-src 'none'\r\n" + transport + "X-Request-Id: ")
                .utf8)
    }

    /// Makes `/ready` answer 503 from now on, so that balancers send no more, and ends the streams of those who watch,
    /// who would never end by themselves; everything else goes on.
    public func beginDraining() {
        isDraining.store(true, ordering: .releasing)
        live.close()
    }

    /// Hears of what other processes keep in the conversations that are followed here, until cancelled.
    public func followConversationsElsewhere() async {
        while (try? await Task.sleep(for: configuration.live.look)) != nil {
            // What cannot be asked now is asked at the next look.
            do throws(StoreError) { try await conversations.news.lookElsewhere(in: service.store) } catch { continue }
        }
    }

    var draining: Bool { isDraining.load(ordering: .acquiring) }

    // MARK: Responder

    /// What is sent without a key is not worth keeping: it is read as far as a refusal needs.
    public func bodyLimit(for head: borrowing RequestHead) -> Int {
        // What is proven by its content has to be read first.
        if head.rawPath.starts(with: RouteTable.webhooksPath.utf8) { return RouteTable.webhookBytes }
        let limit = router.bodyLimit(of: head.rawPath)
        if case .length(let count) = head.framing, count <= Self.strangersBody { return limit }
        return isKnown(head) ? limit : Self.strangersBody
    }

    private static let strangersBody = 4096

    public func problem(status: Int, code: String, detail: String) -> Response {
        metrics.refused.add(status: status)
        let id = requestIDs.next()
        return sealed(
            Problem(status, code, detail).response(requestID: id.text), requestID: id, headers: standardHeaders)
    }

    public func respond(to request: Request, on loop: EventLoop) -> Reply {
        let started = MonotonicInstant.read()
        let id = requestIDs.id(of: request)
        if let quoteRoute, request.method == .post, request.pathIs(RouteTable.quotePath) {
            return run(quoteRoute, [], request, id, started)
        }
        if request.method == .options { return .now(options(request, id)) }
        switch router.match(request.method, request.pathSegments) {
        case .route(let route, let parameters): return run(route, parameters, request, id, started)
        case .wrongMethod(let allow, _):
            let problem = Problem(405, "method_not_allowed", "This path answers \(allow).").with("Allow", allow)
            return .now(refuse(problem, request, id))
        case .nothing:
            return .now(refuse(Problem(404, "not_found", "There is no such path."), request, id))
        }
    }

    /// The pattern of the path that a request asks for, for a log: paths themselves hold keys and names of a tenant's.
    /// `none` where there is no such path.
    public func routeName(of request: Request) -> String {
        guard case .route(let route, _) = router.match(request.method, request.pathSegments) else { return "none" }
        return route.pattern
    }

    private func run(
        _ route: Route, _ parameters: [String], _ request: Request, _ id: RequestID, _ started: MonotonicInstant
    ) -> Reply {
        let caller: Caller
        do throws(Problem) {
            caller = try self.caller(of: request, for: route, parameters)
        } catch {
            // A page must be able to read why its key opens nothing.
            let readable = route.isForSessions ? originHeaders(request) : []
            return .now(finish(refusal(error, route, parameters, id), readable, route, request, id, started))
        }
        let origin = originHeaders(for: caller, request)
        guard let limiter, case .member(let principal, _) = caller else {
            return answer(caller, origin, route, parameters, request, id, started)
        }
        guard limiter.isShared else {
            let verdict = limiter.admitHere(principal, at: started)
            return answer(caller, origin, verdict, of: limiter, route, parameters, request, id, started)
        }
        return .later { [self] in
            let verdict = await limiter.admit(principal, at: started)
            return await answer(caller, origin, verdict, of: limiter, route, parameters, request, id, started)
                .response()
        }
    }

    private func answer(
        _ caller: Caller, _ origin: [(name: String, value: String)], _ verdict: RateLimit.Verdict,
        of limiter: RateLimiter, _ route: Route, _ parameters: [String], _ request: Request, _ id: RequestID,
        _ started: MonotonicInstant
    ) -> Reply {
        guard verdict.isAdmitted else {
            let refusal = self.refusal(limiter.problem(verdict), route, parameters, id)
            return .now(finish(refusal, origin, route, request, id, started))
        }
        return answer(caller, origin + limiter.headers(verdict), route, parameters, request, id, started)
    }

    /// - Parameter allowance: header lines about the caller's origin and rate limit.
    private func answer(
        _ caller: Caller, _ allowance: [(name: String, value: String)], _ route: Route, _ parameters: [String],
        _ request: Request, _ id: RequestID, _ started: MonotonicInstant
    ) -> Reply {
        do throws(Problem) {
            let context = Context(request: request, route: route, parameters: parameters, id: id, caller: caller)
            if route.dialect == .own { try context.checkQuery() }
            return reply(with: try route.handler(self, context), allowance, route, parameters, request, id, started)
        } catch {
            return .now(finish(refusal(error, route, parameters, id), allowance, route, request, id, started))
        }
    }

    private func reply(
        with answer: Answer, _ allowance: [(name: String, value: String)], _ route: Route, _ parameters: [String],
        _ request: Request, _ id: RequestID, _ started: MonotonicInstant
    ) -> Reply {
        switch answer {
        case .now(let response): return .now(finish(response, allowance, route, request, id, started))
        case .later(let work):
            return .later { [self] in
                do throws(Problem) {
                    return finish(try await work(), allowance, route, request, id, started)
                } catch {
                    return finish(refusal(error, route, parameters, id), allowance, route, request, id, started)
                }
            }
        case .called(let begin):
            return .called { [self] then in
                begin { then(self.reply(with: $0, allowance, route, parameters, request, id, started)) }
            }
        }
    }

    /// A problem in the words of whoever asked.
    private func refusal(_ problem: Problem, _ route: Route, _ parameters: [String], _ id: RequestID) -> Response {
        switch route.dialect {
        case .own, .growthBook: problem.response(requestID: id.text)
        case .openFeature: problem.openFeatureResponse(flag: parameters.first)
        case .contextProtocol: Self.refusal(of: problem)
        }
    }

    // MARK: Answers

    private func finish(
        _ response: Response, _ allowance: [(name: String, value: String)], _ route: Route, _ request: Request,
        _ id: RequestID, _ started: MonotonicInstant
    ) -> Response {
        var response = response
        if !allowance.isEmpty { response.headers += allowance }
        if service.isDegraded { response.headers.append(("X-Degraded", "db")) }
        let elapsed = MonotonicInstant.read().nanoseconds &- started.nanoseconds
        route.metrics.add(status: response.status, nanoseconds: elapsed)
        return sealed(
            allowingOrigin(response, request), requestID: id,
            headers: headers(of: route, status: response.status))
    }

    private func headers(of route: Route, status: Int) -> [UInt8] {
        if route.isPage { return pageHeaders }
        if route.isKept { return keptHeaders }
        return route.isPublished && status == 200 ? publishedHeaders : standardHeaders
    }

    private func refuse(_ problem: Problem, _ request: Request, _ id: RequestID) -> Response {
        metrics.refused.add(status: problem.status)
        return sealed(
            allowingOrigin(problem.response(requestID: id.text), request), requestID: id, headers: standardHeaders)
    }

    /// With the header lines that every answer has.
    private func sealed(_ response: Response, requestID: RequestID, headers: [UInt8]) -> Response {
        var response = response
        var lines = headers
        lines.reserveCapacity(headers.count + 130 + response.rawHeaders.count)
        requestID.append(to: &lines)
        lines.append(0x0d)
        lines.append(0x0a)
        lines.append(contentsOf: response.rawHeaders)
        response.rawHeaders = lines
        return response
    }

    // MARK: Browsers

    private func options(_ request: Request, _ id: RequestID) -> Response {
        var methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        var isForSessions = false
        if request.path != "*" {
            // No method of ours has this name, so that the answer is what the path allows.
            switch router.match(.other("OPTIONS"), request.pathSegments) {
            case .wrongMethod(let allow, let forSessions): (methods, isForSessions) = (allow, forSessions)
            case .nothing, .route: return refuse(Problem(404, "not_found", "There is no such path."), request, id)
            }
        }
        var response = Response(status: 204, headers: [("Allow", methods)])
        if request.headerBytes("access-control-request-method") != nil {
            response.headers.append(("Access-Control-Allow-Methods", methods))
            response.headers.append(
                (
                    "Access-Control-Allow-Headers",
                    "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Last-Event-ID, Mcp-Method, "
                        + "Mcp-Name, Mcp-Protocol-Version, X-API-Key, X-Request-Id"
                ))
            response.headers.append(("Access-Control-Max-Age", "600"))
            // Which key will come is not known yet; whoever comes is asked for one, and no cookie is read here.
            if isForSessions, let origin = request.header("origin"), !configuration.allowedOrigins.contains(origin) {
                response.headers += [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin)]
            }
        }
        metrics.refused.add(status: 204)
        return sealed(allowingOrigin(response, request), requestID: id, headers: standardHeaders)
    }

    static let exposedHeaders =
        "ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Degraded, X-Request-Id"

    private func allowingOrigin(_ response: Response, _ request: Request) -> Response {
        guard !configuration.allowedOrigins.isEmpty, let origin = request.header("origin") else { return response }
        var response = response
        response.headers.append(("Vary", "Origin"))
        if configuration.allowedOrigins.contains(origin) {
            response.headers.append(("Access-Control-Allow-Origin", origin))
            response.headers.append(("Access-Control-Expose-Headers", Self.exposedHeaders))
        }
        return response
    }
}

/// The name of a request, in its answer, its audit row and the log. Text only where somebody needs text.
struct RequestID: Sendable {
    /// As the client sent it; empty for one of ours.
    fileprivate let given: ArraySlice<UInt8>
    fileprivate let prefix: [UInt8]
    fileprivate let number: UInt64

    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        guard given.isEmpty else {
            bytes.append(contentsOf: given)
            return
        }
        bytes.append(contentsOf: prefix)
        var shift: UInt64 = 64
        while shift > 0 {
            shift -= 4
            let nibble = UInt8(truncatingIfNeeded: number >> shift & 0xf)
            bytes.append(nibble < 10 ? 0x30 + nibble : 0x57 + nibble)
        }
    }
}

/// Makes ids for requests that came without: unique in the world by their random half, and in order within the
/// process.
final class RequestIDs: Sendable {
    private let prefix = Array(("req_" + Hex.encode(SecureRandom.bytes(8))).utf8)
    private let counter = Atomic<UInt64>(0)

    func next() -> RequestID {
        RequestID(given: [], prefix: prefix, number: counter.add(1, ordering: .relaxed).newValue)
    }

    /// The client's own name for its request: 1 to 128 visible ASCII characters; else one of ours.
    func id(of request: Request) -> RequestID {
        guard let given = request.headerBytes("x-request-id"), (1...128).contains(given.count),
            given.allSatisfy({ (0x21...0x7e).contains($0) })
        else { return next() }
        return RequestID(given: given, prefix: prefix, number: 0)
    }
}
