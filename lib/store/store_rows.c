/* Rows that are read in portions, consumers, and their digests. */
#include <string.h>

#include <nettle/sha2.h>

#include "base/alloc.h"
#include "store/event_strings.h"
#include "store/store_move.h"

void
bwi_rows_init(struct bwi_rows *r)
{
	r->n = 0;
	r->bytes = 0;
	r->no_memory = false;
	bwi_arena_init(&r->strings);
}

void
bwi_rows_free(struct bwi_rows *r)
{
	bwi_arena_free(&r->strings);
}

static bool
copy(struct bwi_arena *a, struct bw_str *s)
{
	if (s->p != NULL)
		*s = bwi_arena_copy(a, *s);
	return s->p != NULL;
}

/* Copy a string if it is there. */
#define COPY(to, from) \
	if ((from).p != NULL && !copy(&(to)->strings, &(from))) \
		(to)->no_memory = true;

static bool
take_row(void *arg, const struct bw_store_row *row)
{
	struct bwi_rows *a = arg;
	struct bw_store_row *r = &a->row[a->n];

	if (row->seq > a->up_to)
		return false;
	*r = *row;
#define X(name) COPY(a, r->event.name)
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	COPY(a, r->answer.content_type)
	COPY(a, r->answer.body)
	COPY(a, r->answer.trace)
	a->bytes += row->event.body.n + row->answer.body.n;
	a->n += !a->no_memory;
	return !a->no_memory && a->bytes < BWI_ROWS_BYTES;
}

enum bw_err
bwi_rows_read(struct bwi_rows *r, struct bw_store *s, uint64_t after,
    uint64_t up_to, struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};
	uint64_t cursor = after;
	enum bw_err err;

	bwi_arena_reset(&r->strings);
	r->n = r->bytes = 0;
	r->no_memory = false;
	r->up_to = up_to;
	err = bw_store_read(
	    s, &all, false, BWI_ROWS_MAX, &cursor, take_row, r, e);
	if (err == BW_OK && r->no_memory)
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	return err;
}

static void
sum_number(struct sha256_ctx *c, uint64_t v)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(v >> (8 * i));
	sha256_update(c, sizeof(bytes), bytes);
}

/* An absent text differs from an empty one. */
static void
sum_string(struct sha256_ctx *c, struct bw_str s)
{
	sum_number(c, s.p != NULL ? s.n : UINT64_MAX);
	if (s.n > 0)
		sha256_update(c, s.n, (const uint8_t *)s.p);
}

static void
sum_answer(struct sha256_ctx *c, const struct bw_store_answer *a)
{
	sum_number(c, (uint64_t)a->status);
	if (a->status == 0)
		return;
	sum_number(c, (uint64_t)a->fallback << 1 | a->failed);
	sum_number(c, (uint64_t)a->answered);
	sum_number(c, (uint64_t)a->duration);
	sum_string(c, a->content_type);
	sum_string(c, a->body);
	sum_string(c, a->trace);
}

void
bwi_row_sum(const struct bw_store_row *r, bool whole, uint8_t sum[BWI_ROW_SUM])
{
	struct sha256_ctx c;

	sha256_init(&c);
	sum_number(&c, r->seq);
	sum_number(&c, (uint64_t)r->event.received);
	sum_number(&c, (uint64_t)r->event.batch);
	sum_number(&c, (uint64_t)r->event.index);
#define X(name) sum_string(&c, r->event.name);
	BWI_STORE_EVENT_STRINGS(X)
#undef X
	if (whole) {
		sum_number(&c, r->deliveries);
		sum_number(&c, (uint64_t)r->last);
		sum_number(&c, (uint64_t)r->event.claim);
		sum_answer(&c, &r->answer);
	}
	sha256_digest(&c, BWI_ROW_SUM, sum);
}

void
bwi_consumers_init(struct bwi_consumers *c)
{
	*c = (struct bwi_consumers){.n = 0};
	bwi_arena_init(&c->strings);
}

void
bwi_consumers_free(struct bwi_consumers *c)
{
	for (size_t i = 0; i < c->n; i++)
		bwi_free(c->list[i].work);
	bwi_free(c->list);
	bwi_arena_free(&c->strings);
	*c = (struct bwi_consumers){.n = 0};
}

static bool
copy_strings(struct bwi_arena *a, struct bw_str *const *strings, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (strings[i]->p != NULL && !copy(a, strings[i]))
			return false;
	}
	return true;
}

enum bw_err
bwi_consumers_add(struct bwi_consumers *c, const struct bwi_consumer *consumer)
{
	void *grown = bwi_grow(c->list, c->n, &c->cap, sizeof(*c->list));
	struct bwi_consumer *to;

	if (grown == NULL)
		return BW_ERR_NOMEM;
	c->list = grown;
	to = &c->list[c->n];
	*to = *consumer;
	to->work = NULL;
	to->n = to->cap = 0;
	if (!copy_strings(&c->strings,
		(struct bw_str *const[]){&to->name, &to->filter.family,
		    &to->filter.type, &to->filter.call, &to->filter.message,
		    &to->filter.number},
		6))
		return BW_ERR_NOMEM;
	c->n++;
	return BW_OK;
}

enum bw_err
bwi_consumers_add_work(struct bwi_consumers *c, const struct bwi_work *work)
{
	struct bwi_consumer *to = &c->list[c->n - 1];
	void *grown = bwi_grow(to->work, to->n, &to->cap, sizeof(*to->work));
	struct bwi_work *w;

	if (grown == NULL)
		return BW_ERR_NOMEM;
	to->work = grown;
	w = &to->work[to->n];
	*w = *work;
	if (w->why.p != NULL && !copy(&c->strings, &w->why))
		return BW_ERR_NOMEM;
	to->n++;
	return BW_OK;
}

static void
sum_work(struct sha256_ctx *c, const struct bwi_work *w)
{
	sum_number(c, w->seq);
	sum_number(c, w->token);
	sum_number(c, (uint64_t)w->since);
	sum_number(c, (uint64_t)w->until);
	sum_number(c, w->tries);
	sum_number(c, w->dead);
	sum_string(c, w->why);
}

void
bwi_consumers_sum(const struct bwi_consumers *all, uint8_t sum[BWI_ROW_SUM])
{
	struct sha256_ctx c;

	sha256_init(&c);
	for (size_t i = 0; i < all->n; i++) {
		const struct bwi_consumer *s = &all->list[i];

		sum_string(&c, s->name);
		sum_number(&c, s->position);
		sum_number(&c, s->token);
		sum_number(&c, (uint64_t)s->created);
		sum_string(&c, s->filter.family);
		sum_string(&c, s->filter.type);
		sum_string(&c, s->filter.call);
		sum_string(&c, s->filter.message);
		sum_string(&c, s->filter.number);
		sum_number(&c, (uint64_t)s->filter.since);
		sum_number(&c, (uint64_t)s->filter.until);
		sum_number(&c, s->n);
		for (size_t k = 0; k < s->n; k++)
			sum_work(&c, &s->work[k]);
	}
	sha256_digest(&c, BWI_ROW_SUM, sum);
}
