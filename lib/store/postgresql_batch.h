#ifndef BWI_STORE_POSTGRESQL_BATCH_H
#define BWI_STORE_POSTGRESQL_BATCH_H

#include "store/postgresql_conn.h"
#include "store/store_move.h"

/* A key and an id of an event, hashed: SHA-256, shortened. */
#define BWI_PG_ID_SIZE 16

/* An event of a batch, or one that is delivered again by a batch. */
struct bwi_pg_entry {
	uint64_t seq;
	int32_t segment;
	int64_t received;
	int64_t claim;	/* when it ends */
	int32_t writer; /* whose it is */
	int64_t last;	/* delivery */
	unsigned deliveries;
	bool is_new;
	bool taken; /* over, by this writer */
	bool gone;  /* the writer has died */
	bool changed;
	const struct bw_store_event *event; /* if it is new */
	struct bw_store_answer answer;	    /* status 0: none */
};

struct bwi_pg_id {
	unsigned char id[BWI_PG_ID_SIZE];
	struct bwi_pg_entry *entry; /* the newest with this id; NULL: none */
};

/* What becomes of one event of the batch's jobs. */
struct bwi_pg_fate {
	struct bw_store_result result;
	const struct bw_store_answer *answer; /* with BW_STORE_ANSWERED */
	size_t ids[2];			      /* indices */
	size_t nids;
};

/* What the database said when the counter was locked. */
struct bwi_pg_head {
	uint64_t seq;
	int32_t segment;
	int64_t now;
	int64_t unparsed;
	int64_t unparsed_bytes;
	int64_t opened; /* the segment */
	enum bwi_move_state state;
	bool safe;
};

/*
 * The jobs of one transaction. All that is decided is decided here, in memory,
 * from what the first statements of the transaction found.
 */
struct bwi_pg_batch {
	const struct bw_store *store;
	struct bw_store_write *jobs; /* linked; in order */
	int64_t number;
	size_t njobs;
	size_t events;	       /* of all jobs */
	struct bwi_pg_id *ids; /* sorted, each once */
	size_t nids;
	struct bwi_pg_entry *entries;
	size_t n;
	size_t known;		   /* the first entries were stored before */
	struct bwi_pg_fate *fates; /* one for each event, in order */
	struct bwi_pg_head head;   /* then as the transaction leaves it */
	PGresult *found;	   /* entries point into it */
	/* The connection was lost after COMMIT was sent. */
	bool unknown;
	bool committed; /* it turned out to be committed */
};

/* Takes over the jobs, not when it fails: BW_ERR_NOMEM. */
enum bw_err bwi_pg_batch_new(const struct bw_store *, struct bw_store_write *,
    struct bwi_pg_batch **) BW_CHECK;
/* The jobs must have been finished or taken away. */
void bwi_pg_batch_free(struct bwi_pg_batch *);

/* The result of LOCK. */
void bwi_pg_batch_set_head(struct bwi_pg_batch *, const PGresult *);
/* The result of FIND, which the batch takes over. */
enum bw_err bwi_pg_batch_set_found(struct bwi_pg_batch *, PGresult *) BW_CHECK;
/*
 * Decide what becomes of each event. Jobs that cannot be done are finished, and
 * removed.
 */
void bwi_pg_batch_decide(struct bwi_pg_batch *);
/*
 * Instead: the events, of one job, are new, and have these numbers, deliveries
 * and answers. BW_ERR_NOMEM.
 */
enum bw_err bwi_pg_batch_number(
    struct bwi_pg_batch *, const struct bw_store_row *) BW_CHECK;
/* Set the results of the jobs that have none yet. BW_ERR_NOMEM. */
enum bw_err bwi_pg_batch_set_results(struct bwi_pg_batch *) BW_CHECK;
/* Wake the callers who wait for what was decided. */
void bwi_pg_batch_announce(struct bwi_pg_batch *);
/* Fail the jobs whose deadline is not after a time, before they are decided. */
void bwi_pg_batch_fail_late(
    struct bwi_pg_batch *, int64_t now, const struct bw_error *);
/* All jobs are done. e: failed; NULL: durable. */
void bwi_pg_batch_finish(struct bwi_pg_batch *, const struct bw_error *);

/* postgresql_commit.c: queue the statements of a transaction. */

/* The first part: lock, look up. */
enum bw_err bwi_pg_queue_lock(struct bwi_pg_conn *, struct bwi_pg_batch *,
    const unsigned char writer[16], struct bw_error *) BW_CHECK;
/* The second part: write, commit. *n: how many statements before COMMIT. */
enum bw_err bwi_pg_queue_commit(struct bwi_pg_conn *, struct bwi_pg_batch *,
    const unsigned char writer[16], size_t *n, struct bw_error *) BW_CHECK;

#endif
