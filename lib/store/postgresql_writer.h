#ifndef BWI_STORE_POSTGRESQL_WRITER_H
#define BWI_STORE_POSTGRESQL_WRITER_H

#include "store/postgresql_url.h"
#include "store/store.h"

/*
 * The thread that commits the jobs of a PostgreSQL store, all that wait as one
 * transaction. It waits with poll(2) for jobs and for the server; no other
 * thread waits for a connection. It starts with the first job, or before.
 */
struct bwi_pg_writer;

/* NULL: *error is set. */
struct bwi_pg_writer *bwi_pg_writer_new(
    struct bw_store *, const struct bwi_pg_url *, struct bw_error *) BW_CHECK;
/* Finishes the queued jobs, or lets them fail soon, and ends the thread. */
void bwi_pg_writer_free(struct bwi_pg_writer *);
/*
 * Start the thread of a process that serves requests. From now on it says that
 * it lives, and it reports those that have died. postgresql_alive.h
 */
void bwi_pg_writer_start(struct bwi_pg_writer *);
/*
 * Takes over the job. While the database is known to be away, events fail at
 * once.
 */
void bwi_pg_writer_submit(struct bwi_pg_writer *, struct bw_store_write *);
/* As busy of struct bwi_store_ops. */
int64_t bwi_pg_writer_busy(struct bwi_pg_writer *);

#endif
