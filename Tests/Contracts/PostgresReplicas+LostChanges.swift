import Experiments
import Postgres
import PostgresSupport
import Storage
import Testing

extension PostgresReplicas {
    /// As after a failover to a standby that had not heard of the last change.
    @Test(arguments: [false, true])
    func `what the store has lost nobody goes on telling`(isFollowed: Bool) async throws {
        let (stores, address) = try await stores(2)
        let name = String(address.split(separator: "/")[2].prefix { $0 != "?" })
        @Sendable func ask(_ commands: [String]) async throws {
            try await PostgresServer.shared().superuser(of: name) { connection in
                _ = try await connection.run(commands.map { PostgresCommand($0) }, within: .seconds(5))
            }
        }
        try await World.on(stores[0], .postgres) { first, experiment in
            let tables = ["tenants", "products", "experiments", "audit"]
            try await ask(tables.map { "CREATE TABLE saved_\($0) AS SELECT * FROM \($0)" })
            _ = try await first.quote("known")
            try await first.reweigh([0, 100], experiment)
            let lost = try first.snapshot.version
            #expect(try await first.quote("heavy").price.amount == 2499)
            try await ask(
                tables.flatMap { ["DELETE FROM \($0)", "INSERT INTO \($0) SELECT * FROM saved_\($0)"] })
            if isFollowed {
                try await first.service.followOthers(isLate: true)
                #expect(try first.snapshot.version == lost - 1)
            }
            #expect(try await first.quote("new").reason == .split)
            #expect(try first.snapshot.version == lost - 1)
            // Another change of the same number is another configuration.
            let second = try await first.replica(on: stores[1])
            try await second.reweigh([100, 0], experiment)
            try await first.service.refresh()
            #expect(try first.snapshot.version == lost)
            #expect(try await first.quote("light").price.amount == 1999)
        }
        for store in stores { await store.close() }
    }
}
