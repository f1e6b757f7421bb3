/* The writer's connection: what is sent, and what the results mean. */
#include "store/postgresql_pipeline.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>

#include <bwcallback/tools/clock.h>

#include "base/counter.h"

#define SECOND INT64_C(1000000000)

/* One deadline for all hosts; the next attempt begins with another host. */
#define CONNECT_TIME (3 * SECOND)

/* The pause between attempts. */
#define PAUSE (SECOND / 2)

/*
 * How long a server may be silent. Then the socket is closed, and a new
 * connection may find another primary.
 */
#define SILENCE (10 * SECOND)

/* How often old keys are removed, and how old they are: more than a week. */
#define EXPIRE_EVERY (60 * SECOND)
#define EXPIRE_SOON  (SECOND / 2) /* if there were as many as one may remove */
#define EXPIRE_MOST  "DELETE 5000"
#define EXPIRE_AFTER (INT64_C(8) * 24 * 3600 * 1000)

/* How often a new segment is tried: it may have to wait for a lock. */
#define ROLL_EVERY (60 * SECOND)

#define DAY (INT64_C(24) * 3600 * 1000)

enum bw_err
bwi_pg_pipeline_init(struct bwi_pg_pipeline *p, struct bw_store *s,
    const struct bwi_pg_url *url, struct bw_error *e)
{
	*p = (struct bwi_pg_pipeline){.store = s, .url = url};
	bwi_pg_conn_init(&p->conn, url);
	p->conn.writes = true;
	p->expire = bw_monotonic_ns() + EXPIRE_EVERY;
	if (getrandom(p->id, sizeof(p->id), 0) == (ssize_t)sizeof(p->id))
		return BW_OK;
	return bw_error_set(e, BW_ERR_INTERNAL, errno,
	    "store: no random numbers: %s", strerror(errno));
}

static void
free_batch(struct bwi_pg_batch **b)
{
	bwi_pg_batch_free(*b);
	*b = NULL;
}

void
bwi_pg_pipeline_free(struct bwi_pg_pipeline *p)
{
	bwi_pg_conn_free(&p->conn);
	free_batch(&p->locking);
	free_batch(&p->committing);
	free_batch(&p->unknown);
}

bool
bwi_pg_pipeline_is_busy(const struct bwi_pg_pipeline *p)
{
	return p->locking != NULL || p->committing != NULL ||
	       p->unknown != NULL;
}

static void
expect(struct bwi_pg_pipeline *p, enum bwi_pg_reply r)
{
	size_t at = (p->first_reply + p->nreplies) % BWI_PG_MAX_REPLIES;

	p->replies[at] = r;
	p->nreplies++;
}

/* Give back the jobs of a batch that wrote nothing. */
static void
take_back(struct bwi_pg_pipeline *p, struct bwi_pg_batch **b)
{
	struct bw_store_write **at = &p->returned;

	if (*b == NULL)
		return;
	while (*at != NULL)
		at = &(*at)->next;
	*at = (*b)->jobs;
	(*b)->jobs = NULL;
	free_batch(b);
}

/*
 * The connection has failed. If COMMIT was sent, the outcome of the transaction
 * is unknown. Other transactions were rolled back.
 */
static void
leave(struct bwi_pg_pipeline *p, int64_t pause)
{
	bwi_pg_conn_close(&p->conn);
	p->state = BWI_PG_AWAY;
	p->until = bw_monotonic_ns() + pause;
	p->first_reply = p->nreplies = 0;
	p->answered = false;
	if (p->gone == BWI_PG_GONE_SENT)
		p->gone = BWI_PG_GONE_WANTED;
	if (p->committing != NULL) {
		p->unknown = p->committing;
		p->unknown->unknown = true;
		p->committing = NULL;
		bwi_count(BWI_COUNT_STORE_COMMITS_ERROR, 1);
	}
	if (p->locking != NULL && p->locking->unknown) {
		p->unknown = p->locking;
		p->locking = NULL;
	}
	take_back(p, &p->locking);
}

/* An attempt to connect failed; p->why says why. */
static void
fail_attempt(struct bwi_pg_pipeline *p)
{
	if (!p->down)
		bwi_store_warn(p->store, &p->why);
	p->down = true;
	leave(p, PAUSE);
}

void
bwi_pg_pipeline_connect(struct bwi_pg_pipeline *p)
{
	struct bw_error e = {0};

	p->state = BWI_PG_CONNECTING;
	p->until = bw_monotonic_ns() + CONNECT_TIME;
	p->events = POLLOUT;
	if (bwi_pg_conn_start(&p->conn, &e) == BW_OK)
		return;
	p->why = e;
	fail_attempt(p);
}

/* Prepare the statements of the writer. */
static void
prepare(struct bwi_pg_pipeline *p)
{
	enum bw_err err = BW_OK;

	for (int s = BWI_PG_BEGIN; err == BW_OK && s <= BWI_PG_EXPIRE; s++) {
		err = bwi_pg_conn_queue_prepare(
		    &p->conn, (enum bwi_pg_statement)s, &p->why);
		expect(p, BWI_PG_REPLY_PLAIN);
	}
	if (err == BW_OK && PQpipelineSync(p->conn.pg) != 1)
		err = bwi_pg_conn_error(&p->conn, &p->why);
	expect(p, BWI_PG_REPLY_SYNC);
	p->state = BWI_PG_PREPARING;
	p->since = bw_monotonic_ns();
	if (err != BW_OK)
		fail_attempt(p);
}

static void
go_on_connecting(struct bwi_pg_pipeline *p)
{
	struct bw_error e = {0};
	enum bw_err err = bwi_pg_conn_step(&p->conn, &p->events, &e);

	if (err == BW_ERR_DEADLINE)
		return;
	if (err == BW_OK) {
		prepare(p);
		return;
	}
	p->why = e;
	fail_attempt(p);
}

/* An error that is not of the connection: the jobs fail, nothing was written.
 */
static void
fail_batch(struct bwi_pg_pipeline *p, struct bwi_pg_batch **b,
    const struct bw_error *e)
{
	bwi_count(BWI_COUNT_STORE_COMMITS_ERROR, 1);
	bwi_pg_batch_finish(*b, e);
	free_batch(b);
	leave(p, 0);
}

bool
bwi_pg_pipeline_may_send(const struct bwi_pg_pipeline *p, size_t jobs)
{
	if (p->state != BWI_PG_READY || p->locking != NULL ||
	    p->unknown != NULL)
		return false;
	return p->committing == NULL || jobs >= p->committing->njobs / 2;
}

void
bwi_pg_pipeline_send(struct bwi_pg_pipeline *p, struct bwi_pg_batch *b)
{
	static const enum bwi_pg_reply replies[] = {BWI_PG_REPLY_PLAIN,
	    BWI_PG_REPLY_LOCK, BWI_PG_REPLY_BATCH, BWI_PG_REPLY_FIND,
	    BWI_PG_REPLY_LOCKED};
	struct bw_error e = {0};
	enum bw_err err;

	if (!b->unknown)
		b->number = ++p->number;
	if (p->committing == NULL)
		p->since = bw_monotonic_ns();
	p->locking = b;
	err = bwi_pg_queue_lock(&p->conn, b, p->id, &e);
	if (err == BW_OK && PQpipelineSync(p->conn.pg) != 1)
		err = bwi_pg_conn_error(&p->conn, &e);
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++)
		expect(p, replies[i]);
	if (err == BW_ERR_BUSY) {
		p->why = e;
		leave(p, 0);
	} else if (err != BW_OK) {
		fail_batch(p, &p->locking, &e);
	}
}

/*
 * The first part is complete: the counter is locked, and the keys were looked
 * up.
 */
static enum bw_err
commit(struct bwi_pg_pipeline *p, struct bwi_pg_batch *b, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	size_t n;

	if (!b->head.safe && !p->url->single)
		return bwi_pg_conn_unsafe(&p->conn, e);
	if (!b->committed) {
		bwi_pg_batch_decide(b);
		err = bwi_pg_batch_set_results(b);
	}
	if (err != BW_OK)
		return bw_error_set(e, err, 0, "store: out of memory");
	p->conn.warned = false;
	err = bwi_pg_queue_commit(&p->conn, b, p->id, &n, e);
	if (err != BW_OK)
		return err;
	for (size_t i = 0; i < n; i++)
		expect(p, BWI_PG_REPLY_PLAIN);
	expect(p, BWI_PG_REPLY_COMMIT);
	expect(p, BWI_PG_REPLY_SYNC);
	return PQpipelineSync(p->conn.pg) == 1 ? BW_OK
					       : bwi_pg_conn_error(&p->conn, e);
}

static void
go_on_to_commit(struct bwi_pg_pipeline *p)
{
	struct bwi_pg_batch *b = p->locking;
	struct bw_error e = {0};
	enum bw_err err = commit(p, b, &e);

	p->since = bw_monotonic_ns();
	p->roll = p->roll || b->head.opened / DAY < b->head.now / DAY;
	if (err == BW_OK) {
		p->committing = b;
		p->locking = NULL;
		(void)PQflush(p->conn.pg);
		bwi_pg_batch_announce(b);
	} else if (err == BW_ERR_BUSY) {
		/* Some of it may have been sent, but no COMMIT. */
		p->why = e;
		leave(p, 0);
	} else {
		fail_batch(p, &p->locking, &e);
	}
}

static void
committed(struct bwi_pg_pipeline *p)
{
	bwi_count(BWI_COUNT_STORE_COMMITS_OK, 1);
	p->since = p->committed = bw_monotonic_ns();
	bwi_pg_batch_finish(p->committing, NULL);
	free_batch(&p->committing);
}

/* An error instead of the expected result. */
static void
fail_reply(struct bwi_pg_pipeline *p, enum bwi_pg_reply reply, PGresult *r)
{
	struct bw_error e = {0};
	enum bw_err err = bwi_pg_result_error(&p->conn, r, &e);

	if (reply == BWI_PG_REPLY_UPKEEP || reply == BWI_PG_REPLY_GONE) {
		if (reply == BWI_PG_REPLY_GONE)
			p->gone = BWI_PG_GONE_FAILED;
		bwi_store_warn(p->store, &e);
		return;
	}
	p->why = e;
	if (p->state == BWI_PG_PREPARING) {
		fail_attempt(p);
	} else if (err == BW_ERR_BUSY || reply == BWI_PG_REPLY_COMMIT) {
		leave(p, 0);
	} else if (p->committing != NULL) {
		/* An error before COMMIT: the server skips it. */
		fail_batch(p, &p->committing, &e);
	} else if (p->locking != NULL) {
		fail_batch(p, &p->locking, &e);
	} else {
		leave(p, 0);
	}
}

static bool
is_good(const PGresult *r)
{
	ExecStatusType s = PQresultStatus(r);

	return s == PGRES_COMMAND_OK || s == PGRES_TUPLES_OK ||
	       s == PGRES_PIPELINE_SYNC;
}

/* Takes over a good result. */
static void
take_reply(struct bwi_pg_pipeline *p, enum bwi_pg_reply reply, PGresult *r)
{
	struct bwi_pg_batch *b = p->locking;
	struct bw_error e = {0};

	if (reply == BWI_PG_REPLY_LOCK && PQntuples(r) == 1) {
		bwi_pg_batch_set_head(b, r);
	} else if (reply == BWI_PG_REPLY_LOCK) {
		(void)bw_error_set(&p->why, BW_ERR_BUSY, 0,
		    "store: %s: there is no counter of events", p->url->name);
		leave(p, 0);
	} else if (reply == BWI_PG_REPLY_BATCH) {
		b->committed = b->unknown && PQntuples(r) == 1 &&
			       bwi_pg_int8(r, 0, 0) == b->number;
	} else if (reply == BWI_PG_REPLY_FIND && !b->committed) {
		if (bwi_pg_batch_set_found(b, r) == BW_OK)
			return;
		(void)bw_error_set(&e, BW_ERR_NOMEM, 0, "store: out of memory");
		fail_batch(p, &p->locking, &e);
		return;
	} else if (reply == BWI_PG_REPLY_GONE) {
		p->gone = BWI_PG_GONE_DONE;
	} else if (reply == BWI_PG_REPLY_UPKEEP) {
		if (strcmp(PQcmdStatus(r), EXPIRE_MOST) == 0)
			p->expire = bw_monotonic_ns() + EXPIRE_SOON;
	} else if (reply == BWI_PG_REPLY_COMMIT) {
		if (bwi_pg_is_committed(r) && !p->conn.warned) {
			committed(p);
		} else {
			(void)bw_error_set(&p->why, BW_ERR_BUSY, 0,
			    "store: %s: committed with a warning, or not",
			    p->url->name);
			leave(p, 0);
		}
	}
	PQclear(r);
}

static void
next_reply(struct bwi_pg_pipeline *p)
{
	p->first_reply = (p->first_reply + 1) % BWI_PG_MAX_REPLIES;
	p->nreplies--;
	p->answered = false;
}

/* A sync ends a part of the pipeline. */
static void
take_sync(struct bwi_pg_pipeline *p, enum bwi_pg_reply reply)
{
	next_reply(p);
	if (reply == BWI_PG_REPLY_LOCKED) {
		go_on_to_commit(p);
	} else if (p->state == BWI_PG_PREPARING) {
		p->state = BWI_PG_READY;
		p->down = false;
	}
}

/* One result; false: there is none now. */
static bool
receive(struct bwi_pg_pipeline *p)
{
	enum bwi_pg_reply reply;
	PGresult *r;

	if (p->nreplies == 0 || PQisBusy(p->conn.pg))
		return false;
	reply = p->replies[p->first_reply];
	r = PQgetResult(p->conn.pg);
	if (r == NULL) {
		if (!p->answered)
			return false;
		next_reply(p);
		return true;
	}
	p->answered = true;
	if (PQresultStatus(r) == PGRES_PIPELINE_SYNC) {
		PQclear(r);
		take_sync(p, reply);
	} else if (is_good(r)) {
		take_reply(p, reply, r);
	} else {
		fail_reply(p, reply, r);
		PQclear(r);
	}
	return p->conn.pg != NULL;
}

static void
lose(struct bwi_pg_pipeline *p)
{
	(void)bwi_pg_conn_error(&p->conn, &p->why);
	if (p->state == BWI_PG_PREPARING)
		fail_attempt(p);
	else
		leave(p, 0);
}

void
bwi_pg_pipeline_run(struct bwi_pg_pipeline *p)
{
	int flushed;

	if (p->state == BWI_PG_CONNECTING) {
		go_on_connecting(p);
		return;
	}
	if (p->state == BWI_PG_AWAY)
		return;
	if (PQconsumeInput(p->conn.pg) == 0) {
		/* Received data may contain the result of a COMMIT. */
		while (receive(p))
			;
		if (p->conn.pg != NULL)
			lose(p);
		return;
	}
	while (receive(p))
		;
	if (p->conn.pg == NULL)
		return;
	if (p->unknown != NULL && p->state == BWI_PG_READY &&
	    p->locking == NULL && p->committing == NULL) {
		struct bwi_pg_batch *b = p->unknown;

		p->unknown = NULL;
		bwi_pg_pipeline_send(p, b);
	}
	flushed = p->conn.pg != NULL ? PQflush(p->conn.pg) : 0;
	if (flushed < 0)
		lose(p);
	p->events = flushed > 0 ? POLLIN | POLLOUT : POLLIN;
}

static void
queue_upkeep(struct bwi_pg_pipeline *p, enum bwi_pg_statement s)
{
	struct bw_error e = {0};

	if (p->committing == NULL)
		p->since = bw_monotonic_ns();
	if (bwi_pg_conn_queue(&p->conn, s, &e) != BW_OK ||
	    PQpipelineSync(p->conn.pg) != 1) {
		lose(p);
		return;
	}
	expect(p, s == BWI_PG_GONE ? BWI_PG_REPLY_GONE : BWI_PG_REPLY_UPKEEP);
	expect(p, BWI_PG_REPLY_SYNC);
}

void
bwi_pg_pipeline_upkeep(struct bwi_pg_pipeline *p)
{
	int64_t now = bw_monotonic_ns();

	/* Not between the two parts of a transaction. */
	if (p->state != BWI_PG_READY || p->locking != NULL ||
	    p->nreplies > BWI_PG_MAX_REPLIES / 2)
		return;
	bwi_pg_params_reset(&p->conn.params);
	if (p->gone == BWI_PG_GONE_WANTED) {
		p->gone = BWI_PG_GONE_SENT;
		bwi_pg_put_int4(&p->conn.params, p->gone_writer);
		queue_upkeep(p, BWI_PG_GONE);
	} else if (p->roll && now >= p->roll_at) {
		p->roll = false;
		p->roll_at = now + ROLL_EVERY;
		queue_upkeep(p, BWI_PG_ROLL);
	} else if (now >= p->expire) {
		p->expire = now + EXPIRE_EVERY;
		bwi_pg_put_int8(&p->conn.params,
		    atomic_load(&p->store->retains_keys) ? INT64_MAX / 2
							 : EXPIRE_AFTER);
		queue_upkeep(p, BWI_PG_EXPIRE);
	}
}

void
bwi_pg_pipeline_check_time(struct bwi_pg_pipeline *p)
{
	int64_t now = bw_monotonic_ns();

	if (p->state == BWI_PG_CONNECTING && now >= p->until) {
		(void)bw_error_set(&p->why, BW_ERR_BUSY, 0,
		    "store: %s: no connection within 3 s", p->url->name);
		fail_attempt(p);
	} else if (p->state > BWI_PG_CONNECTING && p->nreplies > 0 &&
		   now - p->since >= SILENCE) {
		(void)bw_error_set(&p->why, BW_ERR_BUSY, 0,
		    "store: %s: no answer for 10 s", p->url->name);
		if (p->state == BWI_PG_PREPARING)
			fail_attempt(p);
		else
			leave(p, 0);
	}
}

void
bwi_pg_pipeline_give_up(struct bwi_pg_pipeline *p)
{
	leave(p, INT64_MAX / 2);
}

static void
fail_unwritten(struct bwi_pg_pipeline *p, struct bwi_pg_batch *b, bool all)
{
	struct bw_error e = p->why;

	if (b == NULL)
		return;
	if (b->unknown) {
		(void)bw_error_set(&e, BW_ERR_IO, 0,
		    "store: %s: not known whether it was committed",
		    p->url->name);
	} else if (e.code == BW_OK) {
		(void)bw_error_set(&e, BW_ERR_BUSY, 0,
		    "store: %s: no answer before the deadline", p->url->name);
	}
	bwi_pg_batch_fail_late(b, all ? INT64_MAX : bw_monotonic_ns(), &e);
}

void
bwi_pg_pipeline_fail_late(struct bwi_pg_pipeline *p, bool all)
{
	fail_unwritten(p, p->locking, all);
	fail_unwritten(p, p->unknown, all);
	if (p->unknown != NULL && p->unknown->jobs == NULL)
		free_batch(&p->unknown);
}
