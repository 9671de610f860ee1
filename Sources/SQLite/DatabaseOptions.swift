/// How a connection is opened. The defaults are those of a database that must not lose anything.
public struct DatabaseOptions: Sendable {
    /// How changes are made atomic.
    public enum Journal: String, Sendable {
        /// A write-ahead log: one writer beside many readers.
        case wal
        /// A rollback journal that is deleted at each commit.
        case delete
        /// As SQLite finds it; for connections that only read.
        case unchanged
    }

    /// When SQLite waits for the disk.
    public enum Synchronous: String, Sendable {
        /// Never: a power cut may lose commits and, without a log, the database.
        case off
        /// At checkpoints: a power cut may lose commits.
        case normal
        /// At each commit: what is committed stays.
        case full
        /// As `full`, and the directory too after a journal is deleted.
        case extra
    }

    /// Only read; the database must be there.
    public var isReadOnly = false
    /// The journal.
    public var journal = Journal.wal
    /// When SQLite waits for the disk.
    public var synchronous = Synchronous.full
    /// How long to wait for another connection's lock.
    public var busyTimeout = Duration.seconds(5)
    /// The page cache in KiB; nil for SQLite's default of 2,000.
    public var cacheKiB: Int?
    /// The size of a page, a power of two from 512 to 65,536; counts only when the file is made. Small pages make
    /// random writes cheap.
    public var pageBytes = 4096

    /// How many bytes of the file are read through the address space; 0 for none. An error of the
    /// disk is then a signal instead of an error.
    public var mappedBytes = 0
    /// Whether foreign keys are enforced.
    public var enforcesForeignKeys = true
    /// Whether the connection keeps its lock, so that no other one can open the file.
    public var locksExclusively = false
    /// How many pages the log grows before a commit carries them over into the database.
    public var checkpointPages = 1_000
    /// The virtual file system by name; nil for the operating system's.
    public var vfs: String?

    /// The defaults.
    public init() {}

    /// The defaults of a connection that reads beside a writer.
    public static var readOnly: DatabaseOptions {
        var options = DatabaseOptions()
        options.isReadOnly = true
        options.journal = .unchanged
        return options
    }
}
