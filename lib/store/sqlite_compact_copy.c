/*
 * Copying a closed segment into a compacted one. The original is read in one
 * transaction, which locks nothing that others need. The copy needs no syncs
 * and no journal until it is complete: if anything fails, it is removed.
 */
#include <string.h>
#include <time.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "store/pack.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"

/*
 * Half of the time is left to others: appending is not slowed, even on a
 * machine with one processor.
 */
#define WORK INT64_C(5000000)

/* The columns of an entry that stay rows, and those that go into a group. */
#define ROW "seq, received, form, claim, deliveries, last, batch, idx"
#define GROUP \
	"call_id, message_id, from_number, to_number, key, thread, " \
	"request, query, body"
#define ROWS  8
#define TEXTS 9

/* The same of an answer. */
#define ANSWER	     "seq, status, fallback, answered, duration, failed"
#define ANSWER_TEXTS "content_type, body, trace"
#define ANSWERS	     6

static const char read_entries[] =
    "SELECT e.seq, e.received, e.form, e.claim, e.deliveries, e.last, e.batch, "
    "e.idx, e.call_id, e.message_id, e.from_number, e.to_number, e.key, "
    "e.thread, e.request, e.query, e.body, a.content_type, a.body, a.trace, "
    "a.seq, a.status, a.fallback, a.answered, a.duration, a.failed "
    "FROM entry e LEFT JOIN answer a ON a.seq = e.seq ORDER BY e.seq";
static const char add_entry[] =
    "INSERT INTO entry_slim (" ROW ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
static const char add_answer[] =
    "INSERT INTO answer_slim (" ANSWER ", late) VALUES (?, ?, ?, ?, ?, ?, 0)";
static const char add_pack[] = "INSERT INTO pack (first, rows) VALUES (?, ?)";

/* Tables that are copied as they are: how to read one, in order, and write. */
#define META "one, seq, indexed, store, segment, first, closed, dropped"
#define FORM "id, section, method, content_type, family, type, user, h"
static const struct {
	const char *read;
	const char *write;
} tables[] = {
    {"SELECT " META " FROM meta",
	"INSERT INTO meta (" META ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
    {"SELECT " FORM " FROM form ORDER BY id",
	"INSERT INTO form (" FORM ") VALUES (?, ?, ?, ?, ?, ?, ?, ?)"},
    {"SELECT high, low, n, oldest, newest FROM block ORDER BY high",
	"INSERT INTO block (high, low, n, oldest, newest) "
	"VALUES (?, ?, ?, ?, ?)"},
    {"SELECT h, seq FROM term ORDER BY h, seq",
	"INSERT INTO term (h, seq) VALUES (?, ?)"},
};

/* What is compared besides these tables, in both files. */
static const char *const views[] = {
    "SELECT " ROW ", " GROUP " FROM entry ORDER BY seq",
    "SELECT " ANSWER ", " ANSWER_TEXTS " FROM answer ORDER BY seq",
};

/* Let others run now and then. BW_ERR_DEADLINE: told to stop. */
static enum bw_err
give_way(struct bwi_compacting *c, struct bw_error *e)
{
	int64_t now = bw_monotonic_ns(), worked = now - c->worked;
	struct timespec pause = {.tv_nsec = WORK};

	if (c->stop != NULL && atomic_load(c->stop))
		return bw_error_set(e, BW_ERR_DEADLINE, 0, "store: stopped");
	if (worked < WORK)
		return BW_OK;
	(void)nanosleep(&pause, NULL);
	c->worked = bw_monotonic_ns();
	return BW_OK;
}

static enum bw_err
prepare(
    struct bwi_conn *c, const char *sql, sqlite3_stmt **st, struct bw_error *e)
{
	int rc = sqlite3_prepare_v2(c->db, sql, -1, st, NULL);

	return rc == SQLITE_OK ? BW_OK : bwi_conn_error(c, rc, "compact", e);
}

/* Bind n columns of a row, from one on, and run the statement. */
static enum bw_err
add_row(struct bwi_conn *to, sqlite3_stmt *st, sqlite3_stmt *row, int from,
    int n, struct bw_error *e)
{
	for (int i = 0; i < n; i++)
		(void)sqlite3_bind_value(
		    st, i + 1, sqlite3_column_value(row, from + i));
	return bwi_conn_run(to, st, "compact", e);
}

static enum bw_err
copy_table(
    struct bwi_compacting *c, struct bwi_conn *to, size_t i, struct bw_error *e)
{
	sqlite3_stmt *in = NULL, *out = NULL;
	enum bw_err err = prepare(&c->from, tables[i].read, &in, e);
	int rc = SQLITE_DONE;

	if (err == BW_OK)
		err = prepare(to, tables[i].write, &out, e);
	while (err == BW_OK && (rc = sqlite3_step(in)) == SQLITE_ROW) {
		err = add_row(to, out, in, 0, sqlite3_column_count(in), e);
		if (err == BW_OK)
			err = give_way(c, e);
	}
	if (err == BW_OK && rc != SQLITE_DONE)
		err = bwi_conn_error(&c->from, rc, "compact", e);
	(void)sqlite3_finalize(in);
	(void)sqlite3_finalize(out);
	return err;
}

/* The statements that copy events. */
struct copying {
	struct bwi_conn *to;
	sqlite3_stmt *in;
	sqlite3_stmt *entry;
	sqlite3_stmt *answer;
	sqlite3_stmt *group;
	struct bwi_pack pack;
};

static struct bwi_pack_value
get_value(sqlite3_stmt *st, int i)
{
	struct bwi_pack_value v = {.type = BWI_PACK_NULL};

	switch (sqlite3_column_type(st, i)) {
	case SQLITE_NULL:
		break;
	case SQLITE_INTEGER:
		v.type = BWI_PACK_INTEGER;
		v.integer = sqlite3_column_int64(st, i);
		break;
	case SQLITE_TEXT:
		v.type = BWI_PACK_TEXT;
		v.s = bwi_column(st, i);
		break;
	default: /* a key that is a real number shows in the comparison */
		v.type = BWI_PACK_BLOB;
		v.s = bwi_column(st, i);
	}
	return v;
}

static void
add_to_group(struct copying *p)
{
	struct bwi_pack_value values[BWI_PACK_COLUMNS];

	for (int i = 0; i < BWI_PACK_COLUMNS; i++)
		values[i] = get_value(p->in, ROWS + i);
	bwi_pack_add(
	    &p->pack, (uint64_t)sqlite3_column_int64(p->in, 0), values);
}

static enum bw_err
write_group(struct copying *p, struct bw_error *e)
{
	enum bw_err err;

	if (p->pack.n == 0)
		return BW_OK;
	err = bwi_pack_compress(&p->pack);
	if (err != BW_OK)
		return bw_error_set(e, err, 0, "store: compact: %s",
		    err == BW_ERR_LIMIT ? "an event is too large"
					: bw_strerror(err));
	(void)sqlite3_bind_int64(p->group, 1, (sqlite3_int64)p->pack.seqs[0]);
	bwi_bind_blob(
	    p->group, 2, (struct bw_str){p->pack.out.p, p->pack.out.n});
	err = bwi_conn_run(p->to, p->group, "compact", e);
	bwi_pack_reset(&p->pack);
	return err;
}

static enum bw_err
copy_event(struct copying *p, struct bw_error *e)
{
	int answer = ROWS + BWI_PACK_COLUMNS;
	enum bw_err err = add_row(p->to, p->entry, p->in, 0, ROWS, e);

	if (err == BW_OK && sqlite3_column_type(p->in, answer) != SQLITE_NULL)
		err = add_row(p->to, p->answer, p->in, answer, ANSWERS, e);
	add_to_group(p);
	return err == BW_OK && bwi_pack_is_full(&p->pack) ? write_group(p, e)
							  : err;
}

static enum bw_err
prepare_all(struct bwi_compacting *c, struct copying *p, struct bw_error *e)
{
	enum bw_err err = prepare(&c->from, read_entries, &p->in, e);

	if (err == BW_OK)
		err = prepare(p->to, add_entry, &p->entry, e);
	if (err == BW_OK)
		err = prepare(p->to, add_answer, &p->answer, e);
	return err == BW_OK ? prepare(p->to, add_pack, &p->group, e) : err;
}

static enum bw_err
copy_events(struct bwi_compacting *c, struct bwi_conn *to, struct bw_error *e)
{
	struct copying p = {.to = to};
	enum bw_err err = prepare_all(c, &p, e);
	int rc = SQLITE_DONE;

	bwi_pack_init(&p.pack);
	while (err == BW_OK && (rc = sqlite3_step(p.in)) == SQLITE_ROW) {
		err = copy_event(&p, e);
		if (err == BW_OK)
			err = give_way(c, e);
	}
	if (err == BW_OK && rc != SQLITE_DONE)
		err = bwi_conn_error(&c->from, rc, "compact", e);
	if (err == BW_OK)
		err = write_group(&p, e);
	(void)sqlite3_finalize(p.in);
	(void)sqlite3_finalize(p.entry);
	(void)sqlite3_finalize(p.answer);
	(void)sqlite3_finalize(p.group);
	bwi_pack_free(&p.pack);
	return err;
}

static enum bw_err
copy_all(struct bwi_compacting *c, struct bwi_conn *to, struct bw_error *e)
{
	static const char pragmas[] = "PRAGMA journal_mode = DELETE;"
				      "PRAGMA journal_mode = OFF;"
				      "PRAGMA synchronous = OFF";
	enum bw_err err = bwi_conn_open(to, c->part, e);

	if (err == BW_OK)
		err = bwi_conn_exec(to, pragmas, "compact", e);
	if (err == BW_OK)
		err = bwi_sqlite_create_packed(to, e);
	if (err == BW_OK)
		err = bwi_conn_do(to, BWI_SQL_BEGIN, "compact", e);
	for (size_t i = 0;
	     err == BW_OK && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = copy_table(c, to, i, e);
	if (err == BW_OK)
		err = copy_events(c, to, e);
	if (err == BW_OK)
		err = bwi_conn_do(to, BWI_SQL_COMMIT, "compact", e);
	bwi_conn_close(to);
	return err;
}

static bool
is_same_value(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
	struct bw_str x, y;

	if (sqlite3_column_type(a, i) != sqlite3_column_type(b, i))
		return false;
	x = bwi_column(a, i);
	y = bwi_column(b, i);
	return x.p == NULL || y.p == NULL ? x.p == y.p : bw_str_eq(x, y);
}

static bool
is_same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
	int n = sqlite3_column_count(a);

	for (int i = 0; i < n; i++) {
		if (!is_same_value(a, b, i))
			return false;
	}
	return n == sqlite3_column_count(b);
}

/* Read both to the end, as long as their rows are the same. */
static enum bw_err
compare_rows(struct bwi_compacting *c, struct bwi_conn *to, sqlite3_stmt *a,
    sqlite3_stmt *b, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	bool same = true;
	int x, y;

	do {
		x = sqlite3_step(a);
		y = sqlite3_step(b);
		if (x == SQLITE_ROW && y == SQLITE_ROW)
			same = is_same_row(a, b);
		err = give_way(c, e);
	} while (err == BW_OK && same && x == SQLITE_ROW && y == SQLITE_ROW);
	if (err != BW_OK)
		return err;
	if (x != SQLITE_ROW && x != SQLITE_DONE)
		return bwi_conn_error(&c->from, x, "compact", e);
	if (y != SQLITE_ROW && y != SQLITE_DONE)
		return bwi_conn_error(to, y, "compact", e);
	return same && x == y ? BW_OK
			      : bw_error_set(e, BW_ERR_CORRUPT, 0,
				    "%s: store: its copy is not the same, so "
				    "that it is not compacted",
				    c->segment->path);
}

static enum bw_err
compare(struct bwi_compacting *c, struct bwi_conn *to, const char *sql,
    struct bw_error *e)
{
	sqlite3_stmt *a = NULL, *b = NULL;
	enum bw_err err = prepare(&c->from, sql, &a, e);

	if (err == BW_OK)
		err = prepare(to, sql, &b, e);
	if (err == BW_OK)
		err = compare_rows(c, to, a, b, e);
	(void)sqlite3_finalize(a);
	(void)sqlite3_finalize(b);
	return err;
}

/* Opening it also gives it the journal mode of a store. */
static enum bw_err
compare_all(struct bwi_compacting *c, struct bwi_conn *to, struct bw_error *e)
{
	enum bw_err err = bwi_conn_open(to, c->part, e);

	if (err == BW_OK)
		err = bwi_sqlite_check(to, e);
	for (size_t i = 0;
	     err == BW_OK && i < sizeof(tables) / sizeof(tables[0]); i++)
		err = compare(c, to, tables[i].read, e);
	for (size_t i = 0; err == BW_OK && i < sizeof(views) / sizeof(views[0]);
	     i++)
		err = compare(c, to, views[i], e);
	bwi_conn_close(to);
	return err;
}

/* A segment that still takes events, or is moved, is left alone. */
static enum bw_err
check_original(struct bwi_compacting *c, struct bw_error *e)
{
	struct bwi_state state = {0};
	enum bwi_move_state fence = BWI_MOVE_OPEN;
	enum bw_err err = bwi_sqlite_state(&c->from, &state, e);

	if (err == BW_OK)
		err = bwi_sqlite_get_fence(&c->from, &fence, e);
	if (err != BW_OK)
		return err;
	c->closed = (int64_t)state.closed;
	if (state.closed == 0 || fence != BWI_MOVE_OPEN)
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "%s: store: it is not closed, so that it is not compacted",
		    c->segment->path);
	return BW_OK;
}

enum bw_err
bwi_compact_copy(struct bwi_compacting *c, struct bw_error *e)
{
	struct bwi_conn to = {.fixed = true, .packed = true};
	enum bw_err err = check_original(c, e);

	c->worked = bw_monotonic_ns();
	if (err == BW_OK)
		err = copy_all(c, &to, e);
	return err == BW_OK ? compare_all(c, &to, e) : err;
}
