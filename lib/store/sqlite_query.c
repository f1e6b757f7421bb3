/*
 * Builds the SQL of a reader's filter. The query planner has no statistics, so
 * the text selects the index: a "+" before a column prevents the use of its
 * index. Rows are read in the order of seq, which an index has within one
 * value, and only up to the limit, so the number of rows in the table does not
 * matter. Only the rows of one call or message are sorted.
 */
#include "store/sqlite.h"

/* Parameter numbers, the same in every query. */
#define CURSOR	"?1"
#define LIMIT	"?2"
#define FAMILY	"?3"
#define TYPE	"?4"
#define CALL	"?5"
#define MESSAGE "?6"
#define NUMBER	"?7"
#define SINCE	"?8"
#define UNTIL	"?9"

/* The first condition uses an index, the others are compared. */
static void
put_condition(struct bw_buf *b, bool on, const char *condition, bool *found)
{
	if (!on)
		return;
	bw_buf_puts(b, *found ? " AND +e." : " AND e.");
	bw_buf_puts(b, condition);
	*found = true;
}

/* The most selective conditions come first. */
static void
put_conditions(struct bw_buf *b, const struct bw_store_filter *f, bool found)
{
	put_condition(b, f->call.p != NULL, "call_id = " CALL, &found);
	put_condition(b, f->message.p != NULL, "message_id = " MESSAGE, &found);
	if (f->number.p != NULL) {
		bw_buf_puts(b, found ? " AND " NUMBER " IN (+e.from_number, "
				       "+e.to_number)"
				     : " AND (e.from_number = " NUMBER
				       " OR e.to_number = " NUMBER ")");
		found = true;
	}
	put_condition(b, f->type.p != NULL, "type = " TYPE, &found);
	put_condition(b, f->family.p != NULL, "family = " FAMILY, &found);
	/* Ranges are compared, unless counting has no other condition. */
	put_condition(b, f->since != 0, "received >= " SINCE, &found);
	put_condition(b, f->until != 0, "received < " UNTIL, &found);
}

static void
put_beyond(struct bw_buf *b, bool newest_first)
{
	bw_buf_puts(b,
	    newest_first ? " WHERE e.seq < " CURSOR : " WHERE e.seq > " CURSOR);
}

static void
put_order(struct bw_buf *b, bool newest_first)
{
	bw_buf_puts(b, newest_first ? " ORDER BY e.seq DESC LIMIT " LIMIT
				    : " ORDER BY e.seq LIMIT " LIMIT);
}

/* At most the limit of rows from the number, and as many of rows to it. */
static void
put_number(struct bw_buf *b, const struct bw_store_filter *f, bool newest_first)
{
	static const char *const columns[] = {"from_number", "to_number"};
	struct bw_store_filter rest = *f;

	rest.number.p = NULL;
	for (int i = 0; i < 2; i++) {
		bw_buf_puts(b, i == 0 ? " AND e.seq IN (" : " UNION ALL ");
		bw_buf_puts(b, "SELECT * FROM (SELECT e.seq FROM event e");
		put_beyond(b, newest_first);
		bw_buf_puts(b, " AND e.");
		bw_buf_puts(b, columns[i]);
		bw_buf_puts(b, " = " NUMBER);
		put_conditions(b, &rest, true);
		put_order(b, newest_first);
		bw_buf_putc(b, ')');
	}
	bw_buf_putc(b, ')');
}

/*
 * seq follows the time of receipt, except for events from the spool or after a
 * clock change. The "+" prevents min() and max() from scanning the whole table.
 */
static void
put_times(struct bw_buf *b, const struct bw_store_filter *f)
{
	static const char *const ends[] = {
	    " AND e.seq >= (SELECT min(+seq) FROM event WHERE 1",
	    " AND e.seq <= (SELECT max(+seq) FROM event WHERE 1"};
	const int64_t times[] = {f->since, f->until};

	for (int i = 0; i < 2; i++) {
		if (times[i] == 0)
			continue;
		bw_buf_puts(b, ends[i]);
		if (f->since != 0)
			bw_buf_puts(b, " AND received >= " SINCE);
		if (f->until != 0)
			bw_buf_puts(b, " AND received < " UNTIL);
		bw_buf_putc(b, ')');
	}
}

void
bwi_sqlite_put_query(struct bw_buf *b, const struct bwi_query *q)
{
	const struct bw_store_filter *f = q->filter;
	bool found = f->call.p != NULL || f->message.p != NULL ||
		     f->type.p != NULL || f->family.p != NULL;
	bool by_number =
	    f->number.p != NULL && f->call.p == NULL && f->message.p == NULL;

	bw_buf_puts(b, q->what);
	put_beyond(b, q->newest_first);
	if (by_number) {
		put_number(b, f, q->newest_first);
	} else if (found) {
		put_conditions(b, f, false);
	} else {
		if (q->bounded)
			put_times(b, f);
		put_conditions(b, f, true);
	}
	put_order(b, q->newest_first);
}

void
bwi_sqlite_put_filter(struct bw_buf *b, const struct bw_store_filter *f)
{
	put_conditions(b, f, false);
}

void
bwi_sqlite_bind_filter(sqlite3_stmt *st, const struct bw_store_filter *f)
{
	const struct bw_str texts[] = {
	    f->family, f->type, f->call, f->message, f->number};

	/* Binding a parameter that the query does not have fails harmlessly. */
	for (int i = 0; i < 5; i++)
		bwi_bind_text(st, 3 + i, texts[i]);
	(void)sqlite3_bind_int64(st, 8, f->since);
	(void)sqlite3_bind_int64(st, 9, f->until);
}

void
bwi_sqlite_bind_query(
    sqlite3_stmt *st, const struct bwi_query *q, uint64_t cursor, size_t max)
{
	sqlite3_int64 at = (sqlite3_int64)cursor;

	(void)sqlite3_bind_int64(
	    st, 1, q->newest_first && at == 0 ? INT64_MAX : at);
	(void)sqlite3_bind_int64(
	    st, 2, max < INT64_MAX ? (sqlite3_int64)max : INT64_MAX);
	bwi_sqlite_bind_filter(st, q->filter);
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
