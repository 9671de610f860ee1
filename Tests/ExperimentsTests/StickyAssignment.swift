import Experiments

/// What is remembered of a shopper in an experiment: GrowthBook's sticky bucket, one a unit.
struct StickyAssignment: Sendable, Hashable {
    /// The variant's key, which outlives its position.
    let variant: String
    /// The experiment's bucket version when the shopper was assigned.
    let version: Int

    /// A remembered assignment.
    init(variant: String, version: Int = 0) {
        self.variant = variant
        self.version = version
    }
}

/// Which remembered assignments still count: GrowthBook's `bucketVersion`, `minBucketVersion` and
/// `disableStickyBucketing`.
///
/// A price experiment keeps the default for life, since a raised version is a second price for a
/// shopper who has heard the first; the rest serves experiments taken over from GrowthBook.
struct StickyRule: Sendable, Hashable {
    /// The version under which shoppers are assigned now; only assignments of this version are kept to.
    let version: Int
    /// Shoppers assigned under an older version than this one leave the experiment.
    let minimumVersion: Int

    /// The rule of an experiment that never re-randomises.
    static let `default` = StickyRule(version: 0)

    /// A rule with versions.
    init(version: Int, minimumVersion: Int = 0) {
        self.version = version
        self.minimumVersion = minimumVersion
    }

    /// What the memory says.
    enum Finding: Equatable {
        case nothing
        case variant(Int)
        case blocked
    }

    /// GrowthBook SDK specification, "getStickyBucketVariation". A variant that no longer exists is as
    /// good as forgotten.
    func finding(in memory: [StickyAssignment], variants: [String]) -> Finding {
        if memory.contains(where: { $0.version < minimumVersion }) { return .blocked }
        guard let kept = memory.first(where: { $0.version == version }),
            let position = variants.firstIndex(of: kept.variant)
        else { return .nothing }
        return .variant(position)
    }
}
