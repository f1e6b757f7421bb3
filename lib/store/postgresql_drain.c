/* Moves the events of the spool into a PostgreSQL store. */
#include "store/postgresql_drain.h"

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/thread.h"
#include "store/spool.h"

/* How long a batch may take before the rest is left for the next time. */
#define BATCH_TIME (INT64_C(20) * 1000000000)

struct bwi_pg_drain {
	struct bw_store *store;
	pthread_t thread;
	atomic_bool stop;
	atomic_bool done;
};

bool
bwi_pg_drain_is_due(const struct bw_store *s)
{
	return s->spool != NULL && bwi_spool_size(s->spool) > 0;
}

static enum bw_err
store_events(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *e)
{
	struct bwi_pg_drain *d = arg;

	if (atomic_load(&d->stop))
		return BW_ERR_DEADLINE;
	return bwi_store_append_spooled(
	    d->store, events, n, bw_monotonic_ns() + BATCH_TIME, e);
}

static void *
run(void *arg)
{
	struct bwi_pg_drain *d = arg;
	struct bw_error e = {0};
	uint64_t damaged = 0;
	size_t n;

	if (bwi_spool_drain(
		d->store->spool, store_events, d, &n, &damaged, &e) == BW_OK &&
	    damaged > 0) {
		(void)bwi_spool_damage(d->store->spool, damaged, &e);
		bwi_store_warn(d->store, &e);
	}
	atomic_store(&d->done, true);
	return NULL;
}

static void
join(struct bwi_pg_drain **d)
{
	(void)pthread_join((*d)->thread, NULL);
	bwi_free(*d);
	*d = NULL;
}

void
bwi_pg_drain_poll(struct bwi_pg_drain **d, struct bw_store *s, bool may)
{
	if (*d != NULL && atomic_load(&(*d)->done))
		join(d);
	if (*d != NULL || !may || !bwi_pg_drain_is_due(s))
		return;
	*d = bwi_calloc(1, sizeof(**d));
	if (*d == NULL)
		return;
	(*d)->store = s;
	if (bwi_thread_start(&(*d)->thread, run, *d) != 0) {
		bwi_free(*d);
		*d = NULL;
	}
}

bool
bwi_pg_drain_end(struct bwi_pg_drain **d)
{
	if (*d == NULL)
		return true;
	atomic_store(&(*d)->stop, true);
	if (!atomic_load(&(*d)->done))
		return false;
	join(d);
	return true;
}
