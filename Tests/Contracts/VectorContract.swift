import AgentRuntime
import Experiments
import Storage
import Synchronization
import Testing

/// What every engine owes the vectors of catalogues.
@Suite struct VectorContract {
    /// A model of three dimensions that counts what it embeds.
    private final class Counting: Embedder {
        let model: String
        let dimensions = 3
        let embedded = Mutex<[String]>([])

        init(_ model: String) { self.model = model }

        func embed(_ texts: [String]) async throws(EmbedderError) -> [[Float]] {
            embedded.withLock { $0 += texts }
            return texts.map { text in
                let length = Float(text.utf8.count)
                let norm = (1 + length * length).squareRoot()
                return [1 / norm, length / norm, 0]
            }
        }

        var count: Int { embedded.withLock { $0.count } }
        func reset() { embedded.withLock { $0 = [] } }
    }

    private func vectors(of world: World) throws -> any VectorStore {
        try #require(world.service.store as? any VectorStore)
    }

    private func change(_ world: World, _ changes: [ConfigurationChange]) async throws {
        try await world.service.change(world.tenant, actor: "test", requestID: "r") { _, _ throws(ConfigurationError) in
            Decided(changes, action: "catalogue.change", target: "t", answer: ())
        }
    }

    private func product(_ sku: String, _ title: String) throws -> Product {
        Product(
            sku: try #require(TenantKey(sku)), title: title,
            listPrice: Money(amount: 1999, currency: try #require(World.usd)))
    }

    private func search(_ world: World, _ embedder: Counting) async throws -> CatalogueSearch {
        let search = CatalogueSearch(embedder: embedder, vectors: try vectors(of: world))
        _ = await search.search("mug", in: try world.snapshot)
        await search.settle(world.tenant)
        return search
    }

    @Test(arguments: Engine.allCases)
    func `vectors are kept as they were made, page by page, and no stranger reads them`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let store = try vectors(of: world)
            var kept: [ProductVector] = []
            for number in 0..<7 {
                let product = try product("p\(number)", "Mug \(number)")
                try await change(world, [.product(product)])
                kept.append(
                    ProductVector(
                        sku: product.sku, content: ProductVector.content(of: product),
                        bytes: (0..<12).map { UInt8($0 + number) }))
            }
            let nowhere = ProductVector(
                sku: try #require(TenantKey("nowhere")), content: kept[0].content, bytes: kept[0].bytes)
            for _ in 0..<2 { try await store.keep(kept + [nowhere], of: "m", in: world.tenant) }
            try await store.keep([kept[3]], of: "other", in: world.tenant)
            var read: [ProductVector] = []
            while true {
                let page = try await store.vectors(of: "m", in: world.tenant, after: read.last?.sku, limit: 3)
                if page.isEmpty { break }
                #expect(page.count <= 3)
                read += page
            }
            #expect(read == kept)
            let stranger: TenantID = world.service.identifiers.next(at: world.clock.now())
            #expect(try await store.vectors(of: "m", in: stranger, after: nil, limit: 10).isEmpty)
            #expect(try await store.forgetVectors(exceptOf: "m", in: world.tenant) == 1)
            #expect(try await store.forgetVectors(exceptOf: "m", in: world.tenant) == 0)
            #expect(try await store.vectors(of: "m", in: world.tenant, after: nil, limit: 10) == kept)
        }
    }

    @Test(arguments: Engine.allCases)
    func `a change of the catalogue takes away in its own transaction what is of no text any more`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            let store = try vectors(of: world)
            let products = try [product("a", "Mug"), product("b", "Lamp"), product("c", "Chair")]
            try await change(world, products.map { .product($0) })
            let kept = products.map {
                ProductVector(sku: $0.sku, content: ProductVector.content(of: $0), bytes: [1, 2, 3, 4])
            }
            for model in ["m", "n"] { try await store.keep(kept, of: model, in: world.tenant) }
            var dearer = products[0]
            dearer.listPrice = Money(amount: 2999, currency: dearer.listPrice.currency)
            // A new price is no new text.
            try await change(
                world, [.product(dearer), .product(try product("b", "Lantern")), .productRemoved(kept[2].sku)])
            for model in ["m", "n"] {
                #expect(try await store.vectors(of: model, in: world.tenant, after: nil, limit: 10) == [kept[0]])
            }
            // A change that is refused takes nothing away.
            let refused = Commit(
                tenant: world.tenant, expectedVersion: 1, changes: [.productRemoved(kept[0].sku)],
                audit: AuditDraft(
                    at: world.clock.now(), actor: "t", action: "product.remove", target: "a", requestID: "r"))
            await #expect(throws: StoreError.self) { try await world.service.store.commit(refused) { _ in } }
            #expect(try await store.vectors(of: "m", in: world.tenant, after: nil, limit: 10) == [kept[0]])
        }
    }

    @Test(arguments: Engine.allCases)
    func `after a start only what changed is embedded again`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            for number in 0..<40 { try await change(world, [.product(try product("p\(number)", "Mug \(number)"))]) }
            let embedder = Counting("m")
            _ = try await search(world, embedder)
            #expect(embedder.count == 41)
            embedder.reset()
            let again = try await search(world, embedder)
            #expect(embedder.count == 0)
            #expect(await again.model(of: world.tenant) == "m")
            try await change(world, [.product(try product("p7", "Mug number seven"))])
            _ = try await search(world, embedder)
            #expect(embedder.embedded.withLock { $0 } == ["Mug number seven"])
        }
    }

    @Test(arguments: Engine.allCases)
    func `another model takes over without a gap, and the first is forgotten once it has`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            for number in 0..<20 { try await change(world, [.product(try product("p\(number)", "Mug \(number)"))]) }
            let store = try vectors(of: world)
            let search = try await search(world, Counting("old"))
            let next = Counting("new")
            search.adopt(next)
            // The old model answers until the new one has all.
            #expect(await search.search("mug", in: try world.snapshot).hits.count == 10)
            await search.settle(world.tenant)
            #expect(await search.model(of: world.tenant) == "new")
            #expect(try await store.vectors(of: "new", in: world.tenant, after: nil, limit: 100).count == 21)
            #expect(try await store.vectors(of: "old", in: world.tenant, after: nil, limit: 100).isEmpty)
        }
    }
}
