/* Conditions for the events that a filter selects. */
#include <bwcallback/tools/hash.h>

#include "store/postgresql.h"
#include "store/store.h"

void
bwi_pg_put_number(struct bw_buf *sql, const struct bwi_pg_params *p)
{
	bw_buf_printf(sql, "$%d", p->n);
}

static void
put_text(struct bw_buf *sql, struct bwi_pg_params *p, const char *column,
    struct bw_str value)
{
	bw_buf_puts(sql, column);
	bw_buf_puts(sql, " = ");
	bwi_pg_put_bytes(p, value);
	bwi_pg_put_number(sql, p);
}

/* The hash finds it by an index, the text decides. */
static void
put_hashed(struct bw_buf *sql, struct bwi_pg_params *p, const char *hash,
    const char *column, struct bw_str value)
{
	bw_buf_puts(sql, hash);
	bw_buf_puts(sql, " = ");
	bwi_pg_put_int8(p, (int64_t)bw_hash_str(BW_HASH_START, value));
	bwi_pg_put_number(sql, p);
	bw_buf_puts(sql, "::int8 AND ");
	put_text(sql, p, column, value);
}

static void
put_time(struct bw_buf *sql, struct bwi_pg_params *p, const char *condition,
    int64_t time)
{
	bw_buf_puts(sql, condition);
	bwi_pg_put_int8(p, time);
	bwi_pg_put_number(sql, p);
	bw_buf_puts(sql, "::int8");
}

static void
put_statuses(struct bw_buf *sql, const int *statuses)
{
	bw_buf_puts(sql, " AND a.status IN (");
	for (size_t i = 0; i < BW_STORE_MAX_STATUSES && statuses[i] != 0; i++)
		bw_buf_printf(sql, "%s%d", i > 0 ? ", " : "", statuses[i]);
	bw_buf_putc(sql, ')');
}

/* Without an answer, all its columns are NULL. */
static void
put_answer(struct bw_buf *sql, struct bwi_pg_params *p,
    const struct bw_store_filter *f)
{
	if (bwi_store_selects_wrong(f))
		bw_buf_puts(sql, " AND " BWI_PG_WRONG("a."));
	if (f->failed)
		bw_buf_puts(
		    sql, " AND (a.failed OR a.fallback OR a.status >= 400)");
	if (f->fallback)
		bw_buf_puts(sql, " AND a.fallback");
	if (f->slow > 0)
		put_time(sql, p, " AND a.duration >= ", f->slow);
	if (f->statuses[0] != 0)
		put_statuses(sql, f->statuses);
}

/* All but the number. */
static void
put_others(struct bw_buf *sql, struct bwi_pg_params *p,
    const struct bw_store_filter *f)
{
	if (f->family.p != NULL)
		put_text(sql, p, " AND e.family", f->family);
	if (f->type.p != NULL)
		put_text(sql, p, " AND e.type", f->type);
	if (f->call.p != NULL)
		put_hashed(sql, p, " AND e.call_h", "e.call_id", f->call);
	if (f->message.p != NULL)
		put_hashed(
		    sql, p, " AND e.message_h", "e.message_id", f->message);
	if (f->since != 0)
		put_time(sql, p, " AND e.received >= ", f->since);
	if (f->until != 0)
		put_time(sql, p, " AND e.received < ", f->until);
	put_answer(sql, p, f);
}

void
bwi_pg_put_filter(struct bw_buf *sql, struct bwi_pg_params *p,
    const struct bw_store_filter *f)
{
	if (f->number.p != NULL) {
		put_hashed(
		    sql, p, " AND ((e.from_h", "e.from_number", f->number);
		put_hashed(sql, p, ") OR (e.to_h", "e.to_number", f->number);
		bw_buf_puts(sql, "))");
	}
	put_others(sql, p, f);
}

/*
 * The same for rows in the order of this index. COALESCE hides from the planner
 * that the text says what the hash says: it would take the rows for very few,
 * and sort all of them to find the first ones.
 */
static void
put_ordered(struct bw_buf *sql, struct bwi_pg_params *p, const char *hash,
    const char *column, struct bw_str value)
{
	bw_buf_puts(sql, hash);
	bw_buf_puts(sql, " = ");
	bwi_pg_put_int8(p, (int64_t)bw_hash_str(BW_HASH_START, value));
	bwi_pg_put_number(sql, p);
	bw_buf_puts(sql, "::int8 AND coalesce(");
	put_text(sql, p, column, value);
	bw_buf_puts(sql, ", false)");
}

void
bwi_pg_put_filter_from(struct bw_buf *sql, struct bwi_pg_params *p,
    const struct bw_store_filter *f)
{
	put_ordered(sql, p, " AND e.from_h", "e.from_number", f->number);
	put_others(sql, p, f);
}

void
bwi_pg_put_filter_to(struct bw_buf *sql, struct bwi_pg_params *p,
    const struct bw_store_filter *f)
{
	put_ordered(sql, p, " AND e.to_h", "e.to_number", f->number);
	put_text(sql, p, " AND NOT coalesce(e.from_number", f->number);
	bw_buf_puts(sql, ", false)");
	put_others(sql, p, f);
}
