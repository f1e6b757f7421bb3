/*
 * What the writer does about once a second, and a process at its end: they
 * empty the spool, and look whether the segments need anything.
 */
#include <bwcallback/tools/clock.h>

#include "store/spool.h"
#include "store/sqlite.h"

/* How long one run of draining the spool may delay other jobs. */
#define DRAIN_TIME (INT64_C(100) * 1000000)

struct slice {
	struct bwi_sqlite *store;
	int64_t until;
};

static enum bw_err
append_spooled(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *e)
{
	struct slice *slice = arg;
	const struct bw_store_result *unused;
	int64_t now = bw_monotonic_ns();
	struct bw_store_write *j;
	enum bw_err err;

	if (now >= slice->until)
		return BW_ERR_DEADLINE; /* continue at the next run */
	j = bwi_job_new(&slice->store->base, events, n, now + DRAIN_TIME);
	if (j == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	(void)bwi_sqlite_commit(slice->store, j, 1, true);
	err = bw_store_write_wait(j, BW_STORE_DURABLE, now, &unused, e);
	bw_store_write_free(j, false);
	return bwi_store_drained(&slice->store->base, events, n, err, e);
}

static void
drain_spool(struct bwi_sqlite *s)
{
	struct slice slice = {s, bw_monotonic_ns() + DRAIN_TIME};
	struct bw_error e = {0};
	uint64_t damaged = 0;
	size_t n;

	if (s->base.spool == NULL || bwi_spool_size(s->base.spool) == 0)
		return;
	if (bwi_spool_drain(s->base.spool, append_spooled, &slice, &n, &damaged,
		&e) == BW_OK &&
	    damaged > 0) {
		(void)bwi_spool_damage(s->base.spool, damaged, &e);
		bwi_store_warn(&s->base, &e);
	}
}

/*
 * The responder must give up segments that were dropped, so that their room is
 * free, also if it is idle, or if the process that dropped them was killed
 * before it increased the count.
 */
static void
give_up_dropped(struct bwi_sqlite *s)
{
	int64_t now = bw_monotonic_ns();
	struct bw_error ignored = {0};
	enum bw_err err;

	bwi_segments_give_up(&s->append);
	err = bwi_segments_update(&s->append, now, &ignored);
	if (s->shared.n > 1 &&
	    bwi_sqlite_begin_until(s, false, now, &ignored) == BW_OK) {
		bwi_segments_give_up(&s->shared);
		err = bwi_sqlite_end(s, false, BW_OK, &ignored);
	}
	(void)err;
}

static void
look_at_active(struct bwi_sqlite *s)
{
	if (s->append.n == 0 ||
	    bwi_segments_active(&s->append)->conn.db == NULL)
		return;
	bwi_conn_checkpoint(&bwi_segments_active(&s->append)->conn);
	if (s->appended)
		bwi_maintenance_look(&s->maintenance, &s->append);
}

void
bwi_sqlite_periodic(void *store)
{
	struct bwi_sqlite *s = store;

	drain_spool(s);
	if (s->append.n > 1)
		give_up_dropped(s);
	look_at_active(s);
}

void
bwi_sqlite_finish(struct bwi_sqlite *s)
{
	drain_spool(s);
	look_at_active(s);
}
