/* Closing full segments, making filters of closed ones, compacting old ones. */
#include "store/sqlite_maintenance.h"

#include <bwcallback/tools/clock.h>

#include "os/thread.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"

/*
 * A segment is one unit of removing and of copying, and the larger it is the
 * slower are the changes of its terms.
 */
#define EVENTS 250000
#define BYTES  (UINT64_C(256) << 20)

/* Segments that double the size of the next. */
#define MANY 64

/* Between two looks for segments to compact, and after one that failed. */
#define PAUSE	   (INT64_C(60) * 1000000000)
#define LONG_PAUSE (INT64_C(3600) * 1000000000)

/* How long the store may be locked by others. */
#define WAIT (INT64_C(10) * 1000000000)

static enum bw_err
is_full(struct bwi_segments *g, const struct bwi_segment_limit *limit,
    bool *full, struct bw_error *e)
{
	struct bwi_conn *c = &bwi_segments_active(g)->conn;
	unsigned more = (unsigned)(g->n / MANY);
	struct bwi_state state = {0};
	uint64_t bytes = 0;
	enum bw_err err = bwi_sqlite_state(c, &state, e);

	if (err == BW_OK)
		err = bwi_sqlite_bytes(c, &bytes, e);
	*full = err == BW_OK && state.seq >= state.first &&
		(state.seq + 1 - state.first >= limit->events << more ||
		    bytes >= limit->bytes << more);
	return err;
}

/* Make the filter of a closed segment, if it has none. */
static enum bw_err
make_filter(
    struct bwi_segments *g, size_t i, atomic_bool *stop, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	struct bwi_conn *c = NULL;
	bool there;
	enum bw_err err = bwi_segments_describe(g, i, &there, e);

	if (err == BW_OK && there && s->filter.name == NULL)
		err = bwi_segments_get(g, i, &c, e);
	if (err == BW_OK && c != NULL)
		err = bwi_filter_make(
		    g->path, s->number, g->id, c, &s->extent, stop, e);
	return err;
}

static enum bw_err
maintain(struct bwi_segments *g, const struct bwi_segment_limit *limit,
    atomic_bool *stop, struct bw_error *e)
{
	int64_t deadline = bw_monotonic_ns() + WAIT;
	bool full = false;
	enum bw_err err = bwi_segments_update(g, deadline, e);

	if (err == BW_OK)
		err = is_full(g, limit, &full, e);
	if (err == BW_OK && full)
		err = bwi_segments_rotate(g, e);
	if (err == BW_OK && full)
		err = bwi_segments_update(g, deadline, e);
	for (size_t i = 0; err == BW_OK && i + 1 < g->n; i++) {
		if (!atomic_load(stop))
			err = make_filter(g, i, stop, e);
	}
	return err == BW_ERR_DEADLINE ? BW_OK : err;
}

enum bw_err
bwi_maintain(const char *path, const struct bwi_segment_limit *limit,
    atomic_bool *stop, struct bw_error *e)
{
	struct bwi_segments g = {.path = path};
	enum bw_err err;

	bwi_segment_sweep(path);
	err = maintain(&g, limit, stop, e);
	bwi_segments_close(&g);
	return err;
}

/* Compact what is old enough. BW_OK too if it was told to stop. */
static enum bw_err
compact(struct bwi_maintenance *m, struct bw_error *e)
{
	int64_t age = atomic_load(&m->store->compacted);
	struct bw_store_compaction unused;
	enum bw_err err;

	if (age == 0)
		return BW_OK;
	err =
	    bwi_compact(m->path, bw_realtime_ms() - age, &m->stop, &unused, e);
	if (err == BW_ERR_DEADLINE)
		return BW_OK;
	/* Another try would copy all of a damaged segment again. */
	if (err != BW_OK && err != BW_ERR_BUSY)
		m->next = bw_monotonic_ns() + LONG_PAUSE;
	return err;
}

static void *
run(void *arg)
{
	struct bwi_maintenance *m = arg;
	struct bw_error e = {0};
	enum bw_err err = bwi_maintain(m->path, &m->limit, &m->stop, &e);

	if (err == BW_OK)
		err = compact(m, &e);
	if (err != BW_OK && err != BW_ERR_BUSY && !m->warned)
		bwi_store_warn(m->store, &e);
	m->warned = err != BW_OK;
	atomic_store(&m->running, false);
	return NULL;
}

void
bwi_maintenance_init(
    struct bwi_maintenance *m, struct bw_store *store, const char *path)
{
	*m = (struct bwi_maintenance){.store = store,
	    .path = path,
	    .limit = {EVENTS, BYTES},
	    .next = bw_monotonic_ns() + PAUSE};
}

static void
join(struct bwi_maintenance *m)
{
	if (m->started)
		(void)pthread_join(m->thread, NULL);
	m->started = false;
}

void
bwi_maintenance_stop(struct bwi_maintenance *m)
{
	atomic_store(&m->stop, true);
	join(m);
}

/*
 * Is there a segment to compact? Rarely asked, and not in the first minute: a
 * process that lives for a request begins with none.
 */
static bool
has_old(struct bwi_maintenance *m, struct bwi_segments *g)
{
	int64_t age = atomic_load(&m->store->compacted);
	int64_t now = bw_monotonic_ns();
	int64_t before = bw_realtime_ms() - age;

	if (age == 0 || now < m->next)
		return false;
	m->next = now + PAUSE;
	for (size_t i = 1; i + 1 < g->n; i++) {
		const struct bwi_segment *s = g->list[i];

		if (!s->packed && s->known && s->extent.newest < before)
			return true;
	}
	return false;
}

static bool
has_work(struct bwi_maintenance *m, struct bwi_segments *g)
{
	struct bw_error ignored = {0};
	bool full = false, there;

	if (is_full(g, &m->limit, &full, &ignored) != BW_OK || full)
		return full;
	for (size_t i = 0; !atomic_load(&m->stop) && i + 1 < g->n; i++) {
		if (bwi_segments_describe(g, i, &there, &ignored) == BW_OK &&
		    there && g->list[i]->filter.name == NULL)
			return true;
	}
	return has_old(m, g);
}

void
bwi_maintenance_look(struct bwi_maintenance *m, struct bwi_segments *g)
{
	if (atomic_load(&m->running) || !has_work(m, g))
		return;
	join(m);
	atomic_store(&m->running, true);
	m->started = bwi_thread_start(&m->thread, run, m) == 0;
	if (!m->started)
		atomic_store(&m->running, false);
}
