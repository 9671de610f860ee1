/// The versions of GrowthBook's `hash`. An experiment keeps the one it was created with.
public enum HashVersion: Int, Sendable, Hashable, CaseIterable {
    /// 1,000 buckets of `value + seed`. Biased when one shopper is in many experiments; kept for
    /// experiments and namespaces that came from elsewhere.
    case v1 = 1
    /// 10,000 buckets of `seed + value`, hashed twice. What our own experiments use.
    case v2 = 2

    /// How many buckets [0, 1) is divided into: every hash is k / `buckets`.
    public var buckets: Int {
        switch self {
        case .v1: 1_000
        case .v2: 10_000
        }
    }
}

/// Where in [0, 1) a shopper falls: the one place where chance enters a price experiment.
///
/// Pure, without clock, state or allocation; the same on every node and in every GrowthBook SDK that
/// hashes UTF-16 (see ``FNV1a``).
public enum Bucketing {
    /// GrowthBook SDK specification, "hash".
    ///
    /// - Parameters:
    ///   - seed: the experiment's salt. Experiments with equal seeds split shoppers alike.
    ///   - value: the unit's raw id.
    /// - Returns: k / `version.buckets`, in [0, 1).
    public static func hash(seed: String, value: String, version: HashVersion) -> Double {
        Seed(seed, version: version).unit(of: value)
    }

    /// A seed made ready: with version 2 the seed comes first, so its hash is computed once an
    /// experiment and each shopper costs only the length of the id.
    public struct Seed: Sendable, Equatable {
        /// The salt as given.
        public let text: String
        /// The version all units of this seed are hashed with.
        public let version: HashVersion
        private let prefix: FNV1a

        /// Prepares a seed.
        public init(_ text: String, version: HashVersion) {
            self.text = text
            self.version = version
            var prefix = FNV1a()
            if version == .v2 { prefix.combine(text) }
            self.prefix = prefix
        }

        /// The unit's place: k / `version.buckets`, in [0, 1).
        public func unit(of value: String) -> Double {
            Double(bucket(of: value)) / Double(version.buckets)
        }

        /// The unit's bucket, in 0 ..< `version.buckets`.
        public func bucket(of value: String) -> Int {
            var hash = prefix
            hash.combine(value)
            switch version {
            case .v1:
                hash.combine(text)
                return Int(hash.state % 1_000)
            case .v2:
                var second = FNV1a()
                second.combine(decimal: hash.state)
                return Int(second.state % 10_000)
            }
        }
    }
}
