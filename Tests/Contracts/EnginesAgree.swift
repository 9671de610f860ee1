import Experiments
import SeedSupport
import Storage
import Testing

/// The same story told to every engine must end in the same counts and the same answers, to the last bit.
@Suite struct EnginesAgree {
    private struct Trace: Equatable {
        var answers: [String] = []
        var cells: [CellKey: UnitSums] = [:]
        var units: [UnitRow] = []
        var audit: [AuditEntry] = []
        var usage = UsageRecords()
    }

    @Test(arguments: 1...8)
    func `a random story ends the same on every engine`(seed: UInt64) async throws {
        var traces: [Trace] = []
        for engine in Engine.allCases { traces.append(try await tell(seed: seed, on: engine)) }
        #expect(traces.dropFirst().allSatisfy { $0.cells == traces[0].cells })
        for (engine, trace) in zip(Engine.allCases, traces).dropFirst() {
            let firstDifference = zip(traces[0].answers, trace.answers).first { $0 != $1 }
            #expect(trace == traces[0], "\(engine): \(String(describing: firstDifference))")
        }
        #expect(!traces[0].cells.isEmpty)
    }

    private func tell(seed: UInt64, on engine: Engine) async throws -> Trace {
        var trace = Trace()
        try await World.with(engine, weights: [2, 1, 1]) { world, experiment in
            var random = Seeded(seed &* 0x9e37_79b9)
            var quotes: [Quote] = []
            var names: [QuoteID: Int] = [:]
            var sent: [EventDraft] = []
            for step in 0..<400 {
                world.clock.advance(by: .milliseconds(Int64.random(in: 0...600_000, using: &random)))
                let shopper = "s-\(Int.random(in: 0..<60, using: &random))"
                switch Int.random(in: 0..<20, using: &random) {
                case 0..<7:
                    let quote = try await world.quote(shopper, expose: Bool.random(using: &random))
                    quotes.append(quote)
                    // By the order of their first telling: how often the store is asked decides which ids are drawn.
                    let name = names[quote.id] ?? names.count
                    names[quote.id] = name
                    trace.answers.append("\(quote.price) \(quote.reason) \(quote.state) \(quote.issuedAt) \(name)")
                case 7..<14:
                    var event = world.event(
                        "e-\(step)",
                        ["conversion", "conversion", "exposure", "refund", "view", "checkout"].randomElement(
                            using: &random) ?? "",
                        shopper, after: .seconds(Int64.random(in: -90_000...500, using: &random)))
                    if Bool.random(using: &random), let quote = quotes.randomElement(using: &random) {
                        event.quote = quote.id.description
                        if Int.random(in: 0..<8, using: &random) > 0 { event.shopper = quote.shopper?.text }
                    }
                    if event.type == "refund" || Bool.random(using: &random) {
                        event.order = "o-\(Int.random(in: 0..<50, using: &random))"
                        event.revenue = Money(
                            amount: Int64.random(in: 0...5000, using: &random), currency: try #require(World.usd))
                    }
                    event.quantity = Int64.random(in: 1...3, using: &random)
                    sent.append(event)
                    let batch = (0..<3).compactMap { _ in sent.randomElement(using: &random) } + [event]
                    trace.answers.append("\(try await world.service.ingest(batch, in: try world.snapshot))")
                case 14:
                    let other = "s-\(Int.random(in: 0..<60, using: &random))"
                    let keys = try [shopper, other].map { try #require(TenantKey($0)) }
                    trace.answers.append(
                        "\(try await world.service.link(keys[0], keys[1], in: try world.snapshot, actor: "test", requestID: "r"))"
                    )
                case 15:
                    try await world.reweigh((0..<3).map { _ in Int.random(in: 1...9, using: &random) }, experiment)
                case 16:
                    let action: ExperimentAction = Bool.random(using: &random) ? .pause : .resume
                    do {
                        try await world.act(action, experiment)
                        trace.answers.append("\(action)")
                    } catch {
                        trace.answers.append("\(error)")
                    }
                case 17:
                    if let quote = quotes.randomElement(using: &random) {
                        let read = try await world.service.quote(quote.id, in: try world.snapshot)
                        trace.answers.append("\(String(describing: read?.state)) \(String(describing: read?.price))")
                        #expect(read?.price == quote.price)
                    }
                case 18:
                    // Often none, so that the story goes on.
                    try await world.limit(
                        Bool.random(using: &random) ? nil : Int.random(in: 0...60, using: &random))
                default:
                    let request = QuoteRequest(
                        shopper: try #require(TenantKey(shopper)), product: try #require(World.sku))
                    trace.answers.append("\(try await world.service.peek(request, in: try world.snapshot))")
                }
            }
            _ = try await world.sums(experiment)
            let store = world.service.store
            trace.cells = try #require(
                try await store.measurements(of: experiment, in: world.tenant, asOf: nil)
            ).cells
            trace.units = try await store.units(of: experiment, in: world.tenant, after: nil, limit: 1000)
            trace.usage = try await store.usage(of: world.tenant, on: 0..<Int32.max)
            trace.audit = try await store.audit(of: world.tenant, below: nil, limit: 1000)
        }
        return trace
    }
}
