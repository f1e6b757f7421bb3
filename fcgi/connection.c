#include "connection.h"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <bwcallback/limits.h>

enum state {
	FREE,
	IDLE,
	BUSY,
	AGAIN,
	HELD
};

#define STATE_BITS 3
#define STATE_MASK ((1u << STATE_BITS) - 1)

/* Maximum size of all inboxes together: 200 of the largest requests. */
#define MAX_HELD ((size_t)64 * 1024 * 1024)

static uint64_t
pack(uint64_t generation, enum state s)
{
	return generation << STATE_BITS | s;
}

static enum state
state_of(uint64_t word)
{
	return (enum state)(word & STATE_MASK);
}

/* The tag has room for 32 bits of the generation. */
static uint32_t
generation_of(uint64_t word)
{
	return (uint32_t)(word >> STATE_BITS);
}

enum bw_err
connections_init(struct connections *cs, unsigned limit, struct bw_error *e)
{
	*cs = (struct connections){.limit = limit};
	/* Zero pages use no memory until a descriptor that high is used. */
	cs->at = calloc(limit, sizeof(*cs->at));
	cs->reserve = calloc(INBOX_RESERVE, sizeof(*cs->reserve));
	if (cs->at == NULL || cs->reserve == NULL) {
		return bw_error_set(e, BW_ERR_NOMEM, 0,
		    "connections: out of memory for %u", limit);
	}
	return BW_OK;
}

void
connections_free(struct connections *cs)
{
	unsigned top = cs->at != NULL ? atomic_load(&cs->top) : 0;

	for (unsigned i = 0; i < top; i++) {
		if (state_of(atomic_load(&cs->at[i].state)) != FREE)
			connection_close(cs, &cs->at[i], false);
	}
	free(cs->at);
	cs->at = NULL;
	free(cs->reserve);
	cs->reserve = NULL;
}

static void
raise_top(struct connections *cs, unsigned fd)
{
	unsigned top = atomic_load(&cs->top);

	while (
	    top <= fd && !atomic_compare_exchange_weak(&cs->top, &top, fd + 1))
		;
}

struct connection *
connection_open(struct connections *cs, int fd)
{
	struct connection *c;
	uint64_t word;

	if ((unsigned)fd >= cs->limit)
		return NULL;
	c = &cs->at[fd];
	/*
	 * libfcgi closes a descriptor itself when reading fails; its worker
	 * frees the entry shortly after.
	 */
	while (state_of(word = atomic_load(&c->state)) != FREE)
		sched_yield();
	c->inbox = NULL;
	c->watched = false;
	c->late = false;
	atomic_store(&c->state, pack(generation_of(word), BUSY));
	atomic_fetch_add(&cs->open, 1);
	raise_top(cs, (unsigned)fd);
	return c;
}

int
connection_fd(const struct connections *cs, const struct connection *c)
{
	return (int)(c - cs->at);
}

uint64_t
connection_tag(const struct connections *cs, const struct connection *c)
{
	uint64_t generation = generation_of(atomic_load(&c->state));

	return generation << 32 | (uint64_t)connection_fd(cs, c);
}

struct connection *
connection_claim(struct connections *cs, uint64_t tag)
{
	struct connection *c = &cs->at[tag & 0xffffffff];
	uint32_t generation = (uint32_t)(tag >> 32);
	uint64_t word = atomic_load(&c->state);

	while (generation_of(word) == generation) {
		uint64_t next = pack(generation, BUSY);

		switch (state_of(word)) {
		case FREE:
		case AGAIN:
			return NULL;
		case HELD: /* the sweeper holds it for a few microseconds */
			sched_yield();
			word = atomic_load(&c->state);
			continue;
		case BUSY:
			next = pack(generation, AGAIN);
			break;
		case IDLE:
			break;
		}
		if (atomic_compare_exchange_weak(&c->state, &word, next))
			return state_of(next) == BUSY ? c : NULL;
	}
	return NULL;
}

bool
connection_release(struct connection *c)
{
	uint64_t word = atomic_load(&c->state);
	uint64_t generation = generation_of(word);

	word = pack(generation, BUSY);
	if (atomic_compare_exchange_strong(
		&c->state, &word, pack(generation, IDLE)))
		return true;
	atomic_store(&c->state, pack(generation, BUSY));
	return false;
}

void
connection_close(struct connections *cs, struct connection *c, bool closed)
{
	uint32_t generation = generation_of(atomic_load(&c->state));

	inbox_free(cs, c->inbox);
	c->inbox = NULL;
	/*
	 * Free the entry before the descriptor: the next accept() may return
	 * the same number at once.
	 */
	atomic_store(&c->state, pack(generation + 1, FREE));
	if (!closed)
		close(connection_fd(cs, c));
	atomic_fetch_sub(&cs->open, 1);
}

bool
connection_hold(struct connection *c)
{
	uint64_t word = atomic_load(&c->state);
	uint64_t generation = generation_of(word);

	return state_of(word) == IDLE &&
	       atomic_compare_exchange_strong(
		   &c->state, &word, pack(generation, HELD));
}

void
connection_hold_busy(struct connection *c)
{
	uint64_t generation = generation_of(atomic_load(&c->state));

	atomic_store(&c->state, pack(generation, HELD));
}

void
connection_unhold(struct connection *c)
{
	uint64_t generation = generation_of(atomic_load(&c->state));

	atomic_store(&c->state, pack(generation, IDLE));
}

static struct inbox *
take_from_reserve(struct connections *cs)
{
	uint64_t used = atomic_load(&cs->reserve_used);
	unsigned i = 0;

	while (i < INBOX_RESERVE) {
		if ((used >> i & 1) != 0)
			i++;
		else if (atomic_compare_exchange_weak(
			     &cs->reserve_used, &used, used | UINT64_C(1) << i))
			return &cs->reserve[i];
	}
	return NULL;
}

static bool
is_of_reserve(const struct connections *cs, const struct inbox *in)
{
	return in >= cs->reserve && in < cs->reserve + INBOX_RESERVE;
}

struct inbox *
inbox_new(struct connections *cs)
{
	struct inbox *in = malloc(sizeof(*in));

	if (in == NULL)
		in = take_from_reserve(cs);
	if (in == NULL)
		return NULL;
	/* The pairs include their lengths, at most eight bytes each. */
	bw_buf_init(
	    &in->params, RECORD_MAX_PARAMS + 8 * (RECORD_MAX_PAIRS + 1));
	bw_buf_init(&in->body, BW_MAX_BODY + 1);
	records_init(
	    &in->records, cs->limit, &in->params, &in->body, &in->essential);
	return in;
}

size_t
inbox_size(const struct inbox *in)
{
	return in->params.cap + in->body.cap;
}

static void
release_memory(struct connections *cs, struct inbox *in)
{
	atomic_fetch_sub(&cs->held, inbox_size(in));
	bw_buf_free(&in->params);
	bw_buf_free(&in->body);
}

void
inbox_grown(struct connections *cs, struct inbox *in, size_t before)
{
	size_t grown = inbox_size(in) - before;

	if (atomic_fetch_add(&cs->held, grown) + grown > MAX_HELD)
		records_drop(&in->records, BW_ERR_BUSY,
		    "too many large requests at once");
	if (in->params.err != BW_OK || in->body.err != BW_OK)
		records_drop(
		    &in->records, BW_ERR_NOMEM, "request: out of memory");
	if (in->records.fault != BW_OK)
		release_memory(cs, in);
}

void
inbox_free(struct connections *cs, struct inbox *in)
{
	if (in == NULL)
		return;
	release_memory(cs, in);
	if (is_of_reserve(cs, in))
		atomic_fetch_and(
		    &cs->reserve_used, ~(UINT64_C(1) << (in - cs->reserve)));
	else
		free(in);
}
