import Synchronization
import Testing

@testable import Experiments

@Suite struct RefreshingTests {
    /// A reading that begins, and ends when it is let.
    private final class Reader: Sendable {
        let refreshing = Refreshing()
        let tenant = TenantID(bits: Bits128(high: 1, low: 2))
        let failure: StoreError?
        let begun = AsyncStream.makeStream(of: Void.self)
        private let letGo = AsyncStream.makeStream(of: Void.self)
        private let counted = Mutex(0)

        init(failure: StoreError?) { self.failure = failure }

        var reads: Int { counted.withLock { $0 } }

        func end() { letGo.continuation.finish() }

        func ask() async -> StoreError? {
            do throws(StoreError) {
                try await refreshing.once(tenant) { () throws(StoreError) in
                    counted.withLock { $0 += 1 }
                    begun.continuation.yield()
                    for await _ in letGo.stream {}
                    if let failure { throw failure }
                }
                return nil
            } catch {
                return error
            }
        }
    }

    @Test(arguments: [nil, StoreError.unreachable("gone")])
    func `one reads for all who ask meanwhile, and all hear how it ended`(failure: StoreError?) async {
        let reader = Reader(failure: failure)
        let first = Task { await reader.ask() }
        for await _ in reader.begun.stream { break }
        let others = (0..<50).map { _ in Task { await reader.ask() } }
        while reader.refreshing.waiting(for: reader.tenant) < others.count { await Task.yield() }
        reader.end()
        for asker in others + [first] { #expect(await asker.value == failure) }
        #expect(reader.reads == 1)
        #expect(await reader.ask() == failure)
        #expect(reader.reads == 2, "whoever comes later reads anew")
    }
}
