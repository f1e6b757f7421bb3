#ifndef BWI_STORE_POSTGRESQL_CONN_H
#define BWI_STORE_POSTGRESQL_CONN_H

#include "store/postgresql_lookup.h"
#include "store/postgresql_param.h"
#include "store/postgresql_url.h"

/*
 * The version of the tables. A responder works with exactly one, so that
 * "bwcallback store create" decides when they change.
 */
#define BWI_PG_VERSION 3

/*
 * Is a commit on two disks? A reload of the server's configuration may change
 * that at any time, so every transaction asks again.
 */
#define BWI_PG_IS_SAFE \
	"current_setting('fsync') = 'on' AND " \
	"current_setting('synchronous_standby_names') <> ''"

/* The columns of a row. */
#define BWI_PG_COLUMNS \
	"e.seq, e.received, e.batch, e.idx, e.deliveries, e.last, e.section, " \
	"e.method, e.content_type, e.family, e.type, e.key, e.user_name, " \
	"e.request, e.body, e.call_id, e.message_id, e.from_number, " \
	"e.to_number, e.thread, e.query, a.status, a.fallback, a.answered, " \
	"a.duration, a.content_type, a.body, a.failed, a.trace, e.claim"
#define BWI_PG_NCOLUMNS 30
#define BWI_PG_JOIN_ANSWER \
	" LEFT JOIN answer a ON a.segment = e.segment AND a.seq = e.seq"

/* What an operator looks for first, see bwi_store_selects_wrong(). */
#define BWI_PG_WRONG(table) \
	"(" table "failed OR " table "fallback OR " table \
	"status >= 400 OR " table "duration >= 2000000)"

enum bwi_pg_statement {
#define X(name, sql) BWI_PG_##name,
#include "store/postgresql_statements.def"
#undef X
	BWI_PG__MAX
};

/* A connection; one thread at a time may use it. */
struct bwi_pg_conn {
	PGconn *pg; /* NULL: none */
	const struct bwi_pg_url *url;
	struct bwi_pg_lookup lookup;
	bool looking;	 /* for the addresses of hosts, before connecting */
	size_t attempts; /* which host is the first */
	/*
	 * A warning came. During COMMIT it may mean that the standby was not
	 * waited for, so the transaction is not acknowledged.
	 */
	bool warned;
	bool writes; /* events: refuse a server that could lose them */
	bool bare;   /* the tables need not be there */
	bool set_up;
	bool prepared[BWI_PG__MAX];
	struct bwi_pg_params params; /* for one statement */
};

void bwi_pg_conn_init(struct bwi_pg_conn *, const struct bwi_pg_url *);
/*
 * Close the socket. What the server is doing for it is never cancelled: a
 * cancelled wait for a standby would look like success.
 */
void bwi_pg_conn_close(struct bwi_pg_conn *);
void bwi_pg_conn_free(struct bwi_pg_conn *);

/*
 * Connecting without waiting: start, then step whenever the descriptor is ready
 * for *events of poll(2). BW_OK: connected and checked; BW_ERR_DEADLINE: go on.
 */
enum bw_err bwi_pg_conn_start(struct bwi_pg_conn *, struct bw_error *) BW_CHECK;
enum bw_err bwi_pg_conn_step(
    struct bwi_pg_conn *, short *events, struct bw_error *) BW_CHECK;
/* What to wait for; -1: nothing. */
int bwi_pg_conn_fd(const struct bwi_pg_conn *);

/* Connect, unless connected, until the deadline: then BW_ERR_BUSY. */
enum bw_err bwi_pg_conn_open(
    struct bwi_pg_conn *, int64_t deadline, struct bw_error *) BW_CHECK;

/*
 * Run one statement with conn->params until the deadline: then BW_ERR_BUSY, and
 * the connection is closed. *r is the caller's (PQclear).
 */
enum bw_err bwi_pg_conn_run(struct bwi_pg_conn *, enum bwi_pg_statement,
    int64_t deadline, PGresult **, struct bw_error *) BW_CHECK;
/* The same for a text that is not worth preparing. */
enum bw_err bwi_pg_conn_query(struct bwi_pg_conn *, const char *sql,
    int64_t deadline, PGresult **, struct bw_error *) BW_CHECK;
/* Several statements without parameters; their results are ignored. */
enum bw_err bwi_pg_conn_script(struct bwi_pg_conn *, const char *sql,
    int64_t deadline, struct bw_error *) BW_CHECK;
/*
 * COMMIT. Only BW_OK means that it is durable: the result says COMMIT and no
 * warning came. BW_ERR_IO: unknown.
 */
enum bw_err bwi_pg_conn_commit(
    struct bwi_pg_conn *, int64_t deadline, struct bw_error *) BW_CHECK;

/* Prepare it, unless that was done. */
enum bw_err bwi_pg_conn_prepare(struct bwi_pg_conn *, enum bwi_pg_statement,
    int64_t deadline, struct bw_error *) BW_CHECK;
/* Wait for the socket; false: the deadline has passed. */
bool bwi_pg_conn_wait(struct bwi_pg_conn *, short events, int64_t deadline);

/* Queue a statement with conn->params in the pipeline. */
enum bw_err bwi_pg_conn_queue(
    struct bwi_pg_conn *, enum bwi_pg_statement, struct bw_error *) BW_CHECK;

enum bw_err bwi_pg_conn_queue_prepare(
    struct bwi_pg_conn *, enum bwi_pg_statement, struct bw_error *) BW_CHECK;

/* The error of a server that could lose what it has committed. */
enum bw_err bwi_pg_conn_unsafe(struct bwi_pg_conn *, struct bw_error *);
/* Is it the result of a COMMIT that committed? */
bool bwi_pg_is_committed(const PGresult *);
/* An error that the server reported. */
enum bw_err
bwi_pg_result_error(struct bwi_pg_conn *, const PGresult *, struct bw_error *);
/* An error of the connection; BW_ERR_BUSY. */
enum bw_err bwi_pg_conn_error(struct bwi_pg_conn *, struct bw_error *);

#endif
