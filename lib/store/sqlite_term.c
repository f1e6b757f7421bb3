/* The terms of an event: what it can be looked up by. */
#include <bwcallback/tools/hash.h>

#include "store/sqlite_term.h"

/* A kind is part of what is hashed: a call and a number may have the same
 * text. */
enum kind {
	KIND_CALL = 'c',
	KIND_MESSAGE = 'm',
	KIND_KEY = 'k',
	KIND_NUMBER = 'n',
	KIND_TYPE = 't'
};

/* FNV-1a hardly changes its upper bits with the last bytes of a text. */
static uint32_t
fold(uint64_t h)
{
	h = (h ^ h >> 33) * UINT64_C(0xff51afd7ed558ccd);
	h = (h ^ h >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
	return (uint32_t)(h >> 32);
}

static uint32_t
hash(enum kind kind, struct bw_str s)
{
	return fold(
	    bw_hash_str(bw_hash_byte(BW_HASH_START, (unsigned char)kind), s));
}

static int64_t
join(uint32_t high, uint32_t low)
{
	return (int64_t)((uint64_t)high << 32 | low);
}

static struct bwi_term_range
range(enum kind kind, struct bw_str id)
{
	uint32_t h = hash(kind, id);

	return (struct bwi_term_range){join(h, 0), join(h, UINT32_MAX)};
}

struct bwi_term_range
bwi_term_call(struct bw_str call)
{
	return range(KIND_CALL, call);
}

struct bwi_term_range
bwi_term_message(struct bw_str message)
{
	return range(KIND_MESSAGE, message);
}

struct bwi_term_range
bwi_term_number(struct bw_str number)
{
	int64_t h = join(hash(KIND_NUMBER, number), 0);

	return (struct bwi_term_range){h, h};
}

int64_t
bwi_term_type(struct bw_str family, struct bw_str type)
{
	uint64_t h = bw_hash_byte(BW_HASH_START, KIND_TYPE);

	h = bw_hash_byte(bw_hash_str(h, family), 0);
	return join(fold(bw_hash_str(h, type)), 0);
}

static void
add(struct bwi_terms *t, int64_t h)
{
	for (size_t i = 0; i < t->n; i++) {
		if (t->h[i] == h)
			return;
	}
	t->h[t->n++] = h;
}

/* With the key in its lower half, a term finds a call's events and a key. */
static void
add_id(struct bwi_terms *t, enum kind kind, struct bw_str id, uint32_t key)
{
	if (id.p != NULL)
		add(t, join(hash(kind, id), key));
}

void
bwi_terms_of(const struct bw_store_event *e, struct bwi_terms *t)
{
	uint32_t key = e->key.p != NULL ? hash(KIND_KEY, e->key) : 0;

	t->n = 0;
	add_id(t, KIND_CALL, e->call, key);
	add_id(t, KIND_MESSAGE, e->message, key);
	if (t->n == 0 && e->key.p != NULL)
		add(t, join(key, key));
	t->keys = e->key.p != NULL ? t->n : 0;
	if (e->from.p != NULL)
		add(t, bwi_term_number(e->from).low);
	if (e->to.p != NULL)
		add(t, bwi_term_number(e->to).low);
	add(t, bwi_term_type(e->family, e->type));
}
