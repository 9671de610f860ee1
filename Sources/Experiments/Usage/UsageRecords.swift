/// What of a tenant's use is recorded, for every day in UTC on which there was some.
public enum UsageType: String, Sendable, Hashable, CaseIterable, Comparable {
    /// Shoppers who were told the price of an experiment for the first time: what a tenant's limit is of. One shopper in
    /// two experiments is two.
    case assignments
    /// Events that were accepted, each once.
    case events

    public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// How much a tenant used, by type and day.
public struct UsageRecords: Sendable, Equatable {
    public struct Key: Sendable, Hashable, Comparable {
        public let type: UsageType
        /// Days since 1970-01-01.
        public let day: Int32

        public init(type: UsageType, day: Int32) {
            self.type = type
            self.day = day
        }

        public static func < (a: Self, b: Self) -> Bool { (a.type, a.day) < (b.type, b.day) }
    }

    public private(set) var counts: [Key: Int64] = [:]

    public init() {}

    public init(_ counts: [Key: Int64]) { self.counts = counts }

    /// Adds to a day; nothing of nothing, so that only what was used has a count.
    public mutating func add(_ type: UsageType, day: Int32, _ number: Int64 = 1) {
        if number == 0 { return }
        counts[Key(type: type, day: day), default: 0] += number
    }

    public func used(_ type: UsageType, on days: Range<Int32>) -> Int64 {
        counts.lazy.filter { $0.key.type == type && days.contains($0.key.day) }.map(\.value).reduce(0, +)
    }
}

extension Tenant {
    /// Whether it may have one more shopper assigned in the month, in UTC, of `time`. Whoever was assigned before keeps the
    /// price whatever this says.
    public func mayAssign(at time: Timestamp, after usage: UsageRecords) -> Bool {
        guard let usageLimit else { return true }
        return usage.used(.assignments, on: time.monthDays) < usageLimit
    }
}
