/* The public functions: each calls the function of the store's kind. */
#include "store/store.h"

#include <time.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/spool.h"

/*
 * The kinds of store always get a struct to fill, also if the caller passes
 * NULL.
 */
#define ERROR(e) ((e) != NULL ? (e) : &(struct bw_error){0})

/* How long after the deadline the writer has certainly given up. */
#define GRACE INT64_C(200000000)

void
bw_store_free(struct bw_store *s)
{
	if (s != NULL)
		s->ops->free(s);
}

bool
bw_store_take_warning(struct bw_store *s, struct bw_error *e)
{
	bool any;

	(void)pthread_mutex_lock(&s->warning_mutex);
	any = s->warning.code != BW_OK;
	if (any)
		*e = s->warning;
	s->warning = (struct bw_error){0};
	(void)pthread_mutex_unlock(&s->warning_mutex);
	return any;
}

enum bw_err
bw_store_set_spool(struct bw_store *s, const char *path, struct bw_error *e)
{
	enum bw_err err = bwi_spool_open(path, BWI_SPOOL_MAX, &s->spool);

	return err == BW_OK ? BW_OK
			    : bw_error_set(e, err, 0, "spool: %s: %s", path,
				  bw_strerror(err));
}

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

enum bw_err
bw_store_write_begin(struct bw_store *s, const struct bw_store_event *events,
    size_t n, int64_t deadline, struct bw_store_write **out, struct bw_error *e)
{
	struct bw_store_write *j;

	*out = NULL;
	for (size_t i = 0; i < n; i++) {
		const struct bw_store_event *v = &events[i];

		if (v->section.p == NULL || v->method.p == NULL ||
		    v->family.p == NULL || v->type.p == NULL ||
		    v->body.p == NULL)
			n = 0;
	}
	if (n == 0) {
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "store: no events, or one without section, method, family, "
		    "type or body");
	}
	j = bwi_job_new(s, events, n, deadline);
	if (j == NULL)
		return no_memory(e);
	*out = j;
	s->ops->submit(s, j);
	return BW_OK;
}

/* results: as bw_store_append(); NULL: of no interest. */
static enum bw_err
append(struct bw_store *s, const struct bw_store_event *events, size_t n,
    int64_t deadline, struct bw_store_result *results, struct bw_error *e)
{
	const struct bw_store_result *got;
	struct bw_store_write *j;
	enum bw_err err = bw_store_write_begin(s, events, n, deadline, &j, e);

	if (err != BW_OK)
		return err;
	/* Wait until the writer has given up: then the result is known. */
	err =
	    bw_store_write_wait(j, BW_STORE_DURABLE, deadline + GRACE, &got, e);
	for (size_t i = 0; err == BW_OK && results != NULL && i < n; i++) {
		results[i] = got[i];
		results[i].answer = (struct bw_store_answer){0};
	}
	bw_store_write_free(j, false);
	return err;
}

enum bw_err
bw_store_append(struct bw_store *s, const struct bw_store_event *events,
    size_t n, int64_t deadline, struct bw_store_result *results,
    struct bw_error *e)
{
	return append(s, events, n, deadline, results, e);
}

enum bw_err
bw_store_record_answer(struct bw_store *s, uint64_t seq,
    const struct bw_store_answer *a, struct bw_error *e)
{
	struct bw_store_write *j = bwi_job_new_answer(s, seq, a);

	if (j == NULL)
		return no_memory(e);
	s->ops->submit(s, j);
	return BW_OK;
}

enum bw_err
bwi_store_answer_begin(struct bw_store *s, uint64_t seq,
    const struct bw_store_answer *a, struct bw_store_write **out,
    struct bw_error *e)
{
	struct bw_store_write *j = bwi_job_new_answer(s, seq, a);

	*out = j;
	if (j == NULL)
		return no_memory(e);
	bwi_job_add_waiter(j);
	s->ops->submit(s, j);
	return BW_OK;
}

enum bw_err
bw_store_record_answer_wait(struct bw_store *s, uint64_t seq,
    const struct bw_store_answer *a, int64_t deadline, struct bw_error *e)
{
	const struct bw_store_result *unused;
	struct bw_store_write *j;
	enum bw_err err = bwi_store_answer_begin(s, seq, a, &j, e);

	if (err != BW_OK)
		return err;
	err = bw_store_write_wait(j, BW_STORE_DURABLE, deadline, &unused, e);
	bw_store_write_free(j, false);
	return err;
}

enum bw_err
bw_store_spool(struct bw_store *s, const struct bw_store_event *events,
    size_t n, struct bw_error *e)
{
	if (s->spool == NULL) {
		return bw_error_set(
		    e, BW_ERR_UNSUPPORTED, 0, "store: this kind has no spool");
	}
	return bwi_spool_append(s->spool, events, n, BWI_SPOOL_MAX_WAIT, e);
}

struct draining {
	struct bw_store *store;
	int64_t deadline;
};

enum bw_err
bwi_store_append_spooled(struct bw_store *s,
    const struct bw_store_event *events, size_t n, int64_t deadline,
    struct bw_error *e)
{
	enum bw_err err = append(s, events, n, deadline, NULL, e);

	return bwi_store_drained(s, events, n, err, e);
}

static enum bw_err
drain_events(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *e)
{
	struct draining *d = arg;

	return bwi_store_append_spooled(d->store, events, n, d->deadline, e);
}

enum bw_err
bw_store_drain(
    struct bw_store *s, int64_t deadline, size_t *n, struct bw_error *e)
{
	struct draining d = {s, deadline};
	uint64_t damaged = 0;
	enum bw_err err;

	*n = 0;
	if (s->spool == NULL || bwi_spool_size(s->spool) == 0)
		return BW_OK;
	err = bwi_spool_drain(s->spool, drain_events, &d, n, &damaged, e);
	if (err == BW_OK && damaged > 0)
		err = bwi_spool_damage(s->spool, damaged, e);
	return err;
}

enum bw_err
bwi_store_read_until(struct bw_store *s, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	return s->ops->read(
	    s, f, newest_first, max, cursor, deadline, fn, arg, ERROR(e));
}

enum bw_err
bw_store_read(struct bw_store *s, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, bw_store_row_fn *fn,
    void *arg, struct bw_error *e)
{
	return bwi_store_read_until(
	    s, f, newest_first, max, cursor, INT64_MAX, fn, arg, e);
}

enum bw_err
bw_store_follow(
    struct bw_store *s, uint64_t cursor, int64_t deadline, struct bw_error *e)
{
	/* Polling works for every kind of store. */
	const struct timespec pause = {.tv_nsec = 50 * 1000 * 1000};

	for (;;) {
		uint64_t last;
		enum bw_err err = s->ops->last(s, &last, ERROR(e));

		if (err != BW_OK || last > cursor)
			return err;
		if (bw_monotonic_ns() >= deadline)
			return BW_ERR_DEADLINE;
		(void)nanosleep(&pause, NULL);
	}
}

enum bw_err
bw_store_count(struct bw_store *s, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	return s->ops->count(s, f, fn, arg, ERROR(e));
}

enum bw_err
bw_store_stats(
    struct bw_store *s, struct bw_store_stats *out, struct bw_error *e)
{
	*out = (struct bw_store_stats){0};
	if (s->spool != NULL)
		out->spooled = (uint64_t)bwi_spool_size(s->spool);
	return s->ops->stats(s, out, ERROR(e));
}

static enum bw_err
check_name(const char *name, struct bw_error *e)
{
	size_t n = strlen(name);

	if (n > 0 && n <= BW_STORE_MAX_NAME)
		return BW_OK;
	return bw_error_set(e, BW_ERR_USAGE, 0,
	    "consumer: a name must have 1 to %d bytes", BW_STORE_MAX_NAME);
}

enum bw_err
bw_store_consumer(struct bw_store *s, const char *name,
    const struct bw_store_filter *f, uint64_t after_seq, struct bw_error *e)
{
	enum bw_err err = check_name(name, e);

	if (err == BW_OK && bwi_store_selects_answers(f))
		err = bw_error_set(e, BW_ERR_USAGE, 0,
		    "consumer %s: its filter cannot select by the answer",
		    name);
	return err == BW_OK ? s->ops->consumer(s, name, f, after_seq, ERROR(e))
			    : err;
}

enum bw_err
bw_store_consumer_remove(
    struct bw_store *s, const char *name, struct bw_error *e)
{
	return s->ops->consumer_remove(s, name, ERROR(e));
}

enum bw_err
bw_store_lease(struct bw_store *s, const char *name, size_t max, int64_t ms,
    bw_store_lease_fn *fn, void *arg, struct bw_error *e)
{
	if (max > BWI_STORE_MAX_LEASES)
		max = BWI_STORE_MAX_LEASES;
	return s->ops->lease(s, name, max, ms, fn, arg, ERROR(e));
}

enum bw_err
bw_store_settle(struct bw_store *s, const char *name,
    const struct bw_store_lease *l, enum bw_store_outcome v, int64_t ms,
    struct bw_str why, struct bw_error *e)
{
	return s->ops->settle(s, name, l, v, ms, why, ERROR(e));
}

enum bw_err
bw_store_consumers(struct bw_store *s, int64_t before, bw_store_consumer_fn *fn,
    void *arg, struct bw_error *e)
{
	return bwi_store_consumers_until(s, before, INT64_MAX, fn, arg, e);
}

enum bw_err
bwi_store_consumers_until(struct bw_store *s, int64_t before, int64_t deadline,
    bw_store_consumer_fn *fn, void *arg, struct bw_error *e)
{
	return s->ops->consumers(s, before, deadline, fn, arg, ERROR(e));
}

int64_t
bwi_store_busy(struct bw_store *s)
{
	return s->ops->busy != NULL ? s->ops->busy(s) : 0;
}

enum bw_err
bw_store_dead(struct bw_store *s, const char *name, bw_store_dead_fn *fn,
    void *arg, struct bw_error *e)
{
	return s->ops->dead(s, name, fn, arg, ERROR(e));
}

enum bw_err
bw_store_revive(struct bw_store *s, const char *name, uint64_t seq, size_t *n,
    struct bw_error *e)
{
	*n = 0;
	return s->ops->revive(s, name, seq, n, ERROR(e));
}

enum bw_err
bw_store_drop_dead(struct bw_store *s, const char *name, uint64_t seq,
    size_t *n, struct bw_error *e)
{
	*n = 0;
	return s->ops->drop_dead(s, name, seq, n, ERROR(e));
}

enum bw_err
bw_store_prune(struct bw_store *s, int64_t before, uint64_t bytes, uint64_t *n,
    struct bw_error *e)
{
	*n = 0;
	return s->ops->prune(s, before, bytes, n, ERROR(e));
}

enum bw_err
bw_store_verify(struct bw_store *s, unsigned how, const struct bw_reporter *r,
    struct bw_store_soundness *out, struct bw_error *e)
{
	*out = (struct bw_store_soundness){.segments = 0};
	if (s->ops->verify == NULL) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "verify: this kind of store has tools of its own");
	}
	return s->ops->verify(s, how, r, out, ERROR(e));
}

enum bw_err
bw_store_compact(struct bw_store *s, int64_t before,
    struct bw_store_compaction *out, struct bw_error *e)
{
	*out = (struct bw_store_compaction){.segments = 0};
	if (s->ops->compact == NULL) {
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "compact: only a store in SQLite has files to compact");
	}
	return s->ops->compact(s, before, out, ERROR(e));
}

enum bw_err
bw_store_backup(struct bw_store *s, const char *path, bw_store_progress_fn *fn,
    void *arg, struct bw_error *e)
{
	return s->ops->backup(s, path, fn, arg, ERROR(e));
}
