public import Crypto
public import Experiments
public import Postgres

/// Where a transfer reads or writes.
public enum TransferLocation: Sendable {
    /// The path of a SQLite file.
    case sqlite(path: String)
    case postgres(PostgresConfiguration)
}

/// Which end of a transfer something is about.
public enum TransferSide: Sendable {
    case source, target
}

/// Why a transfer was not begun or did not come to its end. What was copied stays; beginning again goes on from there.
public enum TransferError: Error, Equatable {
    /// The target is none, or not of this source; a sentence for people.
    case refused(String)
    /// One of the engines failed.
    case failed(TransferSide, StoreError)
}

/// How far a transfer has come.
public struct TransferProgress: Sendable, Equatable {
    public enum Phase: String, Sendable {
        case copying, checking, recounting
    }

    public let phase: Phase
    /// What is worked on: a table, or an experiment's id.
    public let subject: String
    /// Rows done, those of earlier runs among them; experiments when recounting.
    public let done: Int64
    /// Rows in all.
    public let total: Int64
    /// Rows that earlier runs had done.
    public let before: Int64

    public init(phase: Phase, subject: String, done: Int64, total: Int64, before: Int64) {
        self.phase = phase
        self.subject = subject
        self.done = done
        self.total = total
        self.before = before
    }
}

/// What both ends hold, found equal or not.
public struct TransferReport: Sendable {
    /// One table over all tenants.
    public struct Table: Sendable, Equatable {
        public let name: String
        public internal(set) var sourceRows: Int64 = 0
        public internal(set) var targetRows: Int64 = 0
        /// Digest of all rows as canonical bytes, tenant by tenant in the order of their keys.
        public internal(set) var sourceDigest = SHA256().finished()
        public internal(set) var targetDigest = SHA256().finished()

        public var isEqual: Bool { sourceRows == targetRows && sourceDigest == targetDigest }
    }

    /// Rows that this run copied.
    public internal(set) var copied: Int64 = 0
    public internal(set) var tenants = 0
    public internal(set) var tables: [Table] = []
    /// The first row that is not the same on both ends, by its table, tenant and key.
    public internal(set) var firstDifference: String?
    /// Tenants whose audit chain is intact on the target.
    public internal(set) var auditChains = 0
    /// The first audit row of the target that does not follow from the one before.
    public internal(set) var brokenAudit: String?
    /// Experiments whose sums, made anew from the events that the target has, are those of the source.
    public internal(set) var recounted = 0
    /// Archived experiments: their counts stand, whatever events came later, and are compared as rows only.
    public internal(set) var archived = 0
    /// The first experiment whose sums are not.
    public internal(set) var wrongCounts: String?

    /// Whether nothing differs.
    public var isVerified: Bool {
        firstDifference == nil && brokenAudit == nil && wrongCounts == nil && tables.allSatisfy(\.isEqual)
    }
}
