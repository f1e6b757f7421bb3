/* What is known of closed segments without opening them, and what is not. */
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/hash.h>

#include "store/sqlite.h"

/* Nanoseconds after which a filter is looked for again. */
#define FILTER_TIME INT64_C(1000000000)

static enum bw_err
read_extent(struct bwi_segments *g, size_t i, bool *there, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	struct bwi_state state = {0};
	struct bwi_conn *c;
	enum bw_err err = bwi_segments_get(g, i, &c, e);

	*there = c != NULL;
	if (err != BW_OK || c == NULL)
		return err;
	err = bwi_sqlite_state(c, &state, e);
	if (err == BW_OK)
		err = bwi_sqlite_times(
		    c, &s->extent.oldest, &s->extent.newest, e);
	s->extent.first = state.first;
	s->extent.last = state.seq;
	s->known = err == BW_OK;
	return err;
}

enum bw_err
bwi_segments_describe(
    struct bwi_segments *g, size_t i, bool *there, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	int64_t now = bw_monotonic_ns();
	struct bw_error ignored = {0};
	enum bw_err err;

	*there = true;
	if (s->known &&
	    (s->filter.name != NULL || now - s->looked < FILTER_TIME))
		return BW_OK;
	s->looked = now;
	err = bwi_filter_load(
	    &s->filter, &s->extent, g->path, s->number, g->id, &ignored);
	if (err == BW_ERR_NOMEM)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (err == BW_OK)
		s->known = true;
	return s->known ? BW_OK : read_extent(g, i, there, e);
}

enum bw_err
bwi_segments_find(
    struct bwi_segments *g, uint64_t seq, size_t *i, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	bool there;

	*i = g->n - 1;
	if (seq >= bwi_segments_active(g)->extent.first)
		return BW_OK;
	while (err == BW_OK && *i > 0) {
		const struct bwi_extent *x = &g->list[--*i]->extent;

		err = bwi_segments_describe(g, *i, &there, e);
		if (err == BW_ERR_CORRUPT) {
			*e = (struct bw_error){0};
			err = BW_OK;
			there = false;
		}
		if (err == BW_OK && there && seq >= x->first) {
			if (seq > x->last)
				*i = g->n;
			return BW_OK;
		}
	}
	*i = g->n;
	return err;
}

bool
bwi_segments_are_known(struct bwi_segments *g)
{
	struct bw_error ignored = {0};
	bool there;

	for (size_t i = 0; i + 1 < g->n; i++) {
		if (bwi_segments_describe(g, i, &there, &ignored) != BW_OK)
			return false;
	}
	return true;
}

/* Marks that the families of a segment were read. */
#define FAMILIES_READ (UINT64_C(1) << 63)

static uint64_t
family_bit(struct bw_str family)
{
	return UINT64_C(1) << bw_hash_str(BW_HASH_START, family) % 63;
}

/*
 * Remember which families a closed segment has. The filter beside it knows
 * types only, so a page of a family without events would open all segments each
 * time.
 */
static enum bw_err
read_families(struct bwi_segment *s, struct bwi_conn *c, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_FAMILIES, e);
	uint64_t families = FAMILIES_READ;
	int rc;

	if (st == NULL)
		return e->code;
	while ((rc = sqlite3_step(st)) == SQLITE_ROW)
		families |= family_bit(bwi_column(st, 0));
	(void)sqlite3_reset(st);
	if (rc != SQLITE_DONE)
		return bwi_conn_error(c, rc, "read", e);
	s->families = families;
	return BW_OK;
}

/* Compare with what the filter selects; the segment is not opened. */
static bool
may_match(struct bwi_segment *s, const struct bw_store_filter *f, uint64_t low,
    uint64_t high)
{
	const struct bwi_extent *x = &s->extent;
	struct bwi_term_range h;

	if (x->last < low || x->first > high ||
	    (f->since != 0 && x->newest < f->since) ||
	    (f->until != 0 && x->oldest >= f->until))
		return false;
	if (bwi_sqlite_range(f, &h))
		return bwi_filter_may_have(&s->filter, h.low);
	if (f->family.p == NULL)
		return true;
	if (f->type.p == NULL)
		return s->families == 0 ||
		       (s->families & family_bit(f->family)) != 0;
	return bwi_filter_may_have(
	    &s->filter, bwi_term_type(f->family, f->type));
}

enum bw_err
bwi_segments_may_match(struct bwi_segments *g, size_t i,
    const struct bw_store_filter *f, uint64_t low, uint64_t high,
    struct bwi_conn **c, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	enum bw_err err = BW_OK;
	bool there = true;

	*c = NULL;
	if (i + 1 < g->n) {
		err = bwi_segments_describe(g, i, &there, e);
		if (err != BW_OK || !there || !may_match(s, f, low, high))
			return err;
	}
	err = bwi_segments_get(g, i, c, e);
	/* PATH may still be given the events of an older version. */
	if (err != BW_OK || *c == NULL || i == 0 || i + 1 == g->n ||
	    f->family.p == NULL || f->type.p != NULL || s->families != 0)
		return err;
	err = read_families(s, *c, e);
	if (err == BW_OK && !may_match(s, f, low, high))
		*c = NULL;
	return err;
}
