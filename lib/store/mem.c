/*
 * "mem:", the store for tests and the template for a new kind: events in an
 * array, found by number or key; one mutex; the calling thread does everything
 * at once.
 */
#include "store/mem.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>
#include <bwcallback/tools/str.h>

#include "base/alloc.h"
#include "store/event_strings.h"

static enum bw_err
mem_create(const char *where, const struct bw_reporter *r, struct bw_error *e)
{
	(void)where;
	(void)r;
	(void)e;
	return BW_OK;
}

static enum bw_err
mem_open(const char *where, struct bw_store **out, struct bw_error *e)
{
	struct mem_store *s = bwi_calloc(1, sizeof(*s));

	(void)where;
	if (s == NULL)
		return bwi_mem_no_memory(e);
	bwi_store_init(&s->base, &bwi_store_mem);
	(void)pthread_mutex_init(&s->mutex, NULL);
	*out = &s->base;
	return BW_OK;
}

static void
free_row(struct mem_row *r)
{
	if (r == NULL)
		return;
	bwi_free(r->text);
	bwi_free(r->answer_text);
	bwi_free(r);
}

static void
mem_free(struct bw_store *base)
{
	struct mem_store *s = bwi_mem(base);

	for (size_t i = 0; i < s->n; i++)
		free_row(s->rows[i]);
	bwi_free(s->rows);
	bwi_free(s->slots);
	bwi_mem_free_consumers(s);
	(void)pthread_mutex_destroy(&s->mutex);
	bwi_store_done(base);
	bwi_free(s);
}

enum bw_err
bwi_mem_no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

struct mem_row *
bwi_mem_find(struct mem_store *s, uint64_t seq)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->rows[middle]->row.seq < seq)
			low = middle + 1;
		else
			high = middle;
	}
	return low < s->n && s->rows[low]->row.seq == seq ? s->rows[low] : NULL;
}

static struct mem_row *
find_key(struct mem_store *s, const struct bw_store_event *e)
{
	struct mem_row *r = bwi_mem_find_key(s, e);

	return r == NULL ||
		       bwi_store_key_over(&s->base, r->row.event.received, e)
		   ? NULL
		   : r;
}

static bool
copy_strings(struct mem_row *r, const struct bw_store_event *e)
{
	size_t n = 0;
	char *to;

#define X(name) n += e->name.n;
	BWI_STORE_STRINGS(X)
#undef X
	r->text = to = bwi_alloc(n + 1);
	if (to == NULL)
		return false;
	r->row.event = *e;
#define X(name) \
	if (e->name.p != NULL) { \
		if (e->name.n > 0) \
			memcpy(to, e->name.p, e->name.n); \
		r->row.event.name.p = to; \
		to += e->name.n; \
	}
	BWI_STORE_STRINGS(X)
#undef X
	return true;
}

static enum bw_err
add_row(struct mem_store *s, const struct bw_store_event *e, int64_t now,
    struct bw_store_result *result)
{
	struct mem_row *r = bwi_calloc(1, sizeof(*r));
	void *rows = bwi_grow(s->rows, s->n, &s->cap, sizeof(struct mem_row *));

	if (rows != NULL)
		s->rows = rows;
	if (r == NULL || rows == NULL || !copy_strings(r, e) ||
	    !bwi_mem_add_key(s, r)) {
		free_row(r);
		return BW_ERR_NOMEM;
	}
	r->row.seq = ++s->seq;
	r->row.answer = r->row.event.answer;
	r->row.event.answer = (struct bw_store_answer){0};
	r->row.deliveries = 1;
	r->row.last = now;
	r->claim = now + e->claim;
	s->rows[s->n++] = r;
	*result = (struct bw_store_result){
	    .seq = r->row.seq, .fate = BW_STORE_NEW, .deliveries = 1};
	return BW_OK;
}

static enum bw_err
repeat_row(struct mem_row *r, struct bw_store_write *j, size_t i, int64_t now)
{
	struct bw_store_result *result = &j->results[i];

	if (!j->events[i].again) {
		r->row.deliveries++;
		r->row.last = now;
	}
	result->seq = r->row.seq;
	result->deliveries = r->row.deliveries;
	if (r->row.answer.status != 0 && !r->row.answer.failed)
		return bwi_job_set_answer(j, i, &r->row.answer);
	if (!bwi_store_claim_over(r->claim, now)) {
		result->fate = BW_STORE_RUNNING;
	} else {
		result->fate = BW_STORE_TAKEN;
		r->claim = now + j->events[i].claim;
	}
	return BW_OK;
}

static bool
is_refused(struct mem_store *s, const struct bw_store_event *e)
{
	size_t n = 0, bytes = e->body.n + e->query.n;

	if (!bw_str_is(e->family, BWI_STORE_UNPARSED))
		return false;
	for (size_t i = 0; i < s->n; i++) {
		const struct bw_store_event *stored = &s->rows[i]->row.event;

		if (!bw_str_is(stored->family, BWI_STORE_UNPARSED))
			continue;
		n++;
		bytes += stored->body.n + stored->query.n;
	}
	return n >= BWI_STORE_MAX_UNPARSED ||
	       bytes > BWI_STORE_MAX_UNPARSED_BYTES;
}

/* The old values that a re-delivery changes in a row. */
struct mem_undo {
	struct mem_row *row;
	unsigned deliveries;
	int64_t last;
	int64_t claim;
};

static enum bw_err
append_event(struct mem_store *s, struct bw_store_write *j, size_t i,
    int64_t now, struct mem_undo *undo, struct bw_error *e)
{
	struct mem_row *r = find_key(s, &j->events[i]);

	if (is_refused(s, &j->events[i]))
		return bw_error_set(e, BW_ERR_LIMIT, 0,
		    "store: too many undecodable bodies: not stored");
	if (r == NULL)
		return add_row(s, &j->events[i], now, &j->results[i]);
	*undo = (struct mem_undo){r, r->row.deliveries, r->row.last, r->claim};
	return repeat_row(r, j, i, now);
}

/* In reverse: the list may contain an event twice. */
static void
undo_append(
    struct mem_store *s, const struct mem_undo *undo, size_t n, size_t rows)
{
	while (n-- > 0) {
		struct mem_row *r = undo[n].row;

		if (r == NULL)
			continue;
		r->row.deliveries = undo[n].deliveries;
		r->row.last = undo[n].last;
		r->claim = undo[n].claim;
	}
	while (s->n > rows) {
		bwi_mem_remove_key(s, s->rows[--s->n]);
		free_row(s->rows[s->n]);
	}
}

/* Append all events of a job, or none. */
static enum bw_err
append(struct mem_store *s, struct bw_store_write *j, struct bw_error *e)
{
	struct mem_undo *undo = bwi_calloc(j->n, sizeof(*undo));
	int64_t now = bw_realtime_ms();
	size_t before = s->n;
	enum bw_err err = undo != NULL ? BW_OK : BW_ERR_NOMEM;

	for (size_t i = 0; i < j->n && err == BW_OK; i++)
		err = append_event(s, j, i, now, &undo[i], e);
	if (err != BW_OK && undo != NULL)
		undo_append(s, undo, j->n, before);
	bwi_free(undo);
	return err == BW_ERR_NOMEM ? bwi_mem_no_memory(e) : err;
}

static enum bw_err
record(struct mem_store *s, const struct bw_store_write *j, struct bw_error *e)
{
	struct mem_row *r = bwi_mem_find(s, j->seq);
	const struct bw_store_answer *a = &j->answer;
	char *text;

	if (r == NULL || (r->row.answer.status != 0 && !r->row.answer.failed))
		return BW_OK;
	text = bwi_alloc(a->content_type.n + a->body.n + a->trace.n + 1);
	if (text == NULL)
		return bwi_mem_no_memory(e);
	bwi_free(r->answer_text);
	r->answer_text = text;
	r->row.answer = *a;
	text = bwi_store_copy_string(&r->row.answer.content_type, text);
	text = bwi_store_copy_string(&r->row.answer.body, text);
	(void)bwi_store_copy_string(&r->row.answer.trace, text);
	return BW_OK;
}

static void
mem_submit(struct bw_store *base, struct bw_store_write *j)
{
	struct mem_store *s = bwi_mem(base);
	struct bw_error e = {0};

	(void)pthread_mutex_lock(&s->mutex);
	if (j->n > 0)
		(void)append(s, j, &e);
	else
		(void)record(s, j, &e);
	(void)pthread_mutex_unlock(&s->mutex);
	bwi_job_finish(j, e.code != BW_OK ? &e : NULL);
}

static enum bw_err
mem_read(struct bw_store *base, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	uint64_t at = *cursor;
	enum bw_err err = BW_OK;
	size_t given = 0;

	(void)pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; i < s->n && given < max; i++) {
		struct mem_row *r = s->rows[newest_first ? s->n - 1 - i : i];
		bool beyond =
		    newest_first ? at == 0 || r->row.seq < at : r->row.seq > at;

		if (!beyond || !bwi_store_matches(f, &r->row.event) ||
		    !bwi_store_answer_matches(f, &r->row.answer))
			continue;
		if (deadline != INT64_MAX && bw_monotonic_ns() >= deadline) {
			err = bw_error_set(e, BW_ERR_BUSY, 0,
			    "store: not read before the deadline");
			break;
		}
		given++;
		*cursor = r->row.seq;
		if (!fn(arg, &r->row))
			break;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return err;
}

static enum bw_err
mem_last(struct bw_store *base, uint64_t *last, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);

	(void)e;
	(void)pthread_mutex_lock(&s->mutex);
	*last = s->seq;
	(void)pthread_mutex_unlock(&s->mutex);
	return BW_OK;
}

static void
add_count(struct bw_store_count *c, size_t *n, const struct bw_store_row *r)
{
	size_t i = 0;

	while (i < *n && (!bw_str_eq(c[i].family, r->event.family) ||
			     !bw_str_eq(c[i].type, r->event.type)))
		i++;
	if (i == *n) {
		c[i] = (struct bw_store_count){
		    .family = r->event.family, .type = r->event.type};
		++*n;
	}
	c[i].events++;
	c[i].deliveries += r->deliveries;
	c[i].unanswered += r->answer.status == 0 || r->answer.failed;
}

static enum bw_err
mem_count(struct bw_store *base, const struct bw_store_filter *f,
    bw_store_count_fn *fn, void *arg, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	struct bw_store_count *c;
	size_t n = 0;

	(void)pthread_mutex_lock(&s->mutex);
	c = bwi_calloc(s->n + 1, sizeof(*c));
	for (size_t i = 0; c != NULL && i < s->n; i++) {
		if (bwi_store_matches(f, &s->rows[i]->row.event) &&
		    bwi_store_answer_matches(f, &s->rows[i]->row.answer))
			add_count(c, &n, &s->rows[i]->row);
	}
	if (c != NULL && n > 1)
		qsort(c, n, sizeof(*c), bwi_store_compare_types);
	for (size_t i = 0; c != NULL && i < n; i++) {
		if (!fn(arg, &c[i]))
			break;
	}
	(void)pthread_mutex_unlock(&s->mutex);
	bwi_free(c);
	return c != NULL ? BW_OK : bwi_mem_no_memory(e);
}

static uint64_t
row_bytes(const struct mem_row *r)
{
	uint64_t n = sizeof(*r);

#define X(name) n += r->row.event.name.n;
	BWI_STORE_STRINGS(X)
#undef X
	return n + r->row.answer.body.n + r->row.answer.content_type.n +
	       r->row.answer.trace.n;
}

static enum bw_err
mem_stats(struct bw_store *base, struct bw_store_stats *out, struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);

	(void)e;
	(void)pthread_mutex_lock(&s->mutex);
	out->events = s->n;
	for (size_t i = 0; i < s->n; i++) {
		const struct bw_store_row *r = &s->rows[i]->row;
		int64_t at = r->event.received;

		out->first = i == 0 ? r->seq : out->first;
		out->last = r->seq;
		out->oldest = i == 0 || at < out->oldest ? at : out->oldest;
		out->newest = i == 0 || at > out->newest ? at : out->newest;
		out->bytes += row_bytes(s->rows[i]);
	}
	(void)pthread_mutex_unlock(&s->mutex);
	return BW_OK;
}

static enum bw_err
mem_prune(struct bw_store *base, int64_t before, uint64_t bytes, uint64_t *n,
    struct bw_error *e)
{
	struct mem_store *s = bwi_mem(base);
	uint64_t used = 0;
	size_t to = 0;

	(void)e;
	(void)pthread_mutex_lock(&s->mutex);
	for (size_t i = 0; i < s->n; i++)
		used += row_bytes(s->rows[i]);
	for (size_t i = 0; i < s->n; i++) {
		struct mem_row *r = s->rows[i];
		bool goes = r->row.event.received < before ||
			    (bytes > 0 && used > bytes);

		if (!goes || bwi_mem_is_needed(s, r->row.seq)) {
			s->rows[to++] = r;
			continue;
		}
		used -= row_bytes(r);
		bwi_mem_remove_key(s, r);
		free_row(r);
		++*n;
	}
	s->n = to;
	(void)pthread_mutex_unlock(&s->mutex);
	return BW_OK;
}

static enum bw_err
mem_backup(struct bw_store *s, const char *path, bw_store_progress_fn *fn,
    void *arg, struct bw_error *e)
{
	(void)s;
	(void)fn;
	(void)arg;
	return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
	    "%s: backup: not possible for a store in memory", path);
}

const struct bwi_store_ops bwi_store_mem = {
    .scheme = "mem",
    .create = mem_create,
    .open = mem_open,
    .attach = mem_open,
    .free = mem_free,
    .submit = mem_submit,
    .read = mem_read,
    .last = mem_last,
    .count = mem_count,
    .stats = mem_stats,
    .consumer = bwi_mem_consumer,
    .consumer_remove = bwi_mem_consumer_remove,
    .consumers = bwi_mem_consumers,
    .lease = bwi_mem_lease,
    .settle = bwi_mem_settle,
    .dead = bwi_mem_dead,
    .revive = bwi_mem_revive,
    .drop_dead = bwi_mem_drop_dead,
    .prune = mem_prune,
    .backup = mem_backup,
};
