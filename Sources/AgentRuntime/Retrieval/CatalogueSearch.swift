public import Experiments
internal import Synchronization

/// What was found, and in which catalogue.
public struct SearchAnswer: Sendable {
    /// The version of the snapshot that was searched: that of the one asked with, or of a newer.
    public let version: Int
    /// Best first; none where nothing of the kind is sold.
    public let hits: [SearchHit]
    /// How well the best of them answers the query.
    public let fit: Fit
}

/// Search over every tenant's catalogue: keeps an index for each tenant that is searched, and keeps it up to date.
///
/// An answer never misses a product that its snapshot holds and never has one that it does not. What a commit changed is
/// indexed by the first search after it. The built-in embedder's vectors are made at once; those of another model in the
/// background, and searches go on with the vectors there were until it has all. What a model made is kept beside the
/// catalogue, so that after a start only what changed is made again.
public final class CatalogueSearch: Sendable {
    private struct Place {
        let catalogue: TenantCatalogue
        var products: Int
        var lastUse: UInt64
    }

    private struct State {
        var places: [TenantID: Place] = [:]
        var uses: UInt64 = 0
        var embedder: (any Embedder)?
        var isStopped = false
    }

    private let state: Mutex<State>
    private let workers: (any TaskExecutor)?
    private let background: (any TaskExecutor)?
    private let capacity: Int
    private let vectors: (any VectorStore)?

    /// - Parameters:
    ///   - embedder: makes vectors that know meanings; nil for the built-in one.
    ///   - vectors: keeps what the embedder makes, of the same database as the catalogue; nil to make it after each start.
    ///   - workers: where indexing and searching happen; nil for wherever the caller runs.
    ///   - background: where the embedder makes vectors of whole catalogues; nil for the workers.
    ///   - capacity: products that are kept indexed in all, about 2.5 kB each; beyond it the tenant searched longest ago
    ///     is forgotten until it is searched again.
    public init(
        embedder: (any Embedder)? = nil, vectors: (any VectorStore)? = nil, workers: (any TaskExecutor)? = nil,
        background: (any TaskExecutor)? = nil,
        capacity: Int = 1_000_000
    ) {
        state = Mutex(State(embedder: embedder))
        self.workers = workers
        self.background = background ?? workers
        self.capacity = capacity
        self.vectors = vectors
    }

    /// The products of a tenant that answer a query best.
    ///
    /// - Parameters:
    ///   - query: in the shopper's words. One without any letter or digit finds nothing.
    ///   - snapshot: the tenant's newest, as far as the caller knows.
    ///   - limit: at most so many.
    ///   - filter: which products may be found, asked before anything is ranked; nil for all.
    public func search(
        _ query: String, in snapshot: TenantSnapshot, limit: Int = 10,
        among filter: (@Sendable (Product) -> Bool)? = nil
    ) async -> SearchAnswer {
        await withTaskExecutorPreference(workers) {
            let (catalogue, embedder) = place(of: snapshot)
            let (index, maker) = await catalogue.index(at: snapshot)
            noteCount(index.count, of: snapshot.tenant.id)
            if let embedder, !index.isComplete(embedder.model) {
                await catalogue.fill(with: embedder, on: background)
            }
            // Without a vector, words alone still find something.
            let vector = try? await maker?.embed([query]).first
            let (hits, fit) = index.answer(query, vector: vector, limit: limit, among: filter)
            return SearchAnswer(version: index.version, hits: fit == .none ? [] : hits, fit: fit)
        }
    }

    /// The index that a search with this snapshot would look in, for who searches it many times.
    public func index(at snapshot: TenantSnapshot) async -> CatalogueIndex {
        await withTaskExecutorPreference(workers) { await place(of: snapshot).0.index(at: snapshot).0 }
    }

    /// Changes the model whose vectors are searched, for every tenant, without a gap: each goes on with what it has until
    /// the new model's vectors are complete, beginning with its next search.
    public func adopt(_ embedder: any Embedder) { state.withLock { $0.embedder = embedder } }

    /// The model whose vectors a tenant's searches use now; nil for one that was not searched yet.
    public func model(of tenant: TenantID) async -> String? {
        await state.withLock { $0.places[tenant]?.catalogue }?.model
    }

    /// Waits until nothing is made in the background for a tenant.
    public func settle(_ tenant: TenantID) async {
        await state.withLock { $0.places[tenant]?.catalogue }?.settle()
    }

    /// Ends what goes on in the background; vectors that are lacking stay so.
    public func stop() async {
        let catalogues = state.withLock { state in
            state.isStopped = true
            return state.places.values.map(\.catalogue)
        }
        for catalogue in catalogues { await catalogue.stop() }
    }

    private func place(of snapshot: TenantSnapshot) -> (TenantCatalogue, (any Embedder)?) {
        state.withLock { state in
            state.uses += 1
            let embedder = state.isStopped ? nil : state.embedder
            if var place = state.places[snapshot.tenant.id] {
                place.lastUse = state.uses
                state.places[snapshot.tenant.id] = place
                return (place.catalogue, embedder)
            }
            let catalogue = TenantCatalogue(snapshot.tenant.id, vectors: vectors)
            state.places[snapshot.tenant.id] = Place(catalogue: catalogue, products: 0, lastUse: state.uses)
            return (catalogue, embedder)
        }
    }

    private func noteCount(_ count: Int, of tenant: TenantID) {
        state.withLock { state in
            guard let place = state.places[tenant], place.products != count else { return }
            state.places[tenant]?.products = count
            var total = state.places.values.reduce(0) { $0 + $1.products }
            while total > capacity, state.places.count > 1,
                let oldest = state.places.min(by: { $0.value.lastUse < $1.value.lastUse }), oldest.key != tenant
            {
                total -= oldest.value.products
                state.places[oldest.key] = nil
            }
        }
    }
}

/// One tenant's index, changed by one task at a time.
actor TenantCatalogue {
    private var current: CatalogueIndex?
    private var filling: Task<Void, Never>?
    /// What makes the vectors in use and those to come, by model.
    private var embedders: [String: any Embedder] = [:]

    private let tenant: TenantID
    private let vectors: (any VectorStore)?
    /// The model whose kept vectors were read.
    private var recalled: String?
    /// The model beside which none is kept.
    private var forgotten: String?

    init(_ tenant: TenantID, vectors: (any VectorStore)?) {
        self.tenant = tenant
        self.vectors = vectors
    }

    var model: String? { current?.model }

    /// The index at a snapshot's version, or at a later one, and what made the vectors in it; nil for the built-in.
    func index(at snapshot: TenantSnapshot) -> (CatalogueIndex, (any Embedder)?) {
        if let index = current, index.version >= snapshot.version { return (index, embedders[index.model]) }
        guard var index = current else {
            let index = CatalogueIndex(snapshot)
            current = index
            return (index, nil)
        }
        // Given up first: what nobody else holds is changed in place.
        current = nil
        index.update(to: snapshot)
        current = index
        return (index, embedders[index.model])
    }

    /// Begins to make the vectors that an embedder's model lacks, unless that goes on already.
    func fill(with embedder: any Embedder, on executor: (any TaskExecutor)?) {
        embedders[embedder.model] = embedder
        guard filling == nil else { return }
        filling = Task(executorPreference: executor) { await self.fill(with: embedder) }
    }

    func settle() async { await filling?.value }

    func stop() { filling?.cancel() }

    private func fill(with embedder: any Embedder) async {
        defer { filling = nil }
        let model = embedder.model
        current?.gather(model, dimensions: embedder.dimensions)
        await recall(embedder)
        var unkept: [ProductVector] = []
        var row = 0
        while !Task.isCancelled, let lacking = current?.lacking(model, from: row, limit: embedder.batch) {
            guard let last = lacking.last else {
                // What changed meanwhile may lie behind.
                if row == 0 { break }
                row = 0
                continue
            }
            // Where texts cannot be embedded now, the next search tries again.
            guard let vectors = try? await embedder.embed(lacking.map(\.text)), vectors.count == lacking.count,
                vectors.allSatisfy({ $0.count == embedder.dimensions && $0.allSatisfy(\.isFinite) })
            else {
                await keep(&unkept, of: model)
                return
            }
            let made = Array(zip(lacking, vectors).map { (of: $0, vector: $1) })
            unkept += current?.kept(made) ?? []
            current?.install(made, of: model)
            if unkept.count >= Self.keptAtOnce { await keep(&unkept, of: model) }
            row = last.row + 1
            await Task.yield()
        }
        await keep(&unkept, of: model)
        // An empty catalogue lacks nothing, and its model is changed all the same.
        current?.install([], of: model)
        guard current?.model == model else { return }
        embedders = [model: embedder]
        guard forgotten != model else { return }
        forgotten = model
        // Other models' are of use to nobody once this one answers.
        _ = try? await vectors?.forgetVectors(exceptOf: model, in: tenant)
    }

    private static let keptAtOnce = 128
    private static let recalledAtOnce = 1000

    /// Reads what was kept of a model, once. What cannot be read is made again.
    private func recall(_ embedder: any Embedder) async {
        guard let vectors, recalled != embedder.model else { return }
        recalled = embedder.model
        var last: TenantKey?
        while !Task.isCancelled,
            let page = try? await vectors.vectors(
                of: embedder.model, in: tenant, after: last, limit: Self.recalledAtOnce), let end = page.last
        {
            current?.recall(page, of: embedder.model, dimensions: embedder.dimensions)
            last = end.sku
        }
    }

    /// What cannot be kept is made again after the next start.
    private func keep(_ made: inout [ProductVector], of model: String) async {
        let some = made
        made = []
        if !some.isEmpty { try? await vectors?.keep(some, of: model, in: tenant) }
    }
}
