#include "inbox.h"

#include <stdlib.h>

#include <bwcallback/limits.h>

#include "connection.h"

/* Maximum size of all inboxes together: 200 of the largest requests. */
#define MAX_HELD ((size_t)64 * 1024 * 1024)

/* Maximum size of all inboxes of the class INBOX_ANONYMOUS. */
#define MAX_ANONYMOUS (MAX_HELD / 4)

/*
 * An inbox up to this size never gives its memory back. Almost every callback
 * fits: web servers send 2 kB of parameters, and Bandwidth 1 to 4 kB of body.
 */
#define SMALL ((size_t)16 * 1024)

static struct inbox *
take_from_reserve(struct inbox_memory *m)
{
	uint64_t used = atomic_load(&m->reserve_used);
	unsigned i = 0;

	while (i < INBOX_RESERVE) {
		if ((used >> i & 1) != 0)
			i++;
		else if (atomic_compare_exchange_weak(
			     &m->reserve_used, &used, used | UINT64_C(1) << i))
			return &m->reserve[i];
	}
	return NULL;
}

static bool
is_of_reserve(const struct inbox_memory *m, const struct inbox *in)
{
	return in >= m->reserve && in < m->reserve + INBOX_RESERVE;
}

struct inbox *
inbox_new(struct connections *cs)
{
	struct inbox *in = malloc(sizeof(*in));

	if (in == NULL)
		in = take_from_reserve(&cs->memory);
	if (in == NULL)
		return NULL;
	/* The pairs include their lengths, at most eight bytes each. */
	bw_buf_init(
	    &in->params, RECORD_MAX_PARAMS + 8 * (RECORD_MAX_PAIRS + 1));
	bw_buf_init(&in->body, BW_MAX_BODY + 1);
	records_init(
	    &in->records, cs->most, &in->params, &in->body, &in->essential);
	in->class = INBOX_ANONYMOUS;
	in->owner = NULL;
	return in;
}

size_t
inbox_size(const struct inbox *in)
{
	return in->params.cap + in->body.cap;
}

/* Give the memory back, except that of the essential parameters. */
static void
release_memory(struct connections *cs, struct inbox *in)
{
	if (in->owner == NULL)
		return; /* it has not grown */
	atomic_fetch_sub(&cs->memory.held[in->class], inbox_size(in));
	atomic_store(&in->owner->held, 0);
	bw_buf_free(&in->params);
	bw_buf_free(&in->body);
}

static void
drop(struct connections *cs, struct inbox *in, enum bw_err err, const char *why)
{
	records_drop(&in->records, err, why);
	release_memory(cs, in);
}

/* Move the inbox to the other class once its credentials were read. */
static void
classify(struct inbox_memory *m, struct inbox *in)
{
	if (in->class == INBOX_CREDENTIALS ||
	    !essential_params_has_credentials(&in->essential))
		return;
	atomic_fetch_sub(&m->held[in->class], inbox_size(in));
	in->class = INBOX_CREDENTIALS;
	atomic_fetch_add(&m->held[in->class], inbox_size(in));
}

/* Is the class of this inbox too large, or all together? */
static bool
is_short(struct inbox_memory *m, enum inbox_class class)
{
	size_t anonymous = atomic_load(&m->held[INBOX_ANONYMOUS]);
	size_t all = anonymous + atomic_load(&m->held[INBOX_CREDENTIALS]);

	return all > MAX_HELD ||
	       (class == INBOX_ANONYMOUS && anonymous > MAX_ANONYMOUS);
}

/* The connection with the largest inbox above size; NULL: none. */
static struct connection *
find_larger(struct connections *cs, size_t size)
{
	unsigned top = atomic_load(&cs->top);
	struct connection *found = NULL;

	for (unsigned i = 0; i < top; i++) {
		struct connection *c = &cs->at[i];
		size_t held =
		    atomic_load_explicit(&c->held, memory_order_relaxed);

		if (held > size && connection_is_idle(c)) {
			found = c;
			size = held;
		}
	}
	return found;
}

/*
 * Empty the largest inbox above size that waits for the rest of its request.
 * False: there is none.
 */
static bool
drop_larger(struct connections *cs, size_t size, const char *why)
{
	struct connection *c = find_larger(cs, size);

	if (c == NULL)
		return false;
	/* Otherwise its state has changed meanwhile: search again. */
	if (!connection_hold(c))
		return true;
	if (c->inbox != NULL && inbox_size(c->inbox) > size)
		drop(cs, c->inbox, BW_ERR_BUSY, why);
	connection_unhold(c);
	return true;
}

static void
make_room(struct connections *cs, struct inbox *in)
{
	static const char why[] = "too many large requests at once";

	while (in->records.fault == BW_OK && is_short(&cs->memory, in->class)) {
		size_t size = inbox_size(in);

		if (drop_larger(cs, size > SMALL ? size : SMALL, why))
			continue;
		if (size <= SMALL)
			return;
		drop(cs, in, BW_ERR_BUSY, why);
	}
}

void
inbox_grown(struct connections *cs, struct connection *c, size_t before)
{
	struct inbox *in = c->inbox;

	in->owner = c;
	atomic_fetch_add(&cs->memory.held[in->class], inbox_size(in) - before);
	atomic_store(&c->held, inbox_size(in));
	classify(&cs->memory, in);
	if (in->params.err != BW_OK || in->body.err != BW_OK)
		drop(cs, in, BW_ERR_NOMEM, "request: out of memory");
	else if (in->records.fault != BW_OK)
		release_memory(cs, in);
	else if (!in->records.complete) /* it is answered and freed next */
		make_room(cs, in);
}

void
inbox_free(struct connections *cs, struct inbox *in)
{
	struct inbox_memory *m = &cs->memory;

	if (in == NULL)
		return;
	release_memory(cs, in);
	if (is_of_reserve(m, in))
		atomic_fetch_and(
		    &m->reserve_used, ~(UINT64_C(1) << (in - m->reserve)));
	else
		free(in);
}
