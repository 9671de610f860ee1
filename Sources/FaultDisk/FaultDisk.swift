import CFaultDisk

/// A disk in memory for SQLite that loses what a real disk may lose, when it is told to.
///
/// For simulations and tests. A database on it is opened with `vfs` and a path of `path(_:)`:
///
///     let disk = FaultDisk(name: "seed-42")
///     var options = DatabaseOptions()
///     options.vfs = FaultDisk.vfs
///     let database = try Database(path: disk.path("cournot.db"), options: options)
///     disk.arm(after: 17)
///     … work until an error of kind io …
///     disk.crash(seed: 42)
///     … open again and look …
///
/// After `crash` and `kill` the connections that were open are dead: they meet errors, and change
/// nothing when they are closed. Disks are independent; one disk may be used from many threads.
public final class FaultDisk: Sendable {
    /// The name SQLite knows this file system by.
    public static let vfs = "faultdisk"

    /// The disk's name, no other disk's.
    public let name: String

    /// An empty disk. A name that is taken or holds a slash is a bug of the caller's.
    public init(name: String) {
        precondition(!name.isEmpty && !name.utf8.contains(UInt8(ascii: "/")), "a disk's name is part of a path")
        precondition(faultdisk_register() == 0, "SQLite takes no further file system")
        precondition(unsafe faultdisk_create(name) == 1, "there is a disk called \(name) already")
        self.name = name
    }

    deinit {
        unsafe faultdisk_destroy(name)
    }

    /// The path of a file on this disk.
    public func path(_ file: String) -> String { "/\(name)/\(file)" }

    /// The power fails: of what was not synced, a choice by `seed` survives, torn at sectors of 512
    /// bytes. The disk is sound afterwards.
    public func crash(seed: UInt64) { unsafe faultdisk_crash(name, seed) }

    /// The process dies but the machine does not: all that was written stays.
    public func kill() { unsafe faultdisk_kill(name) }

    /// The next `count` writes, syncs, truncations and deletions succeed; the one after them fails,
    /// and so does all else, until `crash`, `kill` or `disarm`.
    public func arm(after count: UInt64) { unsafe faultdisk_arm(name, count + 1) }

    /// Takes `arm` back.
    public func disarm() { unsafe faultdisk_arm(name, 0) }

    /// After `count` more syncs, one fails. What it should have made durable never will be, though it
    /// still reads back, as on Linux.
    public func failSync(after count: UInt64) { unsafe faultdisk_fail_sync(name, count + 1) }

    /// The disk holds at most `bytes` from now on; nil for no limit.
    public func limit(bytes: Int64?) { unsafe faultdisk_limit(name, bytes ?? -1) }

    /// How many writes, syncs, truncations and deletions were asked for so far.
    public var operations: UInt64 { unsafe faultdisk_operations(name) }

    /// How many bytes the files hold.
    public var usedBytes: Int64 { unsafe faultdisk_used(name) }
}
