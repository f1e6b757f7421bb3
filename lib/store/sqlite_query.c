/* Builds the SQL of a filter. */
#include "store/sqlite.h"

/* Parameter numbers, the same in every query. */
#define LOW	  "?1"
#define HIGH	  "?2"
#define FAMILY	  "?3"
#define TYPE	  "?4"
#define CALL	  "?5"
#define MESSAGE	  "?6"
#define NUMBER	  "?7"
#define SINCE	  "?8"
#define UNTIL	  "?9"
#define TERM_LOW  "?10"
#define TERM_HIGH "?11"
#define SLOW	  "?12"

static void
put_condition(struct bw_buf *b, bool on, const char *condition)
{
	if (on)
		bw_buf_puts(b, condition);
}

/* The conditions for an answer. */
static void
put_answer(struct bw_buf *b, const struct bw_store_filter *f)
{
	put_condition(
	    b, f->failed, " AND (failed = 1 OR fallback = 1 OR status >= 400)");
	put_condition(b, f->fallback, " AND fallback = 1");
	put_condition(b, f->slow > 0, " AND duration >= " SLOW);
	if (f->statuses[0] == 0)
		return;
	bw_buf_puts(b, " AND status IN (");
	for (size_t i = 0; i < BW_STORE_MAX_STATUSES && f->statuses[i] != 0;
	     i++)
		bw_buf_printf(b, "%s%d", i > 0 ? ", " : "", f->statuses[i]);
	bw_buf_putc(b, ')');
}

/* For a query of events in order: look at the answer of each. */
static void
put_answered(struct bw_buf *b, const struct bw_store_filter *f)
{
	if (!bwi_store_selects_answers(f))
		return;
	bw_buf_puts(
	    b, " AND EXISTS (SELECT 1 FROM answer a WHERE a.seq = e.seq");
	put_answer(b, f);
	bw_buf_putc(b, ')');
}

/* The table with the index: in a compacted segment "answer" is a view. */
static void
put_indexed(struct bw_buf *b, const struct bwi_conn *c)
{
	bw_buf_puts(b, "SELECT seq FROM ");
	bw_buf_puts(b, c->packed ? "answer_slim" : "answer");
	bw_buf_puts(b, " INDEXED BY answer_wrong WHERE " BWI_SQL_WRONG);
}

/* For a report: wrong answers are few, so it begins with them. */
static void
put_wrong(
    struct bw_buf *b, const struct bwi_conn *c, const struct bw_store_filter *f)
{
	bw_buf_puts(b, " AND e.seq IN (");
	put_indexed(b, c);
	put_answer(b, f);
	bw_buf_putc(b, ')');
}

static void
put_conditions(struct bw_buf *b, const struct bw_store_filter *f)
{
	put_condition(b, f->call.p != NULL, " AND e.call_id = " CALL);
	put_condition(b, f->message.p != NULL, " AND e.message_id = " MESSAGE);
	put_condition(b, f->number.p != NULL,
	    " AND " NUMBER " IN (e.from_number, e.to_number)");
	if (f->type.p != NULL || f->family.p != NULL) {
		bw_buf_puts(b, " AND e.form IN (SELECT id FROM form WHERE 1");
		put_condition(b, f->type.p != NULL, " AND type = " TYPE);
		put_condition(b, f->family.p != NULL, " AND family = " FAMILY);
		bw_buf_putc(b, ')');
	}
	put_condition(b, f->since != 0, " AND e.received >= " SINCE);
	put_condition(b, f->until != 0, " AND e.received < " UNTIL);
}

void
bwi_sqlite_put_wrong(struct bw_buf *b, const struct bwi_conn *c,
    const struct bw_store_filter *f, bool newest_first)
{
	put_indexed(b, c);
	bw_buf_puts(b, " AND seq BETWEEN " LOW " AND " HIGH);
	put_answer(b, f);
	bw_buf_puts(b, " ORDER BY seq");
	put_condition(b, newest_first, " DESC");
}

void
bwi_sqlite_put_scan(
    struct bw_buf *b, const struct bw_store_filter *f, bool newest_first)
{
	bw_buf_puts(b,
	    "SELECT e.seq FROM entry e WHERE e.seq BETWEEN " LOW " AND " HIGH);
	put_conditions(b, f);
	put_answered(b, f);
	bw_buf_puts(b, " ORDER BY e.seq");
	put_condition(b, newest_first, " DESC");
}

/* Select the blocks that overlap the times, and the tail. */
static void
put_times(struct bw_buf *b, const struct bw_store_filter *f)
{
	put_condition(b, f->since != 0,
	    " AND e.seq >= coalesce((SELECT low FROM block WHERE "
	    "newest >= " SINCE " ORDER BY high LIMIT 1), "
	    "(SELECT indexed + 1 FROM meta))");
	put_condition(b, f->until != 0,
	    " AND e.seq <= CASE WHEN EXISTS (SELECT 1 FROM entry "
	    "WHERE seq > (SELECT indexed FROM meta) AND received < " UNTIL
	    ") THEN 9223372036854775807 ELSE coalesce((SELECT high FROM block "
	    "WHERE oldest < " UNTIL " ORDER BY high DESC LIMIT 1), 0) END");
}

/* Select the events that have one of the terms, and the tail. */
static void
put_terms(struct bw_buf *b, const struct bw_store_filter *f)
{
	struct bwi_term_range unused;

	bw_buf_puts(b, " AND e.seq IN (");
	if (bwi_sqlite_range(f, &unused)) {
		bw_buf_puts(b, "SELECT seq FROM term WHERE h BETWEEN " TERM_LOW
			       " AND " TERM_HIGH " AND seq > " LOW);
	} else {
		bw_buf_puts(b,
		    "SELECT t.seq FROM form g CROSS JOIN term t ON t.h = g.h "
		    "WHERE t.seq > " LOW);
		put_condition(
		    b, f->family.p != NULL, " AND g.family = " FAMILY);
		put_condition(b, f->type.p != NULL, " AND g.type = " TYPE);
	}
	bw_buf_puts(b, " UNION ALL SELECT seq FROM entry WHERE "
		       "seq > (SELECT indexed FROM meta))");
}

void
bwi_sqlite_put_filter(
    struct bw_buf *b, const struct bwi_conn *c, const struct bw_store_filter *f)
{
	struct bwi_term_range unused;

	bw_buf_puts(b, " WHERE e.seq > " LOW);
	if (bwi_sqlite_range(f, &unused) || f->family.p != NULL ||
	    f->type.p != NULL)
		put_terms(b, f);
	else
		put_times(b, f);
	put_conditions(b, f);
	if (bwi_store_selects_wrong(f))
		put_wrong(b, c, f);
	else
		put_answered(b, f);
}

void
bwi_sqlite_bind_filter(sqlite3_stmt *st, const struct bw_store_filter *f)
{
	const struct bw_str texts[] = {
	    f->family, f->type, f->call, f->message, f->number};
	struct bwi_term_range h = {0, 0};

	/* Binding a parameter that the query does not have fails harmlessly. */
	for (int i = 0; i < 5; i++)
		bwi_bind_text(st, 3 + i, texts[i]);
	(void)sqlite3_bind_int64(st, 8, f->since);
	(void)sqlite3_bind_int64(st, 9, f->until);
	(void)bwi_sqlite_range(f, &h);
	(void)sqlite3_bind_int64(st, 10, h.low);
	(void)sqlite3_bind_int64(st, 11, h.high);
	(void)sqlite3_bind_int64(st, 12, f->slow);
}

sqlite3_stmt *
bwi_sqlite_prepare(struct bwi_conn *c, struct bw_buf *sql, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	int rc;

	if (sql->err != BW_OK) {
		(void)bw_error_set(
		    e, sql->err, 0, "store: %s", bw_strerror(sql->err));
		return NULL;
	}
	rc = sqlite3_prepare_v2(c->db, sql->p, (int)sql->n, &st, NULL);
	if (rc != SQLITE_OK)
		(void)bwi_conn_error(c, rc, "prepare", e);
	return st;
}
