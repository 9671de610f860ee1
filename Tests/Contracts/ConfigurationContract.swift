import Crypto
import Experiments
import PostgresSupport
import Storage
import Synchronization
import Testing

/// What is promised to whoever changes a tenant's configuration while others do.
@Suite struct ConfigurationContract {
    @Test(arguments: Engine.allCases)
    func `of many changes at once each is made on the one before, and whoever is refused or asks again harms no other`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            let known = try await world.raise("known", key: 1)
            let before = try world.snapshot.version
            let outcomes = try await withThrowingTaskGroup(of: (Int, Result<Int64, ConfigurationError>).self) { group in
                for number in 0..<60 {
                    group.addTask {
                        do throws(ConfigurationError) {
                            switch number % 12 {
                            case 3: return (number, .success(try await world.refused()))
                            case 5: return (number, .success(try await world.raise("again", key: 1)))
                            case 7: return (number, .success(try await world.raise("twice", key: 2)))
                            default: return (number, .success(try await world.raise("r-\(number)")))
                            }
                        } catch {
                            return (number, .failure(error))
                        }
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            var prices: [Int64] = []
            var repeated = 0
            for (number, outcome) in outcomes {
                switch (number % 12, outcome) {
                case (3, .failure(.conflict(code: "refused", _))): break
                case (5, .failure(.store(.repeated(let saved)))): #expect(saved.sealedBody == Array("\(known)".utf8))
                case (7, .failure(.store(.repeated))): repeated += 1
                case (_, .success(let price)): prices.append(price)
                default: Issue.record("\(number) ended as \(outcome)")
                }
            }
            // Each was decided on what the one before had made, and each heard its own.
            #expect(repeated == 4)
            #expect(prices.count == 46)
            #expect(Set(prices) == Set((0..<46).map { known + 1 + Int64($0) }))
            let after = try world.snapshot
            #expect(after.version == before + prices.count)
            let stored = try #require(try await world.service.store.load([world.tenant]).first)
            #expect(stored.version == after.version)
            #expect(stored.products.first { $0.sku.text == "raised" }?.listPrice.amount == prices.max())
            #expect(try world.price == prices.max())
            let rows = try await world.chain()
            #expect(rows.count { $0.draft.action == "product.raise" } == 47)
            #expect(rows.count { $0.draft.target == "twice" } == 1)
            #expect(rows.count { $0.draft.target == "again" } == 0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `changes too large to go together are made all the same, each whole`(engine: Engine) async throws {
        try await World.with(engine) { world, _ in
            let before = try world.snapshot.version
            let text = String(repeating: "x", count: 20_000)
            try await withThrowingTaskGroup { group in
                for number in 0..<12 {
                    group.addTask {
                        let products = try (0..<10).map { place in
                            var product = try world.product("p-\(number)-\(place)", 100)
                            product.description = text
                            return product
                        }
                        try await world.service.change(world.tenant, actor: "test", requestID: "r") {
                            _, _ throws(ConfigurationError) in
                            Decided(products.map { .product($0) }, action: "product.import", target: "p", answer: ())
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try world.snapshot.version == before + 12)
            let stored = try #require(try await world.service.store.load([world.tenant]).first)
            #expect(stored.products.count { $0.description == text } == 120)
            #expect(try await world.chain().count { $0.draft.action == "product.import" } == 12)
        }
    }

    @Test(arguments: Engine.allCases)
    func `changes committed together are all made or none, and none where a reply to one of them is known`(
        engine: Engine
    ) async throws {
        try await World.with(engine) { world, _ in
            let store = world.service.store
            let before = try world.snapshot
            let (first, second) = (world.reply(1, "first"), world.reply(2, "second"))
            func steps(_ names: String..., reply: SavedReply) throws -> [Commit.Step] {
                try names.enumerated().map { index, name in
                    Commit.Step(
                        changes: [.product(try world.product(name, 1000))], audit: world.audit(of: name),
                        reply: index == 1 ? reply : nil)
                }
            }
            let published = Mutex<[Int]>([])
            let version = try await store.commit(
                Commit(
                    tenant: world.tenant, expectedVersion: before.version,
                    steps: try steps("a", "b", "c", reply: first))
            ) { version in published.withLock { $0.append(version) } }
            #expect(version == before.version + 3)
            #expect(published.withLock(\.self) == [version])
            #expect(try await store.reply(in: first.scope, at: world.clock.now()) == first)
            for (expected, reply, error) in [
                (before.version, second, StoreError.outdated(current: version)), (version, first, .repeated(first)),
            ] {
                await #expect(throws: error) {
                    try await store.commit(
                        Commit(
                            tenant: world.tenant, expectedVersion: expected,
                            steps: try steps("d", "e", reply: reply))
                    ) { version in published.withLock { $0.append(version) } }
                }
            }
            let stored = try #require(try await store.load([world.tenant]).first)
            #expect(stored.version == version)
            #expect(Set(stored.products.map(\.sku.text)) == ["sku-1", "a", "b", "c"])
            #expect(try await store.reply(in: second.scope, at: world.clock.now()) == nil)
            #expect(published.withLock(\.self) == [version])
            #expect(try await world.chain().suffix(3).map(\.draft.target) == ["a", "b", "c"])
        }
    }
}

extension World {
    var price: Int64 {
        get throws {
            let sku = try #require(TenantKey("raised"))
            return try #require(try snapshot.catalogue[sku]).product.listPrice.amount
        }
    }

    func product(_ sku: String, _ price: Int64) throws -> Product {
        Product(
            sku: try #require(TenantKey(sku)), title: sku,
            listPrice: Money(amount: price, currency: try #require(Self.usd)))
    }

    func audit(of target: String) -> AuditDraft {
        AuditDraft(at: clock.now(), actor: "test", action: "product.put", target: target, requestID: "r")
    }

    func reply(_ key: UInt64, _ text: String) -> SavedReply {
        SavedReply(
            scope: ReplyScope(tenant: tenant, hash: Bits128(high: 77, low: key)), bodyHash: Bits128(high: 0, low: 0),
            status: 200, sealedBody: Array(text.utf8), at: clock.now())
    }

    /// Makes a product dearer by one, on whatever it costs then; returns what it costs from then on.
    ///
    /// - Parameter key: under which whoever repeats it hears the same.
    func raise(_ target: String, key: UInt64? = nil) async throws(ConfigurationError) -> Int64 {
        try await service.change(tenant, actor: "test", requestID: "r") {
            [self] snapshot, _ throws(ConfigurationError) -> Decided<Int64> in
            guard let sku = TenantKey("raised"), let usd = Self.usd else { throw .notFound }
            let price = (snapshot.catalogue[sku]?.product.listPrice.amount ?? 1000) + 1
            let product = Product(sku: sku, title: "Raised", listPrice: Money(amount: price, currency: usd))
            return Decided(
                [.product(product)], action: "product.raise", target: target, answer: price,
                reply: key.map { reply($0, "\(price)") })
        }
    }

    func refused() async throws(ConfigurationError) -> Int64 {
        try await service.change(tenant, actor: "test", requestID: "r") {
            _, _ throws(ConfigurationError) -> Decided<Int64> in
            throw .conflict(code: "refused", detail: "It is always refused.")
        }
    }

    /// All audit rows, oldest first, whose chain is whole.
    func chain() async throws -> [AuditEntry] {
        let rows = Array(try await service.store.audit(of: tenant, below: nil, limit: 10_000).reversed())
        #expect(rows.allSatisfy { $0.isIntact })
        #expect(rows.map(\.sequence) == rows.indices.map { Int64($0) + 1 })
        #expect(rows.map(\.previous) == [AuditEntry.origin] + rows.dropLast().map(\.hash))
        return rows
    }
}
