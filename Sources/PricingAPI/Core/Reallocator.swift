internal import Analysis
public import Experiments

/// Moves the weights of running experiments that are declared to follow what is learned.
///
/// Any number of processes may do so at the same time: the change is decided against the newest configuration, where only
/// the first finds it due. Each is an audit row and a phase.
public struct Reallocator: Sendable {
    private let service: PricingService

    public init(_ service: PricingService) { self.service = service }

    /// Does what is due for a tenant; returns how many experiments got other weights.
    public func run(_ tenant: TenantID) async throws(ConfigurationError) -> Int {
        guard let snapshot = service.snapshot(of: tenant) else { return 0 }
        let now = service.clock.now()
        var moved = 0
        for id in snapshot.experiments.keys.sorted() {
            guard let experiment = snapshot.experiments[id], experiment.isReallocationDue(at: now),
                let weights = try await weights(of: experiment, in: tenant),
                weights != experiment.variants.map(\.weight)
            else { continue }
            let isMoved = try await service.change(tenant, actor: "bandit", requestID: "") {
                snapshot, now throws(ConfigurationError) -> Decided<Bool> in
                guard let newest = snapshot.experiments[id] else { throw .notFound }
                guard newest.isReallocationDue(at: now) else {
                    throw .conflict(code: "not_due", detail: "Another process moved these weights already.")
                }
                do throws(ExperimentError) {
                    return Decided(
                        [.experiment(try newest.reweighed(weights, at: now))], action: "experiment.reallocate",
                        target: id.description, answer: true)
                } catch {
                    throw .experiment(error)
                }
            }
            if isMoved { moved += 1 }
        }
        return moved
    }

    private func weights(of experiment: Experiment, in tenant: TenantID) async throws(ConfigurationError) -> [Int]? {
        do throws(StoreError) {
            guard let counts = try await service.store.newestCounts(of: experiment.id, in: tenant) else { return nil }
            // Counts that contradict themselves move nothing; the report says what is wrong with them.
            return (try? Reallocation.weights(of: counts)) ?? nil
        } catch {
            throw .store(error)
        }
    }
}
