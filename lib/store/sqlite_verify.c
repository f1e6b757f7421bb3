/*
 * Verifying the SQLite store: each segment, what is stored about its events,
 * and the consumers. A damaged closed segment can be set aside under another
 * name, so that the others remain readable.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "os/fs.h"
#include "store/sqlite.h"

#include <bwcallback/tools/store.h>

/* How long one file may be locked by others. */
#define WAIT (INT64_C(10) * 1000000000)

struct verifying {
	struct bwi_segments *segments;
	unsigned how;
	const struct bw_reporter *reporter;
	struct bw_store_soundness *out;
	uint64_t last; /* number of the last event so far */
};

/* printf-like, about the file of a segment. */
__attribute__((format(printf, 4, 5))) static void
report(struct verifying *v, enum bw_severity severity, const char *file,
    const char *format, ...)
{
	char text[512];
	struct bw_finding f = {
	    .severity = severity, .file = file, .text = text};
	va_list ap;

	va_start(ap, format);
	(void)vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	v->out->errors += severity == BW_SEVERITY_ERROR;
	v->out->warnings += severity == BW_SEVERITY_WARNING;
	if (v->reporter != NULL && v->reporter->fn != NULL)
		v->reporter->fn(v->reporter->arg, &f);
}

/* A number that a query gives. */
static enum bw_err
get_number(struct bwi_conn *c, const char *sql, int64_t *n, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->db, sql, -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*n = sqlite3_column_int64(st, 0);
	(void)sqlite3_finalize(st);
	return rc == SQLITE_ROW ? BW_OK : bwi_conn_error(c, rc, "verify", e);
}

/* Questions whose answer is the number of rows that are wrong. */
static const struct {
	bool slow;
	enum bw_severity severity;
	const char *sql;
	const char *text;
} questions[] = {
    {true, BW_SEVERITY_ERROR,
	"SELECT abs(coalesce((SELECT sum(n) FROM block), 0) - (SELECT count(*) "
	"FROM entry WHERE seq <= (SELECT indexed FROM meta)))",
	"events that are not counted"},
    {false, BW_SEVERITY_ERROR,
	"SELECT count(*) FROM entry WHERE seq < (SELECT first FROM meta)",
	"events that belong to another segment"},
    {true, BW_SEVERITY_ERROR,
	"SELECT count(*) FROM entry e WHERE e.seq <= (SELECT indexed FROM "
	"meta) "
	"AND NOT EXISTS (SELECT 1 FROM form f CROSS JOIN term t ON t.h = f.h "
	"AND t.seq = e.seq WHERE f.id = e.form)",
	"events that are not found by their type"},
    {true, BW_SEVERITY_ERROR,
	"SELECT count(*) FROM answer a WHERE NOT EXISTS (SELECT 1 FROM entry e "
	"WHERE e.seq = a.seq)",
	"answers without an event"},
    {true, BW_SEVERITY_WARNING,
	"SELECT count(*) FROM (SELECT 1 FROM entry WHERE key IS NOT NULL "
	"GROUP BY form, key, call_id, message_id, from_number, to_number "
	"HAVING count(*) > 1 AND max(received) - min(received) < 3600000)",
	"events that are stored twice"},
};

static enum bw_err
ask(struct verifying *v, struct bwi_segment *s, struct bw_error *e)
{
	bool all = (v->how & BW_STORE_VERIFY_QUICK) == 0;
	enum bw_err err = BW_OK;

	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		int64_t n = 0;

		if (err != BW_OK || (questions[i].slow && !all))
			continue;
		err = get_number(&s->conn, questions[i].sql, &n, e);
		if (err == BW_OK && n != 0)
			report(v, questions[i].severity, s->path, "%lld %s",
			    (long long)n, questions[i].text);
	}
	return err;
}

/* SQLite's own check of each page. */
static enum bw_err
check_pages(struct verifying *v, struct bwi_conn *c, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	enum bw_err err = BW_OK;
	int rc;

	if ((v->how & BW_STORE_VERIFY_QUICK) != 0)
		return BW_OK;
	rc = sqlite3_prepare_v2(
	    c->db, "PRAGMA integrity_check(1)", -1, &st, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	if (rc == SQLITE_ROW && !bw_str_is(bwi_column(st, 0), "ok")) {
		err = bw_error_set(e, BW_ERR_CORRUPT, 0, "store: %s",
		    (const char *)sqlite3_column_text(st, 0));
	} else if (rc != SQLITE_ROW) {
		err = bwi_conn_error(c, rc, "verify", e);
	}
	(void)sqlite3_finalize(st);
	return err;
}

/* A filter that denies a term would hide events. */
static enum bw_err
check_terms(
    struct bwi_conn *c, struct bwi_filter *f, int64_t *n, struct bw_error *e)
{
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->db, "SELECT h FROM term", -1, &st, NULL);

	*n = 0;
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	for (; rc == SQLITE_ROW; rc = sqlite3_step(st))
		*n += !bwi_filter_may_have(f, sqlite3_column_int64(st, 0));
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(c, rc, "verify", e);
}

static enum bw_err
check_filter(struct verifying *v, struct bwi_segment *s, struct bw_error *e)
{
	struct bwi_filter f = {.name = NULL};
	struct bwi_extent x;
	struct bw_error why = {0};
	int64_t n = 0;
	enum bw_err err = bwi_filter_load(
	    &f, &x, v->segments->path, s->number, v->segments->id, &why);

	if (err == BW_OK)
		err = bwi_filter_read(&f, &why);
	if (err == BW_ERR_CORRUPT)
		report(v, BW_SEVERITY_WARNING, s->path,
		    "its filter is damaged, so that it is searched for every "
		    "new event; remove the file .filter");
	if (err == BW_ERR_NOMEM)
		(void)bw_error_set(e, err, 0, "%s", why.msg);
	else if (err != BW_OK)
		err = BW_OK;
	else if ((v->how & BW_STORE_VERIFY_QUICK) == 0)
		err = check_terms(&s->conn, &f, &n, e);
	if (err == BW_OK && n > 0)
		report(v, BW_SEVERITY_ERROR, s->path,
		    "its filter denies %lld of its terms; remove the file "
		    ".filter",
		    (long long)n);
	bwi_filter_free(&f);
	return err;
}

/* All groups of a compacted segment can be read, and no row lacks one. */
static enum bw_err
check_groups(struct verifying *v, struct bwi_segment *s, struct bw_error *e)
{
	int64_t n = 0;
	uint64_t rows = 0;
	enum bw_err err;

	if (!s->packed || (v->how & BW_STORE_VERIFY_QUICK) != 0)
		return BW_OK;
	err = bwi_unpack_check(&s->conn, &rows, e);
	if (err == BW_OK)
		err = get_number(
		    &s->conn, "SELECT count(*) FROM entry_slim", &n, e);
	if (err == BW_OK && (uint64_t)n != rows)
		report(v, BW_SEVERITY_ERROR, s->path,
		    "its groups have %llu events instead of %lld",
		    (unsigned long long)rows, (long long)n);
	return err;
}

/* The numbers continue after the segment before. */
static enum bw_err
check_numbers(struct verifying *v, size_t i, struct bw_error *e)
{
	struct bwi_segment *s = v->segments->list[i];
	bool follows =
	    i == 0 || s->number == v->segments->list[i - 1]->number + 1;
	struct bw_store_stats stats;
	struct bwi_state state = {0};
	enum bw_err err = bwi_sqlite_state(&s->conn, &state, e);

	if (err == BW_OK)
		err = bwi_sqlite_stats_of(&s->conn, &stats, e);
	if (err != BW_OK)
		return err;
	if (state.first <= v->last ||
	    (follows && v->last > 0 && state.first != v->last + 1))
		report(v, BW_SEVERITY_ERROR, s->path,
		    "it begins with event %llu, but the segment before it ends "
		    "with %llu",
		    (unsigned long long)state.first,
		    (unsigned long long)v->last);
	v->last = state.seq;
	v->out->events += stats.events;
	return BW_OK;
}

static enum bw_err
check_segment(struct verifying *v, size_t i, struct bw_error *e)
{
	struct bwi_segment *s = v->segments->list[i];
	struct bwi_conn *c;
	enum bw_err err;

	v->segments->deadline = bw_monotonic_ns() + WAIT;
	err = bwi_segments_get(v->segments, i, &c, e);
	if (err != BW_OK || c == NULL)
		return err;
	err = check_pages(v, c, e);
	if (err == BW_OK)
		err = check_groups(v, s, e);
	if (err == BW_OK)
		err = check_numbers(v, i, e);
	if (err == BW_OK)
		err = ask(v, s, e);
	if (err == BW_OK && i + 1 < v->segments->n)
		err = check_filter(v, s, e);
	return err;
}

/* The log belongs to the file, so it gets the same name. */
static enum bw_err
rename_files(const char *path, struct bw_error *e)
{
	static const char *const ends[] = {"", "-wal", "-shm"};
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < 3; i++) {
		size_t size = strlen(path) + 32;
		char *from = bwi_alloc(size), *to = bwi_alloc(size);

		if (from == NULL || to == NULL) {
			err = bw_error_set(
			    e, BW_ERR_NOMEM, 0, "store: out of memory");
		} else {
			(void)snprintf(from, size, "%s%s", path, ends[i]);
			(void)snprintf(to, size, "%s.damaged%s", path, ends[i]);
			if (rename(from, to) != 0 &&
			    (i == 0 || errno != ENOENT))
				err = bwi_fs_error(e, errno, from, "store");
		}
		bwi_free(from);
		bwi_free(to);
	}
	return err;
}

static enum bw_err
set_aside(struct verifying *v, struct bwi_segment *s, struct bw_error *e)
{
	struct bwi_conn *control = bwi_segments_control(v->segments);
	char *filter = bwi_segment_path(s->plain, BWI_SEGMENT_OWN, ".filter");
	enum bw_err err;

	bwi_conn_close(&s->conn);
	if (filter == NULL)
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	err = rename_files(s->path, e);
	if (err == BW_OK)
		(void)unlink(filter);
	bwi_free(filter);
	/* So that all processes look at the folder again. */
	control->deadline = bw_monotonic_ns() + WAIT;
	if (err == BW_OK)
		err = bwi_conn_do(control, BWI_SQL_DROPPED, "verify", e);
	return err;
}

/* Report what is wrong with a segment; the others are verified nevertheless. */
static enum bw_err
judge(struct verifying *v, size_t i, enum bw_err err, struct bw_error *e)
{
	struct bwi_segment *s = v->segments->list[i];
	bool closed = i > 0 && i + 1 < v->segments->n;
	bool move = closed && (v->how & BW_STORE_VERIFY_SET_ASIDE) != 0;

	if (err != BW_ERR_CORRUPT)
		return err;
	report(v, BW_SEVERITY_ERROR, s->path, "it is damaged: %s; %s", e->msg,
	    move     ? "it is set aside as .damaged"
	    : closed ? "set it aside with --set-aside, or restore a backup"
		     : "restore a backup");
	*e = (struct bw_error){0};
	v->last = 0; /* where it ends is not known */
	return move ? set_aside(v, s, e) : BW_OK;
}

static enum bw_err
check_consumers(struct verifying *v, struct bw_error *e)
{
	struct bwi_conn *c = bwi_segments_control(v->segments);
	sqlite3_stmt *st = NULL;
	int rc = sqlite3_prepare_v2(c->db,
	    "SELECT name, position, (SELECT count(*) FROM work "
	    "WHERE consumer = name AND seq > position) FROM consumer c",
	    -1, &st, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	for (; rc == SQLITE_ROW; rc = sqlite3_step(st)) {
		const char *name = (const char *)sqlite3_column_text(st, 0);

		v->out->consumers++;
		if ((uint64_t)sqlite3_column_int64(st, 1) > v->last)
			report(v, BW_SEVERITY_ERROR, v->segments->path,
			    "consumer %s is at event %lld, but the last is "
			    "%llu: it would miss the next ones",
			    name, (long long)sqlite3_column_int64(st, 1),
			    (unsigned long long)v->last);
		if (sqlite3_column_int64(st, 2) > 0)
			report(v, BW_SEVERITY_ERROR, v->segments->path,
			    "consumer %s has work after its place", name);
	}
	(void)sqlite3_finalize(st);
	return rc == SQLITE_DONE ? BW_OK : bwi_conn_error(c, rc, "verify", e);
}

/* Segments that are neither there nor were dropped. */
static void
check_missing(struct verifying *v)
{
	struct bwi_segments *g = v->segments;
	uint64_t missing = bwi_segments_active(g)->number - g->n;

	if (missing > (uint64_t)g->dropped)
		report(v, BW_SEVERITY_WARNING, g->path,
		    "%llu segments are missing, and were not removed by "
		    "pruning",
		    (unsigned long long)(missing - (uint64_t)g->dropped));
}

static enum bw_err
verify(struct verifying *v, struct bw_error *e)
{
	struct bwi_segments *g = v->segments;
	enum bw_err err = BW_OK;

	for (size_t i = 0; err == BW_OK && i < g->n; i++)
		err = judge(v, i, check_segment(v, i, e), e);
	v->out->segments = g->n;
	check_missing(v);
	return err == BW_OK ? check_consumers(v, e) : err;
}

enum bw_err
bwi_sqlite_verify(struct bw_store *base, unsigned how,
    const struct bw_reporter *r, struct bw_store_soundness *out,
    struct bw_error *e)
{
	struct bwi_sqlite *s = bwi_sqlite_of(base);
	struct verifying v = {
	    .segments = &s->shared, .how = how, .reporter = r, .out = out};
	enum bw_err err = bwi_sqlite_begin(s, false, e);

	if (err != BW_OK)
		return err;
	return bwi_sqlite_end(s, false, verify(&v, e), e);
}
