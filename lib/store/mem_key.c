/*
 * "mem:": hash table of rows by key, so that benchmarks do not measure a linear
 * search.
 */
#include <bwcallback/tools/hash.h>

#include "base/alloc.h"
#include "store/mem.h"

#define FIRST_SLOTS 256 /* always a power of two */

static size_t
slot_of(const struct mem_store *s, struct bw_str key)
{
	uint64_t h = bw_hash_str(BW_HASH_START, key);

	return (size_t)(h ^ h >> 32) & (s->nslots - 1);
}

static void
put(struct mem_store *s, struct mem_row *r)
{
	struct mem_row **slot = &s->slots[slot_of(s, r->row.event.key)];

	r->same = *slot;
	*slot = r;
}

/* Double the table. The newest row of a slot stays first. */
static bool
grow(struct mem_store *s)
{
	size_t n = s->nslots > 0 ? s->nslots * 2 : FIRST_SLOTS;
	struct mem_row **slots = bwi_calloc(n, sizeof(struct mem_row *));

	if (slots == NULL)
		return false;
	bwi_free(s->slots);
	s->slots = slots;
	s->nslots = n;
	for (size_t i = 0; i < s->n; i++) {
		if (s->rows[i]->row.event.key.p != NULL)
			put(s, s->rows[i]);
	}
	return true;
}

bool
bwi_mem_add_key(struct mem_store *s, struct mem_row *r)
{
	if (r->row.event.key.p == NULL)
		return true;
	if (s->n >= s->nslots && !grow(s))
		return false;
	put(s, r);
	return true;
}

void
bwi_mem_remove_key(struct mem_store *s, struct mem_row *r)
{
	struct mem_row **at;

	if (r->row.event.key.p == NULL)
		return;
	at = &s->slots[slot_of(s, r->row.event.key)];
	while (*at != r)
		at = &(*at)->same;
	*at = r->same;
}

/* Is event b, which has the key of row a, a re-delivery of it? */
static bool
is_same(const struct bw_store_event *a, const struct bw_store_event *b)
{
	if (a->call.p == NULL && a->message.p == NULL)
		return b->call.p == NULL && b->message.p == NULL;
	return (a->call.p != NULL && b->call.p != NULL &&
		   bw_str_eq(a->call, b->call)) ||
	       (a->message.p != NULL && b->message.p != NULL &&
		   bw_str_eq(a->message, b->message));
}

struct mem_row *
bwi_mem_find_key(struct mem_store *s, const struct bw_store_event *e)
{
	struct mem_row *r;

	if (e->key.p == NULL || s->nslots == 0)
		return NULL;
	r = s->slots[slot_of(s, e->key)];
	while (r != NULL && (!bw_str_eq(r->row.event.key, e->key) ||
				!is_same(&r->row.event, e)))
		r = r->same;
	return r;
}
