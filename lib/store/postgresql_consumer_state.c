/*
 * The state of each consumer of the PostgreSQL store: position, lag, dead
 * letters.
 */
#include <bwcallback/tools/store.h>

#include "base/alloc.h"
#include "store/postgresql.h"

#define MAX_SQL 4096

struct listing {
	struct bwi_pg *store;
	int64_t before;
	int64_t deadline;
};

/* Keep the earlier of both times; 0 is unknown. */
static void
take_oldest(struct bw_store_consumer_state *s, int64_t received)
{
	if (s->oldest == 0 || (received != 0 && received < s->oldest))
		s->oldest = received;
}

/* The events that are assigned to it. */
static enum bw_err
add_assigned(const struct listing *l, struct bw_store_consumer_state *s,
    struct bw_error *e)
{
	struct bwi_pg_conn *c = &l->store->shared;
	PGresult *r;
	enum bw_err err;

	bwi_pg_params_reset(&c->params);
	bwi_pg_put_bytes(&c->params, s->name);
	bwi_pg_put_int8(&c->params, l->before);
	err = bwi_pg_conn_run(c, BWI_PG_STATE_WORK, l->deadline, &r, e);
	if (err == BW_OK) {
		s->pending = (uint64_t)bwi_pg_int8(r, 0, 0);
		take_oldest(s, bwi_pg_int8(r, 0, 1));
		s->dead = (uint64_t)bwi_pg_int8(r, 0, 2);
		s->held = (uint64_t)bwi_pg_int8(r, 0, 3);
		s->leased = (uint64_t)bwi_pg_int8(r, 0, 4);
		s->retrying = (uint64_t)bwi_pg_int8(r, 0, 5);
	}
	PQclear(r);
	return err;
}

/* Count the events after its position that a filter selects. */
static enum bw_err
count_after(const struct listing *l, const struct bw_store_consumer_state *s,
    const struct bw_store_filter *f, uint64_t *n, int64_t *oldest,
    struct bw_error *e)
{
	struct bwi_pg_conn *c = &l->store->shared;
	PGresult *r = NULL;
	struct bw_buf sql;
	enum bw_err err;

	bw_buf_init(&sql, MAX_SQL);
	bwi_pg_params_reset(&c->params);
	bwi_pg_put_int8(&c->params, (int64_t)s->position);
	bw_buf_puts(&sql,
	    "SELECT count(*), min(e.received) FROM event e "
	    "WHERE e.segment >= coalesce((SELECT max(id) FROM segment "
	    "WHERE low <= $1::int8), 0) AND e.seq > $1::int8");
	bwi_pg_put_filter(&sql, &c->params, f);
	bw_buf_putc(&sql, '\0');
	err = sql.err != BW_OK
		  ? bw_error_set(e, sql.err, 0, "store: out of memory")
		  : bwi_pg_conn_query(c, sql.p, l->deadline, &r, e);
	if (err == BW_OK) {
		*n = (uint64_t)bwi_pg_int8(r, 0, 0);
		*oldest = bwi_pg_int8(r, 0, 1);
	}
	PQclear(r);
	bw_buf_free(&sql);
	return err;
}

static enum bw_err
describe(const struct listing *l, const PGresult *r, int i,
    struct bw_store_consumer_state *s, struct bw_error *e)
{
	const struct bw_store_filter held = {.until = l->before};
	const struct bw_store_filter filter = {.family = bwi_pg_bytes(r, i, 4),
	    .type = bwi_pg_bytes(r, i, 5),
	    .call = bwi_pg_bytes(r, i, 6),
	    .message = bwi_pg_bytes(r, i, 7),
	    .number = bwi_pg_bytes(r, i, 8),
	    .since = bwi_pg_int8(r, i, 9),
	    .until = bwi_pg_int8(r, i, 10)};
	int64_t oldest = 0, unused;
	uint64_t n = 0;
	enum bw_err err;

	*s = (struct bw_store_consumer_state){.name = bwi_pg_bytes(r, i, 0),
	    .position = (uint64_t)bwi_pg_int8(r, i, 1),
	    .created = bwi_pg_int8(r, i, 2),
	    .seen = bwi_pg_int8(r, i, 3)};
	err = add_assigned(l, s, e);
	if (err == BW_OK)
		err = count_after(l, s, &filter, &s->ahead, &oldest, e);
	if (err == BW_OK && l->before != 0)
		err = count_after(l, s, &held, &n, &unused, e);
	take_oldest(s, oldest);
	s->held += n;
	return err;
}

enum bw_err
bwi_pg_consumers(struct bw_store *base, int64_t before, int64_t deadline,
    bw_store_consumer_fn *fn, void *arg, struct bw_error *e)
{
	const struct listing l = {bwi_pg_of(base), before, deadline};
	enum bw_err err = bwi_pg_begin(l.store, false, deadline, e);
	bool go_on = true;
	PGresult *r;

	if (err != BW_OK)
		return err;
	err = bwi_pg_conn_run(
	    &l.store->shared, BWI_PG_CONSUMERS, deadline, &r, e);
	for (int i = 0; err == BW_OK && go_on && i < PQntuples(r); i++) {
		struct bw_store_consumer_state state;

		err = describe(&l, r, i, &state, e);
		go_on = err == BW_OK && fn(arg, &state);
	}
	PQclear(r);
	return bwi_pg_end(l.store, false, err, e);
}
