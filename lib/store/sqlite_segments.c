/*
 * The segments of a store: which there are, which of them takes events, and
 * their connections. The folder and "closed" in each file are the truth; what
 * is kept here is looked up again when the active segment was closed, or one
 * was dropped.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/pack.h"
#include "store/sqlite.h"

/* Opening may wait while another process recovers the log. */
#define OPENING INT64_C(1000000000)

/* Most closed segments that are open at a time. */
#define MOST_OPEN 8

/* A reader checks for dropped segments at this interval. */
#define FRESH INT64_C(1000000000)

/* How often the folder is read because the active segment was closed. */
#define TRIES 3

static enum bw_err
no_memory(struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
}

static void
free_segment(struct bwi_segment *s)
{
	if (s == NULL)
		return;
	bwi_conn_close(&s->conn);
	bwi_filter_free(&s->filter);
	bwi_free(s->plain);
	bwi_free(s->packed_name);
	bwi_free(s);
}

void
bwi_segments_close(struct bwi_segments *g)
{
	for (size_t i = 0; i < g->n; i++)
		free_segment(g->list[i]);
	bwi_free(g->list);
	*g = (struct bwi_segments){.path = g->path};
}

/* A compacted file wins: it is complete since it has its name. */
static void
choose_file(struct bwi_segment *s)
{
	s->packed = s->packed_name != NULL && access(s->packed_name, F_OK) == 0;
	s->path = s->packed ? s->packed_name : s->plain;
	s->conn.packed = s->packed;
}

static struct bwi_segment *
new_segment(const char *path, uint64_t number)
{
	struct bwi_segment *s = bwi_calloc(1, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->number = number;
	s->plain = bwi_segment_path(path, number, "");
	s->conn.fixed = number != BWI_SEGMENT_OWN;
	if (s->conn.fixed)
		s->packed_name =
		    bwi_segment_path(path, number, BWI_SEGMENT_PACKED);
	if (s->plain == NULL || (s->conn.fixed && s->packed_name == NULL)) {
		free_segment(s);
		return NULL;
	}
	choose_file(s);
	return s;
}

static enum bw_err
add(struct bwi_segments *g, struct bwi_segment *s, struct bw_error *e)
{
	void *grown =
	    bwi_grow(g->list, g->n, &g->cap, sizeof(struct bwi_segment *));

	if (grown == NULL || s == NULL) {
		free_segment(s);
		g->list = grown != NULL ? grown : g->list;
		return no_memory(e);
	}
	g->list = grown;
	g->list[g->n++] = s;
	return BW_OK;
}

/* The segment of this number in the old list, which no longer has it. */
static struct bwi_segment *
take(struct bwi_segments *old, uint64_t number)
{
	for (size_t i = 0; i < old->n; i++) {
		struct bwi_segment *s = old->list[i];

		if (s != NULL && s->number == number) {
			old->list[i] = NULL;
			return s;
		}
	}
	return NULL;
}

static enum bw_err
take_or_make(struct bwi_segments *g, struct bwi_segments *old, uint64_t number,
    struct bw_error *e)
{
	struct bwi_segment *s = take(old, number);

	return add(g, s != NULL ? s : new_segment(g->path, number), e);
}

/* Read the folder. What is known of segments that are still there is kept. */
static enum bw_err
list(struct bwi_segments *g, struct bw_error *e)
{
	struct bwi_segments old = *g;
	uint64_t *numbers;
	struct stat st = {.st_ino = 0};
	size_t n;
	enum bw_err err = bwi_segment_list(g->path, &numbers, &n, e);

	if (err != BW_OK)
		return err;
	(void)stat(g->path, &st);
	g->dev = st.st_dev;
	g->ino = st.st_ino;
	g->listed = bw_monotonic_ns();
	g->list = NULL;
	g->n = g->cap = 0;
	err = take_or_make(g, &old, BWI_SEGMENT_OWN, e);
	for (size_t i = 0; err == BW_OK && i < n; i++)
		err = take_or_make(g, &old, numbers[i], e);
	for (size_t i = 0; i < old.n; i++)
		free_segment(old.list[i]);
	bwi_free(old.list);
	bwi_free(numbers);
	if (err != BW_OK)
		bwi_segments_close(g);
	return err;
}

static enum bw_err
get_identity(struct bwi_conn *c, int64_t v[3], struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_IDENTITY, e);
	int rc;

	if (st == NULL)
		return e->code;
	rc = sqlite3_step(st);
	for (int i = 0; rc == SQLITE_ROW && i < 3; i++)
		v[i] = sqlite3_column_int64(st, i);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "tables", e);
}

/* A file of another store, or under another name, would mix up numbers. */
static enum bw_err
check_identity(
    struct bwi_segments *g, struct bwi_segment *s, struct bw_error *e)
{
	int64_t v[3] = {0};
	enum bw_err err = get_identity(&s->conn, v, e);
	bool own = s->number == BWI_SEGMENT_OWN;

	if (err == BW_OK && !g->identified) {
		g->id = v[0];
		g->identified = true;
	}
	if (err == BW_OK && own)
		g->dropped = v[2];
	if (err == BW_OK &&
	    (v[0] != g->id || (!own && v[1] != (int64_t)s->number)))
		err = bw_error_set(e, BW_ERR_CORRUPT, 0,
		    "%s: store: this is not a segment of %s", s->path, g->path);
	if (err != BW_OK)
		bwi_conn_close(&s->conn);
	return err;
}

bool
bwi_segment_is_replaced(const struct bwi_segment *s)
{
	return !s->packed && s->packed_name != NULL &&
	       access(s->packed_name, F_OK) == 0;
}

/*
 * While the file from before is there, the process that made the compacted one
 * may not have synced its name.
 */
static enum bw_err
check_packed(const struct bwi_segment *s, struct bw_error *e)
{
	if (!s->packed)
		return BW_OK;
	if (!bwi_pack_available())
		return bw_error_set(e, BW_ERR_UNSUPPORTED, 0,
		    "%s: store: it is compacted, and this program was built "
		    "without libzstd",
		    s->path);
	return access(s->plain, F_OK) == 0 && bwi_fs_sync_dir(s->path) != 0
		   ? bwi_fs_error(e, errno, s->path, "store")
		   : BW_OK;
}

static enum bw_err
open_file(struct bwi_segments *g, struct bwi_segment *s, struct bw_error *e)
{
	int64_t until = bw_earlier(bw_monotonic_ns() + OPENING, g->deadline);
	enum bw_err err = check_packed(s, e);

	if (err == BW_OK)
		err = bwi_conn_open_until(&s->conn, s->path, until, e);

	if (err == BW_OK)
		err = bwi_sqlite_check(&s->conn, e);
	return err == BW_OK ? check_identity(g, s, e) : err;
}

/* While it was opened, or was not found, a compacted file may have appeared. */
enum bw_err
bwi_segment_open(
    struct bwi_segments *g, struct bwi_segment *s, struct bw_error *e)
{
	enum bw_err err;

	choose_file(s);
	err = open_file(g, s, e);
	if (!bwi_segment_is_replaced(s))
		return err;
	bwi_conn_close(&s->conn);
	*e = (struct bw_error){0};
	choose_file(s);
	return open_file(g, s, e);
}

/* Close the closed segment that was not used for longest. */
static void
close_oldest(struct bwi_segments *g)
{
	struct bwi_segment *oldest = NULL;
	size_t open = 0;

	for (size_t i = 1; i + 1 < g->n; i++) {
		struct bwi_segment *s = g->list[i];

		if (s->conn.db == NULL || s->writing)
			continue;
		open++;
		if (oldest == NULL || s->used < oldest->used)
			oldest = s;
	}
	if (open >= MOST_OPEN)
		bwi_conn_close(&oldest->conn);
}

static bool
is_gone(const struct bwi_segment *s)
{
	struct stat st;

	return s->number != BWI_SEGMENT_OWN && stat(s->path, &st) != 0 &&
	       errno == ENOENT;
}

/* Is there a transaction, or a statement that others prepared? */
static bool
is_in_use(const struct bwi_conn *c)
{
	sqlite3_stmt *st = NULL;
	size_t n = 0;

	while ((st = sqlite3_next_stmt(c->db, st)) != NULL) {
		if (sqlite3_stmt_busy(st) != 0)
			return true;
		n++;
	}
	for (size_t i = 0; i < BWI_SQL__MAX; i++)
		n -= c->statements[i] != NULL;
	return n > 0 || sqlite3_get_autocommit(c->db) == 0;
}

/* Close the connection to a file from before compaction. */
static void
leave_replaced(struct bwi_segment *s)
{
	if (s->conn.db != NULL && bwi_segment_is_replaced(s) &&
	    !is_in_use(&s->conn))
		bwi_conn_close(&s->conn);
}

enum bw_err
bwi_segments_get(
    struct bwi_segments *g, size_t i, struct bwi_conn **c, struct bw_error *e)
{
	struct bwi_segment *s = g->list[i];
	enum bw_err err = BW_OK;

	*c = NULL;
	s->used = ++g->uses;
	if (g->limited && bw_monotonic_ns() >= g->deadline) {
		return bw_error_set(
		    e, BW_ERR_BUSY, 0, "store: there is more to read");
	}
	if (i + 1 < g->n)
		leave_replaced(s);
	if (s->conn.db == NULL) {
		close_oldest(g);
		err = bwi_segment_open(g, s, e);
	}
	if (err != BW_OK && is_gone(s)) {
		*e = (struct bw_error){0};
		return BW_OK;
	}
	if (err != BW_OK)
		return err;
	*c = &s->conn;
	s->conn.deadline = g->deadline;
	bwi_conn_limit(&s->conn, g->limited);
	return BW_OK;
}

void
bwi_segments_limit(struct bwi_segments *g, bool limited)
{
	g->limited = limited;
	for (size_t i = 0; i < g->n; i++) {
		if (g->list[i]->conn.db != NULL)
			bwi_conn_limit(&g->list[i]->conn, limited);
	}
}

/* Forget the last segment of the list, which takes no events yet. */
static void
forget_last(struct bwi_segments *g)
{
	free_segment(g->list[--g->n]);
}

/* Was the segment before this one closed? It is not read. */
static bool
is_follower(struct bwi_segments *g, struct bwi_conn *c, uint64_t first)
{
	struct bwi_segment *before = g->list[g->n - 2];
	struct bw_error ignored = {0};
	int64_t v[3] = {0};

	if (get_identity(c, v, &ignored) == BW_OK && v[2] != 0)
		return true;
	/* Only a closed segment has a filter. */
	return bwi_filter_load(&before->filter, &before->extent, g->path,
		   before->number, g->id, &ignored) == BW_OK &&
	       before->extent.last + 1 == first;
}

static enum bw_err
is_before_open(struct bwi_segments *g, bool *open, struct bw_error *e)
{
	struct bwi_state state = {0};
	struct bwi_conn *c;
	enum bw_err err = bwi_segments_get(g, g->n - 2, &c, e);

	if (err == BW_OK && c != NULL)
		err = bwi_sqlite_state(c, &state, e);
	*open = c != NULL && state.closed == 0;
	return err;
}

/*
 * Does the last segment of the list take no events yet? It was made ahead, or
 * the segment before it is still to be closed.
 */
static enum bw_err
is_spare(struct bwi_segments *g, bool *spare, struct bw_error *e)
{
	struct bwi_state state = {0};
	struct bwi_conn *c, *last;
	enum bw_err err = bwi_segments_get(g, g->n - 1, &c, e);

	*spare = c == NULL;
	if (err != BW_OK || c == NULL)
		return err;
	last = c;
	err = bwi_sqlite_state(c, &state, e);
	*spare = state.first == 0;
	if (err != BW_OK || *spare || state.closed != 0 ||
	    state.seq >= state.first)
		return err;
	err = is_before_open(g, spare, e);
	/* A damaged closed segment does not prevent appending. */
	if (err == BW_OK || !is_follower(g, last, state.first))
		return err;
	*e = (struct bw_error){0};
	*spare = false;
	return BW_OK;
}

/* reading: PATH is not opened if there are others. */
static enum bw_err
list_active(struct bwi_segments *g, bool reading, struct bw_error *e)
{
	enum bw_err err = list(g, e);
	bool spare = true;

	if (err == BW_OK && g->list[0]->conn.db == NULL &&
	    (!reading || g->n == 1 || g->ino == 0))
		err = bwi_segment_open(g, g->list[0], e);
	while (err == BW_OK && g->n > 1 && spare) {
		err = is_spare(g, &spare, e);
		if (err == BW_OK && spare)
			forget_last(g);
	}
	/*
	 * The last segment of the list may be a spare: list them again next
	 * time.
	 */
	if (err != BW_OK)
		bwi_segments_close(g);
	return err;
}

/* Read whether the active segment still takes events. */
static enum bw_err
check_active(struct bwi_segments *g, bool *closed, struct bw_error *e)
{
	struct bwi_segment *s = bwi_segments_active(g);
	struct bwi_state state = {0};
	struct bwi_conn *c;
	enum bw_err err = bwi_segments_get(g, g->n - 1, &c, e);

	*closed = true; /* or gone */
	if (err != BW_OK || c == NULL)
		return err;
	err = bwi_sqlite_state(c, &state, e);
	*closed = state.closed != 0;
	s->extent.first = state.first;
	return err;
}

static enum bw_err
check_dropped(struct bwi_segments *g, bool *dropped, struct bw_error *e)
{
	int64_t v[3] = {0};
	enum bw_err err = BW_OK;

	*dropped = false;
	if (g->n == 1)
		return BW_OK;
	err = get_identity(bwi_segments_control(g), v, e);
	*dropped = err == BW_OK && v[2] != g->dropped;
	if (err == BW_OK)
		g->dropped = v[2];
	return err;
}

static bool
is_path_current(const struct bwi_segments *g)
{
	const struct bwi_conn *c = &g->list[0]->conn;
	struct stat st;

	if (c->db != NULL)
		return bwi_conn_is_current(c, g->path);
	return stat(g->path, &st) == 0 && st.st_dev == g->dev &&
	       st.st_ino == g->ino;
}

/*
 * The first look. Closes connections to files that were replaced. *reading:
 * PATH need not be open.
 */
static enum bw_err
begin_update(
    struct bwi_segments *g, bool *reading, bool *again, struct bw_error *e)
{
	if (g->n > 0 && !is_path_current(g))
		bwi_segments_close(g);
	*again = g->n == 0;
	if (g->n == 0)
		return BW_OK;
	g->list[0]->conn.deadline = g->deadline;
	if (g->list[0]->conn.db != NULL)
		return check_dropped(g, again, e);
	/* Segments may have been dropped since then. */
	if (bw_monotonic_ns() - g->listed >= FRESH)
		*reading = false;
	*again = !*reading;
	return BW_OK;
}

static enum bw_err
update(
    struct bwi_segments *g, int64_t deadline, bool reading, struct bw_error *e)
{
	bool again = false, closed = true;
	enum bw_err err;

	g->deadline = deadline;
	err = begin_update(g, &reading, &again, e);
	if (err == BW_OK && again)
		err = list_active(g, reading, e);
	for (int i = 0; err == BW_OK && closed && i < TRIES; i++) {
		if (i > 0)
			err = list_active(g, reading, e);
		if (err == BW_OK)
			err = check_active(g, &closed, e);
	}
	if (err == BW_OK && closed) {
		err = bw_error_set(e, BW_ERR_CORRUPT, 0,
		    "%s: store: the segment after this one is missing; restore "
		    "it from a backup",
		    bwi_segments_active(g)->path);
	}
	return err;
}

enum bw_err
bwi_segments_update(
    struct bwi_segments *g, int64_t deadline, struct bw_error *e)
{
	return update(g, deadline, false, e);
}

enum bw_err
bwi_segments_look(struct bwi_segments *g, int64_t deadline, struct bw_error *e)
{
	return update(g, deadline, true, e);
}

bool
bwi_segments_are_current(struct bwi_segments *g)
{
	struct bwi_segment *s;

	if (g->n > 0 && !is_path_current(g))
		bwi_segments_close(g);
	if (g->n == 0)
		return false;
	s = bwi_segments_active(g);
	if (s->conn.db != NULL && !bwi_conn_is_current(&s->conn, s->path))
		bwi_conn_close(&s->conn);
	return s->conn.db != NULL;
}

void
bwi_segments_recover(struct bwi_segments *g)
{
	struct bw_error ignored = {0};
	int64_t v[3];

	for (size_t i = 1; i < g->n; i++)
		bwi_conn_close(&g->list[i]->conn);
	if (g->n <= 1 || g->list[0]->conn.db == NULL ||
	    get_identity(bwi_segments_control(g), v, &ignored) != BW_OK)
		bwi_segments_close(g);
}

void
bwi_segments_give_up(struct bwi_segments *g)
{
	for (size_t i = 1; i < g->n; i++) {
		struct bwi_segment *s = g->list[i];

		if (s->conn.db == NULL ||
		    bwi_conn_is_current(&s->conn, s->path))
			continue;
		bwi_conn_close(&s->conn);
		g->dropped = -1; /* the folder is read again */
	}
}
