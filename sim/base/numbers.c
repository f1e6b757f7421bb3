/* A set of numbers: a hash table with open addressing, at most half full. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/base/numbers.h"

static uint64_t *
slot_of(const struct sim_numbers *s, uint64_t x)
{
	size_t i = (size_t)(x ^ x >> 32) & (s->cap - 1);

	while (s->slots[i] != 0 && s->slots[i] != x)
		i = (i + 1) & (s->cap - 1);
	return &s->slots[i];
}

static void
grow(struct sim_numbers *s)
{
	struct sim_numbers more = {.cap = s->cap > 0 ? s->cap * 2 : 64};

	more.n = s->n;
	more.slots = sim_alloc(more.cap * sizeof(*more.slots));
	for (size_t i = 0; i < s->cap; i++) {
		if (s->slots[i] != 0)
			*slot_of(&more, s->slots[i]) = s->slots[i];
	}
	free(s->slots);
	*s = more;
}

bool
sim_numbers_add(struct sim_numbers *s, uint64_t x)
{
	uint64_t *slot;

	if (s->n * 2 >= s->cap)
		grow(s);
	x = x != 0 ? x : 1;
	slot = slot_of(s, x);
	if (*slot == x)
		return false;
	*slot = x;
	s->n++;
	return true;
}

void
sim_numbers_free(struct sim_numbers *s)
{
	free(s->slots);
	*s = (struct sim_numbers){0};
}
