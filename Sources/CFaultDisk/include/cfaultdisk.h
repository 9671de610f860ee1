// A SQLite VFS, "faultdisk", on disks that live in memory and lose what real disks may lose.
//
// A path is "/DISK/file". Each file is what is durable plus the writes and truncations since its
// last fsync; a crash keeps a seeded choice of those, writes torn at sectors. Disks are independent
// of each other, so that seeds run in parallel in one process. Write-ahead logs work, with as many
// connections as wanted: their shared memory is on the heap.
//
// What is modelled: the first fsync of a created file makes its name durable and, with the
// directory, all deletions before it, as SQLite does on Unix; a deletion is durable at once if
// SQLite asks for that, and otherwise a crash may bring the file back; a failed fsync loses its
// writes for good though they still read back, as on Linux; a write leaves bytes beside it alone
// (powersafe overwrite), as SQLite assumes of every disk by default.
#pragma once
#include <stdint.h>

/// Registers the VFS; harmless when repeated. Returns SQLite's result code.
int faultdisk_register(void);

/// Puts an empty disk called `disk` in place; 0 if there is one already or no memory.
int faultdisk_create(const char *disk);
/// Takes the disk away; connections still open meet errors only.
void faultdisk_destroy(const char *disk);

/// The power fails: of what was not synced a choice by `seed` survives, open files go dead, and the
/// disk is sound again: nothing armed, no sync failing.
void faultdisk_crash(const char *disk, uint64_t seed);
/// The process dies, the machine does not: all that was written stays, open files go dead, nothing
/// is armed any more.
void faultdisk_kill(const char *disk);
/// The `n`-th write, sync, truncation or deletion from now, and every operation after it, fails with
/// SQLITE_IOERR. 0 disarms.
void faultdisk_arm(const char *disk, uint64_t n);
/// The `n`-th sync from now fails with SQLITE_IOERR_FSYNC, and its writes will never be durable.
void faultdisk_fail_sync(const char *disk, uint64_t n);
/// The disk holds at most `bytes`; more is SQLITE_FULL. Negative: as much as memory does.
void faultdisk_limit(const char *disk, int64_t bytes);
/// How many writes, syncs, truncations and deletions were asked for since the disk was created.
uint64_t faultdisk_operations(const char *disk);
/// How many bytes the files hold.
int64_t faultdisk_used(const char *disk);
