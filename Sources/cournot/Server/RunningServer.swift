internal import AgentRuntime
internal import Crypto
internal import EventLoop
internal import Experiments
internal import HTTPServer
internal import JSON
internal import PricingAPI
internal import ProcessIO
internal import Redis
internal import Stats
internal import Storage

/// Everything that lives as long as the server does, wired.
struct RunningServer: Sendable {
    let service: PricingService
    let checkouts: CheckoutService
    let log: Log
    /// `http://127.0.0.1:8080`
    let address: String
    private let configuration: Configuration
    private let api: PricingAPI
    private let server: HTTPServer
    private let workers: WorkerPool
    /// For what takes minutes: vectors of whole catalogues. Nil where there is nothing of the kind.
    private let background: WorkerPool?
    private let lock: FileLock?

    /// Opens the store, reads every tenant, and listens.
    ///
    /// - Parameter pages: beside the console's; made once the service is there, before anybody is listened to.
    static func start(
        _ configuration: Configuration,
        pages: (PricingService) async throws -> [String: APIConfiguration.Page]
    ) async throws -> RunningServer {
        let clock = SystemClock()
        // Before anything is opened: what is wrong here takes nothing else with it.
        let http = try configuration.client()
        let embedder = try configuration.embeddings.open(http: http)
        let models = http.map { configuration.models.models(http: $0) } ?? []
        // Work is spread over threads of our own.
        if embedder != nil { Layers.useThreads(1) }
        let lock = try configuration.database.lockForServer()
        let store = try await configuration.database.openOrFail(reading: configuration.reading)
        do {
            let redis = configuration.redis.map { _ in RedisClients() }
            let service = PricingService(
                store: store, clock: clock, identifiers: IdentifierSource(random: SystemRandom()),
                cache: redis.map { RedisAssignments($0) },
                spool: store.isShared || configuration.spool != nil ? try FileSpool(path: configuration.spool) : nil,
                tableCapacity: configuration.rememberedOffers,
                namedTenants: configuration.metricsKey == nil ? 0 : configuration.namedTenants)
            // The first question sets the mark that later ones are answered against: before reading, so that nothing
            // falls between.
            _ = try await store.changedElsewhere()
            try await service.load()
            let pages = ConsolePages.all.merging(try await pages(service)) { _, own in own }
            return try RunningServer(
                configuration, service, store, redis, lock, embedder: embedder, models: models, pages: pages)
        } catch {
            await store.close()
            throw (error as? StoreError).map { CommandFailure("\(configuration.database): \($0.sentence)") } ?? error
        }
    }

    private init(
        _ configuration: Configuration, _ service: PricingService, _ store: any CompleteStore,
        _ redis: RedisClients?, _ lock: FileLock?, embedder: (any Embedder)?, models: [any LanguageModel],
        pages: [String: APIConfiguration.Page]
    ) throws {
        self.configuration = configuration
        self.service = service
        self.lock = lock
        let log = Log(level: configuration.logLevel, clock: service.clock)
        self.log = log
        let providers: [any PaymentProvider] =
            try configuration.payments.open(ledger: store, clock: service.clock) { sentence in
                log.write(.error, "payments", [(.detail, .string(sentence))])
            }
        checkouts = CheckoutService(pricing: service, store: store, providers: providers) { sentence in
            log.write(.error, "a payment to look at", [(.detail, .string(sentence))])
        }
        do throws(EventLoopError) {
            workers = try WorkerPool(threads: 1, label: "work")
            background = try embedder.map { _ throws(EventLoopError) in
                try WorkerPool(threads: 1, label: "embed")
            }
        } catch {
            throw CommandFailure("\(error)")
        }
        let chain = models.isEmpty ? nil : ModelChain(models)
        let readings = Readings(store: service.store, models: chain)
        api = PricingAPI(
            service: service, checkouts: checkouts,
            configuration: APIConfiguration(
                operatorKey: configuration.operatorKey, version: Version.current,
                rateLimitPerMinute: configuration.rateLimitPerMinute, replicas: configuration.replicas,
                sharedRateLimits: redis.map { RedisRateLimits($0) }, signingKeys: configuration.signingKeys,
                allowedOrigins: configuration.allowedOrigins.map(\.description), pages: pages,
                workers: workers,
                search: CatalogueSearch(
                    embedder: embedder, vectors: store, workers: workers, background: background),
                model: chain.map { AgentModel($0, ledger: store) },
                modelCosts: store,
                rehearsalStore: { MemoryStore() },
                metricsKey: configuration.metricsKey, gauges: { readings.gauges }))
        var bounds = HTTPServerConfiguration.Limits()
        bounds.drain = configuration.drain
        server = HTTPServer(
            configuration: .init(
                host: configuration.host, port: configuration.port, loops: configuration.loops, limits: bounds),
            responder: FrontDoor(api: api, log: log))
        readings.observe(server)
        do throws(HTTPServerError) {
            try server.start()
        } catch {
            throw CommandFailure("\(configuration.host) port \(configuration.port): \(error)")
        }
        if let redis, let address = configuration.redis {
            do {
                for loop in server.loops { redis.attach(try RedisClient(address, on: loop)) }
            } catch {
                throw CommandFailure("\(address): \(error)")
            }
        }
        let host = configuration.host.contains(":") ? "[\(configuration.host)]" : configuration.host
        address = "http://\(host):\(server.port)"
    }

    /// Serves until `stop` yields, then ends in order.
    ///
    /// - Parameter beside: what else lives as long as the server; it is cancelled first.
    func run(until stop: AsyncStream<Void>, beside: @escaping @Sendable () async -> Void = {}) async {
        log.write(
            .info, "started",
            [
                (.version, .string(Version.current)), (.address, .string(address)),
                (.database, .string(configuration.database.description)), (.pid, .integer(Int64(processID))),
            ])
        await withTaskGroup { group in
            group.addTask { await followOtherProcesses() }
            group.addTask { await thinReports() }
            group.addTask { await forgetChats() }
            group.addTask { await finishCheckouts() }
            // Where nobody else writes, what is said this process says.
            if service.store.isShared {
                group.addTask { await api.followConversationsElsewhere() }
            }
            group.addTask { await reallocate() }
            group.addTask { await beside() }
            for await _ in stop { break }
            // Whoever asks learns that nothing more should be sent here, before anything is refused.
            api.beginDraining()
            log.write(.info, "stopping")
            try? await Task.sleep(for: configuration.shutdownDelay)
            group.cancelAll()
        }
        await server.shutdown()
        await api.search.stop()
        workers.stop()
        background?.stop()
        await service.store.close()
        log.write(.info, "stopped")
    }

    /// Once an hour, from a minute after the start on: conversations that ended long ago go, some hundred a transaction.
    private func forgetChats() async {
        guard let days = configuration.keptChatDays else { return }
        var pause = Duration.seconds(60)
        while (try? await Task.sleep(for: pause)) != nil {
            pause = .seconds(3600)
            let before = service.clock.now().advanced(by: .seconds(-86_400 * days))
            for tenant in service.tenants {
                do throws(StoreError) {
                    while !Task.isCancelled,
                        try await service.store.eraseConversations(silentSince: before, limit: 200, in: tenant) == 200
                    {}
                } catch {
                    log.write(.warning, "cannot forget chats", [(.detail, .string(error.sentence))])
                    break
                }
            }
        }
    }

    /// Once a day, from an hour after the start on: of the counts recorded for reports long ago the last of each day is
    /// enough, beside those that decisions rest on.
    private func thinReports() async {
        guard let days = configuration.keptReportDays else { return }
        var pause = Duration.seconds(3600)
        while (try? await Task.sleep(for: pause)) != nil {
            pause = .seconds(86_400)
            let before = service.clock.now().advanced(by: .seconds(-86_400 * days))
            for tenant in service.tenants where !Task.isCancelled {
                do throws(StoreError) {
                    _ = try await service.store.thinRecorded(of: tenant, before: before)
                } catch {
                    log.write(.warning, "cannot thin reports", [(.detail, .string(error.sentence))])
                    break
                }
            }
        }
    }

    /// Every ten minutes: weights that follow what is learned, where they are due.
    private func reallocate() async {
        let reallocator = Reallocator(service)
        while (try? await Task.sleep(for: .seconds(600))) != nil {
            for tenant in service.tenants where !Task.isCancelled {
                do throws(ConfigurationError) {
                    _ = try await reallocator.run(tenant)
                } catch .conflict {
                    continue
                } catch {
                    log.write(.warning, "cannot move weights", [(.detail, .string("\(error)"))])
                    break
                }
            }
        }
    }

    /// At the start and each minute: what a crash or a silent payment provider left open is asked after.
    private func finishCheckouts() async {
        repeat {
            for tenant in service.tenants where !Task.isCancelled {
                do throws(CheckoutError) {
                    try await checkouts.finish(tenant)
                } catch {
                    log.write(.warning, "cannot finish checkouts", [(.detail, .string("\(error)"))])
                    break
                }
            }
        } while (try? await Task.sleep(for: .seconds(60))) != nil
    }

    /// Takes what other processes on the same database commit: at once where they can be heard, else within a second.
    private func followOtherProcesses() async {
        let (calls, call) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await service.store.onNews { call.yield() }
        await withTaskGroup { group in
            group.addTask {
                while (try? await Task.sleep(for: .milliseconds(400))) != nil { call.yield() }
                call.finish()
            }
            group.addTask {
                var isFailing = false
                for await _ in calls {
                    do throws(StoreError) {
                        try await service.followOthers(isLate: isFailing)
                        isFailing = false
                    } catch {
                        if !isFailing {
                            log.write(.warning, "cannot follow changes", [(.detail, .string(error.sentence))])
                        }
                        isFailing = true
                    }
                }
            }
        }
    }
}
