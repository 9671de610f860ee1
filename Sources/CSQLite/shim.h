#include <sqlite3.h>

// What Swift cannot say itself: variadic calls and SQLITE_TRANSIENT, which is a cast of -1.

/// Switches off the count of allocated bytes, which nobody reads and which takes a lock at every allocation. Must run
/// before anything else of SQLite; SQLITE_MISUSE if something did.
static inline int csqlite_configure(void) {
    return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/// Closes the doors an SQL injection or a crafted database file would use.
static inline int csqlite_harden(sqlite3 *db) {
    int code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, 0);
    if (code == SQLITE_OK) code = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, 0);
    if (code == SQLITE_OK) code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DML, 0, 0);
    if (code == SQLITE_OK) code = sqlite3_db_config(db, SQLITE_DBCONFIG_DQS_DDL, 0, 0);
    return code;
}

static inline int csqlite_bind_text(sqlite3_stmt *statement, int index, const unsigned char *text, long count) {
    return sqlite3_bind_text64(statement, index, count > 0 ? (const char *)text : "", (sqlite3_uint64)count,
                               SQLITE_TRANSIENT, SQLITE_UTF8);
}

/// An empty blob is a blob: SQLite makes NULL of a null pointer.
static inline int csqlite_bind_blob(sqlite3_stmt *statement, int index, const void *bytes, long count) {
    if (count <= 0) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, bytes, (sqlite3_uint64)count, SQLITE_TRANSIENT);
}

/// Writes the write-ahead log over itself, byte for byte, and syncs it. Called within a write transaction that has
/// written nothing: nobody else writes the log then.
static inline int csqlite_renew_log(sqlite3 *db) {
    sqlite3_file *log = 0;
    int code = sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code != SQLITE_OK || !log || !log->pMethods) return code;
    sqlite3_int64 size = 0;
    code = log->pMethods->xFileSize(log, &size);
    if (code != SQLITE_OK || size == 0) return code;
    const int most = 1 << 16;
    void *bytes = sqlite3_malloc(most);
    if (!bytes) return SQLITE_NOMEM;
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += most) {
        int count = size - at < most ? (int)(size - at) : most;
        code = log->pMethods->xRead(log, bytes, count, at);
        if (code == SQLITE_OK) code = log->pMethods->xWrite(log, bytes, count, at);
    }
    sqlite3_free(bytes);
    if (code == SQLITE_OK) code = log->pMethods->xSync(log, SQLITE_SYNC_NORMAL);
    return code;
}
