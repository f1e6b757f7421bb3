/* Several stores that are read as one: their events in the order of time. */
#include <stdlib.h>

#include <bwcallback/tools/store.h>
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "store/event_strings.h"
#include "store/store.h"

/* Rows that are read ahead of each store, and bytes after which no more are. */
#define AHEAD	    64
#define AHEAD_BYTES (1024 * 1024)

/* The cursor after a reading backward, from which others are counted. */
#define MIDDLE (UINT64_C(1) << 62)

/* Copies of rows that were read and are not passed on yet. */
struct ahead {
	struct bwi_arena arena;
	struct bw_store_row rows[AHEAD];
	size_t n;
	size_t next; /* to pass on */
	size_t bytes;
	uint64_t cursor; /* of the reading */
	bool end;	 /* there are no more */
	bool no_memory;
};

/* One of the stores. Events up to position are before the cursor. */
struct member {
	struct bw_store *store;
	char *id; /* "" for the one without */
	bool away;
	uint64_t position;
	struct ahead ahead;
};

struct merged {
	struct bw_store base;
	bw_store_away_fn *away;
	void *arg;
	uint64_t cursor; /* that the positions belong to */
	/*
	 * After reading backward, the last event that was passed on is not
	 * before the cursor, and with this cursor minus one, it is.
	 */
	struct member *last;
	size_t n;
	struct member members[];
};

/* One reading. */
struct reading {
	struct merged *m;
	const struct bw_store_filter *filter;
	bool newest_first;
	int64_t deadline;
};

static struct merged *
merged_of(struct bw_store *s)
{
	return (struct merged *)(void *)s;
}

static bool
copy(struct bwi_arena *arena, struct bw_str *s)
{
	if (s->p != NULL)
		*s = bwi_arena_copy(arena, *s);
	return s->p != NULL;
}

/* Copy a string if it is there. */
#define COPY(from) \
	if ((from).p != NULL && !copy(&a->arena, &(from))) \
		a->no_memory = true;

static bool
take_row(void *arg, const struct bw_store_row *row)
{
	struct ahead *a = arg;
	struct bw_store_row *r = &a->rows[a->n];

	*r = *row;
#define X(name) COPY(r->event.name)
	BWI_STORE_STRINGS(X)
#undef X
	COPY(r->answer.content_type)
	COPY(r->answer.body)
	COPY(r->answer.trace)
	a->bytes += row->event.body.n + row->answer.body.n;
	a->n += !a->no_memory;
	return !a->no_memory && a->bytes < AHEAD_BYTES;
}

static void
be_away(struct merged *m, struct member *of, const struct bw_error *e)
{
	of->away = true;
	m->away(m->arg, of->id, e);
}

/* Read ahead, if nothing is left. BW_ERR_NOMEM. */
static enum bw_err
fill(const struct reading *r, struct member *of, struct bw_error *e)
{
	struct ahead *a = &of->ahead;
	struct bw_error why = {0};
	enum bw_err err;

	if (a->next < a->n || a->end || of->away)
		return BW_OK;
	bwi_arena_reset(&a->arena);
	a->n = a->next = a->bytes = 0;
	a->no_memory = false;
	err = bwi_store_read_until(of->store, r->filter, r->newest_first, AHEAD,
	    &a->cursor, r->deadline, take_row, a, &why);
	a->end = a->n < AHEAD && a->bytes < AHEAD_BYTES;
	if (a->no_memory)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (err != BW_OK)
		be_away(r->m, of, &why);
	return BW_OK;
}

static bool
is_before(
    const struct reading *r, const struct member *x, const struct member *y)
{
	int64_t a = x->ahead.rows[x->ahead.next].event.received;
	int64_t b = y->ahead.rows[y->ahead.next].event.received;

	return r->newest_first ? a > b : a < b;
}

/* The store that has the next event; NULL: none has. */
static enum bw_err
find_next(const struct reading *r, struct member **next, struct bw_error *e)
{
	*next = NULL;
	for (size_t i = 0; i < r->m->n; i++) {
		struct member *of = &r->m->members[i];
		enum bw_err err = fill(r, of, e);

		if (err != BW_OK)
			return err;
		if (of->away || of->ahead.next == of->ahead.n)
			continue;
		if (*next == NULL || is_before(r, of, *next))
			*next = of;
	}
	return BW_OK;
}

/* Set the positions to a cursor that a reading has returned, or to 0. */
static enum bw_err
go_to(struct merged *m, uint64_t cursor, struct bw_error *e)
{
	if (cursor == m->cursor && m->last != NULL)
		m->last->position++;
	else if (cursor != 0 && cursor != m->cursor &&
		 (m->last == NULL || cursor != m->cursor - 1))
		return bw_error_set(e, BW_ERR_USAGE, 0,
		    "store: events of several stores have no common numbers; "
		    "name one store");
	for (size_t i = 0; i < m->n && cursor == 0; i++)
		m->members[i].position = 0;
	m->last = NULL;
	m->cursor = cursor;
	return BW_OK;
}

/* Begin to read from the positions. */
static void
begin(struct merged *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct ahead *a = &m->members[i].ahead;

		a->n = a->next = 0;
		a->end = false;
		a->cursor = m->members[i].position;
	}
}

/* All events of a store are before the cursor, also those not selected. */
static void
go_to_ends(struct merged *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct member *of = &m->members[i];
		const struct ahead *a = &of->ahead;

		if (of->away || !a->end || a->next < a->n ||
		    a->cursor == of->position)
			continue;
		of->position = a->cursor;
		m->cursor++;
	}
}

/* The next row that was read ahead of a store. */
static struct bw_store_row *
next_row(struct member *of)
{
	struct bw_store_row *row = &of->ahead.rows[of->ahead.next++];

	row->store = (struct bw_str){of->id, strlen(of->id)};
	return row;
}

static enum bw_err
read_forward(struct reading *r, size_t max, uint64_t *cursor,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct merged *m = r->m;
	struct member *of;
	enum bw_err err = go_to(m, *cursor, e);
	bool go_on = true;

	begin(m);
	while (err == BW_OK && go_on && max-- > 0) {
		struct bw_store_row *row;

		err = find_next(r, &of, e);
		if (err != BW_OK || of == NULL)
			break;
		row = next_row(of);
		of->position = row->seq;
		m->cursor++;
		go_on = fn(arg, row);
	}
	if (err == BW_OK)
		go_to_ends(m);
	*cursor = m->cursor;
	return err;
}

/* The numbers of the last events, after which reading backward begins. */
static void
go_to_last(struct merged *m)
{
	for (size_t i = 0; i < m->n; i++) {
		struct member *of = &m->members[i];
		struct bw_error why = {0};

		of->position = 0;
		if (!of->away && of->store->ops->last(
				     of->store, &of->position, &why) != BW_OK)
			be_away(m, of, &why);
	}
	m->last = NULL;
	m->cursor = MIDDLE;
}

static enum bw_err
read_backward(struct reading *r, size_t max, uint64_t *cursor,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct merged *m = r->m;
	struct member *of;
	enum bw_err err = BW_OK;
	bool go_on = true;

	if (*cursor != 0)
		return go_to(m, UINT64_MAX, e);
	begin(m);
	go_to_last(m);
	for (size_t i = 0; i < m->n; i++)
		m->members[i].ahead.cursor = 0;
	while (err == BW_OK && go_on && max-- > 0) {
		struct bw_store_row *row;

		err = find_next(r, &of, e);
		if (err != BW_OK || of == NULL)
			break;
		row = next_row(of);
		of->position = row->seq - 1;
		m->last = of;
		*cursor = m->cursor;
		go_on = fn(arg, row);
	}
	return err;
}

static enum bw_err
merged_read(struct bw_store *s, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct reading r = {merged_of(s), f, newest_first, deadline};

	return newest_first ? read_backward(&r, max, cursor, fn, arg, e)
			    : read_forward(&r, max, cursor, fn, arg, e);
}

/* A cursor after the last one if a store has more events. */
static enum bw_err
merged_last(struct bw_store *s, uint64_t *last, struct bw_error *e)
{
	struct merged *m = merged_of(s);

	(void)e;
	*last = m->cursor;
	for (size_t i = 0; i < m->n; i++) {
		struct member *of = &m->members[i];
		struct bw_error why = {0};
		uint64_t seq = 0;

		if (of->away)
			continue;
		if (of->store->ops->last(of->store, &seq, &why) != BW_OK)
			be_away(m, of, &why);
		else if (seq > of->position)
			*last = m->cursor + 1;
	}
	return BW_OK;
}

/* The numbers of all stores; the names are in the arena. */
struct counts {
	struct bwi_arena arena;
	struct bw_store_count *v;
	size_t n, cap;
	bool no_memory;
};

static bool
take_count(void *arg, const struct bw_store_count *count)
{
	struct counts *c = arg;
	struct bw_store_count *v = bwi_grow(c->v, c->n, &c->cap, sizeof(*v));

	c->no_memory = v == NULL;
	if (v == NULL)
		return false;
	c->v = v;
	v += c->n;
	*v = *count;
	c->no_memory =
	    !copy(&c->arena, &v->family) || !copy(&c->arena, &v->type);
	c->n += !c->no_memory;
	return !c->no_memory;
}

/* Add up the sorted numbers of each type. */
static void
pass_counts(const struct counts *c, bw_store_count_fn *fn, void *arg)
{
	bool go_on = true;

	for (size_t i = 0, next; go_on && i < c->n; i = next) {
		struct bw_store_count sum = c->v[i];

		for (next = i + 1;
		     next < c->n &&
		     bwi_store_compare_types(&c->v[i], &c->v[next]) == 0;
		     next++) {
			sum.events += c->v[next].events;
			sum.deliveries += c->v[next].deliveries;
			sum.unanswered += c->v[next].unanswered;
		}
		go_on = fn(arg, &sum);
	}
}

static enum bw_err
merged_count(struct bw_store *s, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	struct merged *m = merged_of(s);
	struct counts c = {.n = 0};

	bwi_arena_init(&c.arena);
	for (size_t i = 0; i < m->n && !c.no_memory; i++) {
		struct member *of = &m->members[i];
		struct bw_error why = {0};

		if (!of->away && of->store->ops->count(of->store, f, take_count,
				     &c, &why) != BW_OK)
			be_away(m, of, &why);
	}
	if (!c.no_memory && c.n > 0) {
		qsort(c.v, c.n, sizeof(*c.v), bwi_store_compare_types);
		pass_counts(&c, fn, arg);
	}
	bwi_free(c.v);
	bwi_arena_free(&c.arena);
	return c.no_memory
		   ? bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory")
		   : BW_OK;
}

static void
add_stats(struct bw_store_stats *sum, const struct bw_store_stats *s)
{
	if (s->events > 0 && (sum->events == 0 || s->oldest < sum->oldest))
		sum->oldest = s->oldest;
	if (s->events > 0 && (sum->events == 0 || s->newest > sum->newest))
		sum->newest = s->newest;
	sum->events += s->events;
	sum->bytes += s->bytes;
	sum->spooled += s->spooled;
}

static enum bw_err
merged_stats(struct bw_store *s, struct bw_store_stats *out, struct bw_error *e)
{
	struct merged *m = merged_of(s);

	(void)e;
	for (size_t i = 0; i < m->n; i++) {
		struct member *of = &m->members[i];
		struct bw_store_stats stats;
		struct bw_error why = {0};

		if (of->away)
			continue;
		if (bw_store_stats(of->store, &stats, &why) == BW_OK)
			add_stats(out, &stats);
		else
			be_away(m, of, &why);
	}
	return BW_OK;
}

static void
merged_free(struct bw_store *s)
{
	struct merged *m = merged_of(s);

	for (size_t i = 0; i < m->n; i++) {
		bw_store_free(m->members[i].store);
		bwi_arena_free(&m->members[i].ahead.arena);
		bwi_free(m->members[i].id);
	}
	bwi_store_done(s);
	bwi_free(m);
}

/* Other functions are not supported for merged stores. */
static const struct bwi_store_ops merged_ops = {
    .free = merged_free,
    .read = merged_read,
    .last = merged_last,
    .count = merged_count,
    .stats = merged_stats,
};

enum bw_err
bw_store_merge_take(struct bw_store **stores, const struct bw_str *ids,
    size_t n, bw_store_away_fn *away, void *arg, struct bw_store **out,
    struct bw_error *e)
{
	struct merged *m =
	    bwi_calloc(1, sizeof(*m) + n * sizeof(m->members[0]));
	bool good = m != NULL;

	if (m != NULL)
		bwi_store_init(&m->base, &merged_ops);
	for (size_t i = 0; i < n && m != NULL; i++) {
		struct member *of = &m->members[m->n++];

		bwi_arena_init(&of->ahead.arena);
		of->store = stores[i];
		stores[i] = NULL;
		of->id =
		    bwi_strndup(ids[i].p != NULL ? ids[i].p : "", ids[i].n);
		good = good && of->id != NULL;
	}
	*out = NULL;
	if (good) {
		m->away = away;
		m->arg = arg;
		*out = &m->base;
		return BW_OK;
	}
	if (m != NULL)
		merged_free(&m->base);
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}
