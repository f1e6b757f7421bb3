/* Rows of the table "entry", and the terms by which they are found. */
#include <string.h>

#include "store/sqlite.h"

/*
 * The key and the thread consist mostly of other values of the event, such as
 * its section and the id of its call. Each of these is replaced by a control
 * character, its place in this list. They are put back below, and by the view
 * "event". A text that would be ambiguous is stored as it is, as a blob.
 */
#define SHORT	   7
#define LONGEST	   ((size_t)128 * 1024) /* of a text that is shortened */
#define IS_CODE(c) ((unsigned char)(c) >= 1 && (unsigned char)(c) <= SHORT)

static void
get_values(const struct bw_store_event *e, struct bw_str values[SHORT])
{
	values[0] = e->section;
	values[1] = e->family;
	values[2] = e->type;
	values[3] = e->call;
	values[4] = e->message;
	values[5] = e->from;
	values[6] = e->to;
	for (size_t i = 0; i < SHORT; i++) {
		if (values[i].p == NULL)
			values[i].n = 0;
	}
}

static bool
has_code(struct bw_str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (IS_CODE(s.p[i]))
			return true;
	}
	return false;
}

static bool
is_ambiguous(struct bw_str text, const struct bw_str *values)
{
	bool any = has_code(text);

	for (size_t i = 0; i < SHORT; i++)
		any = any || has_code(values[i]);
	return any;
}

/* The longest value at the start of a text; SHORT: none. */
static size_t
find_value(struct bw_str text, const struct bw_str *values)
{
	size_t found = SHORT, longest = 1;

	for (size_t i = 0; i < SHORT; i++) {
		const struct bw_str *v = &values[i];

		if (v->n > longest && v->n <= text.n && v->p[0] == text.p[0] &&
		    memcmp(v->p, text.p, v->n) == 0) {
			found = i;
			longest = v->n;
		}
	}
	return found;
}

static void
put_short(struct bw_buf *b, struct bw_str text, const struct bw_str *values)
{
	while (text.n > 0) {
		size_t i = find_value(text, values);
		size_t n = i < SHORT ? values[i].n : 1;

		bw_buf_putc(b, i < SHORT ? (char)(i + 1) : text.p[0]);
		text.p += n;
		text.n -= n;
	}
}

/* A text, and its shortened form in a buffer. */
struct shortened {
	struct bw_str text;
	size_t at; /* where the short form begins */
	size_t n;
	bool as_is; /* there is none */
};

static void
shorten(struct bw_buf *b, const struct bw_str *values, struct shortened *s)
{
	s->at = b->n;
	s->as_is = s->text.p == NULL || s->text.n > LONGEST ||
		   is_ambiguous(s->text, values);
	if (!s->as_is)
		put_short(b, s->text, values);
	s->n = b->n - s->at;
}

static void
bind_shortened(
    sqlite3_stmt *st, int i, const struct bw_buf *b, const struct shortened *s)
{
	if (s->as_is)
		bwi_bind_blob(st, i, s->text);
	else
		bwi_bind_text(
		    st, i, (struct bw_str){s->n > 0 ? b->p + s->at : "", s->n});
}

static void
bind_entry(sqlite3_stmt *st, const struct bwi_entry *t, int64_t form)
{
	const struct bw_store_event *e = t->event;

	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)t->seq);
	(void)sqlite3_bind_int64(st, 2, e->received);
	(void)sqlite3_bind_int64(st, 3, form);
	(void)sqlite3_bind_int64(st, 4, t->claim - e->received);
	(void)sqlite3_bind_int64(st, 5, t->deliveries);
	if (t->last != e->received)
		(void)sqlite3_bind_int64(st, 6, t->last);
	else
		(void)sqlite3_bind_null(st, 6);
	(void)sqlite3_bind_int(st, 7, e->batch);
	(void)sqlite3_bind_int(st, 8, e->index);
	bwi_bind_text(st, 9, e->call);
	bwi_bind_text(st, 10, e->message);
	bwi_bind_text(st, 11, e->from);
	bwi_bind_text(st, 12, e->to);
	bwi_bind_text(st, 15, e->request);
	bwi_bind_text(st, 16, e->query);
	bwi_bind_blob(st, 17, e->body);
}

static enum bw_err
insert(struct bwi_conn *c, const struct bwi_entry *t, int64_t form,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_INSERT, e);
	struct shortened key = {.text = t->event->key};
	struct shortened thread = {.text = t->event->thread};
	struct bw_str values[SHORT];
	struct bw_buf *b = &c->text;

	if (st == NULL)
		return e->code;
	get_values(t->event, values);
	bw_buf_reset(b);
	shorten(b, values, &key);
	shorten(b, values, &thread);
	if (b->err != BW_OK)
		return bw_error_set(
		    e, b->err, 0, "store: %s", bw_strerror(b->err));
	bind_entry(st, t, form);
	bind_shortened(st, 13, b, &key);
	bind_shortened(st, 14, b, &thread);
	return bwi_conn_run(c, st, "write", e);
}

enum bw_err
bwi_sqlite_insert(
    struct bwi_conn *c, const struct bwi_entry *t, struct bw_error *e)
{
	struct bwi_terms terms;
	int64_t form = 0;
	enum bw_err err;

	/* Reserve memory first: after the row was inserted nothing may fail. */
	if (!bwi_tail_reserve(&c->tail))
		return bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	err = bwi_sqlite_form(c, t->event, &form, e);
	if (err == BW_OK)
		err = insert(c, t, form, e);
	if (err != BW_OK)
		return err;
	bwi_terms_of(t->event, &terms);
	bwi_tail_add(&c->tail, t->seq, &terms);
	return BW_OK;
}

static void
put_whole(struct bw_buf *b, struct bw_str text, const struct bw_str *values)
{
	for (size_t i = 0; i < text.n; i++) {
		if (IS_CODE(text.p[i]))
			bw_buf_str(b, values[text.p[i] - 1]);
		else
			bw_buf_putc(b, text.p[i]);
	}
}

enum bw_err
bwi_sqlite_lengthen(struct bwi_conn *c, sqlite3_stmt *st, int key, int thread,
    struct bw_store_event *event, struct bw_error *e)
{
	struct bw_str *const texts[] = {&event->key, &event->thread};
	const int columns[] = {key, thread};
	struct bw_str values[SHORT];
	struct bw_buf *b = &c->text;
	size_t ends[3] = {0, 0, 0};

	get_values(event, values);
	bw_buf_reset(b);
	for (size_t i = 0; i < 2; i++) {
		if (sqlite3_column_type(st, columns[i]) == SQLITE_TEXT)
			put_whole(b, *texts[i], values);
		ends[i + 1] = b->n;
	}
	bw_buf_putc(b, '\0'); /* so that p is not NULL for empty texts */
	if (b->err != BW_OK)
		return bw_error_set(
		    e, b->err, 0, "store: %s", bw_strerror(b->err));
	for (size_t i = 0; i < 2; i++) {
		if (sqlite3_column_type(st, columns[i]) == SQLITE_TEXT)
			*texts[i] = (struct bw_str){
			    b->p + ends[i], ends[i + 1] - ends[i]};
	}
	return BW_OK;
}

static enum bw_err
load_row(struct bwi_conn *c, sqlite3_stmt *st, struct bw_error *e)
{
	struct bw_store_event event;
	struct bwi_terms terms;
	enum bw_err err = bwi_sqlite_get_match(c, st, &event, e);

	if (err == BW_OK && !bwi_tail_reserve(&c->tail))
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (err != BW_OK)
		return err;
	bwi_terms_of(&event, &terms);
	bwi_tail_add(&c->tail, (uint64_t)sqlite3_column_int64(st, 0), &terms);
	return BW_OK;
}

/* Read the terms of the events after those that are known. */
static enum bw_err
load(struct bwi_conn *c, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_MATCHES_AFTER, e);
	enum bw_err err = BW_OK;
	int rc = SQLITE_DONE;

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)c->tail.known);
	while (err == BW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
		err = load_row(c, st, e);
	(void)sqlite3_reset(st);
	return err == BW_OK && rc != SQLITE_DONE
		   ? bwi_conn_error(c, rc, "look up", e)
		   : err;
}

enum bw_err
bwi_sqlite_sync_tail(
    struct bwi_conn *c, struct bwi_state *state, struct bw_error *e)
{
	struct bwi_tail *t = &c->tail;
	enum bw_err err = bwi_sqlite_state(c, state, e);

	if (err != BW_OK)
		return err;
	if (!t->loaded || t->indexed != state->indexed || t->known > state->seq)
		bwi_tail_reset(t, state->indexed);
	if (t->known < state->seq)
		err = load(c, e);
	if (err != BW_OK)
		bwi_tail_free(t);
	return err;
}

static enum bw_err
add_terms(struct bwi_conn *c, struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_ADD_TERM, e);
	enum bw_err err = st != NULL ? BW_OK : e->code;

	bwi_tail_sort(&c->tail);
	for (size_t i = 0; err == BW_OK && i < c->tail.n; i++) {
		const struct bwi_term *t = &c->tail.terms[i];

		(void)sqlite3_bind_int64(st, 1, t->h);
		(void)sqlite3_bind_int64(st, 2, (sqlite3_int64)t->seq);
		err = bwi_conn_run(c, st, "write", e);
	}
	return err;
}

static enum bw_err
run_with(struct bwi_conn *c, enum bwi_statement which, uint64_t seq,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, which, e);

	if (st == NULL)
		return e->code;
	(void)sqlite3_bind_int64(st, 1, (sqlite3_int64)seq);
	return bwi_conn_run(c, st, "write", e);
}

enum bw_err
bwi_sqlite_index_tail(struct bwi_conn *c, struct bw_error *e)
{
	uint64_t last = c->tail.known;
	enum bw_err err = BW_OK;

	if (last == c->tail.indexed)
		return BW_OK;
	err = add_terms(c, e);
	if (err == BW_OK)
		err = run_with(c, BWI_SQL_ADD_BLOCK, last, e);
	if (err == BW_OK)
		err = run_with(c, BWI_SQL_SET_INDEXED, last, e);
	if (err == BW_OK)
		bwi_tail_reset(&c->tail, last);
	else
		bwi_tail_free(&c->tail);
	return err;
}
