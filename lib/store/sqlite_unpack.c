/*
 * The SQL function that the views of a compacted segment call for each column
 * that is in a group. A connection keeps the last group that it read:
 * neighbours are in it, and all columns of a row.
 */
#include <stdio.h>

#include "base/alloc.h"
#include "store/pack.h"
#include "store/sqlite.h"

/* The error names the event when bwi_conn_error() reports it. */
static void
fail(sqlite3_context *ctx, struct bwi_conn *c, enum bw_err err, int64_t seq)
{
	if (err == BW_ERR_NOMEM) {
		sqlite3_result_error_nomem(ctx);
		return;
	}
	c->damaged = seq;
	sqlite3_result_error(ctx, "a group of events is damaged", -1);
	sqlite3_result_error_code(ctx, SQLITE_CORRUPT);
}

/* Read the group that an event is in. Returns an SQLite result code. */
static int
load(struct bwi_conn *c, int64_t seq, enum bw_err *err)
{
	struct bw_error ignored = {0};
	sqlite3_stmt *st = bwi_conn_statement(c, BWI_SQL_FIND_PACK, &ignored);
	int rc = SQLITE_NOMEM;

	if (c->unpacked == NULL)
		c->unpacked = bwi_calloc(1, sizeof(*c->unpacked));
	if (st == NULL || c->unpacked == NULL)
		return st == NULL ? sqlite3_extended_errcode(c->db) : rc;
	*err = BW_ERR_CORRUPT;
	(void)sqlite3_bind_int64(st, 1, seq);
	rc = sqlite3_step(st);
	if (rc == SQLITE_ROW)
		*err = bwi_unpack(c->unpacked, sqlite3_column_blob(st, 0),
		    (size_t)sqlite3_column_bytes(st, 0));
	(void)sqlite3_reset(st);
	return rc == SQLITE_ROW || rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void
put_value(sqlite3_context *ctx, const struct bwi_pack_value *v)
{
	switch (v->type) {
	case BWI_PACK_INTEGER:
		sqlite3_result_int64(ctx, v->integer);
		break;
	case BWI_PACK_TEXT:
		sqlite3_result_text64(
		    ctx, v->s.p, v->s.n, SQLITE_TRANSIENT, SQLITE_UTF8);
		break;
	case BWI_PACK_BLOB:
		sqlite3_result_blob64(ctx, v->s.p, v->s.n, SQLITE_TRANSIENT);
		break;
	case BWI_PACK_NULL:
		sqlite3_result_null(ctx);
		break;
	}
}

static bool
find(const struct bwi_conn *c, int64_t seq, size_t *row)
{
	if (c->unpacked == NULL)
		return false;
	*row = bwi_unpacked_find(c->unpacked, (uint64_t)seq);
	return *row < c->unpacked->n;
}

/* Arguments: the event's number, the column's. */
static void
unpack(sqlite3_context *ctx, int argc, sqlite3_value **argv)
{
	struct bwi_conn *c = sqlite3_user_data(ctx);
	int64_t seq = sqlite3_value_int64(argv[0]);
	int column = sqlite3_value_int(argv[1]);
	enum bw_err err = BW_OK;
	size_t row = 0;
	int rc = SQLITE_OK;

	(void)argc;
	if (!find(c, seq, &row))
		rc = load(c, seq, &err);
	if (rc != SQLITE_OK)
		sqlite3_result_error_code(ctx, rc);
	else if (err != BW_OK || !find(c, seq, &row) || column < 0 ||
		 column >= BWI_PACK_COLUMNS)
		fail(ctx, c, err, seq);
	else
		put_value(ctx, &c->unpacked->values[column][row]);
}

int
bwi_unpack_register(struct bwi_conn *c)
{
	return sqlite3_create_function_v2(c->db, BWI_SQL_UNPACK, 2,
	    SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS, c, unpack,
	    NULL, NULL, NULL);
}

void
bwi_unpack_forget(struct bwi_conn *c)
{
	if (c->unpacked != NULL)
		bwi_unpacked_free(c->unpacked);
	bwi_free(c->unpacked);
	c->unpacked = NULL;
}

/* Read the group of a row: its first event, the group. */
static enum bw_err
check_group(struct bwi_conn *c, struct bwi_unpacked *u, sqlite3_stmt *st,
    struct bw_error *e)
{
	int64_t first = sqlite3_column_int64(st, 0);
	enum bw_err err = bwi_unpack(
	    u, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1));

	if (err == BW_OK && u->seqs[0] == (uint64_t)first)
		return BW_OK;
	if (err == BW_ERR_NOMEM)
		return bw_error_set(e, err, 0, "store: out of memory");
	c->damaged = first;
	return bwi_conn_error(c, SQLITE_CORRUPT, "verify", e);
}

enum bw_err
bwi_unpack_check(struct bwi_conn *c, uint64_t *rows, struct bw_error *e)
{
	struct bwi_unpacked *u = bwi_calloc(1, sizeof(*u));
	sqlite3_stmt *st = NULL;
	enum bw_err err = BW_OK;
	int rc = sqlite3_prepare_v2(
	    c->db, "SELECT first, rows FROM pack", -1, &st, NULL);

	*rows = 0;
	if (u == NULL)
		err = bw_error_set(e, BW_ERR_NOMEM, 0, "store: out of memory");
	if (rc == SQLITE_OK)
		rc = sqlite3_step(st);
	while (err == BW_OK && rc == SQLITE_ROW) {
		err = check_group(c, u, st, e);
		*rows += u->n;
		rc = sqlite3_step(st);
	}
	(void)sqlite3_finalize(st);
	if (u != NULL)
		bwi_unpacked_free(u);
	bwi_free(u);
	return err == BW_OK && rc != SQLITE_DONE
		   ? bwi_conn_error(c, rc, "verify", e)
		   : err;
}
