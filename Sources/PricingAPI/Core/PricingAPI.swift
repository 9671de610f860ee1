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
    let rendered: RenderedQuotes
    let gathered: GatheredQuotes
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
    private let isDraining = Atomic(false)

    /// - Parameters:
    ///   - service: loaded (`PricingService.load()`).
    ///   - checkouts: of the same service; nil where nothing is sold.
    public init(service: PricingService, checkouts: CheckoutService? = nil, configuration: APIConfiguration) {
        self.service = service
        self.checkouts = checkouts
        self.configuration = configuration
        search = configuration.search ?? CatalogueSearch(workers: configuration.workers)
        rendered = RenderedQuotes(isOn: configuration.keepsAnswers)
        gathered = GatheredQuotes(service)
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
    public func bodyLimit(for head: RequestHead) -> Int {
        // No route takes less.
        if case .length(let count) = head.framing, count <= Self.strangersBody { return Self.strangersBody }
        // What is proven by its content has to be read first.
        if head.rawPath.starts(with: RouteTable.webhooksPath.utf8) { return RouteTable.webhookBytes }
        return isKnown(head) ? router.bodyLimit(of: head.rawPath) : Self.strangersBody
    }

    static let strangersBody = 4096

    public func reading(of head: RequestHead) -> (any HeadReading)? { APIHead(head, router) }

    public func problem(status: Int, code: String, detail: String) -> Response {
        metrics.refused.add(status: status)
        let id = requestIDs.next()
        var response = Problem(status, code, detail).response(requestID: id.text)
        seal(&response, requestID: id, headers: standardHeaders)
        return response
    }

    public func respond(to request: Request, on loop: EventLoop) -> Reply {
        let started = MonotonicInstant.read()
        let head = request.head.reading as? APIHead ?? APIHead(request.head, router)
        let id = requestIDs.id(head)
        if request.method == .options { return .now(options(request, head, id)) }
        switch head.match {
        case .route(let route, let parameters): return run(route, parameters, request, head, id, started, loop)
        case .wrongMethod(let allow, _):
            let problem = Problem(405, "method_not_allowed", "This path answers \(allow).").with("Allow", allow)
            return .now(refuse(problem, head, id))
        case .nothing:
            return .now(refuse(Problem(404, "not_found", "There is no such path."), head, id))
        }
    }

    /// The pattern of the path that a request asks for, for a log: paths themselves hold keys and names of a tenant's.
    /// `none` where there is no such path.
    public func routeName(of request: Request) -> String {
        guard case .route(let route, _) = router.match(request.head) else { return "none" }
        return route.pattern
    }

    private func run(
        _ route: Route, _ parameters: [String], _ request: Request, _ head: APIHead, _ id: RequestID,
        _ started: MonotonicInstant, _ loop: EventLoop
    ) -> Reply {
        let context: Context
        do throws(Problem) {
            context = Context(
                request: request, head: head, route: route, parameters: parameters, id: id, started: started,
                caller: try caller(of: request, head, for: route, parameters), loop: loop)
        } catch {
            // A page must be able to read why its key opens nothing.
            let readable = route.isForSessions ? originHeaders(head) : []
            let response = refusal(error, route, parameters, id)
            return .now(finish(response, readable, head, route, id, started))
        }
        let origin = originHeaders(for: context.caller, head)
        guard let limiter, case .member(let principal, _) = context.caller else { return answer(context, origin) }
        guard limiter.isShared else {
            return answer(context, origin, limiter.admitHere(principal, at: started), of: limiter)
        }
        return .later { [self] in
            let verdict = await limiter.admit(principal, at: started)
            return await answer(context, origin, verdict, of: limiter).response()
        }
    }

    private func answer(
        _ context: Context, _ origin: [(name: String, value: String)], _ verdict: RateLimit.Verdict,
        of limiter: RateLimiter
    ) -> Reply {
        guard verdict.isAdmitted else { return .now(finish(limiter.problem(verdict), origin, context)) }
        return answer(context, origin + limiter.headers(verdict))
    }

    /// - Parameter allowance: header lines about the caller's origin and rate limit.
    private func answer(_ context: Context, _ allowance: [(name: String, value: String)]) -> Reply {
        do throws(Problem) {
            if context.route.dialect == .own { try context.checkQuery() }
            return reply(with: try context.route.handler(self, context), allowance, context)
        } catch {
            return .now(finish(error, allowance, context))
        }
    }

    private func reply(
        with answer: consuming Answer, _ allowance: [(name: String, value: String)], _ context: Context
    ) -> Reply {
        switch answer {
        case .now(let response): return .now(finish(response, allowance, context))
        case .later(let work):
            return .later { [self] in
                do throws(Problem) {
                    return finish(try await work(), allowance, context)
                } catch {
                    return finish(error, allowance, context)
                }
            }
        case .called(let begin):
            return .called { [self] then in begin { then(self.reply(with: $0, allowance, context)) } }
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
        _ problem: Problem, _ allowance: [(name: String, value: String)], _ context: Context
    ) -> Response {
        finish(refusal(problem, context.route, context.parameters, context.id), allowance, context)
    }

    private func finish(
        _ response: consuming Response, _ allowance: [(name: String, value: String)], _ context: Context
    ) -> Response {
        finish(response, allowance, context.head, context.route, context.id, context.started)
    }

    private func finish(
        _ response: consuming Response, _ allowance: [(name: String, value: String)], _ head: APIHead,
        _ route: Route, _ id: RequestID, _ started: MonotonicInstant
    ) -> Response {
        if !allowance.isEmpty { response.headers += allowance }
        if service.isDegraded { response.headers.append(("X-Degraded", "db")) }
        let elapsed = MonotonicInstant.read().nanoseconds &- started.nanoseconds
        route.metrics.add(status: response.status, nanoseconds: elapsed)
        allowOrigin(of: head, in: &response)
        seal(&response, requestID: id, headers: headers(of: route, status: response.status))
        return response
    }

    private func headers(of route: Route, status: Int) -> [UInt8] {
        if route.isPage { return pageHeaders }
        if route.isKept { return keptHeaders }
        return route.isPublished && status == 200 ? publishedHeaders : standardHeaders
    }

    private func refuse(_ problem: Problem, _ head: APIHead, _ id: RequestID) -> Response {
        metrics.refused.add(status: problem.status)
        var response = problem.response(requestID: id.text)
        allowOrigin(of: head, in: &response)
        seal(&response, requestID: id, headers: standardHeaders)
        return response
    }

    /// Puts in the header lines that every answer has.
    private func seal(_ response: inout Response, requestID: RequestID, headers: [UInt8]) {
        var lines = headers
        lines.reserveCapacity(headers.count + 130 + response.rawHeaders.count)
        requestID.append(to: &lines)
        lines.append(0x0d)
        lines.append(0x0a)
        lines.append(contentsOf: response.rawHeaders)
        response.rawHeaders = lines
    }

    // MARK: Browsers

    private func options(_ request: Request, _ head: APIHead, _ id: RequestID) -> Response {
        var methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        var isForSessions = false
        if request.path != "*" {
            // No method of ours has this name, so that the answer is what the path allows.
            switch router.match(.other("OPTIONS"), request.pathSegments) {
            case .wrongMethod(let allow, let forSessions): (methods, isForSessions) = (allow, forSessions)
            case .nothing, .route: return refuse(Problem(404, "not_found", "There is no such path."), head, id)
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
            if isForSessions, let origin = head.origin, !configuration.allowedOrigins.contains(origin) {
                response.headers += [("Vary", "Origin"), ("Access-Control-Allow-Origin", origin)]
            }
        }
        metrics.refused.add(status: 204)
        allowOrigin(of: head, in: &response)
        seal(&response, requestID: id, headers: standardHeaders)
        return response
    }

    static let exposedHeaders =
        "ETag, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, X-Degraded, X-Request-Id"

    private func allowOrigin(of head: APIHead, in response: inout Response) {
        guard !configuration.allowedOrigins.isEmpty, let origin = head.origin else { return }
        response.headers.append(("Vary", "Origin"))
        if configuration.allowedOrigins.contains(origin) {
            response.headers.append(("Access-Control-Allow-Origin", origin))
            response.headers.append(("Access-Control-Expose-Headers", Self.exposedHeaders))
        }
    }
}

/// The name of a request, in its answer, its audit row and the log. Text only where somebody needs text.
struct RequestID: Sendable {
    /// As the client sent it; nil for one of ours.
    fileprivate let given: ArraySlice<UInt8>?
    fileprivate let number: UInt64

    var text: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(to bytes: inout [UInt8]) {
        if let given { return bytes.append(contentsOf: given) }
        bytes.append(contentsOf: RequestIDs.prefix)
        bytes.append(contentsOf: ShortText(hex: number))
    }
}

/// Makes ids for requests that came without: unique in the world by their random half, and in order within the
/// process.
final class RequestIDs: Sendable {
    fileprivate static let prefix = Array(("req_" + Hex.encode(SecureRandom.bytes(8))).utf8)
    private let counter = Atomic<UInt64>(0)

    func next() -> RequestID {
        RequestID(given: nil, number: counter.add(1, ordering: .relaxed).newValue)
    }

    /// The client's own name for its request; else one of ours.
    func id(_ head: APIHead) -> RequestID {
        guard let given = head.requestID else { return next() }
        return RequestID(given: given, number: 0)
    }

    /// What a client may call its request: 1 to 128 visible ASCII characters.
    static func given(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        (1...128).contains(text.count) && text.allSatisfy { (0x21...0x7e).contains($0) } ? text : nil
    }
}
