/*
 * What SQLite alone can do: the same rows in the same tables and indices, in
 * transactions of 64 events, in one file. Nothing is looked up or decided, no
 * other thread is woken, and there are no segments.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "growth.h"

/* Pages in the log before a checkpoint, as in a store. */
#define LOG 2000

static void
fail(struct bare *b)
{
	fprintf(stderr, "growth: bare: %s\n", sqlite3_errmsg(b->db));
	exit(1);
}

static void
run(struct bare *b, const char *sql)
{
	if (sqlite3_exec(b->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(b);
}

static void
step(struct bare *b, sqlite3_stmt *st)
{
	if (sqlite3_step(st) != SQLITE_DONE || sqlite3_reset(st) != SQLITE_OK)
		fail(b);
}

static void
prepare(struct bare *b, const char *sql, sqlite3_stmt **st)
{
	if (sqlite3_prepare_v2(b->db, sql, -1, st, NULL) != SQLITE_OK)
		fail(b);
}

static void
open_file(struct bare *b)
{
	if (sqlite3_open(b->path, &b->db) != SQLITE_OK)
		fail(b);
	run(b, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
	       "PRAGMA cache_size = -16384");
	(void)sqlite3_wal_autocheckpoint(b->db, LOG);
}

void
bare_open(struct bare *b, const char *folder, const char *name)
{
	struct bw_error e = {0};
	char url[300];

	*b = (struct bare){.next = 0};
	(void)snprintf(b->path, sizeof(b->path), "%s/%s.db", folder, name);
	(void)snprintf(url, sizeof(url), "sqlite:%s", b->path);
	if (bw_store_create(url, NULL, &e) != BW_OK)
		die(&e);
	open_file(b);
	for (int i = 0; i < 8; i++) {
		char sql[200];

		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO form (id, section, method, family, type, h) "
		    "VALUES (%d, '/voice', 'POST', 'voice', 'type-%d', %d)",
		    i + 1, i, i);
		run(b, sql);
	}
	prepare(b,
	    "INSERT INTO entry (seq, received, form, claim, deliveries, batch, "
	    "idx, call_id, message_id, from_number, to_number, key, thread, "
	    "request, body) VALUES (?1, ?2, ?3, 8000, 1, 1, 0, ?4, ?5, ?6, ?7, "
	    "?8, ?9, '0011223344556677', ?10)",
	    &b->entry);
	prepare(b, "INSERT INTO term (h, seq) VALUES (?1, ?2)", &b->term);
	prepare(b,
	    "INSERT INTO answer (seq, status, fallback, answered, duration, "
	    "content_type, body, failed) VALUES (?1, 200, 0, ?2, 800, ?3, ?4, "
	    "0)",
	    &b->answer);
}

static void
bind(sqlite3_stmt *st, int i, struct bw_str s)
{
	if (s.p != NULL)
		(void)sqlite3_bind_text64(
		    st, i, s.p, s.n, SQLITE_STATIC, SQLITE_UTF8);
	else
		(void)sqlite3_bind_null(st, i);
}

/* Terms are random numbers whose upper halves are what is looked up. */
static int64_t
term_of(uint64_t what, uint64_t low)
{
	return (int64_t)((scatter(what) >> 32 << 32) | (low & UINT32_MAX));
}

#define MESSAGE(n) ((n) / 4 * 2)
#define PERSON(n)  (UINT64_C(1) << 60 | person_of(n))

static void
add_term(struct bare *b, int64_t h, uint64_t n)
{
	(void)sqlite3_bind_int64(b->term, 1, h);
	(void)sqlite3_bind_int64(b->term, 2, (int64_t)n + 1);
	step(b, b->term);
}

static void
add_answer(struct bare *b, uint64_t n)
{
	bool call = is_call(n);

	(void)sqlite3_bind_int64(b->answer, 1, (int64_t)n + 1);
	(void)sqlite3_bind_int64(b->answer, 2, RECEIVED + (int64_t)n);
	bind(b->answer, 3,
	    call ? BW_STR("application/xml; charset=utf-8")
		 : (struct bw_str){NULL, 0});
	if (call)
		(void)sqlite3_bind_blob(
		    b->answer, 4, bxml, (int)strlen(bxml), SQLITE_STATIC);
	else
		(void)sqlite3_bind_null(b->answer, 4);
	step(b, b->answer);
}

static void
add(struct bare *b, const struct made *m, uint64_t n)
{
	bool call = is_call(n);
	sqlite3_stmt *st = b->entry;

	(void)sqlite3_bind_int64(st, 1, (int64_t)n + 1);
	(void)sqlite3_bind_int64(st, 2, m->event.received);
	(void)sqlite3_bind_int64(st, 3, (int64_t)(n % 8) + 1);
	bind(st, 4, m->event.call);
	bind(st, 5, m->event.message);
	bind(st, 6, m->event.from);
	bind(st, 7, m->event.to);
	bind(st, 8,
	    call ? BW_STR("\1|\2.\3:5500417:\4")
		 : BW_STR("\1|\2.\3:5500417:\5"));
	bind(st, 9, call ? BW_STR("call:\4") : BW_STR("between:\6"));
	(void)sqlite3_bind_blob(
	    st, 10, m->event.body.p, (int)m->event.body.n, SQLITE_STATIC);
	step(b, st);
	add_term(b, term_of(MESSAGE(n), scatter(n)), n);
	add_term(b, term_of(PERSON(n), 0), n);
	add_term(b, term_of(UINT64_C(2) << 60 | scatter(n / 4 + 9) % 50, 0), n);
	add_term(b, term_of(UINT64_C(3) << 60 | n % 8, 0), n);
	add_answer(b, n);
}

static void
add_list(struct bare *b)
{
	static struct made m[LIST];

	for (uint64_t i = 0; i < LIST; i++)
		make(&m[i], b->next + i);
	run(b, "BEGIN IMMEDIATE");
	for (uint64_t i = 0; i < LIST; i++)
		add(b, &m[i], b->next + i);
	run(b, "COMMIT");
	b->next += LIST;
}

void
bare_append(struct bare *b, uint64_t until)
{
	while (b->next < until)
		add_list(b);
}

double
bare_rate(struct bare *b)
{
	int64_t start = now_ns();
	uint64_t before = b->next;

	while (now_ns() < start + MEASURING)
		add_list(b);
	return (double)(b->next - before) * 1e9 / (double)(now_ns() - start);
}

static size_t
find(struct bare *b, int64_t low, int64_t high)
{
	sqlite3_stmt *st;
	size_t n = 0;

	prepare(b,
	    "SELECT e.*, f.*, a.* FROM term t JOIN entry e ON e.seq = t.seq "
	    "JOIN form f ON f.id = e.form LEFT JOIN answer a ON a.seq = e.seq "
	    "WHERE t.h BETWEEN ?1 AND ?2 ORDER BY e.seq DESC LIMIT 50",
	    &st);
	(void)sqlite3_bind_int64(st, 1, low);
	(void)sqlite3_bind_int64(st, 2, high);
	while (sqlite3_step(st) == SQLITE_ROW)
		n += sqlite3_column_bytes(st, 14) > 0;
	(void)sqlite3_finalize(st);
	return n;
}

double
bare_look_up(struct bare *b, bool person)
{
	int64_t start = now_ns();
	struct bare other = *b;
	size_t n = 0;

	for (uint64_t i = 0; i < LOOKS; i++) {
		uint64_t seq = scatter(i + b->next) % b->next;

		open_file(&other);
		if (person)
			n += find(&other, term_of(PERSON(seq), 0),
			    term_of(PERSON(seq), 0));
		else
			n += find(&other, term_of(MESSAGE(seq), 0),
			    term_of(MESSAGE(seq), UINT32_MAX));
		(void)sqlite3_close(other.db);
	}
	if (n == 0)
		exit(1);
	return (double)(now_ns() - start) / 1e3 / LOOKS;
}

double
bare_delete(struct bare *b, uint64_t n)
{
	int64_t start = now_ns();
	char sql[300];

	(void)snprintf(sql, sizeof(sql),
	    "BEGIN IMMEDIATE; DELETE FROM term WHERE seq <= %llu;"
	    "DELETE FROM answer WHERE seq <= %llu;"
	    "DELETE FROM entry WHERE seq <= %llu; COMMIT",
	    (unsigned long long)n, (unsigned long long)n,
	    (unsigned long long)n);
	run(b, sql);
	return (double)(now_ns() - start) / 1e6;
}

void
bare_close(struct bare *b)
{
	(void)sqlite3_finalize(b->entry);
	(void)sqlite3_finalize(b->term);
	(void)sqlite3_finalize(b->answer);
	(void)sqlite3_close(b->db); /* which removes the log */
	(void)unlink(b->path);
}
