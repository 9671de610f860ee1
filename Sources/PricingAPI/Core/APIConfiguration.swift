public import AgentRuntime
public import Crypto
public import EventLoop
public import Experiments
internal import HTTPServer

/// What the doors need to know that the domain does not.
public struct APIConfiguration: Sendable {
    /// A file served as it is, under a strict content security policy.
    public struct Page: Sendable {
        let contentType: String
        let body: SharedBody
        let tag: String
        /// 200, or 404 of a page that says that there is none.
        let status: Int

        public init(contentType: String, bytes: [UInt8], status: Int = 200) {
            self.contentType = contentType
            self.status = status
            body = SharedBody(bytes)
            tag = EntityTag.of(bytes)
        }
    }

    /// The platform's own key; nil when nobody may create tenants over HTTP.
    public var operatorKey: Secret?
    /// The program's version, as `/health` and `/metrics` tell it.
    public var version: String
    /// Whether answers carry `Strict-Transport-Security`: say so only when TLS stands in front.
    public var strictTransportSecurity: Bool
    /// Requests a minute that each key may make, 1 to 60,000,000; nil for as many as it likes.
    public var rateLimitPerMinute: Int?
    /// How many processes share that limit, at least 1: without a common count each has its part of it.
    public var replicas: Int
    /// What counts requests for several processes together; nil where there is one.
    public var sharedRateLimits: (any SharedRateLimits)?
    /// The keys that quotes are signed with; nil for each tenant's own.
    public var signingKeys: SigningKeys?
    /// Web origins whose pages may read answers, such as `https://shop.example`.
    public var allowedOrigins: [String]
    /// Pages by path, such as `/demo`; by one that ends in `/{rest...}`, for all beneath it that have no page.
    public var pages: [String: Page]
    /// Where work goes that would hold a loop up; nil to do it in place.
    public var workers: WorkerPool?
    /// What finds products by words; nil for one of the API's own, with the built-in embedder.
    public var search: CatalogueSearch?
    /// Asked where the agent's rules do not understand; nil where rules answer all.
    public var model: AgentModel?
    /// What models cost, to be read; nil for the model's own ledger.
    public var modelCosts: (any ModelLedger)?
    /// An empty store, to rehearse an agent in; nil where none is to be had.
    public var rehearsalStore: (@Sendable () -> any Store & CheckoutStore)?
    /// Of those who watch reports change.
    public var live: LiveLimits
    /// Whether answers to returning shoppers are kept as they were made: some 28 MB at most.
    public var keepsAnswers = true
    /// What opens `/metrics`, beside the operator's key; nil to open it for everybody.
    public var metricsKey: Secret?
    /// Figures of other rooms for `/metrics`: connections, group commits, memory. Asked at each scrape.
    public var gauges: @Sendable () -> [Gauge]

    public init(
        operatorKey: Secret? = nil, version: String = "0", strictTransportSecurity: Bool = false,
        rateLimitPerMinute: Int? = nil, replicas: Int = 1, sharedRateLimits: (any SharedRateLimits)? = nil,
        signingKeys: SigningKeys? = nil, allowedOrigins: [String] = [],
        pages: [String: Page] = [:],
        workers: WorkerPool? = nil,
        search: CatalogueSearch? = nil,
        model: AgentModel? = nil,
        modelCosts: (any ModelLedger)? = nil,
        rehearsalStore: (@Sendable () -> any Store & CheckoutStore)? = nil,
        live: LiveLimits = LiveLimits(),
        metricsKey: Secret? = nil,
        gauges: @escaping @Sendable () -> [Gauge] = { [] }
    ) {
        self.operatorKey = operatorKey
        self.version = version
        self.strictTransportSecurity = strictTransportSecurity
        self.rateLimitPerMinute = rateLimitPerMinute
        self.replicas = replicas
        self.sharedRateLimits = sharedRateLimits
        self.signingKeys = signingKeys
        self.allowedOrigins = allowedOrigins
        self.pages = pages
        self.workers = workers
        self.search = search
        self.model = model
        self.modelCosts = modelCosts
        self.rehearsalStore = rehearsalStore
        self.live = live
        self.metricsKey = metricsKey
        self.gauges = gauges
    }
}

/// How reports are watched.
public struct LiveLimits: Sendable {
    /// Streams that one tenant may have open at this process.
    public var streamsPerTenant = 64
    /// Between two looks at the counts: a watcher hears of a change no more often.
    public var look = Duration.seconds(1)
    /// A stream that said nothing for so long says that it is alive.
    public var heartbeat = Duration.seconds(15)

    public init() {}
}

/// One figure in the Prometheus text format.
public struct Gauge: Sendable {
    public enum Kind: String, Sendable {
        case gauge, counter
    }

    /// Letters, digits and underscores; a unit last, `_total` for counters.
    public let name: String
    public let help: String
    public let kind: Kind
    public let value: Double

    public init(name: String, help: String, kind: Kind = .gauge, value: Double) {
        self.name = name
        self.help = help
        self.kind = kind
        self.value = value
    }
}
