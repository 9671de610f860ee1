#include <postgresql/libpq-fe.h>

static inline void cpostgres_be_silent(void *context, const char *message) {
    (void)context;
    (void)message;
}

/// Notices of the server go nowhere: libpq would print them on standard error.
static inline void cpostgres_silence(PGconn *connection) {
    PQsetNoticeProcessor(connection, cpostgres_be_silent, 0);
}

/// The fields of an error, by what they are.
static inline const char *cpostgres_sqlstate(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_SQLSTATE);
}

static inline const char *cpostgres_message(const PGresult *result) {
    return PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
}
