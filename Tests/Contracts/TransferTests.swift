import Crypto
import Experiments
import Postgres
import PostgresSupport
import Testing

@testable import Storage

/// Everything one engine keeps, copied into another: nothing is lost, whatever interrupts it, and the copy behaves as
/// the original would have.
@Suite struct TransferTests {
    private struct Cut: Error {}

    @Test func `there and back again every row is the same, and the copies behave as the original`() async throws {
        let places = [TransferPlace.sqlite(), try await TransferPlace.postgres(), TransferPlace.sqlite()]
        defer { for place in places { place.remove() } }
        try await LivedWorld.on(places[0]) { original in
            let there = try await Transfer.run(from: places[0].location, to: places[1].location, batchRows: 7)
            #expect(there.isVerified, "\(there)")
            #expect(there.copied == there.tables.reduce(0) { $0 + $1.sourceRows })
            #expect(there.tables.allSatisfy { $0.sourceRows > 0 }, "every table has something: \(there.tables)")
            #expect(there.auditChains == 1 && there.recounted == 1)
            let back = try await Transfer.run(from: places[1].location, to: places[2].location)
            #expect(back.isVerified, "\(back)")
            #expect(there.digests == back.digests)
            try await original.check(places[1])
            try await original.check(places[2])
        }
    }

    @Test func `what PostgreSQL was told itself arrives in SQLite as SQLite would have kept it`() async throws {
        let places = [try await TransferPlace.postgres(), TransferPlace.sqlite(), try await TransferPlace.postgres()]
        defer { for place in places { place.remove() } }
        try await LivedWorld.on(places[0]) { original in
            let there = try await Transfer.run(from: places[0].location, to: places[1].location, batchRows: 11)
            #expect(there.isVerified, "\(there)")
            let across = try await Transfer.run(from: places[0].location, to: places[2].location)
            #expect(across.isVerified, "\(across)")
            #expect(there.digests == across.digests)
            try await original.check(places[1])
            try await original.check(places[2])
        }
    }

    @Test(arguments: [true, false])
    func `cut off after any batch it goes on, and ends the same`(isToPostgres: Bool) async throws {
        let first = isToPostgres ? TransferPlace.sqlite() : try await TransferPlace.postgres()
        defer { first.remove() }
        try await LivedWorld.on(first) { original in
            let target = isToPostgres ? try await TransferPlace.postgres() : TransferPlace.sqlite()
            defer { target.remove() }
            var cuts = 0
            var report: TransferReport?
            while report == nil {
                // One batch more is done before each cut.
                var batches = 0
                do {
                    report = try await Transfer.run(from: first.location, to: target.location, batchRows: 25) {
                        progress in
                        batches += 1
                        if progress.phase == .copying, batches > cuts % 3 { throw Cut() }
                    }
                } catch is Cut {
                    cuts += 1
                    let store = try await target.open()
                    #expect(try await store.load().isEmpty || cuts > 10, "an unfinished target has no tenants")
                    await store.close()
                }
                try #require(cuts < 1000)
            }
            #expect(cuts > 10)
            #expect(report?.isVerified == true, "\(String(describing: report))")
            #expect(report?.tables.map(\.sourceRows) == report?.tables.map(\.targetRows))
            // Once more is harmless, and copies nothing.
            let again = try await Transfer.run(from: first.location, to: target.location)
            #expect(again.isVerified && again.copied == 0)
            try await original.check(target)
        }
    }

    @Test func `a target that holds anything else is refused and left as it is`() async throws {
        let (first, other, target) = (
            TransferPlace.sqlite(), TransferPlace.sqlite(), try await TransferPlace.postgres()
        )
        defer { for place in [first, other] { place.remove() } }
        try await LivedWorld.on(first) { _ in
            try await LivedWorld.on(target) { _ in
                try await target.run("UPDATE tenants SET version = version + 1")
                await #expect(throws: TransferError.refused("the target is not empty; take an empty one")) {
                    try await Transfer.run(from: first.location, to: target.location)
                }
            }
            // Begun from one source, another is no continuation of it; and what is not complete is no source.
            var batches = 0
            await #expect(throws: Cut.self) {
                try await Transfer.run(from: first.location, to: other.location, batchRows: 25) { _ in
                    batches += 1
                    if batches == 3 { throw Cut() }
                }
            }
            await #expect(throws: TransferError.self) {
                try await Transfer.run(from: target.location, to: other.location)
            }
            let next = TransferPlace.sqlite()
            defer { next.remove() }
            await #expect(throws: TransferError.self) {
                try await Transfer.run(from: other.location, to: next.location)
            }
            #expect(try await Transfer.run(from: first.location, to: other.location).isVerified)
        }
    }

    @Test func `through a pooler in transaction mode it goes both ways`() async throws {
        let server = try await PostgresServer()
        let direct = try await server.database()
        let folder = try await server.pooler()
        let pooled = direct.replacing("host=\(server.directory)", with: "host=\(folder)&port=6432&prepared=false")
        let middle = TransferLocation.postgres(try PostgresConfiguration(url: pooled))
        let (first, last) = (TransferPlace.sqlite(), TransferPlace.sqlite())
        defer { for place in [first, last] { place.remove() } }
        try await LivedWorld.on(first) { _ in
            let there = try await Transfer.run(from: first.location, to: middle, batchRows: 10)
            let back = try await Transfer.run(from: middle, to: last.location, batchRows: 10)
            #expect(there.isVerified && back.isVerified)
            #expect(there.digests == back.digests)
        }
        try server.remove()
    }

    @Test func `a source that is not there or has no schema fails by its side`() async throws {
        let missing = TransferPlace.sqlite()
        let bare = try await TransferPlace.postgres()
        let target = TransferPlace.sqlite()
        defer { for place in [missing, target] { place.remove() } }
        for source in [missing, bare] {
            do {
                _ = try await Transfer.run(from: source.location, to: target.location)
                Issue.record("nothing was refused")
            } catch TransferError.failed(let side, _) {
                #expect(side == .source)
            }
        }
    }
}

extension TransferReport {
    /// Of each table on the target, by name.
    fileprivate var digests: [String: Digest256] {
        Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0.targetDigest) })
    }
}
