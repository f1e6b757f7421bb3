/*
 * Moving a store to another one. Every step can be repeated, and what was done
 * is seen from the stores themselves: the states of both, and the last number
 * of the one that is filled.
 *
 *	from	to		what comes next
 *	OPEN	OPEN, empty	fill it
 *	OPEN	FILLING		copy, compare; if wanted, close
 *	CLOSED	FILLING		copy, compare, consumers, open the other one
 *	CLOSED	OPEN		the same events: it was opened
 *	MOVED	OPEN		take the spool and late answers
 *
 * A store that was moved before can be filled again: moving back needs only
 * what came since.
 */
#include "store/store_move.h"

#include <string.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "store/spool.h"
#include "store/store_compare.h"

#define SECOND INT64_C(1000000000)

/* How long leases are waited for, and the spool while others empty it. */
#define LEASE_TIME (30 * SECOND)
#define SPOOL_TIME (20 * SECOND)

/* How long one spooled event may take. */
#define EVENT_TIME (20 * SECOND)

/* How long before the last event an event may have got its answer late. */
#define LATE (INT64_C(25) * 3600 * 1000)

static void
pause_shortly(void)
{
	const struct timespec ms = {.tv_nsec = 50 * 1000000};

	(void)nanosleep(&ms, NULL);
}

static enum bw_err
get_state(struct bw_store *s, enum bwi_move_state *state, struct bw_error *e)
{
	return s->ops->move->get_state(s, state, e);
}

static enum bw_err
set_state(struct bw_store *s, enum bwi_move_state state, struct bw_error *e)
{
	return s->ops->move->set_state(s, state, e);
}

/* Copy the events after the last one that was copied. */
static enum bw_err
copy(struct bwi_move *m, struct bw_error *e)
{
	uint64_t all = 0, at = 0;
	enum bw_err err = m->from->ops->last(m->from, &all, e);

	if (err == BW_OK)
		err = bwi_move_last_event(m->to, &m->b, &at, e);
	while (err == BW_OK) {
		err = bwi_rows_read(&m->a, m->from, at, UINT64_MAX, e);
		if (err != BW_OK || m->a.n == 0)
			break;
		err = m->to->ops->move->import(m->to, m->a.row, m->a.n, e);
		if (err != BW_OK)
			break;
		at = m->a.row[m->a.n - 1].seq;
		m->out->copied += m->a.n;
		bwi_move_progress(
		    m, BW_STORE_MOVE_COPIES, at, at > all ? at : all);
	}
	m->out->last = all;
	return err;
}

/* How many events the consumers have leased. */
static size_t
count_leases(const struct bwi_consumers *all)
{
	int64_t now = bw_realtime_ms();
	size_t n = 0;

	for (size_t i = 0; i < all->n; i++) {
		for (size_t k = 0; k < all->list[i].n; k++) {
			const struct bwi_work *w = &all->list[i].work[k];

			n += w->token != 0 && !w->dead &&
			     !bwi_store_lease_over(w->since, w->until, now);
		}
	}
	return n;
}

static enum bw_err
get_consumers(struct bw_store *s, struct bwi_consumers *all, struct bw_error *e)
{
	bwi_consumers_free(all);
	bwi_consumers_init(all);
	return s->ops->move->get_consumers(s, all, e);
}

/*
 * A worker that has leased an event settles it here; if that were after
 * copying, the event would be handled once more.
 */
static enum bw_err
await_leases(struct bwi_move *m, struct bwi_consumers *all, struct bw_error *e)
{
	int64_t until = bw_monotonic_ns() + LEASE_TIME;
	enum bw_err err;

	for (;;) {
		err = get_consumers(m->from, all, e);
		m->out->leased = err == BW_OK ? count_leases(all) : 0;
		if (m->out->leased == 0 || bw_monotonic_ns() >= until)
			return err;
		bwi_move_progress(m, BW_STORE_MOVE_WAITS, 0, m->out->leased);
		pause_shortly();
	}
}

static enum bw_err
copy_consumers(struct bwi_move *m, struct bw_error *e)
{
	struct bwi_consumers from = {.n = 0}, to = {.n = 0};
	uint8_t a[BWI_ROW_SUM], b[BWI_ROW_SUM];
	enum bw_err err = await_leases(m, &from, e);

	if (err == BW_OK)
		err = m->to->ops->move->set_consumers(m->to, &from, e);
	if (err == BW_OK)
		err = get_consumers(m->to, &to, e);
	if (err == BW_OK) {
		bwi_consumers_sum(&from, a);
		bwi_consumers_sum(&to, b);
		if (memcmp(a, b, sizeof(a)) != 0)
			err = bw_error_set(e, BW_ERR_CORRUPT, 0,
			    "move: the consumers differ after copying");
	}
	m->out->consumers = from.n;
	bwi_consumers_free(&from);
	bwi_consumers_free(&to);
	return err;
}

static enum bw_err
take_spooled(void *arg, const struct bw_store_event *events, size_t n,
    struct bw_error *e)
{
	struct bwi_move *m = arg;
	enum bw_err err = bwi_store_append_spooled(
	    m->to, events, n, bw_monotonic_ns() + EVENT_TIME, e);

	if (err == BW_OK)
		m->out->spooled += n;
	bwi_move_progress(
	    m, BW_STORE_MOVE_DRAINS, m->out->spooled, m->out->spooled);
	return err;
}

/*
 * The responder looks at its spool too, so it may be locked for a moment. It
 * may also fill it as fast as it is emptied: the rest is for the next time.
 */
static enum bw_err
drain_spool(struct bwi_move *m, struct bwi_spool *spool, struct bw_error *e)
{
	int64_t until = bw_monotonic_ns() + SPOOL_TIME;
	enum bw_err err = BW_OK;

	while (err == BW_OK && bwi_spool_size(spool) > 0 &&
	       bw_monotonic_ns() < until) {
		uint64_t damaged = 0;
		size_t n;

		err = bwi_spool_drain(spool, take_spooled, m, &n, &damaged, e);
		if (err == BW_OK && damaged > 0)
			err = bwi_spool_damage(spool, damaged, e);
		if (err == BW_OK && n == 0)
			pause_shortly();
	}
	if (err == BW_OK && m->out->spooled == 0 && bwi_spool_size(spool) > 0)
		err = bw_error_set(e, BW_ERR_BUSY, 0,
		    "move: the spool is used by another process; start the "
		    "move again");
	return err;
}

static enum bw_err
drain(struct bwi_move *m, struct bw_error *e)
{
	struct bwi_spool *spool = NULL;
	char *path;
	enum bw_err err = bwi_store_spool_path(m->from_url, &path, e);

	if (err != BW_OK || path == NULL)
		return err;
	if (bwi_spool_open(path, BWI_SPOOL_MAX, &spool) == BW_OK)
		err = drain_spool(m, spool, e);
	else
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "move: out of memory");
	bwi_spool_free(spool);
	bwi_free(path);
	return err;
}

/* An answer that came between copying and now, if the other has none. */
static enum bw_err
take_late_answer(
    struct bwi_move *m, const struct bw_store_row *want, struct bw_error *e)
{
	const struct bw_store_row *have;
	enum bw_err err = bwi_move_find(m, want->seq, &have, e);

	if (err != BW_OK || have == NULL || want->answer.status == 0 ||
	    (have->answer.status != 0 &&
		(!have->answer.failed || want->answer.failed)))
		return err;
	m->out->late++;
	return bw_store_record_answer_wait(
	    m->to, want->seq, &want->answer, bw_monotonic_ns() + EVENT_TIME, e);
}

static enum bw_err
take_late(struct bwi_move *m, struct bw_error *e)
{
	uint64_t at = 0;
	enum bw_err err = bwi_move_since(m->from, &m->a, LATE, &at, e);

	bwi_move_rewind(m, at);
	while (err == BW_OK) {
		err = bwi_rows_read(&m->a, m->from, at, UINT64_MAX, e);
		if (err != BW_OK || m->a.n == 0)
			return err;
		for (size_t i = 0; err == BW_OK && i < m->a.n; i++)
			err = take_late_answer(m, &m->a.row[i], e);
		at = m->a.row[m->a.n - 1].seq;
	}
	return err;
}

/* The other store is open, and may have a responder already. */
static enum bw_err
finish(struct bwi_move *m, bool again, struct bw_error *e)
{
	enum bw_err err = set_state(m->from, BWI_MOVE_MOVED, e);

	m->out->complete = err == BW_OK;
	if (err == BW_OK)
		err = drain(m, e);
	return err == BW_OK && again ? take_late(m, e) : err;
}

/* The store is closed: nothing is added to it any more. */
static enum bw_err
complete(struct bwi_move *m, struct bw_error *e)
{
	enum bw_err err = copy(m, e);

	if (err == BW_OK)
		err = bwi_move_compare(m, true, e);
	if (err == BW_OK)
		err = copy_consumers(m, e);
	if (err == BW_OK)
		err = m->to->ops->move->set_last(m->to, m->out->last, e);
	if (err == BW_OK)
		err = set_state(m->to, BWI_MOVE_OPEN, e);
	return err == BW_OK ? finish(m, false, e) : err;
}

static enum bw_err
refuse_to(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_STALE, 0,
	    "move: the store to move to has events of its own, or consumers; "
	    "name an empty one");
}

/* An empty store, or one that this store was moved to or from before. */
static enum bw_err
begin(struct bwi_move *m, enum bwi_move_state to, struct bw_error *e)
{
	struct bwi_consumers all = {.n = 0};
	uint64_t last = 0;
	enum bw_err err = m->to->ops->last(m->to, &last, e);

	if (err == BW_OK && to == BWI_MOVE_OPEN) {
		err = get_consumers(m->to, &all, e);
		if (err == BW_OK && (last > 0 || all.n > 0))
			err = refuse_to(e);
		bwi_consumers_free(&all);
	}
	if (err == BW_OK && to == BWI_MOVE_CLOSED)
		err = bw_error_set(e, BW_ERR_STALE, 0,
		    "move: the store to move to is being moved itself");
	if (err == BW_OK)
		err = bwi_move_check_begun(m, e);
	return err == BW_OK && to != BWI_MOVE_FILLING
		   ? set_state(m->to, BWI_MOVE_FILLING, e)
		   : err;
}

static enum bw_err
cancel(struct bwi_move *m, enum bwi_move_state from, enum bwi_move_state to,
    struct bw_error *e)
{
	if (from == BWI_MOVE_MOVED ||
	    (from == BWI_MOVE_CLOSED && to == BWI_MOVE_OPEN))
		return bw_error_set(e, BW_ERR_STALE, 0,
		    "move: it is complete; move the store back instead");
	return set_state(m->from, BWI_MOVE_OPEN, e);
}

static enum bw_err
act(struct bwi_move *m, unsigned how, struct bw_error *e)
{
	enum bwi_move_state from, to;
	enum bw_err err = get_state(m->from, &from, e);

	if (err == BW_OK)
		err = get_state(m->to, &to, e);
	if (err != BW_OK)
		return err;
	if ((how & BW_STORE_MOVE_CANCEL) != 0)
		return cancel(m, from, to, e);
	if (from == BWI_MOVE_FILLING)
		return bw_error_set(e, BW_ERR_STALE, 0,
		    "move: the store is being filled from another one");
	if (to == BWI_MOVE_OPEN && from != BWI_MOVE_OPEN) {
		err = bwi_move_check_complete(m, e);
		return err == BW_OK ? finish(m, true, e) : err;
	}
	if (from == BWI_MOVE_MOVED)
		return bw_error_set(e, BW_ERR_STALE, 0,
		    "move: the store was moved to another one already");
	err = begin(m, to, e);
	if (err == BW_OK)
		err = copy(m, e);
	if (err == BW_OK && from == BWI_MOVE_OPEN &&
	    (how & BW_STORE_MOVE_CLOSE) == 0)
		return bwi_move_compare(m, false, e);
	if (err == BW_OK)
		err = set_state(m->from, BWI_MOVE_CLOSED, e);
	return err == BW_OK ? complete(m, e) : err;
}

/* Open it; make it, if that is not the administrator's step. */
static enum bw_err
open_to(const char *url, struct bw_store **s, struct bw_error *e)
{
	enum bw_err err = bw_store_open(url, s, e);

	if (err != BW_ERR_NOFILE || strncmp(url, "sqlite:", 7) != 0)
		return err;
	*e = (struct bw_error){0};
	err = bw_store_create(url, NULL, e);
	return err == BW_OK ? bw_store_open(url, s, e) : err;
}

static enum bw_err
open_both(struct bwi_move *m, const char *to, struct bw_error *e)
{
	enum bw_err err;

	if (strcmp(m->from_url, to) == 0)
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "move: both stores are the same");
	err = bw_store_open(m->from_url, &m->from, e);
	if (err == BW_OK)
		err = open_to(to, &m->to, e);
	if (err == BW_OK &&
	    (m->from->ops->move == NULL || m->to->ops->move == NULL))
		err = bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "move: only SQLite and PostgreSQL can be moved");
	return err;
}

enum bw_err
bw_store_move(const char *from, const char *to, unsigned how,
    bw_store_move_fn *fn, void *arg, struct bw_store_moved *out,
    struct bw_error *e)
{
	struct bw_error unused = {0};
	struct bwi_move *m = bwi_calloc(1, sizeof(*m));
	enum bw_err err;

	*out = (struct bw_store_moved){.last = 0};
	if (e == NULL)
		e = &unused;
	if (m == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "move: out of memory");
	m->from_url = from;
	m->fn = fn;
	m->arg = arg;
	m->out = out;
	bwi_rows_init(&m->a);
	bwi_rows_init(&m->b);
	bwi_rows_init(&m->c);
	err = open_both(m, to, e);
	if (err == BW_OK)
		err = act(m, how, e);
	bw_store_free(m->from);
	bw_store_free(m->to);
	bwi_rows_free(&m->a);
	bwi_rows_free(&m->b);
	bwi_rows_free(&m->c);
	bwi_free(m);
	return err;
}
