#include "connection.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

enum state {
	FREE,
	IDLE,
	BUSY,
	AGAIN,
	HELD
};

#define STATE_BITS 3
#define STATE_MASK ((1u << STATE_BITS) - 1)

/*
 * Descriptors that connections leave to the store, its spool, the log and the
 * pipes of programs; at most half of all.
 */
#define OTHER_DESCRIPTORS 128

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
	unsigned others =
	    limit / 2 < OTHER_DESCRIPTORS ? limit / 2 : OTHER_DESCRIPTORS;

	*cs = (struct connections){.limit = limit, .most = limit - others};
	/* Zero pages use no memory until a descriptor that high is used. */
	cs->at = calloc(limit, sizeof(*cs->at));
	cs->memory.reserve = calloc(INBOX_RESERVE, sizeof(struct inbox));
	if (cs->at == NULL || cs->memory.reserve == NULL) {
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
			connection_close(cs, &cs->at[i]);
	}
	free(cs->at);
	cs->at = NULL;
	free(cs->memory.reserve);
	cs->memory.reserve = NULL;
}

bool
connections_full(const struct connections *cs)
{
	return atomic_load(&cs->open) >= cs->most;
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
	word = atomic_load(&c->state);
	c->inbox = NULL;
	atomic_store(&c->held, 0);
	atomic_store(&c->idle_since, bw_monotonic_ns());
	c->watched = false;
	c->late = false;
	atomic_store(&c->state, pack(generation_of(word), BUSY));
	atomic_fetch_add(&cs->open, 1);
	raise_top(cs, (unsigned)fd);
	return c;
}

bool
connection_set_rest(struct connection *c, const unsigned char *p, size_t n)
{
	c->rest = malloc(n);
	if (c->rest == NULL)
		return false;
	memcpy(c->rest, p, n);
	c->rest_n = n;
	return true;
}

void
connection_set_deadline(struct connection *c, unsigned seconds)
{
	atomic_store(
	    &c->deadline, bw_monotonic_ns() + (int64_t)seconds * 1000000000);
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

	atomic_store_explicit(
	    &c->idle_since, bw_monotonic_ns(), memory_order_relaxed);
	word = pack(generation, BUSY);
	if (atomic_compare_exchange_strong(
		&c->state, &word, pack(generation, IDLE)))
		return true;
	atomic_store(&c->state, pack(generation, BUSY));
	return false;
}

void
connection_close(struct connections *cs, struct connection *c)
{
	uint32_t generation = generation_of(atomic_load(&c->state));

	inbox_free(cs, c->inbox);
	c->inbox = NULL;
	free(c->rest);
	c->rest = NULL;
	/*
	 * Free the entry before the descriptor: the next accept() may return
	 * the same number at once.
	 */
	atomic_store(&c->state, pack(generation + 1, FREE));
	close(connection_fd(cs, c));
	atomic_fetch_sub(&cs->open, 1);
}

bool
connection_is_idle(struct connection *c)
{
	return state_of(atomic_load(&c->state)) == IDLE;
}

unsigned
connections_idle(const struct connections *cs)
{
	unsigned top = atomic_load(&cs->top), n = 0;

	for (unsigned i = 0; i < top; i++)
		n += connection_is_idle(&cs->at[i]);
	return n;
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
