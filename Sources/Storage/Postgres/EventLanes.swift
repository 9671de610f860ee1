internal import Experiments

/// How a batch of events is divided over its tenant's lanes: by the stripes of its shoppers, so that no part waits for
/// another's locks. A small batch is not divided, nor one that has an id twice, of which the first is to count.
struct EventLanes: Sendable {
    /// Of each lane, the places of its events in the batch; a lane without events is left out.
    let places: [[Int]]

    private static let count = 4
    private static let smallestDivided = 256

    init(_ events: [IncomingEvent]) {
        guard events.count >= Self.smallestDivided else {
            places = [Array(events.indices)]
            return
        }
        var places = [[Int]](repeating: [], count: Self.count)
        var ids: Set<Bits128> = []
        var isDivisible = true
        for (place, incoming) in events.enumerated() where isDivisible {
            switch incoming {
            case .event(let event, _, _):
                places[TurnLoad.stripe(of: event.subject) * Self.count / TurnLoad.stripes].append(place)
                isDivisible = ids.insert(event.id).inserted
            case .rejected(let id, _):
                places[0].append(place)
                if let id { isDivisible = ids.insert(id).inserted }
            }
        }
        self.places = isDivisible ? places.filter { !$0.isEmpty } : [Array(events.indices)]
    }

    func part(_ lane: Int, of events: [IncomingEvent]) -> [IncomingEvent] {
        places.count == 1 ? events : places[lane].map { events[$0] }
    }

    /// The parts' outcomes, in the batch's order.
    func joined(_ parts: [[EventOutcome]]) -> [EventOutcome] {
        zip(places, parts).flatMap { Array(zip($0, $1)) }.sorted { $0.0 < $1.0 }.map(\.1)
    }
}
