/*
 * Bodies that cannot be decoded are stored up to a number and a size. Those of
 * closed segments are counted once, since no more come to them.
 */
#include <string.h>

#include "store/sqlite_late.h"

static enum bw_err
add_bytes(struct bwi_conn *c, uint64_t seq, int64_t *n, int64_t *bytes,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_UNPARSED_BYTES, e);
	int rc;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW) {
		++*n;
		*bytes += sqlite3_column_int64(st, 0);
	}
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "look up", e);
}

static enum bw_err
count(struct bwi_conn *c, int64_t *n, int64_t *bytes, struct bw_error *e)
{
	const struct bw_store_filter f = {.family = BW_STR(BWI_STORE_UNPARSED)};
	struct bwi_find find;
	uint64_t seq = 0;
	enum bw_err err = bwi_find_open(&find, c, &f, false, 0, e);

	if (err != BW_OK)
		return err;
	while (err == BW_OK && (err = bwi_find_next(&find, &seq, e)) == BW_OK &&
	       seq != 0)
		err = add_bytes(c, seq, n, bytes, e);
	bwi_find_close(&find);
	return err;
}

/* The type of such an event is the reason. */
static bool
may_have_any(struct bwi_filter *f)
{
	for (int i = 0; i < BW_ERR__MAX; i++) {
		const char *name = bw_err_name((enum bw_err)i);
		struct bw_str type = {name, strlen(name)};

		if (bwi_filter_may_have(
			f, bwi_term_type(BW_STR(BWI_STORE_UNPARSED), type)))
			return true;
	}
	return false;
}

static enum bw_err
count_closed(struct bwi_sqlite *s, size_t i, struct bw_error *e)
{
	struct bwi_segments *g = &s->append;
	struct bwi_segment *of = g->list[i];
	struct bwi_conn *c = NULL;
	int64_t n = 0, bytes = 0;
	bool there = false;
	enum bw_err err = BW_OK;

	if (of->counted || of->damaged)
		return BW_OK;
	err = bwi_segments_describe(g, i, &there, e);
	if (err == BW_OK && there && may_have_any(&of->filter))
		err = bwi_segments_get(g, i, &c, e);
	if (err == BW_OK && c != NULL)
		err = count(c, &n, &bytes, e);
	of->counted = err == BW_OK;
	if (of->counted) {
		of->unparsed = n;
		of->unparsed_bytes = bytes;
	}
	return bwi_sqlite_pass_over(s, of, err, e);
}

enum bw_err
bwi_sqlite_check_bound(struct bwi_sqlite *s, const struct bw_store_event *event,
    struct bw_error *e)
{
	struct bwi_segments *g = &s->append;
	int64_t n = 0, bytes = (int64_t)(event->body.n + event->query.n);
	enum bw_err err;

	if (!bw_str_is(event->family, BWI_STORE_UNPARSED))
		return BW_OK;
	err = count(&bwi_segments_active(g)->conn, &n, &bytes, e);
	for (size_t i = g->n - 1; err == BW_OK && i-- > 0;) {
		err = count_closed(s, i, e);
		n += g->list[i]->unparsed;
		bytes += g->list[i]->unparsed_bytes;
	}
	if (err != BW_OK || (n < BWI_STORE_MAX_UNPARSED &&
				bytes <= BWI_STORE_MAX_UNPARSED_BYTES))
		return err;
	return bw_error_set(e, BW_ERR_LIMIT, 0,
	    "store: too many undecodable bodies: not stored");
}
