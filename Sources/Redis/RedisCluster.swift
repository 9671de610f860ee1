internal import EventLoop

/// A Redis Cluster: sends each command to the master of its slot, and follows the slots when they move.
///
/// `@unchecked Sendable`: belongs to its loop's thread.
final class RedisCluster: @unchecked Sendable {
    typealias Place = RedisAddress.Place

    /// A command on its way, perhaps over several nodes.
    private struct Attempt {
        let command: RedisCommand
        /// Nil if any node will do.
        let slot: HashSlot?
        let deadline: MonotonicInstant
        let completion: RedisConnection.Completion
        /// How often it was sent on.
        var hops = 0
    }

    /// A command that waits until the slots are known.
    private struct Parked {
        let attempt: Attempt
        /// Who could not be reached: it is not sent there again.
        let unreachable: Place?
        let error: RedisError
        let timer: EventLoop.TimerID
    }

    private let loop: EventLoop
    private let limits: RedisClient.Limits
    private let greeting: [RedisCommand]
    private let seeds: [Place]
    private let names: NameBook
    private var nodes: [Place: RedisNode] = [:]
    private var map: SlotMap?
    private var turn: UInt = 0

    private var parked: [UInt64: Parked] = [:]
    private var lastParked: UInt64 = 0
    private var isRefreshing = false
    private var nextRefresh = MonotonicInstant(nanoseconds: 0)
    /// Why the slots could not be learned the last time.
    private var failure: RedisError?

    private static let mostHops = 5
    /// The least time from asking for the slots to asking again.
    private static let refreshPause: UInt64 = 100_000_000

    /// Resolves the seeds; connects to nothing yet.
    init(_ address: RedisAddress, on loop: EventLoop, limits: RedisClient.Limits) throws(RedisError) {
        self.loop = loop
        self.limits = limits
        greeting = address.greeting
        seeds = address.places
        names = try NameBook(seeds, on: loop)
    }

    // MARK: Commands

    func submit(
        _ command: RedisCommand, until deadline: MonotonicInstant, _ completion: @escaping RedisConnection.Completion
    ) {
        assert(loop.isCurrent)
        do throws(RedisError) {
            send(Attempt(command: command, slot: try command.slot, deadline: deadline, completion: completion))
        } catch {
            completion(.failure(error))
        }
    }

    func flush() {
        for node in nodes.values { node.flush() }
    }

    func disconnect() {
        for node in nodes.values { node.disconnect() }
    }

    /// Sends it where the map says.
    private func send(_ attempt: Attempt) {
        guard let map else {
            let error = failure ?? .unavailable("the cluster's slots are not known")
            // Who comes after a failure does not wait for the next try.
            if failure == nil { return park(attempt, because: error) }
            refresh()
            return attempt.completion(.failure(error))
        }
        guard let place = map.owner(of: attempt.slot, turn: turn), let node = node(at: place) else {
            refresh()
            return attempt.completion(.failure(.unavailable("no node is known to serve the key's slot")))
        }
        if attempt.slot == nil { turn &+= 1 }
        send(attempt, to: node)
    }

    private func send(_ attempt: Attempt, to node: RedisNode, asking: Bool = false) {
        node.submit(attempt.command, asking: asking, until: attempt.deadline) { [self] result in
            answered(attempt, by: node, result)
        }
    }

    private func answered(_ attempt: Attempt, by node: RedisNode, _ result: Result<RedisValue, RedisError>) {
        switch result {
        case .success: attempt.completion(result)
        case .failure(.refused(let text)):
            guard let redirection = Redirection(text, from: node.place) else { return attempt.completion(result) }
            follow(redirection, attempt, by: node, text)
        case .failure(.unavailable(let reason)) where !node.isAvoided:
            // It was not sent: whoever has taken the place of a node that is gone may have it.
            park(attempt, because: .unavailable(reason), unreachable: node.place)
        case .failure:
            refresh(after: node.place)
            attempt.completion(result)
        }
    }

    private func follow(_ redirection: Redirection, _ attempt: Attempt, by node: RedisNode, _ text: String) {
        var attempt = attempt
        attempt.hops += 1
        guard attempt.hops <= Self.mostHops else {
            return attempt.completion(.failure(.unavailable("sent on too often: \(text)")))
        }
        guard MonotonicInstant.read() < attempt.deadline else { return attempt.completion(.failure(.timedOut)) }
        switch redirection {
        case .notNow:
            refresh()
            attempt.completion(.failure(.unavailable(text)))
        case .moved(let slot, let place):
            guard let place, let next = self.node(at: place) else {
                return park(attempt, because: .unavailable(text), unreachable: node.place)
            }
            map?.assign(slot, to: place)
            send(attempt, to: next)
            refresh(asking: place)
        case .ask(let place):
            guard let place, let next = self.node(at: place) else {
                return park(attempt, because: .unavailable(text), unreachable: node.place)
            }
            send(attempt, to: next, asking: true)
        }
    }

    /// The node of a place, made when first needed; nil while its name leads nowhere.
    private func node(at place: Place) -> RedisNode? {
        if let node = nodes[place] { return node }
        guard names.addresses(of: place) != nil else { return nil }
        let node = RedisNode(
            place, at: { [names] in names.addresses(of: place) ?? [] }, greeting: greeting, on: loop, limits: limits)
        nodes[place] = node
        return node
    }

    // MARK: Waiting for the slots

    /// Lets it wait for the slots to be learned, but not beyond its time.
    ///
    /// - Parameters:
    ///   - error: what it is told if that does not help.
    ///   - place: who could not be reached.
    private func park(_ attempt: Attempt, because error: RedisError, unreachable place: Place? = nil) {
        guard isRefreshing || loop.now >= nextRefresh, parked.count < limits.mostWaiting,
            attempt.hops < Self.mostHops
        else { return attempt.completion(.failure(error)) }
        lastParked += 1
        let id = lastParked
        let timer = loop.schedule(at: attempt.deadline) { [weak self] in
            self?.parked.removeValue(forKey: id)?.attempt.completion(.failure(.timedOut))
        }
        parked[id] = Parked(attempt: attempt, unreachable: place, error: error, timer: timer)
        refresh(after: place)
    }

    private func release() {
        let released = parked.sorted { $0.key < $1.key }.map(\.value)
        parked = [:]
        for waiting in released {
            loop.cancel(waiting.timer)
            var attempt = waiting.attempt
            if waiting.unreachable != nil { attempt.hops += 1 }
            let owner = map?.owner(of: attempt.slot, turn: turn)
            if owner == nil || owner == waiting.unreachable {
                attempt.completion(.failure(failure ?? waiting.error))
            } else {
                send(attempt)
            }
        }
    }

    // MARK: Learning the slots

    /// Asks for the slots, unless somebody is being asked or was just now.
    ///
    /// - Parameters:
    ///   - first: who is likely to know.
    ///   - last: who is likely not to answer.
    private func refresh(asking first: Place? = nil, after last: Place? = nil) {
        guard !isRefreshing, loop.now >= nextRefresh else { return }
        isRefreshing = true
        nextRefresh = loop.now.advanced(byNanoseconds: Self.refreshPause)
        turn &+= 1
        let known = map?.places ?? []
        let start = known.isEmpty ? 0 : Int(turn % UInt(known.count))
        var candidates = Array(known[start...] + known[..<start])
        candidates += seeds.filter { !candidates.contains($0) }
        if let first {
            candidates.removeAll { $0 == first }
            candidates.insert(first, at: 0)
        }
        if let last, candidates.contains(last) {
            candidates.removeAll { $0 == last }
            candidates.append(last)
        }
        ask(candidates[...], failing: .unavailable("no node of the cluster answers"))
    }

    private func ask(_ candidates: ArraySlice<Place>, failing error: RedisError) {
        guard let place = candidates.first else { return gaveUp(error) }
        let rest = candidates.dropFirst()
        guard let node = node(at: place) else { return ask(rest, failing: error) }
        let deadline = MonotonicInstant.read().advanced(byNanoseconds: limits.command.wholeNanoseconds)
        node.submit(RedisCommand("CLUSTER", "SLOTS"), until: deadline) { [self] result in
            do throws(RedisError) {
                learn(try SlotMap(try result.get(), from: place))
            } catch {
                ask(rest, failing: .unavailable("no node of the cluster tells its slots: \(place): \(error)"))
            }
        }
    }

    private func gaveUp(_ error: RedisError) {
        failure = error
        names.renew(seeds)
        isRefreshing = false
        release()
    }

    private func learn(_ learned: SlotMap) {
        names.find(learned.places) { [self] in
            map = learned
            failure = nil
            for (place, node) in nodes where !learned.places.contains(place) {
                nodes[place] = nil
                node.retire()
            }
            // What has a name and cannot be reached may be somewhere else by now.
            names.renew(nodes.values.filter(\.isAvoided).map(\.place))
            isRefreshing = false
            release()
        }
    }
}
