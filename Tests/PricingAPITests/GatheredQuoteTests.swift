import EventLoop
import Experiments
import HTTPServer
import JSON
import PricingAPI
import Synchronization
import Testing

/// New shoppers who come in one turn of a loop.
@Suite struct GatheredQuoteTests {
    /// What these shoppers are answered, in order, all asking in one turn.
    private func atOnce(_ asking: [(shopper: String, shop: Shop)], _ world: World) async throws -> [Told] {
        let requests = try asking.map { shopper, shop in
            let body = #"{"shopper":"\#(shopper)","product":"sku-1"}"#
            return try Request(
                parsing: Array(
                    ("POST /api/v1/quotes HTTP/1.1\r\nHost: t\r\nAuthorization: Bearer \(shop.agent)\r\n"
                        + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8))
        }
        let replies: [Reply] = await withCheckedContinuation { continuation in
            let replies = Mutex([Reply?](repeating: nil, count: requests.count))
            @Sendable func take(_ reply: Reply, _ index: Int) {
                let all = replies.withLock { replies in
                    replies[index] = reply
                    return replies.compactMap { $0 }
                }
                if all.count == requests.count { continuation.resume(returning: all) }
            }
            world.loop.execute {
                for (index, request) in requests.enumerated() {
                    let reply = world.api.respond(to: request, on: world.loop)
                    if case .called(let begin) = reply { begin { take($0, index) } } else { take(reply, index) }
                }
            }
        }
        var told: [Told] = []
        for reply in replies { told.append(Told(await reply.response())) }
        return told
    }

    @Test func `who comes in one turn is asked for together, and each hears the price that is its own`() async throws {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        _ = try await shop.running()
        let names = (0..<600).map { "s-\($0 % 240)" }
        let told = try await atOnce(names.map { ($0, shop) }, shop.world)
        #expect(store.asked.withLock { $0 } == [250, 250, 100])
        var prices: [String: [Told]] = [:]
        for (name, one) in zip(names, told) {
            #expect(one.status == 200 && one["shopper"]?.string == name)
            prices[name, default: []].append(one)
        }
        #expect(Set(told.compactMap { $0["price", "amount"]?.int64 }) == [1999, 2499])
        for (name, heard) in prices {
            let again = try await shop.quote(name)
            #expect(heard.allSatisfy { $0["id"] == again["id"] && $0["price"] == again["price"] }, "\(name)")
        }
    }

    /// - Parameter isLate: whether the configuration had moved on, so that they are asked for anew.
    @Test(arguments: [false, true])
    func `one of whom nothing can be read does not keep the others from their prices`(isLate: Bool) async throws {
        let store = FailingStore()
        let shop = try await World(store: store).tenant()
        _ = try await shop.running()
        let snapshot = try #require(shop.world.service.tenants.first.flatMap { shop.world.service.snapshot(of: $0) })
        let unreadable = snapshot.subject(of: try #require(TenantKey("s-3")))
        store.unreadable.withLock { _ = $0.insert(unreadable) }
        store.isLate.withLock { $0 = isLate }
        let told = try await atOnce((0..<8).map { ("s-\($0)", shop) }, shop.world)
        #expect(told.map(\.status) == [200, 200, 200, 500, 200, 200, 200, 200])
        #expect(told[3]["code"] == "storage_corrupt")
        #expect(store.asked.withLock { $0 } == (isLate ? [8, 8] : [8]) + [Int](repeating: 1, count: 8))
    }

    @Test func `while the store is out of reach one looks for it and the others do not wait for that`() async throws {
        let store = FailingStore()
        let world = try await World(store: store)
        let shop = try await world.tenant()
        _ = try await shop.running()
        store.fail(with: .unreachable("gone"))
        #expect(try await shop.quote("first")["experiment", "reason"] == "fallback")
        store.fail(with: nil)
        store.hold()
        async let told = atOnce((0..<8).map { ("s-\($0)", shop) }, world)
        func fallbacks() -> Int { world.service.tally.sources.first { $0.name == "fallback" }?.count ?? 0 }
        for _ in 0..<5000 where store.waiting == 0 || fallbacks() < 8 { try await Task.sleep(for: .milliseconds(1)) }
        #expect(store.waiting == 1 && fallbacks() == 8)
        store.letGo()
        let reasons = try await told.map { $0["experiment", "reason"]?.string }
        #expect(reasons == ["split"] + [String](repeating: "fallback", count: 7))
        #expect(store.asked.withLock { $0 } == [1])
    }

    @Test func `shoppers of several tenants who come in one turn are not mixed up`() async throws {
        let store = FailingStore()
        let world = try await World(store: store)
        let (one, two) = (try await world.tenant("One"), try await world.tenant("Two"))
        _ = (try await one.running(), try await two.running())
        let asking = (0..<100).map { ("s-\($0 / 2)", $0 % 2 == 0 ? one : two) }
        let told = try await atOnce(asking, world)
        #expect(store.asked.withLock { $0 } == [50, 50])
        for ((shopper, shop), heard) in zip(asking, told) {
            let again = try await shop.quote(shopper)
            #expect(heard["id"] == again["id"] && heard["price"] == again["price"])
        }
    }
}
