/* Reading the SQLite store: rows by cursor and filter, counts, sizes. */
#include <string.h>

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

#include "store/sqlite.h"

void
bwi_sqlite_get_answer(sqlite3_stmt *st, int i, struct bw_store_answer *a)
{
	*a = (struct bw_store_answer){0};
	if (sqlite3_column_type(st, i) == SQLITE_NULL)
		return;
	a->status = sqlite3_column_int(st, i);
	a->fallback = sqlite3_column_int(st, i + 1) != 0;
	a->answered = sqlite3_column_int64(st, i + 2);
	a->duration = sqlite3_column_int64(st, i + 3);
	a->content_type = bwi_column(st, i + 4);
	a->body = bwi_column(st, i + 5);
	a->failed = sqlite3_column_int(st, i + 6) != 0;
	a->trace = bwi_column(st, i + 7);
}

enum bw_err
bwi_sqlite_get_row(struct bwi_conn *c, sqlite3_stmt *st, struct bw_store_row *r,
    struct bw_error *error)
{
	struct bw_store_event *e = &r->event;
	struct bw_str *const texts[] = {&e->section, &e->method,
	    &e->content_type, &e->family, &e->type, &e->key, &e->user,
	    &e->request, &e->body, &e->call, &e->message, &e->from, &e->to,
	    &e->thread, &e->query};

	*r = (struct bw_store_row){
	    .seq = (uint64_t)sqlite3_column_int64(st, 0),
	    .event = {.received = sqlite3_column_int64(st, 1),
		.claim = sqlite3_column_int64(st, BWI_SQL_CLAIM_COLUMN),
		.batch = sqlite3_column_int(st, 2),
		.index = sqlite3_column_int(st, 3)},
	    .deliveries = (unsigned)sqlite3_column_int64(st, 4),
	    .last = sqlite3_column_int64(st, 5),
	};
	for (int i = 0; i < 15; i++)
		*texts[i] = bwi_column(st, 6 + i);
	bwi_sqlite_get_answer(st, BWI_SQL_ANSWER_COLUMN, &r->answer);
	return bwi_sqlite_lengthen(c, st, 11, 19, e, error);
}

enum bw_err
bwi_sqlite_get_match(struct bwi_conn *c, sqlite3_stmt *st,
    struct bw_store_event *to, struct bw_error *e)
{
	*to = (struct bw_store_event){
	    .received = sqlite3_column_int64(st, 1),
	    .section = bwi_column(st, 2),
	    .family = bwi_column(st, 3),
	    .type = bwi_column(st, 4),
	    .key = bwi_column(st, 5),
	    .call = bwi_column(st, 6),
	    .message = bwi_column(st, 7),
	    .from = bwi_column(st, 8),
	    .to = bwi_column(st, 9),
	    .thread = bwi_column(st, 10),
	};
	return bwi_sqlite_lengthen(c, st, 5, 10, to, e);
}

/* Step a statement that finds one row. *st NULL: there is none. */
static enum bw_err
get_one(struct bwi_conn *c, uint64_t seq, sqlite3_stmt **st,
    struct bw_store_row *r, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	int rc;

	*st = bwi_conn_statement(c, BWI_SQL_GET_ROW, e);
	if (*st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(*st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(*st);
	if (rc == SQLITE_ROW)
		err = bwi_sqlite_get_row(c, *st, r, e);
	else if (rc != SQLITE_DONE)
		err = bwi_conn_error(c, rc, "read", e);
	if (rc != SQLITE_ROW || err != BW_OK) {
		(void)sqlite3_reset(*st);
		*st = NULL;
	}
	return err;
}

enum bw_err
bwi_sqlite_get(struct bwi_segments *g, uint64_t seq, sqlite3_stmt **st,
    struct bw_store_row *r, struct bw_error *e)
{
	struct bwi_conn *c = NULL;
	size_t i;
	enum bw_err err = bwi_segments_find(g, seq, &i, e);

	*st = NULL;
	if (err == BW_OK && i < g->n)
		err = bwi_segments_get(g, i, &c, e);
	return err == BW_OK && c != NULL ? get_one(c, seq, st, r, e) : err;
}

/*
 * Pass a row to fn if the filter selects it; *max: the number of rows that are
 * wanted then.
 */
static enum bw_err
pass_row(struct bwi_conn *c, const struct bw_store_filter *f, uint64_t seq,
    size_t *max, uint64_t *cursor, bw_store_row_fn *fn, void *arg,
    struct bw_error *e)
{
	struct bw_store_row r;
	sqlite3_stmt *st;
	enum bw_err err = get_one(c, seq, &st, &r, e);

	if (st != NULL && bwi_store_matches(f, &r.event) &&
	    bwi_store_answer_matches(f, &r.answer)) {
		*cursor = seq;
		*max = fn(arg, &r) ? *max - 1 : 0;
	}
	(void)sqlite3_reset(st);
	return err;
}

static enum bw_err
read_rows(struct bwi_conn *c, const struct bw_store_filter *f,
    bool newest_first, size_t *max, uint64_t *cursor, bw_store_row_fn *fn,
    void *arg, struct bw_error *e)
{
	struct bwi_find find;
	uint64_t seq;
	enum bw_err err = bwi_find_open(&find, c, f, newest_first, *cursor, e);

	if (err != BW_OK)
		return err;
	while (*max > 0 && err == BW_OK &&
	       (err = bwi_find_next(&find, &seq, e)) == BW_OK && seq != 0)
		err = pass_row(c, f, seq, max, cursor, fn, arg, e);
	bwi_find_close(&find);
	return err;
}

/* Each segment's numbers continue after the segment before. */
static enum bw_err
read_segments(struct bwi_segments *g, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, bw_store_row_fn *fn,
    void *arg, struct bw_error *e)
{
	uint64_t low = newest_first ? 1 : *cursor + 1;
	uint64_t high = newest_first && *cursor > 0 ? *cursor - 1 : UINT64_MAX;
	enum bw_err err = BW_OK;

	for (size_t k = 0; err == BW_OK && max > 0 && k < g->n; k++) {
		size_t i = newest_first ? g->n - 1 - k : k;
		struct bwi_conn *c;

		err = bwi_segments_may_match(g, i, f, low, high, &c, e);
		if (err == BW_OK && c != NULL)
			err = read_rows(
			    c, f, newest_first, &max, cursor, fn, arg, e);
	}
	return err;
}

enum bw_err
bwi_sqlite_read(struct bw_store *base, const struct bw_store_filter *f,
    bool newest_first, size_t max, uint64_t *cursor, int64_t deadline,
    bw_store_row_fn *fn, void *arg, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_segments *g = &s->shared;
	enum bw_err err = bwi_sqlite_begin_reading(s, deadline, e);

	if (err != BW_OK)
		return err;
	bwi_segments_limit(g, deadline != INT64_MAX);
	err = read_segments(g, f, newest_first, max, cursor, fn, arg, e);
	bwi_segments_limit(g, false);
	return bwi_sqlite_end(s, false, err, e);
}

static enum bw_err
get_numbers(struct bwi_conn *c, enum bwi_statement which, int64_t *numbers,
    int n, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	for (int i = 0; rc == SQLITE_ROW && i < n; i++)
		numbers[i] = sqlite3_column_int64(st, i);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "size", e);
}

enum bw_err
bwi_sqlite_state(
    struct bwi_conn *c, struct bwi_state *state, struct bw_error *e)
{
	int64_t v[4] = {0};
	enum bw_err err = get_numbers(c, BWI_SQL_STATE, v, 4, e);

	state->seq = (uint64_t)v[0];
	state->indexed = (uint64_t)v[1];
	state->first = (uint64_t)v[2];
	state->closed = (uint64_t)v[3];
	return err;
}

enum bw_err
bwi_sqlite_times(
    struct bwi_conn *c, int64_t *oldest, int64_t *newest, struct bw_error *e)
{
	int64_t v[2] = {0, 0};
	enum bw_err err = get_numbers(c, BWI_SQL_TIMES, v, 2, e);

	*oldest = v[0];
	*newest = v[1];
	return err;
}

enum bw_err
bwi_sqlite_version(struct bwi_conn *c, int64_t *version, struct bw_error *e)
{
	return get_numbers(c, BWI_SQL_VERSION, version, 1, e);
}

enum bw_err
bwi_sqlite_last(struct bw_store *base, uint64_t *last, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bwi_state state = {0};
	enum bw_err err = bwi_sqlite_begin_reading(s, INT64_MAX, e);

	if (err != BW_OK)
		return err;
	err =
	    bwi_sqlite_state(&bwi_segments_active(&s->shared)->conn, &state, e);
	*last = state.seq;
	return bwi_sqlite_end(s, false, err, e);
}

enum bw_err
bwi_sqlite_bytes(struct bwi_conn *c, uint64_t *bytes, struct bw_error *e)
{
	int64_t all = 0, empty = 0, size = 0;
	enum bw_err err = get_numbers(c, BWI_SQL_PAGES, &all, 1, e);

	if (err == BW_OK)
		err = get_numbers(c, BWI_SQL_FREE_PAGES, &empty, 1, e);
	if (err == BW_OK)
		err = get_numbers(c, BWI_SQL_PAGE_SIZE, &size, 1, e);
	*bytes = (uint64_t)((all - empty) * size);
	return err;
}

enum bw_err
bwi_sqlite_stats_of(
    struct bwi_conn *c, struct bw_store_stats *out, struct bw_error *e)
{
	int64_t v[5] = {0};
	enum bw_err err = get_numbers(c, BWI_SQL_STATS, v, 5, e);

	*out = (struct bw_store_stats){
	    .events = (uint64_t)v[0],
	    .first = (uint64_t)v[1],
	    .last = (uint64_t)v[2],
	    .oldest = v[3],
	    .newest = v[4],
	};
	return err == BW_OK ? bwi_sqlite_bytes(c, &out->bytes, e) : err;
}

static void
add_stats(struct bw_store_stats *to, const struct bw_store_stats *s)
{
	to->bytes += s->bytes;
	if (s->events == 0)
		return;
	if (to->events == 0 || s->oldest < to->oldest)
		to->oldest = s->oldest;
	if (to->events == 0 || s->newest > to->newest)
		to->newest = s->newest;
	if (to->events == 0)
		to->first = s->first;
	to->last = s->last;
	to->events += s->events;
}

enum bw_err
bwi_sqlite_stats(
    struct bw_store *base, struct bw_store_stats *out, struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct bw_store_stats one;
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	for (size_t i = 0; err == BW_OK && i < s->shared.n; i++) {
		struct bwi_conn *c;

		err = bwi_segments_get(&s->shared, i, &c, e);
		if (err != BW_OK || c == NULL)
			continue;
		err = bwi_sqlite_stats_of(c, &one, e);
		add_stats(out, &one);
	}
	return bwi_sqlite_end(s, false, err, e);
}
