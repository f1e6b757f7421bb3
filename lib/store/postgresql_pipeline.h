#ifndef BWI_STORE_POSTGRESQL_PIPELINE_H
#define BWI_STORE_POSTGRESQL_PIPELINE_H

#include "store/postgresql_batch.h"

/*
 * The writer's connection, in pipeline mode: while one transaction commits, the
 * next one is sent and waits in the server for the counter. One thread uses it;
 * nothing here waits.
 */

enum bwi_pg_state {
	BWI_PG_AWAY,	   /* no connection; try again at until */
	BWI_PG_CONNECTING, /* until then */
	BWI_PG_PREPARING,
	BWI_PG_READY
};

/* What the next result of the server is the answer to. */
enum bwi_pg_reply {
	BWI_PG_REPLY_PLAIN,
	BWI_PG_REPLY_LOCK,
	BWI_PG_REPLY_BATCH,
	BWI_PG_REPLY_FIND,
	BWI_PG_REPLY_COMMIT,
	BWI_PG_REPLY_UPKEEP, /* an error is only a warning */
	BWI_PG_REPLY_GONE,   /* the same */
	BWI_PG_REPLY_LOCKED, /* sync: the first part is complete */
	BWI_PG_REPLY_SYNC
};

#define BWI_PG_MAX_REPLIES 64

/* What is known of a writer that has died. */
enum bwi_pg_gone {
	BWI_PG_GONE_NONE,
	BWI_PG_GONE_WANTED, /* the database is to be told */
	BWI_PG_GONE_SENT,
	BWI_PG_GONE_DONE,
	BWI_PG_GONE_FAILED
};

struct bwi_pg_pipeline {
	struct bw_store *store;
	const struct bwi_pg_url *url;
	struct bwi_pg_conn conn;
	unsigned char id[16]; /* of this writer */
	int64_t number;	      /* of the last batch */
	enum bwi_pg_state state;
	int64_t until;
	short events; /* to wait for, of poll(2) */
	enum bwi_pg_reply replies[BWI_PG_MAX_REPLIES];
	size_t first_reply;
	size_t nreplies;
	bool answered; /* the first of them has had a result */
	/* A batch is in one of these, in turn. */
	struct bwi_pg_batch *locking;
	struct bwi_pg_batch *committing;
	struct bwi_pg_batch *unknown; /* may be committed; tried again first */
	int64_t since; /* when the first of both was sent, or had an answer */
	int64_t committed;		 /* when the last commit was complete */
	struct bw_store_write *returned; /* nothing of them was written */
	struct bw_error why;		 /* the connection failed */
	bool down;	 /* the last attempt to connect failed */
	bool roll;	 /* the segment is of a day that is over */
	int64_t roll_at; /* when to try that next */
	int64_t expire;	 /* when to remove keys next */
	enum bwi_pg_gone gone;
	int32_t gone_writer;
};

enum bw_err bwi_pg_pipeline_init(struct bwi_pg_pipeline *, struct bw_store *,
    const struct bwi_pg_url *, struct bw_error *) BW_CHECK;
void bwi_pg_pipeline_free(struct bwi_pg_pipeline *);

/* Begin to connect. */
void bwi_pg_pipeline_connect(struct bwi_pg_pipeline *);
/* Send and receive what can be, without waiting. */
void bwi_pg_pipeline_run(struct bwi_pg_pipeline *);
/*
 * Send a batch. May a batch of so many jobs be sent now? A small one waits
 * until the one before is committed: many small transactions are slower.
 */
bool bwi_pg_pipeline_may_send(const struct bwi_pg_pipeline *, size_t jobs);
void bwi_pg_pipeline_send(struct bwi_pg_pipeline *, struct bwi_pg_batch *);
/* What is done now and then: new segments, old keys. */
void bwi_pg_pipeline_upkeep(struct bwi_pg_pipeline *);
/* Close the connection if it has been silent for too long. */
void bwi_pg_pipeline_check_time(struct bwi_pg_pipeline *);
/*
 * Fail jobs that are past their deadline, if nothing of them was written or the
 * outcome is unknown. all: also before their deadline.
 */
void bwi_pg_pipeline_fail_late(struct bwi_pg_pipeline *, bool all);
/* Close the connection, and do not try again. */
void bwi_pg_pipeline_give_up(struct bwi_pg_pipeline *);
/* Is any batch under way? */
bool bwi_pg_pipeline_is_busy(const struct bwi_pg_pipeline *);

#endif
