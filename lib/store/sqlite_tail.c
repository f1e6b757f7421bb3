/* The terms of the newest events, in memory. */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "store/sqlite_term.h"

#define FIRST_SLOTS 1024 /* always a power of two */

void
bwi_tail_free(struct bwi_tail *t)
{
	bwi_free(t->terms);
	bwi_free(t->same);
	bwi_free(t->slots);
	*t = (struct bwi_tail){.loaded = false};
}

void
bwi_tail_reset(struct bwi_tail *t, uint64_t indexed)
{
	t->loaded = true;
	t->indexed = t->known = indexed;
	t->n = 0;
	if (t->nslots > 0)
		memset(t->slots, 0, t->nslots * sizeof(*t->slots));
}

static size_t *
slot_of(const struct bwi_tail *t, int64_t h)
{
	uint64_t u = (uint64_t)h;

	return &t->slots[(size_t)(u ^ u >> 32) & (t->nslots - 1)];
}

/* Put term i into its slot. */
static void
link_term(struct bwi_tail *t, size_t i)
{
	size_t *slot = slot_of(t, t->terms[i].h);

	t->same[i] = *slot;
	*slot = i + 1;
}

static bool
grow_slots(struct bwi_tail *t)
{
	size_t n = t->nslots > 0 ? t->nslots * 2 : FIRST_SLOTS;
	size_t *slots = bwi_calloc(n, sizeof(*slots));

	if (slots == NULL)
		return false;
	bwi_free(t->slots);
	t->slots = slots;
	t->nslots = n;
	for (size_t i = 0; i < t->n; i++)
		link_term(t, i);
	return true;
}

static bool
grow_terms(struct bwi_tail *t)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : FIRST_SLOTS;
	struct bwi_term *terms = bwi_calloc(cap, sizeof(*terms));
	size_t *same = bwi_calloc(cap, sizeof(*same));

	if (terms == NULL || same == NULL) {
		bwi_free(terms);
		bwi_free(same);
		return false;
	}
	if (t->n > 0) {
		memcpy(terms, t->terms, t->n * sizeof(*terms));
		memcpy(same, t->same, t->n * sizeof(*same));
	}
	bwi_free(t->terms);
	bwi_free(t->same);
	t->terms = terms;
	t->same = same;
	t->cap = cap;
	return true;
}

bool
bwi_tail_reserve(struct bwi_tail *t)
{
	size_t need = t->n + BWI_TERMS_MAX;

	return (need <= t->cap || grow_terms(t)) &&
	       (need <= t->nslots || grow_slots(t));
}

void
bwi_tail_add(struct bwi_tail *t, uint64_t seq, const struct bwi_terms *terms)
{
	for (size_t i = 0; i < terms->n; i++) {
		t->terms[t->n] = (struct bwi_term){terms->h[i], seq};
		link_term(t, t->n++);
	}
	t->known = seq;
}

void
bwi_tail_cut(struct bwi_tail *t, uint64_t seq)
{
	for (; t->n > 0 && t->terms[t->n - 1].seq > seq; t->n--)
		*slot_of(t, t->terms[t->n - 1].h) = t->same[t->n - 1];
	if (t->known > seq)
		t->known = seq;
}

uint64_t
bwi_tail_find(const struct bwi_tail *t, int64_t h, uint64_t before)
{
	size_t i = t->nslots > 0 ? *slot_of(t, h) : 0;

	while (
	    i > 0 && (t->terms[i - 1].h != h || t->terms[i - 1].seq >= before))
		i = t->same[i - 1];
	return i > 0 ? t->terms[i - 1].seq : 0;
}

static int
compare(const void *a, const void *b)
{
	const struct bwi_term *x = a, *y = b;

	if (x->h != y->h)
		return x->h < y->h ? -1 : 1;
	return x->seq < y->seq ? -1 : x->seq > y->seq;
}

void
bwi_tail_sort(struct bwi_tail *t)
{
	if (t->n > 1)
		qsort(t->terms, t->n, sizeof(*t->terms), compare);
}
