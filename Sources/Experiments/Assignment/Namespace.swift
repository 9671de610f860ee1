/// A layer: experiments that share a namespace but not a part of it never meet in one shopper.
///
/// The split of a namespace is independent of the split of the experiments in it, as its seed is its own.
public struct Namespace: Sendable, Equatable {
    private let seed: Bucketing.Seed
    private let ranges: [BucketRange]

    /// GrowthBook SDK specification, "inNamespace": version 1 of the hash, seeded with `__` and the name.
    public init(_ name: String, from start: Double, to end: Double) {
        seed = Bucketing.Seed("__" + name, version: .v1)
        ranges = [BucketRange(start, end)]
    }

    /// GrowthBook SDK specification, "Filter": the newer form, with a free seed, several ranges and
    /// version 2 unless said otherwise.
    public init(seed: String, ranges: [BucketRange], version: HashVersion = .v2) {
        self.seed = Bucketing.Seed(seed, version: version)
        self.ranges = ranges
    }

    /// Whether the unit is in this part of the layer.
    public func contains(_ unit: String) -> Bool {
        let place = seed.unit(of: unit)
        return ranges.contains { $0.contains(place) }
    }
}
