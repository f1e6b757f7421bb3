/*
 * The table of forms: what many events have in common, stored once. The ids of
 * recent forms are cached. Forms are never removed: they are few.
 */
#include <string.h>

#include <bwcallback/tools/hash.h>

#include "base/alloc.h"
#include "store/sqlite.h"

/* Longest description of a form that is cached. */
#define MAX_CACHED 4096

static void
put(struct bw_buf *b, struct bw_str s)
{
	if (s.p == NULL) {
		bw_buf_putc(b, '-');
		return;
	}
	bw_buf_int(b, (long long)s.n);
	bw_buf_putc(b, ':');
	bw_buf_str(b, s);
}

/* All members, so that two different forms never have the same text. */
static void
describe(struct bw_buf *b, const struct bw_store_event *e)
{
	bw_buf_reset(b);
	put(b, e->section);
	put(b, e->method);
	put(b, e->content_type);
	put(b, e->family);
	put(b, e->type);
	put(b, e->user);
}

static void
bind(sqlite3_stmt *st, const struct bw_store_event *e)
{
	bwi_bind_text(st, 1, e->section);
	bwi_bind_text(st, 2, e->method);
	bwi_bind_text(st, 3, e->content_type);
	bwi_bind_text(st, 4, e->family);
	bwi_bind_text(st, 5, e->type);
	bwi_bind_text(st, 6, e->user);
}

/* *id: 0 if there is no such form. */
static enum bw_err
find(struct bwi_conn *c, const struct bw_store_event *event, int64_t *id,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_FIND_FORM, e);
	int rc;

	*id = 0;
	if (st == NULL)
		return e->code;
	bind(st, event);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*id = sqlite3_column_int64(st, 0);
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE
		   ? BW_OK
		   : bwi_conn_error(c, rc, "look up", e);
}

static enum bw_err
insert(struct bwi_conn *c, const struct bw_store_event *event, int64_t *id,
    struct bw_error *e)
{
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_ADD_FORM, e);
	enum bw_err err;

	if (st == NULL)
		return e->code;
	bind(st, event);
	(void)sqlite3_bind_int64(
	    st, 7, bwi_term_type(event->family, event->type));
	err = bwi_conn_run(c, st, "write", e);
	*id = sqlite3_last_insert_rowid(c->db);
	return err;
}

/* Replaces another form; without memory it is not cached. */
static void
cache(struct bwi_form *slot, const struct bw_buf *text, int64_t id)
{
	char *copy =
	    text->n <= MAX_CACHED ? bwi_strndup(text->p, text->n) : NULL;

	if (copy == NULL)
		return;
	bwi_free(slot->text);
	*slot = (struct bwi_form){.text = copy, .n = text->n, .id = id};
}

enum bw_err
bwi_sqlite_form(struct bwi_conn *c, const struct bw_store_event *event,
    int64_t *id, struct bw_error *e)
{
	struct bw_buf *b = &c->text;
	struct bwi_form *slot;
	enum bw_err err;
	uint64_t h;

	describe(b, event);
	if (b->err != BW_OK)
		return bw_error_set(
		    e, b->err, 0, "store: %s", bw_strerror(b->err));
	h = bw_hash_str(BW_HASH_START, (struct bw_str){b->p, b->n});
	slot = &c->forms[(h ^ h >> 32) % BWI_CONN_FORMS];
	if (slot->text != NULL && slot->n == b->n &&
	    memcmp(slot->text, b->p, b->n) == 0) {
		*id = slot->id;
		return BW_OK;
	}
	err = find(c, event, id, e);
	if (err == BW_OK && *id == 0)
		err = insert(c, event, id, e);
	if (err == BW_OK)
		cache(slot, b, *id);
	return err;
}

void
bwi_sqlite_drop_forms(struct bwi_conn *c)
{
	for (size_t i = 0; i < BWI_CONN_FORMS; i++) {
		bwi_free(c->forms[i].text);
		c->forms[i] = (struct bwi_form){.text = NULL};
	}
}
