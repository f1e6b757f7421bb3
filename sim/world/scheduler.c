/* Virtual time: a binary heap ordered by time, then by insertion. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/world/scheduler.h"

struct entry {
	int64_t when;
	uint64_t order;
	size_t slot;
	sim_task_fn *fn;
	void *arg;
};

/*
 * The heap index of an entry, so that it can be cancelled without a search.
 * Slots are reused; the generation distinguishes an entry from earlier ones in
 * the same slot.
 */
struct slot {
	size_t at;
	uint32_t generation;
	size_t next; /* free slot: the next free one, or NONE */
};

#define NONE SIZE_MAX

struct sim_scheduler {
	int64_t now;
	uint64_t last;
	struct entry *heap;
	size_t n;
	struct slot *slots;
	size_t nslots;	   /* allocated so far */
	size_t first_free; /* the first free one, or NONE */
	size_t cap;	   /* of heap and slots */
};

struct sim_scheduler *
sim_scheduler_new(int64_t start)
{
	struct sim_scheduler *a = sim_alloc(sizeof(*a));

	a->now = start;
	a->first_free = NONE;
	return a;
}

void
sim_scheduler_free(struct sim_scheduler *a)
{
	if (a == NULL)
		return;
	free(a->heap);
	free(a->slots);
	free(a);
}

int64_t
sim_scheduler_now(const struct sim_scheduler *a)
{
	return a->now;
}

static bool
is_before(const struct entry *a, const struct entry *b)
{
	return a->when != b->when ? a->when < b->when : a->order < b->order;
}

static void
set_at(struct sim_scheduler *a, size_t i, struct entry e)
{
	a->heap[i] = e;
	a->slots[e.slot].at = i;
}

static void
rise(struct sim_scheduler *a, size_t i, struct entry e)
{
	while (i > 0 && is_before(&e, &a->heap[(i - 1) / 2])) {
		set_at(a, i, a->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	set_at(a, i, e);
}

static void
sink(struct sim_scheduler *a, size_t i, struct entry e)
{
	for (;;) {
		size_t c = 2 * i + 1;

		if (c + 1 < a->n && is_before(&a->heap[c + 1], &a->heap[c]))
			c++;
		if (c >= a->n || !is_before(&a->heap[c], &e))
			break;
		set_at(a, i, a->heap[c]);
		i = c;
	}
	set_at(a, i, e);
}

static size_t
allocate_slot(struct sim_scheduler *a)
{
	size_t slot = a->first_free;

	if (slot == NONE)
		return a->nslots++;
	a->first_free = a->slots[slot].next;
	return slot;
}

static void
remove_at(struct sim_scheduler *a, size_t i)
{
	struct slot *slot = &a->slots[a->heap[i].slot];
	struct entry last = a->heap[--a->n];

	slot->generation++;
	slot->next = a->first_free;
	a->first_free = a->heap[i].slot;
	if (i == a->n)
		return;
	if (i > 0 && is_before(&last, &a->heap[(i - 1) / 2]))
		rise(a, i, last);
	else
		sink(a, i, last);
}

uint64_t
sim_scheduler_add(
    struct sim_scheduler *a, int64_t when, sim_task_fn *fn, void *arg)
{
	struct entry e = {
	    .when = when > a->now ? when : a->now,
	    .order = ++a->last,
	    .fn = fn,
	    .arg = arg,
	};

	if (a->n == a->cap) {
		size_t cap = a->cap > 0 ? 2 * a->cap : 16;

		a->heap = sim_resize(a->heap, a->cap, cap, sizeof(*a->heap));
		a->slots = sim_resize(a->slots, a->cap, cap, sizeof(*a->slots));
		a->cap = cap;
	}
	e.slot = allocate_slot(a);
	rise(a, a->n++, e);
	return (uint64_t)a->slots[e.slot].generation << 32 | (e.slot + 1);
}

bool
sim_scheduler_cancel(struct sim_scheduler *a, uint64_t number)
{
	size_t slot = (size_t)(number & UINT32_MAX) - 1;

	if (number == 0 || slot >= a->nslots ||
	    a->slots[slot].generation != number >> 32)
		return false;
	remove_at(a, a->slots[slot].at);
	return true;
}

bool
sim_scheduler_next(const struct sim_scheduler *a, int64_t *when)
{
	if (a->n == 0)
		return false;
	*when = a->heap[0].when;
	return true;
}

bool
sim_scheduler_step(struct sim_scheduler *a)
{
	struct entry e;

	if (a->n == 0)
		return false;
	e = a->heap[0];
	remove_at(a, 0);
	a->now = e.when;
	e.fn(e.arg);
	return true;
}
