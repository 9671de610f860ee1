import Synchronization
import Testing

@testable import Experiments

/// Who goes with a group of changes, and who goes next.
@Suite(.timeLimit(.minutes(5))) struct ChangeGroupTests {
    private struct FixedClock: WallClock {
        func now() -> Timestamp { Timestamp(milliseconds: 1_700_000_000_000) }
    }

    private let clock = FixedClock()
    private let turnstile: Turnstile
    private let directory = Directory()
    private let tenant: Tenant

    init() throws {
        turnstile = Turnstile(clock: clock)
        tenant = Tenant(
            id: TenantID(bits: Bits128(high: 1, low: 2)), name: "T", createdAt: clock.now(),
            secrets: TenantSecrets(
                subjectKey: [UInt8](repeating: 1, count: 32), sealKey: [UInt8](repeating: 2, count: 32)))
        directory.put(TenantSnapshot(configuration(1)))
    }

    private func configuration(_ version: Int) -> TenantConfiguration {
        TenantConfiguration(tenant: tenant, version: version, products: [], experiments: [], keys: [])
    }

    /// A change that writes its number, in so many bytes.
    private func change(_ number: Int, bytes: Int = 10) -> PendingChange {
        PendingChange { [clock] _, _ throws(ConfigurationError) in
            guard let sku = TenantKey("sku-\(number)"), let usd = Currency("USD") else { throw .notFound }
            var product = Product(sku: sku, title: "\(number)", listPrice: Money(amount: 1, currency: usd))
            product.description = String(repeating: "x", count: bytes)
            return Commit.Step(
                changes: [.product(product)],
                audit: AuditDraft(at: clock.now(), actor: "test", action: "put", target: "\(number)", requestID: "r"))
        }
    }

    /// Runs `body` with the group that the first change leads while all others wait, in order; then who was left and who waits
    /// go next, as `next` are to be.
    private func inside(
        _ others: [PendingChange], next expected: [Int],
        _ body: (_ group: ChangeGroup, _ commit: Commit) throws -> Void
    ) async throws {
        guard case .leads(let first) = await turnstile.enter(tenant.id, change(0)) else {
            Issue.record("nobody is inside")
            return
        }
        try await withThrowingTaskGroup(of: [Int].self) { tasks in
            for (index, other) in others.enumerated() {
                tasks.addTask { [turnstile, tenant, clock] in
                    guard case .leads(let all) = await turnstile.enter(tenant.id, other) else { return [] }
                    defer { turnstile.leave(tenant.id) }
                    for member in all.dropFirst() { member.answer?.resume(returning: .led(.success(()))) }
                    let snapshot = TenantSnapshot(
                        TenantConfiguration(tenant: tenant, version: 1, products: [], experiments: [], keys: []))
                    return try all.map { try #require(Int($0.change.decide(snapshot, clock.now()).audit.target)) }
                }
                while turnstile.waiting(of: tenant.id) <= index { await Task.yield() }
            }
            let group = ChangeGroup(of: tenant.id, first, from: turnstile, in: directory, clock: clock)
            group.insist()
            let snapshot = try #require(directory[tenant.id])
            try body(group, try #require(group.decide(on: snapshot)))
            turnstile.leave(tenant.id, without: group.left)
            for (member, result) in group.outcomes.dropFirst() { member.answer?.resume(returning: .led(result)) }
            var next: [Int] = []
            for try await led in tasks { next += led }
            #expect(next == expected)
        }
    }

    private func targets(_ commit: Commit) -> [Int] { commit.steps.compactMap { Int($0.audit.target) } }

    @Test func `who waits joins a group that is decided on what others changed, as far as there is room, and once`()
        async throws
    {
        try await inside((1...70).map { change($0) }, next: Array(64...70)) { group, commit in
            #expect(targets(commit) == [0])
            let renewal = try #require(commit.renewal)
            let renewed = try #require(renewal(configuration(5), []))
            #expect(renewed.expectedVersion == 5)
            #expect(targets(renewed) == Array(0...63))
            #expect(directory[tenant.id]?.version == 5)
            // Nobody found room since, and nobody is decided twice.
            let again = try #require(renewal(configuration(6), []))
            #expect(targets(again) == Array(0...63))
            #expect(group.outcomes.count == 64 && group.left.isEmpty)
            group.publish()
            #expect(directory[tenant.id]?.version == 6 + 64)
            #expect(directory[tenant.id]?.catalogue.count == 64)
        }
    }

    @Test func `nobody joins where a reply turns out to be known, as nothing else was found`() async throws {
        try await inside([change(1)], next: [1]) { group, commit in
            let scope = ReplyScope(tenant: tenant.id, hash: Bits128(high: 0, low: 9))
            let known = SavedReply(
                scope: scope, bodyHash: Bits128(high: 0, low: 1), status: 201, sealedBody: [1], at: clock.now())
            let again = try #require(commit.renewal?(nil, [known]))
            #expect(targets(again) == [0])
            #expect(group.outcomes.count == 1)
        }
    }

    @Test func `who was part of a decision keeps its room, and who joins what is full goes first of the next`()
        async throws
    {
        let large = 700_000
        try await inside([change(1, bytes: large), change(2, bytes: large), change(3)], next: [2, 3]) { group, commit in
            let renewal = try #require(commit.renewal)
            for version in [5, 6] {
                let renewed = try #require(renewal(configuration(version), []))
                #expect(targets(renewed) == [0, 1])
                #expect(group.outcomes.count == 2 && group.left.count == 2)
            }
        }
    }
}
