/* Virtual time: a binary heap by time and order of entry. */
#include <stdlib.h>

#include "agenda.h"
#include "memory.h"

struct entry {
	int64_t when;
	uint64_t number;
	sim_task_fn *fn; /* NULL: taken back */
	void *arg;
};

struct sim_agenda {
	int64_t now;
	uint64_t last;
	struct entry *heap;
	size_t n;
	size_t cap;
};

struct sim_agenda *
sim_agenda_new(int64_t start)
{
	struct sim_agenda *a = sim_alloc(sizeof(*a));

	a->now = start;
	return a;
}

void
sim_agenda_free(struct sim_agenda *a)
{
	if (a == NULL)
		return;
	free(a->heap);
	free(a);
}

int64_t
sim_agenda_now(const struct sim_agenda *a)
{
	return a->now;
}

static bool
is_before(const struct entry *a, const struct entry *b)
{
	return a->when != b->when ? a->when < b->when : a->number < b->number;
}

static void
swap(struct entry *a, struct entry *b)
{
	struct entry e = *a;

	*a = *b;
	*b = e;
}

static void
rise(struct sim_agenda *a, size_t i)
{
	while (i > 0 && is_before(&a->heap[i], &a->heap[(i - 1) / 2])) {
		swap(&a->heap[i], &a->heap[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
}

static void
sink(struct sim_agenda *a, size_t i)
{
	for (;;) {
		size_t least = i;

		for (size_t c = 2 * i + 1; c <= 2 * i + 2 && c < a->n; c++) {
			if (is_before(&a->heap[c], &a->heap[least]))
				least = c;
		}
		if (least == i)
			return;
		swap(&a->heap[i], &a->heap[least]);
		i = least;
	}
}

static void
drop_first(struct sim_agenda *a)
{
	a->heap[0] = a->heap[--a->n];
	sink(a, 0);
}

uint64_t
sim_agenda_add(struct sim_agenda *a, int64_t when, sim_task_fn *fn, void *arg)
{
	if (a->n == a->cap) {
		size_t cap = a->cap > 0 ? 2 * a->cap : 16;

		a->heap = sim_resize(a->heap, a->cap, cap, sizeof(*a->heap));
		a->cap = cap;
	}
	a->heap[a->n] = (struct entry){
	    .when = when > a->now ? when : a->now,
	    .number = ++a->last,
	    .fn = fn,
	    .arg = arg,
	};
	rise(a, a->n++);
	return a->last;
}

/* What was taken back stays until it comes to the top, or is all there is. */
bool
sim_agenda_cancel(struct sim_agenda *a, uint64_t number)
{
	for (size_t i = 0; number != 0 && i < a->n; i++) {
		if (a->heap[i].number != number || a->heap[i].fn == NULL)
			continue;
		a->heap[i].fn = NULL;
		while (a->n > 0 && a->heap[0].fn == NULL)
			drop_first(a);
		return true;
	}
	return false;
}

bool
sim_agenda_next(const struct sim_agenda *a, int64_t *when)
{
	if (a->n == 0)
		return false;
	*when = a->heap[0].when;
	return true;
}

bool
sim_agenda_step(struct sim_agenda *a)
{
	struct entry e;

	if (a->n == 0)
		return false;
	e = a->heap[0];
	drop_first(a);
	while (a->n > 0 && a->heap[0].fn == NULL)
		drop_first(a);
	a->now = e.when;
	e.fn(e.arg);
	return true;
}
