/* Consumers of the PostgreSQL store as a whole: see store_move.h. */
#include "store/postgresql.h"

static bool
is_last(const struct bwi_consumers *all, struct bw_str name)
{
	return all->n > 0 && bw_str_eq(all->list[all->n - 1].name, name);
}

/* A row of COPY_CONSUMERS: a consumer, and one event of its work. */
static enum bw_err
take(struct bwi_consumers *all, const PGresult *r, int i)
{
	const struct bwi_consumer c = {.name = bwi_pg_bytes(r, i, 0),
	    .position = (uint64_t)bwi_pg_int8(r, i, 1),
	    .token = (uint64_t)bwi_pg_int8(r, i, 2),
	    .created = bwi_pg_int8(r, i, 3),
	    .seen = bwi_pg_int8(r, i, 4),
	    .filter = {.family = bwi_pg_bytes(r, i, 5),
		.type = bwi_pg_bytes(r, i, 6),
		.call = bwi_pg_bytes(r, i, 7),
		.message = bwi_pg_bytes(r, i, 8),
		.number = bwi_pg_bytes(r, i, 9),
		.since = bwi_pg_int8(r, i, 10),
		.until = bwi_pg_int8(r, i, 11)}};
	const struct bwi_work w = {.seq = (uint64_t)bwi_pg_int8(r, i, 12),
	    .token = (uint64_t)bwi_pg_int8(r, i, 13),
	    .since = bwi_pg_int8(r, i, 14),
	    .until = bwi_pg_int8(r, i, 15),
	    .tries = (unsigned)bwi_pg_int4(r, i, 16),
	    .dead = bwi_pg_bool(r, i, 17),
	    .why = bwi_pg_bytes(r, i, 18)};
	enum bw_err err = BW_OK;

	if (!is_last(all, c.name))
		err = bwi_consumers_add(all, &c);
	return err == BW_OK && w.seq != 0 ? bwi_consumers_add_work(all, &w)
					  : err;
}

enum bw_err
bwi_pg_get_consumers(
    struct bw_store *base, struct bwi_consumers *all, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, false, INT64_MAX, e);
	PGresult *r;

	if (err != BW_OK)
		return err;
	err = bwi_pg_run(s, BWI_PG_COPY_CONSUMERS, &r, e);
	for (int i = 0; err == BW_OK && i < PQntuples(r); i++) {
		err = take(all, r, i);
		if (err != BW_OK)
			(void)bw_error_set(e, err, 0, "store: out of memory");
	}
	PQclear(r);
	return bwi_pg_end(s, false, err, e);
}

static enum bw_err
run(struct bwi_pg *s, enum bwi_pg_statement which, size_t *n,
    struct bw_error *e)
{
	PGresult *r;
	enum bw_err err = bwi_pg_run(s, which, &r, e);

	if (n != NULL)
		*n = err == BW_OK ? bwi_pg_changed(r) : 0;
	PQclear(r);
	return err;
}

static enum bw_err
put_consumer(struct bwi_pg *s, const struct bwi_consumer *c, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;

	bwi_pg_put_bytes(p, c->name);
	bwi_pg_put_int8(p, (int64_t)c->position);
	bwi_pg_put_int8(p, (int64_t)c->token);
	bwi_pg_put_int8(p, c->created);
	bwi_pg_put_int8(p, c->seen);
	bwi_pg_put_bytes(p, c->filter.family);
	bwi_pg_put_bytes(p, c->filter.type);
	bwi_pg_put_bytes(p, c->filter.call);
	bwi_pg_put_bytes(p, c->filter.message);
	bwi_pg_put_bytes(p, c->filter.number);
	bwi_pg_put_int8(p, c->filter.since);
	bwi_pg_put_int8(p, c->filter.until);
	return run(s, BWI_PG_COPY_CONSUMER, NULL, e);
}

/* A column of the work. */
#define COLUMN(p, c, type, element, value) \
	do { \
		bwi_pg_array_begin((p), (type), (c)->n); \
		for (size_t i_ = 0; i_ < (c)->n; i_++) { \
			const struct bwi_work *w = &(c)->work[i_]; \
\
			element((p), (value)); \
		} \
		bwi_pg_array_end(p); \
	} while (0)

/* The statement adds what the work has of its events. */
static enum bw_err
put_work(struct bwi_pg *s, const struct bwi_consumer *c, struct bw_error *e)
{
	struct bwi_pg_params *p = &s->shared.params;
	enum bw_err err;
	size_t n;

	bwi_pg_put_bytes(p, c->name);
	COLUMN(p, c, BWI_PG_INT8, bwi_pg_element_int8, (int64_t)w->seq);
	COLUMN(p, c, BWI_PG_INT8, bwi_pg_element_int8, (int64_t)w->token);
	COLUMN(p, c, BWI_PG_INT8, bwi_pg_element_int8, w->since);
	COLUMN(p, c, BWI_PG_INT8, bwi_pg_element_int8, w->until);
	COLUMN(p, c, BWI_PG_INT4, bwi_pg_element_int4, (int32_t)w->tries);
	COLUMN(p, c, BWI_PG_BOOL, bwi_pg_element_bool, w->dead);
	COLUMN(p, c, BWI_PG_BYTEA, bwi_pg_element_bytes, w->why);
	err = run(s, BWI_PG_COPY_WORK, &n, e);
	if (err != BW_OK || n == c->n)
		return err;
	return bw_error_set(e, BW_ERR_CORRUPT, 0,
	    "store: %zu events are missing that a consumer has not handled",
	    c->n - n);
}

static enum bw_err
put_all(struct bwi_pg *s, const struct bwi_consumers *all, struct bw_error *e)
{
	enum bw_err err = run(s, BWI_PG_DROP_ALL_WORK, NULL, e);

	if (err == BW_OK)
		err = run(s, BWI_PG_DROP_CONSUMERS, NULL, e);
	for (size_t i = 0; err == BW_OK && i < all->n; i++) {
		err = put_consumer(s, &all->list[i], e);
		if (err == BW_OK && all->list[i].n > 0)
			err = put_work(s, &all->list[i], e);
	}
	return err;
}

enum bw_err
bwi_pg_set_consumers(
    struct bw_store *base, const struct bwi_consumers *all, struct bw_error *e)
{
	struct bwi_pg *s = bwi_pg_of(base);
	enum bw_err err = bwi_pg_begin(s, true, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	return bwi_pg_end(s, true, put_all(s, all, e), e);
}
