internal import EventLoop

/// Where the names of a cluster's nodes lead. The resolver may take its time, so it is asked beside the loop; numbers
/// need none.
///
/// `@unchecked Sendable`: belongs to its loop's thread.
final class NameBook: @unchecked Sendable {
    typealias Place = RedisAddress.Place

    private let loop: EventLoop
    private var known: [Place: [[UInt8]]] = [:]
    private var asked: Set<Place> = []
    private var resolver: WorkerPool?

    /// Resolves the seeds at once.
    ///
    /// - Throws: why none of them can be.
    init(_ seeds: [Place], on loop: EventLoop) throws(RedisError) {
        self.loop = loop
        var failure = RedisError.unavailable("no address")
        for seed in seeds {
            do throws(RedisError) {
                known[seed] = try Socket.resolve(seed)
            } catch {
                failure = error
            }
        }
        if known.isEmpty { throw failure }
    }

    deinit { resolver?.stop() }

    /// Nil as long as a name leads nowhere. Loop only.
    func addresses(of place: Place) -> [[UInt8]]? { known[place] ?? Socket.numeric(place) }

    /// Resolves those that are not known, and then goes on, on the loop. Loop only.
    func find(_ places: [Place], _ then: @escaping @Sendable () -> Void) {
        resolve(places.filter { addresses(of: $0) == nil }, then)
    }

    /// Resolves again those that have names, beside whatever goes on; what cannot be resolved stays as it was. Loop only.
    func renew(_ places: [Place]) {
        let names = places.filter { !asked.contains($0) && Socket.numeric($0) == nil }
        asked.formUnion(names)
        resolve(names) { [self] in asked.subtract(names) }
    }

    private func resolve(_ names: [Place], _ then: @escaping @Sendable () -> Void) {
        assert(loop.isCurrent)
        guard !names.isEmpty else { return then() }
        if resolver == nil { resolver = try? WorkerPool(threads: 1, label: "redis-names") }
        guard let resolver else { return then() }
        resolver.execute { [self] in
            let found = names.compactMap { name in (try? Socket.resolve(name)).map { (name, $0) } }
            loop.execute {
                for (name, addresses) in found { self.known[name] = addresses }
                then()
            }
        }
    }
}
