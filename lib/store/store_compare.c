/* Comparing the events of two stores while one is moved to the other. */
#include "store/store_compare.h"

#include <string.h>

#include <nettle/sha2.h>

#include "base/hex.h"

void
bwi_move_progress(struct bwi_move *m, enum bw_store_move_step step,
    uint64_t done, uint64_t all)
{
	if (m->fn != NULL)
		m->fn(m->arg, step, done, all);
}

/* The row of a reading that wants only the number. */
static bool
ignore_row(void *arg, const struct bw_store_row *r)
{
	(void)arg;
	(void)r;
	return true;
}

enum bw_err
bwi_move_last_event(struct bw_store *s, struct bwi_rows *rows, uint64_t *seq,
    struct bw_error *e)
{
	const struct bw_store_filter all = {.since = 0};
	enum bw_err err;

	*seq = 0;
	rows->n = 0;
	err = bw_store_read(s, &all, true, 1, seq, ignore_row, NULL, e);
	return err == BW_OK && *seq != 0
		   ? bwi_rows_read(rows, s, *seq - 1, *seq, e)
		   : err;
}

enum bw_err
bwi_move_since(struct bw_store *s, struct bwi_rows *rows, int64_t ms,
    uint64_t *seq, struct bw_error *e)
{
	struct bw_store_filter since = {.since = 0};
	enum bw_err err = bwi_move_last_event(s, rows, seq, e);

	if (err != BW_OK || rows->n == 0)
		return err;
	since.since = rows->row[0].event.received - ms;
	*seq = 0;
	err = bw_store_read(s, &since, false, 1, seq, ignore_row, NULL, e);
	*seq -= *seq > 0;
	return err;
}

void
bwi_move_rewind(struct bwi_move *m, uint64_t after)
{
	m->b.n = m->next = 0;
	m->read = after;
	m->out->extra = 0;
}

enum bw_err
bwi_move_find(struct bwi_move *m, uint64_t seq, const struct bw_store_row **row,
    struct bw_error *e)
{
	enum bw_err err = BW_OK;

	*row = NULL;
	for (;;) {
		while (m->next < m->b.n && m->b.row[m->next].seq < seq) {
			m->next++;
			m->out->extra++;
		}
		if (m->next < m->b.n && m->b.row[m->next].seq == seq)
			*row = &m->b.row[m->next++];
		if (*row != NULL || m->next < m->b.n || m->read >= seq)
			return BW_OK;
		err = bwi_rows_read(&m->b, m->to, m->read, UINT64_MAX, e);
		m->next = 0;
		if (err != BW_OK || m->b.n == 0)
			return err;
		m->read = m->b.row[m->b.n - 1].seq;
	}
}

static bool
is_same(const struct bw_store_row *a, const struct bw_store_row *b, bool whole)
{
	uint8_t x[BWI_ROW_SUM], y[BWI_ROW_SUM];

	bwi_row_sum(a, whole, x);
	bwi_row_sum(b, whole, y);
	return memcmp(x, y, sizeof(x)) == 0;
}

/* Is the only row the same in the other store? */
static enum bw_err
check_in(struct bw_store *other, struct bwi_rows *row, struct bwi_rows *found,
    const char *why, struct bw_error *e)
{
	uint64_t seq = row->row[0].seq;
	enum bw_err err = bwi_rows_read(found, other, seq - 1, seq, e);

	if (err == BW_OK &&
	    (found->n == 0 || !is_same(&row->row[0], &found->row[0], false)))
		err = bw_error_set(e, BW_ERR_STALE, 0, "move: event %llu %s",
		    (unsigned long long)seq, why);
	return err;
}

enum bw_err
bwi_move_check_begun(struct bwi_move *m, struct bw_error *e)
{
	uint64_t seq;
	enum bw_err err = bwi_move_last_event(m->to, &m->b, &seq, e);

	if (err != BW_OK || m->b.n == 0)
		return err;
	return check_in(m->from, &m->b, &m->a,
	    "of the store to move to is not in the other: it was filled from "
	    "another store, or written to; name an empty one",
	    e);
}

enum bw_err
bwi_move_check_complete(struct bwi_move *m, struct bw_error *e)
{
	uint64_t seq, last, other;
	enum bw_err err = bwi_move_last_event(m->from, &m->a, &seq, e);

	if (err == BW_OK && m->a.n > 0)
		err = check_in(m->to, &m->a, &m->b,
		    "is not in the store to move to: this is not the one that "
		    "was filled",
		    e);
	if (err == BW_OK)
		err = m->from->ops->last(m->from, &last, e);
	if (err == BW_OK)
		err = m->to->ops->last(m->to, &other, e);
	if (err == BW_OK && other < last)
		err = bw_error_set(e, BW_ERR_STALE, 0,
		    "move: this is not the store that was filled");
	m->out->last = err == BW_OK ? last : 0;
	return err;
}

static enum bw_err
fail(uint64_t seq, const char *why, struct bw_error *e)
{
	return bw_error_set(e, BW_ERR_CORRUPT, 0,
	    "move: event %llu %s in the store to move to; bwcallback store "
	    "move --cancel, and begin with an empty one",
	    (unsigned long long)seq, why);
}

/* Write again what may change, and look again. */
static enum bw_err
amend(struct bwi_move *m, size_t n, struct bw_error *e)
{
	enum bw_err err =
	    n > 0 ? m->to->ops->move->amend(m->to, m->differs, n, e) : BW_OK;

	for (size_t i = 0; err == BW_OK && i < n; i++) {
		const struct bw_store_row *want = &m->differs[i];

		err = bwi_rows_read(&m->c, m->to, want->seq - 1, want->seq, e);
		if (err == BW_OK &&
		    (m->c.n == 0 || !is_same(want, &m->c.row[0], true)))
			err = fail(want->seq, "differs", e);
	}
	m->out->amended += n;
	return err;
}

/* Compare the events of a. */
static enum bw_err
compare(struct bwi_move *m, struct sha256_ctx *all, struct bw_error *e)
{
	enum bw_err err = BW_OK;
	size_t n = 0;

	for (size_t i = 0; err == BW_OK && i < m->a.n; i++) {
		const struct bw_store_row *want = &m->a.row[i], *have;
		uint8_t x[BWI_ROW_SUM], y[BWI_ROW_SUM];

		err = bwi_move_find(m, want->seq, &have, e);
		if (err == BW_OK && have == NULL)
			err = fail(want->seq, "is missing", e);
		if (err != BW_OK)
			return err;
		bwi_row_sum(want, true, x);
		bwi_row_sum(have, true, y);
		if (memcmp(x, y, sizeof(x)) != 0)
			m->differs[n++] = *want;
		sha256_update(all, sizeof(x), x);
	}
	return amend(m, n, e);
}

static void
put_digest(struct bwi_move *m, struct sha256_ctx *all)
{
	uint8_t sum[BWI_ROW_SUM];

	sha256_digest(all, sizeof(sum), sum);
	if (m->out->compared > 0)
		bwi_hex_encode(sum, sizeof(sum), m->out->digest);
}

enum bw_err
bwi_move_compare(struct bwi_move *m, bool closed, struct bw_error *e)
{
	uint64_t at = 0, up_to = UINT64_MAX, last = m->out->last;
	struct sha256_ctx all;
	enum bw_err err = BW_OK;

	sha256_init(&all);
	m->out->compared = m->out->amended = 0;
	bwi_move_rewind(m, 0);
	/* More may come meanwhile. */
	if (!closed)
		err = bwi_move_last_event(m->to, &m->b, &up_to, e);
	bwi_move_rewind(m, 0);
	while (err == BW_OK) {
		err = bwi_rows_read(&m->a, m->from, at, up_to, e);
		if (err != BW_OK || m->a.n == 0)
			break;
		err = compare(m, &all, e);
		at = m->a.row[m->a.n - 1].seq;
		m->out->compared += m->a.n;
		bwi_move_progress(m, BW_STORE_MOVE_COMPARES, at, last);
	}
	put_digest(m, &all);
	return err;
}
