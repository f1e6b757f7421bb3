#ifndef BWI_STORE_POSTGRESQL_H
#define BWI_STORE_POSTGRESQL_H

#include "os/timed_lock.h"
#include "store/postgresql_conn.h"
#include "store/postgresql_writer.h"
#include "store/store_move.h"

struct bwi_pg {
	struct bw_store base;
	struct bwi_pg_url url;
	struct bwi_pg_writer *writer;
	struct bwi_timed_lock lock;
	struct bwi_pg_conn shared; /* for all other threads, under lock */
	int64_t used;		   /* when it last was */
};

static inline struct bwi_pg *
bwi_pg_of(struct bw_store *s)
{
	return (struct bwi_pg *)(void *)s;
}

/*
 * Lock the shared connection, connect if necessary, and empty its parameters.
 * write: begin a transaction, which bwi_pg_end commits, or rolls back after an
 * error. BW_ERR_BUSY: not before the deadline.
 */
enum bw_err bwi_pg_begin(
    struct bwi_pg *, bool write, int64_t deadline, struct bw_error *) BW_CHECK;
enum bw_err bwi_pg_end(
    struct bwi_pg *, bool write, enum bw_err, struct bw_error *) BW_CHECK;
/* The deadline of a statement that is not long. */
int64_t bwi_pg_soon(void);
/* Run a statement on the shared connection, and empty its parameters. */
enum bw_err bwi_pg_run(struct bwi_pg *, enum bwi_pg_statement, PGresult **,
    struct bw_error *) BW_CHECK;
/* How many rows a statement changed. */
size_t bwi_pg_changed(PGresult *);

/* schema.c */

enum bw_err bwi_pg_create(
    const char *where, const struct bw_reporter *, struct bw_error *) BW_CHECK;
/* What create does, as SQL. */
enum bw_err
bwi_pg_sql(const char *where, struct bw_buf *, struct bw_error *) BW_CHECK;
enum bw_err bwi_pg_check(
    const char *where, const struct bw_reporter *, struct bw_error *) BW_CHECK;
enum bw_err bwi_pg_tables(
    const char *where, struct bw_store_tables *, struct bw_error *) BW_CHECK;

/* filter.c: conditions of a statement, and their parameters. */

/* Append conditions for the events "e" that the filter selects. */
void bwi_pg_put_filter(
    struct bw_buf *sql, struct bwi_pg_params *, const struct bw_store_filter *);
/*
 * The same for a filter with a number, which selects these at one end, or those
 * at the other end only: each is in the order of an index.
 */
void bwi_pg_put_filter_from(
    struct bw_buf *sql, struct bwi_pg_params *, const struct bw_store_filter *);
void bwi_pg_put_filter_to(
    struct bw_buf *sql, struct bwi_pg_params *, const struct bw_store_filter *);
/* Append "$n" for the parameter that was added last. */
void bwi_pg_put_number(struct bw_buf *sql, const struct bwi_pg_params *);

/* A row of BWI_PG_COLUMNS; the texts belong to the result. */
void bwi_pg_get_row(const PGresult *, int i, struct bw_store_row *);

/* import.c, consumer_copy.c: as in struct bwi_move_ops. */

enum bw_err bwi_pg_get_consumers(
    struct bw_store *, struct bwi_consumers *, struct bw_error *);
enum bw_err bwi_pg_set_consumers(
    struct bw_store *, const struct bwi_consumers *, struct bw_error *);

/* As in struct bwi_store_ops. */
enum bw_err bwi_pg_read(struct bw_store *, const struct bw_store_filter *,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *, void *arg, struct bw_error *);
enum bw_err bwi_pg_last(struct bw_store *, uint64_t *, struct bw_error *);
enum bw_err bwi_pg_count(struct bw_store *, const struct bw_store_filter *,
    bw_store_count_fn *, void *arg, struct bw_error *);
enum bw_err
bwi_pg_stats(struct bw_store *, struct bw_store_stats *, struct bw_error *);
enum bw_err bwi_pg_consumer(struct bw_store *, const char *name,
    const struct bw_store_filter *, uint64_t after_seq, struct bw_error *);
enum bw_err
bwi_pg_consumer_remove(struct bw_store *, const char *name, struct bw_error *);
enum bw_err bwi_pg_consumers(struct bw_store *, int64_t before,
    int64_t deadline, bw_store_consumer_fn *, void *arg, struct bw_error *);
/* True if no synchronous standby is connected, as a condition of SQL. */
#define BWI_PG_NO_STANDBY \
	"pg_has_role(current_user, 'pg_monitor', 'usage') " \
	"AND current_setting('synchronous_standby_names') <> '' " \
	"AND NOT EXISTS (SELECT FROM pg_stat_replication " \
	"WHERE sync_state IN ('sync', 'quorum'))"
bool bwi_pg_lacks_standby(struct bw_store *, int64_t deadline);
enum bw_err bwi_pg_lease(struct bw_store *, const char *name, size_t max,
    int64_t ms, bw_store_lease_fn *, void *arg, struct bw_error *);
enum bw_err bwi_pg_settle(struct bw_store *, const char *name,
    const struct bw_store_lease *, enum bw_store_outcome, int64_t ms,
    struct bw_str why, struct bw_error *);
enum bw_err bwi_pg_dead(struct bw_store *, const char *name, bw_store_dead_fn *,
    void *arg, struct bw_error *);
enum bw_err bwi_pg_revive(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *);
enum bw_err bwi_pg_drop_dead(struct bw_store *, const char *name, uint64_t seq,
    size_t *n, struct bw_error *) BW_CHECK;
enum bw_err bwi_pg_prune(struct bw_store *, int64_t before, uint64_t bytes,
    uint64_t *n, struct bw_error *);
enum bw_err bwi_pg_backup(struct bw_store *, const char *path,
    bw_store_progress_fn *, void *arg, struct bw_error *);

#endif
