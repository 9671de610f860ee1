internal import Crypto
public import Experiments

/// Plays scripted conversations against a tenant's own catalogue and settings before shoppers do. It plays them in a store
/// of its own, with a copy of the configuration under other secrets: no exposure, sale or conversation of it is the
/// tenant's, and no quote of it opens anything.
public struct Rehearsal: Sendable {
    private let house: PricingService
    private let conversations: ConversationService
    private let checkouts: CheckoutService?
    private let snapshot: TenantSnapshot
    /// At most three, from both ends and the middle of the catalogue.
    private let products: [Product]

    /// Sets the stage.
    ///
    /// - Parameters:
    ///   - store: empty, and thrown away afterwards.
    ///   - sells: whether checkouts are made where this tenant's shoppers are.
    ///   - search: asked about the tenant's own snapshot, whose catalogue it has indexed.
    public init(
        of tenant: TenantSnapshot, in store: any Store & CheckoutStore, search: any ProductSearch, sells: Bool,
        clock: any WallClock, identifiers: IdentifierSource
    ) async throws(StoreError) {
        let service = PricingService(store: store, clock: clock, identifiers: identifiers, tableCapacity: 1024)
        let owner = tenant.tenant
        var copy = Tenant(
            id: owner.id, name: owner.name, plan: owner.plan, mode: owner.mode, createdAt: owner.createdAt,
            secrets: TenantSecrets(subjectKey: SecureRandom.bytes(32), sealKey: SecureRandom.bytes(32)))
        copy.agent = owner.agent
        let catalogue = tenant.catalogue.values.map(\.product).sorted { $0.sku < $1.sku }
        var changes: [ConfigurationChange] = [.tenant(copy)]
        changes += catalogue.map { .product($0) }
        changes += tenant.experiments.values.map { .experiment($0) }
        _ = try await store.commit(
            Commit(
                tenant: copy.id, expectedVersion: 0, changes: changes,
                audit: AuditDraft(
                    at: clock.now(), actor: "rehearsal", action: "tenant.create", target: copy.id.description,
                    requestID: ""))
        ) { _ in }
        try await service.load()
        guard let snapshot = service.snapshot(of: copy.id) else { throw .corrupt("the rehearsal has no tenant") }
        house = service
        self.snapshot = snapshot
        checkouts =
            sells
            ? CheckoutService(pricing: service, store: store, providers: [TestProvider(ledger: store, clock: clock)])
            : nil
        conversations = ConversationService(
            pricing: service, search: TenantsOwnSearch(search: search, snapshot: tenant), checkouts: checkouts)
        let indices = [0, catalogue.count / 2, catalogue.count - 1]
        products = Set(indices).filter(catalogue.indices.contains).sorted().map { catalogue[$0] }
    }

    /// Plays every scene in every language of the settings.
    public func play() async -> [RehearsedScene] {
        var scenes: [RehearsedScene] = []
        for language in snapshot.tenant.agent.spoken {
            scenes.append(await play(.greeting, language, nil) { (player) throws(Mishap) in try player.isGreeted() })
            guard let first = products.first else {
                scenes.append(
                    RehearsedScene(
                        kind: .find, language: language, product: nil,
                        outcome: .failed("There is no product to be found: import the catalogue first."), said: []))
                continue
            }
            for product in products {
                scenes.append(
                    await play(.find, language, product) { (player) throws(Mishap) in
                        _ = try await player.finds(product)
                    })
            }
            scenes.append(
                await play(.price, language, first) { (player) throws(Mishap) in
                    try await player.hearsPrice(of: first)
                })
            scenes.append(
                await play(.discount, language, first) { (player) throws(Mishap) in
                    try await player.getsNoDiscount(on: first)
                })
            scenes.append(
                await play(.checkout, language, first) { (player) throws(Mishap) in
                    try await player.reachesTheButton(of: first)
                })
            scenes.append(
                await play(.handoff, language, nil) { (player) throws(Mishap) in try await player.getsPerson() })
        }
        return scenes
    }

    private func play(
        _ kind: RehearsedScene.Kind, _ language: Language, _ product: Product?,
        _ act: (inout RehearsalPlayer) async throws(Mishap) -> Void
    ) async -> RehearsedScene {
        var outcome = RehearsedScene.Outcome.passed
        var said: [RehearsedScene.Said] = []
        do throws(Mishap) {
            var player = try await RehearsalPlayer(
                house, conversations, checkouts, snapshot, language, settings: snapshot.tenant.agent)
            defer { said = player.said }
            try await act(&player)
        } catch {
            outcome =
                switch error {
                case .skipped(let why): .skipped(why)
                case .fault(let why): .failed(why)
                }
        }
        return RehearsedScene(
            kind: kind, language: language, product: product?.sku, outcome: outcome, said: said)
    }
}

/// Why a scene did not come to its end.
enum Mishap: Error {
    case fault(String)
    case skipped(String)
}

/// Finds in the tenant's own catalogue, whoever asks.
private struct TenantsOwnSearch: ProductSearch {
    let search: any ProductSearch
    let snapshot: TenantSnapshot

    func products(for words: String, in _: TenantSnapshot, limit: Int) async -> FoundProducts {
        await search.products(for: words, in: snapshot, limit: limit)
    }
}
