/// How an experiment splits shoppers whom it has not seen, in the terms of the GrowthBook SDK specification: whoever
/// evaluates this reaches the decision that `Quoter` reaches.
public struct PublishedSplit: Sendable {
    /// A condition on another place of the shopper: it must lie in the range.
    public struct Filter: Sendable, Equatable {
        public let seed: String
        public let version: HashVersion
        public let range: BucketRange
    }

    public let experiment: Experiment
    /// The salt of the place that the ranges are about; hashed with version 2.
    public let seed: String
    /// One piece of [0, 1) for each variant, in their order; coverage and ramp are in it.
    public let ranges: [BucketRange]
    /// The layer's part and what the holdout leaves.
    public let filters: [Filter]
}

extension CatalogueEntry {
    /// The experiments that take new shoppers for this product now, in the order in which they are asked.
    public func splits(at now: Timestamp) -> [PublishedSplit] {
        live.compactMap { live in
            let experiment = live.experiment
            guard experiment.status == .running, experiment.honoursPrices(at: now),
                let allocation = live.allocation(at: now)
            else { return nil }
            var filters: [PublishedSplit.Filter] = []
            if let layer = experiment.layer {
                filters.append(
                    PublishedSplit.Filter(
                        seed: "__" + layer.name, version: .v1, range: BucketRange(layer.from, layer.to)))
            }
            if experiment.holdout > 0 {
                filters.append(
                    PublishedSplit.Filter(
                        seed: live.holdoutSeed.text, version: .v2, range: BucketRange(experiment.holdout, 1)))
            }
            return PublishedSplit(
                experiment: experiment, seed: live.variantSeed.text, ranges: allocation.slices.map(\.range),
                filters: filters)
        }
    }
}

extension TenantSnapshot {
    /// The products that some experiment holds prices for now, in the order of their keys; nil when there are more than
    /// `limit`.
    public func productsUnderTest(at now: Timestamp, limit: Int) -> [CatalogueEntry]? {
        var found: [TenantKey: CatalogueEntry] = [:]
        for experiment in experiments.values where experiment.honoursPrices(at: now) {
            for sku in experiment.products { found[sku] = catalogue[sku] }
            if found.count > limit { return nil }
        }
        return found.values.sorted { $0.product.sku < $1.product.sku }
    }
}
