import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

extension PostgresReplicas {
    /// When what only older programs need is taken away: then offers made with their units are found by them.
    enum Contraction: CaseIterable { case before, meanwhile, never }

    @Test(arguments: Contraction.allCases, ["", "&prepared=false"])
    func `every offer is found again by whoever remembers nothing, and once shoppers became one`(
        contraction: Contraction, options: String
    ) async throws {
        let (made, address) = try await stores(1, options: options)
        let database = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        let configuration = try PostgresConfiguration(url: address)
        if contraction != .before {
            for store in made { await store.close() }
            // As migration 0022 leaves a database of before.
            _ = try await PostgresServer.shared().superuser(of: database) { connection in
                try await connection.run(
                    [
                        "DELETE FROM schema_migrations WHERE name LIKE '0023%'", "DROP INDEX offers_listed",
                        """
                        CREATE UNIQUE INDEX offers_by_shopper
                            ON offers (tenant_id, subject, sku, experiment_id, variant, price, currency, repeated)
                        """,
                    ].map { PostgresCommand($0) }, within: .seconds(10))
            }
        }
        let stores = try await [PostgresStore.open(configuration), PostgresStore.open(configuration)]
        // What becomes of the schema is learned when a store is opened.
        func reader() async throws -> PostgresStore {
            if contraction == .meanwhile { _ = try await PostgresStore.migrate(configuration, contracting: true) }
            return try await PostgresStore.open(configuration)
        }
        func count(_ query: String) async throws -> Int64 {
            try await PostgresServer.shared().superuser(of: database) { connection in
                let rows = try await connection.run([PostgresCommand(query)], within: .seconds(10))
                return try rows[0].int8(0, 0)
            }
        }
        try await World.on(stores[0], .postgres) { first, experiment in
            // Two products of one experiment, one of another, and one of none.
            for sku in ["sku-2", "sku-3", "sku-4"] { try await first.put(sku: sku, price: 1999, cost: 500) }
            let pair = try await first.experiment(weights: [50, 50], on: "sku-2") { $0.products = ["sku-2", "sku-3"] }
            try await first.act(.start, pair)
            func quotes(_ names: [String], _ world: World) async throws -> [String: Quote] {
                var told: [String: Quote] = [:]
                for name in names {
                    for sku in ["sku-1", "sku-2", "sku-3", "sku-4"] {
                        let request = QuoteRequest(
                            shopper: try #require(TenantKey(name)), product: try #require(TenantKey(sku)), expose: true)
                        told[name + sku] = try await world.service.quote(request, in: try world.snapshot)
                    }
                }
                return told
            }
            let names = (0..<12).map { "s-\($0)" }
            let told = try await quotes(names, first)
            let byUnit: Int64 = contraction == .before ? 24 : 0
            #expect(try await count("SELECT count(*) FROM offers WHERE by_unit") == byUnit)
            let later = try await reader()
            let heard = try await quotes(names, try await first.replica(on: later))
            _ = try await quotes((0..<4).map { "t-\($0)" }, try await first.replica(on: later))
            let more: Int64 = contraction == .never ? 0 : 8
            #expect(try await count("SELECT count(*) FROM offers WHERE by_unit") == byUnit + more)
            await later.close()
            let prices = names.map { told[$0 + "sku-1"]?.price.amount }
            let other = try #require(prices.firstIndex { $0 != prices[0] })
            let same = try #require(prices.dropFirst().firstIndex { $0 == prices[0] })
            for (place, quote) in told {
                #expect(heard[place]?.id == quote.id && heard[place]?.price == quote.price, "\(place)")
            }
            // Whatever each of two had: at the same prices, at others, and in an experiment that counts no more.
            try await first.act(.complete, pair)
            try await first.act(.archive, pair)
            let last = try #require(prices.indices.last { ![0, same, other].contains($0) })
            for (kept, gone) in [(0, same), (other, last), (0, other)] {
                let keys = try [names[kept], names[gone]].map { try #require(TenantKey($0)) }
                let snapshot = try first.snapshot
                #expect(
                    try await first.service.link(keys[0], keys[1], in: snapshot, actor: "test", requestID: "r"))
            }
            let joined = try await quotes(names, first)
            let again = try await quotes(names, try await first.replica(on: stores[1], seed: 13))
            for (place, quote) in joined { #expect(again[place]?.id == quote.id, "\(place)") }
            for gone in [same, other, last] {
                #expect(again["s-\(gone)sku-1"]?.id == again["s-0sku-1"]?.id)
            }
        }
        let twice = try await count(
            """
            SELECT count(*) FROM (SELECT FROM offers
                GROUP BY tenant_id, subject, sku, experiment_id, variant, price, currency, repeated
                HAVING count(*) > 1) AS t
            """)
        // What both had stays with the id that is gone, found by its tail.
        let lost = try await count(
            """
            SELECT count(*) FROM offers o WHERE by_unit AND NOT EXISTS (SELECT FROM units u WHERE u.offer = o.tail
                AND (u.tenant_id, u.subject, u.experiment_id) = (o.tenant_id, o.subject, o.experiment_id))
                AND NOT EXISTS (SELECT FROM identities i WHERE i.subject = o.subject)
            """)
        #expect(twice == 0 && lost == 0)
        for store in stores { await store.close() }
    }
}
