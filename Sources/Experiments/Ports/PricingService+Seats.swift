/// Shoppers whom another process told a price while the store was out of its reach, and whom the store does not have yet.
///
/// Such a price is the hash's, by weights that never changed, and was claimed in the cache (`PricingService+Degraded`). Once the
/// weights have changed the shopper would be seated by others: so the cache is asked about every product of the experiment, and
/// where it knows the shopper that is its variant.
extension PricingService {
    /// An experiment with more products is nobody's without the store.
    static let mostProductsByHash = 20

    /// Where each shopper sits by what the cache has, in order.
    ///
    /// - Parameter asked: shoppers, each with the experiments that might take it.
    func seats(
        of asked: [(subject: Subject, experiments: [ExperimentID])], in snapshot: TenantSnapshot
    ) async -> [Offer.Placement?] {
        let places = asked.map { subject, experiments in
            experiments.compactMap { snapshot.experiments[$0] }.filter(\.mayHaveBeenToldByOtherWeights)
                .flatMap(\.products).map { CachedPlace(subject: subject, product: $0) }
        }
        guard let cache, places.contains(where: { !$0.isEmpty }),
            let found = await cache.find(places.flatMap { $0 }, in: snapshot)
        else { return asked.map { _ in nil } }
        var rest = found[...]
        return zip(asked, places).map { one, places in
            let own = rest.prefix(places.count)
            rest = rest.dropFirst(places.count)
            return own.lazy.compactMap(\.offer?.placement).first { one.experiments.contains($0.experiment) }
        }
    }
}

extension Experiment {
    /// Whether a process may have told prices by the hash that are not those of the weights now.
    var mayHaveBeenToldByOtherWeights: Bool {
        phases.count > 1 && products.count <= PricingService.mostProductsByHash
    }
}

extension TenantSnapshot {
    /// Whether weights that had never changed in an older configuration have since: then whoever was looked for there may have
    /// been told a price by the hash afterwards that is not the one decided on here.
    func isReweighed(_ id: ExperimentID, since older: TenantSnapshot) -> Bool {
        func isChanged(_ snapshot: TenantSnapshot) -> Bool { (snapshot.experiments[id]?.phases.count ?? 0) > 1 }
        return isChanged(self) && !isChanged(older)
    }
}
