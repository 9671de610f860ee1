#include "include/cfaultdisk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

enum { SECTOR = 512, REGIONS = 64 };

/// Bytes that grow.
typedef struct {
    uint8_t *bytes;
    int64_t count, capacity;
} content;

/// A write, or with `bytes` null a truncation to `offset`, that is not durable yet.
typedef struct change {
    struct change *next;
    int64_t offset, count;
    uint8_t bytes[];
} change;

/// The shared memory of a write-ahead log's index.
typedef struct {
    int references;
    void *region[REGIONS];
    int shared[SQLITE_SHM_NLOCK];
    struct handle *exclusive[SQLITE_SHM_NLOCK];
} shared_memory;

typedef struct file {
    struct file *next;
    char *name;
    int references;  // open handles, and one for the disk's list
    int is_deleted;  // gone, but a crash may bring it back
    int is_durable;  // its name survives a crash
    content now, durable;
    change *first, **last;
    int shared;  // connections with SQLITE_LOCK_SHARED or more
    struct handle *reserved, *pending, *exclusive;
    shared_memory *memory;
} file;

typedef struct disk {
    struct disk *next;
    char *name;
    int references;  // open handles, and one for the registry
    pthread_mutex_t lock;
    file *files;
    uint64_t generation, operations;
    uint64_t armed, sync_armed;  // operations until failure, counting the failing one; 0: none
    int is_dead;
    int64_t limit, used;
} disk;

typedef struct handle {
    sqlite3_file base;
    disk *disk;
    file *file;
    shared_memory *memory;
    uint64_t generation;
    int level, delete_on_close;
    unsigned shared_slots, exclusive_slots;
} handle;

static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static disk *registry;

// MARK: Content

static int reserve(content *c, int64_t count) {
    if (count <= c->capacity) return 1;
    int64_t capacity = c->capacity ? c->capacity : 4096;
    while (capacity < count) capacity *= 2;
    uint8_t *bytes = realloc(c->bytes, (size_t)capacity);
    if (!bytes) return 0;
    c->bytes = bytes;
    c->capacity = capacity;
    return 1;
}

static int put(content *c, int64_t offset, const uint8_t *bytes, int64_t count) {
    if (!reserve(c, offset + count)) return 0;
    if (offset > c->count) memset(c->bytes + c->count, 0, (size_t)(offset - c->count));
    memcpy(c->bytes + offset, bytes, (size_t)count);
    if (offset + count > c->count) c->count = offset + count;
    return 1;
}

static void cut(content *c, int64_t count) {
    if (count < c->count) c->count = count;
}

// MARK: Files

static file *find(disk *d, const char *name) {
    for (file *f = d->files; f; f = f->next)
        if (!f->is_deleted && strcmp(f->name, name) == 0) return f;
    return NULL;
}

static void forget_changes(file *f) {
    for (change *c = f->first; c;) {
        change *next = c->next;
        free(c);
        c = next;
    }
    f->first = NULL;
    f->last = &f->first;
}

static void release_file(file *f) {
    if (--f->references > 0) return;
    forget_changes(f);
    free(f->now.bytes);
    free(f->durable.bytes);
    free(f->name);
    free(f);
}

static void unlist(disk *d, file *f) {
    for (file **at = &d->files; *at; at = &(*at)->next) {
        if (*at != f) continue;
        *at = f->next;
        release_file(f);
        return;
    }
}

static file *make(disk *d, const char *name) {
    for (file *f = d->files; f; f = f->next) {
        if (!f->is_deleted || strcmp(f->name, name) != 0) continue;
        unlist(d, f);  // its successor takes the name
        break;
    }
    file *f = calloc(1, sizeof *f);
    char *copy = strdup(name);
    if (!f || !copy) {
        free(f);
        free(copy);
        return NULL;
    }
    f->name = copy;
    f->references = 1;
    f->last = &f->first;
    f->next = d->files;
    d->files = f;
    return f;
}

/// Records what was just done to `f->now`; with `bytes` null a truncation.
static int record(file *f, int64_t offset, const void *bytes, int64_t count) {
    change *c = malloc(sizeof *c + (size_t)(bytes ? count : 0));
    if (!c) return 0;
    c->next = NULL;
    c->offset = offset;
    c->count = bytes ? count : -1;
    if (bytes) memcpy(c->bytes, bytes, (size_t)count);
    *f->last = c;
    f->last = &c->next;
    return 1;
}

static int apply(content *to, const change *c) {
    if (c->count >= 0) return put(to, c->offset, c->bytes, c->count);
    cut(to, c->offset);
    return 1;
}

// MARK: Disks

static void release_disk(disk *d) {
    // Called with the registry locked.
    if (--d->references > 0) return;
    pthread_mutex_destroy(&d->lock);
    free(d->name);
    free(d);
}

/// Finds a disk by name and takes a reference; the name ends at a slash or a zero.
static disk *disk_named(const char *name) {
    disk *found = NULL;
    size_t count = strcspn(name, "/");
    pthread_mutex_lock(&registry_lock);
    for (disk *d = registry; d && !found; d = d->next)
        if (strlen(d->name) == count && strncmp(d->name, name, count) == 0) found = d;
    if (found) found->references++;
    pthread_mutex_unlock(&registry_lock);
    return found;
}

static void let_go(disk *d) {
    pthread_mutex_lock(&registry_lock);
    release_disk(d);
    pthread_mutex_unlock(&registry_lock);
}

static disk *enter(const char *name) {
    disk *d = disk_named(name);
    if (d) pthread_mutex_lock(&d->lock);
    return d;
}

static void leave(disk *d) {
    pthread_mutex_unlock(&d->lock);
    let_go(d);
}

int faultdisk_create(const char *name) {
    disk *there = disk_named(name), *d = there ? NULL : calloc(1, sizeof *d);
    if (there) let_go(there);
    char *copy = d ? strdup(name) : NULL;
    if (!copy) {
        free(d);
        return 0;
    }
    d->name = copy;
    d->references = 1;
    d->limit = -1;
    pthread_mutex_init(&d->lock, NULL);
    pthread_mutex_lock(&registry_lock);
    d->next = registry;
    registry = d;
    pthread_mutex_unlock(&registry_lock);
    return 1;
}

/// The locks and the memory of the processes that are gone.
static void bury(disk *d) {
    d->generation++;
    d->armed = d->sync_armed = 0;
    d->is_dead = 0;
    for (file *f = d->files; f; f = f->next) {
        f->shared = 0;
        f->reserved = f->pending = f->exclusive = NULL;
        f->memory = NULL;  // freed by the last dead handle that still maps it
    }
}

void faultdisk_destroy(const char *name) {
    disk *d = enter(name);
    if (!d) return;
    bury(d);
    d->is_dead = 1;
    while (d->files) unlist(d, d->files);
    pthread_mutex_unlock(&d->lock);
    pthread_mutex_lock(&registry_lock);
    for (disk **at = &registry; *at; at = &(*at)->next) {
        if (*at != d) continue;
        *at = d->next;
        release_disk(d);
        break;
    }
    release_disk(d);
    pthread_mutex_unlock(&registry_lock);
}

static uint64_t draw(uint64_t *state) {  // SplitMix64
    uint64_t z = *state += 0x9E3779B97F4A7C15ull;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}

/// Of a write only some sectors reach the disk.
static void apply_torn(content *to, const change *c, uint64_t *random) {
    if (c->count < 0) return;
    for (int64_t at = 0; at < c->count;) {
        int64_t end = ((c->offset + at) / SECTOR + 1) * SECTOR - c->offset;
        if (end > c->count) end = c->count;
        if (draw(random) & 1) put(to, c->offset + at, c->bytes + at, end - at);
        at = end;
    }
}

static void lose(file *f, uint64_t *random) {
    int64_t pending = 0, index = 0;
    for (change *c = f->first; c; c = c->next) pending++;
    uint64_t way = draw(random) % 4;
    int64_t prefix = pending ? (int64_t)(draw(random) % (uint64_t)pending) : 0;
    for (change *c = f->first; c; c = c->next, index++) {
        switch (way) {
        case 0: break;                        // nothing survives
        case 1: apply(&f->durable, c); break;  // everything
        case 2:                               // a prefix, its last write torn
            if (index < prefix) apply(&f->durable, c);
            if (index == prefix) apply_torn(&f->durable, c, random);
            break;
        default:  // any of them, in any condition
            switch (draw(random) % 4) {
            case 0: break;
            case 1: apply_torn(&f->durable, c, random); break;
            default: apply(&f->durable, c); break;
            }
        }
    }
    forget_changes(f);
    f->now.count = 0;
    put(&f->now, 0, f->durable.bytes ? f->durable.bytes : (const uint8_t *)"", f->durable.count);
}

void faultdisk_crash(const char *name, uint64_t seed) {
    disk *d = enter(name);
    if (!d) return;
    bury(d);
    d->used = 0;
    for (file *f = d->files, *next; f; f = next) {
        next = f->next;
        uint64_t random = seed;
        for (const char *c = f->name; *c; c++) random = (random ^ (uint8_t)*c) * 0x100000001B3ull;
        if (f->is_deleted && draw(&random) & 1) f->is_deleted = 0;
        if (!f->is_durable && draw(&random) & 1) f->is_deleted = 1;
        if (f->is_deleted) {
            unlist(d, f);
            continue;
        }
        f->is_durable = 1;
        lose(f, &random);
        d->used += f->now.count;
    }
    leave(d);
}

void faultdisk_kill(const char *name) {
    disk *d = enter(name);
    if (!d) return;
    bury(d);
    leave(d);
}

void faultdisk_arm(const char *name, uint64_t n) {
    disk *d = enter(name);
    if (!d) return;
    d->armed = n;
    if (n == 0) d->is_dead = 0;
    leave(d);
}

void faultdisk_fail_sync(const char *name, uint64_t n) {
    disk *d = enter(name);
    if (!d) return;
    d->sync_armed = n;
    leave(d);
}

void faultdisk_limit(const char *name, int64_t bytes) {
    disk *d = enter(name);
    if (!d) return;
    d->limit = bytes;
    leave(d);
}

uint64_t faultdisk_operations(const char *name) {
    disk *d = enter(name);
    uint64_t operations = d ? d->operations : 0;
    if (d) leave(d);
    return operations;
}

int64_t faultdisk_used(const char *name) {
    disk *d = enter(name);
    int64_t used = d ? d->used : 0;
    if (d) leave(d);
    return used;
}

// MARK: Operations on an open file. Each enters with `begin` and leaves with `end`.

static int begin(handle *h) {
    pthread_mutex_lock(&h->disk->lock);
    return !h->disk->is_dead && h->generation == h->disk->generation;
}

static int end(handle *h, int code) {
    pthread_mutex_unlock(&h->disk->lock);
    return code;
}

/// Counts an operation that changes the disk; 0 if this is the one at which the process dies.
static int survives(disk *d) {
    d->operations++;
    if (d->is_dead) return 0;
    if (d->armed && --d->armed == 0) d->is_dead = 1;
    return !d->is_dead;
}

static void leave_memory(handle *h) {
    shared_memory *m = h->memory;
    if (!m) return;
    for (int i = 0; i < SQLITE_SHM_NLOCK; i++) {
        if (h->shared_slots & 1u << i) m->shared[i]--;
        if (h->exclusive_slots & 1u << i) m->exclusive[i] = NULL;
    }
    h->shared_slots = h->exclusive_slots = 0;
    h->memory = NULL;
    if (--m->references > 0) return;
    if (h->file->memory == m) h->file->memory = NULL;
    for (int i = 0; i < REGIONS; i++) free(m->region[i]);
    free(m);
}

static void step_down(handle *h, int level) {
    file *f = h->file;
    if (h->generation == h->disk->generation) {
        if (f->reserved == h) f->reserved = NULL;
        if (f->pending == h) f->pending = NULL;
        if (f->exclusive == h) f->exclusive = NULL;
        if (level == SQLITE_LOCK_NONE && h->level >= SQLITE_LOCK_SHARED) f->shared--;
    }
    h->level = level;
}

static int file_close(sqlite3_file *base) {
    handle *h = (handle *)base;
    disk *d = h->disk;
    pthread_mutex_lock(&d->lock);
    leave_memory(h);
    step_down(h, SQLITE_LOCK_NONE);
    if (h->delete_on_close && h->generation == d->generation) {
        d->used -= h->file->now.count;
        unlist(d, h->file);
    }
    release_file(h->file);
    pthread_mutex_unlock(&d->lock);
    let_go(d);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
    handle *h = (handle *)base;
    if (!begin(h)) return end(h, SQLITE_IOERR_READ);
    content *c = &h->file->now;
    int64_t there = c->count - offset;
    if (there >= count) {
        memcpy(bytes, c->bytes + offset, (size_t)count);
        return end(h, SQLITE_OK);
    }
    if (there < 0) there = 0;
    if (there > 0) memcpy(bytes, c->bytes + offset, (size_t)there);
    memset((uint8_t *)bytes + there, 0, (size_t)(count - there));
    return end(h, SQLITE_IOERR_SHORT_READ);
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    handle *h = (handle *)base;
    if (!begin(h) || !survives(h->disk)) return end(h, SQLITE_IOERR_WRITE);
    disk *d = h->disk;
    int64_t before = h->file->now.count;
    int64_t growth = offset + count > before ? offset + count - before : 0;
    if (d->limit >= 0 && growth > 0 && d->used + growth > d->limit) return end(h, SQLITE_FULL);
    if (!put(&h->file->now, offset, bytes, count) || !record(h->file, offset, bytes, count))
        return end(h, SQLITE_IOERR_NOMEM);
    d->used += growth;
    return end(h, SQLITE_OK);
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    handle *h = (handle *)base;
    if (!begin(h) || !survives(h->disk)) return end(h, SQLITE_IOERR_TRUNCATE);
    if (!record(h->file, size, NULL, 0)) return end(h, SQLITE_IOERR_NOMEM);
    h->disk->used -= h->file->now.count > size ? h->file->now.count - size : 0;
    cut(&h->file->now, size);
    return end(h, SQLITE_OK);
}

static void sync_directory(disk *d) {
    for (file *f = d->files, *next; f; f = next) {
        next = f->next;
        if (f->is_deleted) unlist(d, f);
    }
}

static int file_sync(sqlite3_file *base, int flags) {
    (void)flags;
    handle *h = (handle *)base;
    if (!begin(h) || !survives(h->disk)) return end(h, SQLITE_IOERR_FSYNC);
    file *f = h->file;
    int fails = h->disk->sync_armed && --h->disk->sync_armed == 0;
    for (change *c = f->first; c && !fails; c = c->next)
        if (!apply(&f->durable, c)) return end(h, SQLITE_IOERR_NOMEM);
    // Linux calls pages clean after a failed fsync too: a second one would not write them.
    forget_changes(f);
    if (!fails && !f->is_durable) {
        f->is_durable = 1;
        sync_directory(h->disk);
    }
    return end(h, fails ? SQLITE_IOERR_FSYNC : SQLITE_OK);
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    handle *h = (handle *)base;
    if (!begin(h)) return end(h, SQLITE_IOERR_FSTAT);
    *size = h->file->now.count;
    return end(h, SQLITE_OK);
}

static int file_lock(sqlite3_file *base, int level) {
    handle *h = (handle *)base;
    if (!begin(h)) return end(h, SQLITE_IOERR_LOCK);
    if (h->level >= level) return end(h, SQLITE_OK);
    file *f = h->file;
    if (level == SQLITE_LOCK_SHARED) {
        if (f->pending || f->exclusive) return end(h, SQLITE_BUSY);
        f->shared++;
    } else if (level == SQLITE_LOCK_RESERVED) {
        if (f->reserved || (f->pending && f->pending != h)) return end(h, SQLITE_BUSY);
        f->reserved = h;
    } else {
        if ((f->reserved && f->reserved != h) || (f->pending && f->pending != h)) return end(h, SQLITE_BUSY);
        f->pending = h;
        if (f->shared > 1) {
            h->level = SQLITE_LOCK_PENDING;
            return end(h, SQLITE_BUSY);
        }
        f->exclusive = h;
    }
    h->level = level;
    return end(h, SQLITE_OK);
}

static int file_unlock(sqlite3_file *base, int level) {
    handle *h = (handle *)base;
    pthread_mutex_lock(&h->disk->lock);
    if (h->level > level) step_down(h, level);
    return end(h, SQLITE_OK);
}

static int file_is_reserved(sqlite3_file *base, int *result) {
    handle *h = (handle *)base;
    if (!begin(h)) return end(h, SQLITE_IOERR_CHECKRESERVEDLOCK);
    *result = h->file->reserved || h->file->pending || h->file->exclusive;
    return end(h, SQLITE_OK);
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base) {
    (void)base;
    return SECTOR;
}

static int file_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

// MARK: The shared memory of a write-ahead log

static int memory_map(sqlite3_file *base, int region, int size, int extend, void volatile **address) {
    handle *h = (handle *)base;
    *address = NULL;
    if (!begin(h)) return end(h, SQLITE_IOERR_SHMMAP);
    if (!h->memory) {
        if (!h->file->memory) h->file->memory = calloc(1, sizeof(shared_memory));
        if (!h->file->memory) return end(h, SQLITE_IOERR_NOMEM);
        h->memory = h->file->memory;
        h->memory->references++;
    }
    if (region < 0 || region >= REGIONS) return end(h, SQLITE_IOERR_SHMSIZE);
    void **place = &h->memory->region[region];
    if (!*place && extend) {
        *place = calloc(1, (size_t)size);
        if (!*place) return end(h, SQLITE_IOERR_NOMEM);
    }
    *address = *place;
    return end(h, SQLITE_OK);
}

static int memory_lock(sqlite3_file *base, int offset, int n, int flags) {
    handle *h = (handle *)base;
    if (!begin(h) || !h->memory) return end(h, SQLITE_IOERR_SHMLOCK);
    shared_memory *m = h->memory;
    for (int i = offset; i < offset + n && flags & SQLITE_SHM_LOCK; i++) {
        if (m->exclusive[i] && m->exclusive[i] != h) return end(h, SQLITE_BUSY);
        int others = m->shared[i] - (h->shared_slots >> i & 1);
        if (flags & SQLITE_SHM_EXCLUSIVE && others > 0) return end(h, SQLITE_BUSY);
    }
    for (int i = offset; i < offset + n; i++) {
        unsigned slot = 1u << i;
        unsigned *held = flags & SQLITE_SHM_EXCLUSIVE ? &h->exclusive_slots : &h->shared_slots;
        int locks = (flags & SQLITE_SHM_LOCK) != 0;
        if (!(*held & slot) == !locks) continue;
        *held ^= slot;
        if (flags & SQLITE_SHM_EXCLUSIVE) {
            m->exclusive[i] = locks ? h : NULL;
        } else {
            m->shared[i] += locks ? 1 : -1;
        }
    }
    return end(h, SQLITE_OK);
}

static void memory_barrier(sqlite3_file *base) {
    (void)base;
    __sync_synchronize();
}

static int memory_unmap(sqlite3_file *base, int delete_memory) {
    (void)delete_memory;
    handle *h = (handle *)base;
    pthread_mutex_lock(&h->disk->lock);
    leave_memory(h);
    return end(h, SQLITE_OK);
}

static const sqlite3_io_methods methods = {
    2, file_close, file_read, file_write, file_truncate, file_sync, file_size, file_lock, file_unlock,
    file_is_reserved, file_control, file_sector_size, file_characteristics,
    memory_map, memory_lock, memory_barrier, memory_unmap, NULL, NULL,
};

// MARK: The file system

// What is not a disk's business is the operating system's.
static sqlite3_vfs *system_vfs;

static int vfs_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags, int *out_flags) {
    (void)vfs;
    // A temporary file never matters after a crash.
    if (!path) return system_vfs->xOpen(system_vfs, path, base, flags, out_flags);
    handle *h = (handle *)base;
    memset(h, 0, sizeof *h);
    disk *d = path[0] == '/' ? enter(path + 1) : NULL;
    if (!d) return SQLITE_CANTOPEN;
    file *f = d->is_dead ? NULL : find(d, path);
    if (!f && !d->is_dead && flags & SQLITE_OPEN_CREATE) f = make(d, path);
    if (!f) {
        leave(d);
        return SQLITE_CANTOPEN;
    }
    f->references++;
    h->disk = d;  // keeps the reference that `enter` took
    h->file = f;
    h->generation = d->generation;
    h->delete_on_close = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    h->base.pMethods = &methods;
    if (out_flags) *out_flags = flags;
    pthread_mutex_unlock(&d->lock);
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    disk *d = enter(path + 1);
    if (!d) return SQLITE_IOERR_DELETE;
    int code = SQLITE_OK;
    file *f = NULL;
    if (!survives(d)) {
        code = SQLITE_IOERR_DELETE;
    } else if (!(f = find(d, path))) {
        code = SQLITE_IOERR_DELETE_NOENT;
    } else {
        d->used -= f->now.count;
        if (sync || !f->is_durable) {
            unlist(d, f);
        } else {
            f->is_deleted = 1;
        }
    }
    leave(d);
    return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *path, int flags, int *result) {
    (void)vfs;
    disk *d = enter(path + 1);
    *result = 0;
    if (!d) return SQLITE_OK;
    file *f = find(d, path);
    *result = f && (flags != SQLITE_ACCESS_EXISTS || f->now.count > 0);
    int code = d->is_dead ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    leave(d);
    return code;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *path, int count, char *out) {
    (void)vfs;
    sqlite3_snprintf(count, out, "%s", path);
    return SQLITE_OK;
}

static int vfs_random(sqlite3_vfs *v, int count, char *out) {
    (void)v;
    return system_vfs->xRandomness(system_vfs, count, out);
}
static int vfs_sleep(sqlite3_vfs *v, int microseconds) {
    (void)v;
    return system_vfs->xSleep(system_vfs, microseconds);
}
static int vfs_time(sqlite3_vfs *v, double *days) {
    (void)v;
    return system_vfs->xCurrentTime(system_vfs, days);
}
static int vfs_time_int64(sqlite3_vfs *v, sqlite3_int64 *milliseconds) {
    (void)v;
    return system_vfs->xCurrentTimeInt64(system_vfs, milliseconds);
}
static int vfs_last_error(sqlite3_vfs *v, int count, char *out) {
    (void)v, (void)count, (void)out;
    return 0;
}

static sqlite3_vfs faultdisk = {
    .iVersion = 2,
    .szOsFile = sizeof(handle),
    .mxPathname = 512,
    .zName = "faultdisk",
    .xOpen = vfs_open,
    .xDelete = vfs_delete,
    .xAccess = vfs_access,
    .xFullPathname = vfs_full_path,
    .xRandomness = vfs_random,
    .xSleep = vfs_sleep,
    .xCurrentTime = vfs_time,
    .xGetLastError = vfs_last_error,
    .xCurrentTimeInt64 = vfs_time_int64,
};

static int registration;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static void register_once(void) {
    registration = sqlite3_initialize();
    system_vfs = sqlite3_vfs_find(NULL);
    if (system_vfs->szOsFile > faultdisk.szOsFile) faultdisk.szOsFile = system_vfs->szOsFile;
    if (registration == SQLITE_OK) registration = sqlite3_vfs_register(&faultdisk, 0);
}

int faultdisk_register(void) {
    pthread_once(&once, register_once);
    return registration;
}
