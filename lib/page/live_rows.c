/* Rows for the live pages. */
#include "page/live_rows.h"

#include <bwcallback/tools/clock.h>

#include "store/store.h"
#include "store/store_handle.h"

#define MS INT64_C(1000000)

/*
 * A row as a tree is about 500 bytes long. Texts are cut at 2 kB; escaping may
 * take six bytes for each.
 */
#define MAX_TREE ((size_t)96 * 1024)

/* How long a reader that begins may read. */
#define MAX_READ (100 * MS)

void
bwi_live_writer_init(
    struct bwi_live_writer *w, const struct bwi_page_request *r)
{
	*w = (struct bwi_live_writer){.request = r};
	bwi_event_words_init(&w->words);
	bw_buf_init(&w->tree, MAX_TREE);
}

void
bwi_live_writer_free(struct bwi_live_writer *w)
{
	bwi_event_words_free(&w->words);
	bw_buf_free(&w->tree);
}

void
bwi_live_writer_next(struct bwi_live_writer *w)
{
	w->written = false;
}

static void
write_tree(struct bwi_live_writer *w, const struct bw_store_row *r)
{
	struct bwi_view v = {
	    .request = w->request, .out = &w->tree, .now = bw_realtime_ms()};

	bw_buf_reset(&w->tree);
	bwi_html_tree(&v.html, v.out);
	bwi_event_row_put(&v, &w->words, r);
	w->written = true;
}

void
bwi_live_write(
    struct bwi_live_writer *w, const struct bw_store_row *r, struct bw_buf *to)
{
	if (!w->written)
		write_tree(w, r);
	bw_buf_init(to, MAX_TREE);
	if (w->tree.err == BW_OK)
		bw_buf_add(to, w->tree.p, w->tree.n);
	else
		to->err = w->tree.err;
}

static void
free_row(struct bwi_live_row *r)
{
	if (r->tree.max != 0)
		bw_buf_free(&r->tree);
	*r = (struct bwi_live_row){.serial = 0};
}

void
bwi_live_rows_add(struct bwi_live_rows *rows, uint64_t seq)
{
	uint64_t serial = ++rows->serial;
	struct bwi_live_row *to = &rows->row[serial % BWI_LIVE_ROWS];

	free_row(to);
	*to = (struct bwi_live_row){.serial = serial, .seq = seq};
}

static bool
is_unwritten(const struct bwi_live_row *r)
{
	return r->serial != 0 && r->tree.n == 0;
}

enum bw_err
bwi_live_rows_write(struct bwi_live_rows *rows, struct bwi_live_writer *w,
    const struct bw_store_row *row)
{
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++) {
		struct bwi_live_row *r = &rows->row[i];

		if (!is_unwritten(r) || r->seq != row->seq)
			continue;
		bwi_live_write(w, row, &r->tree);
		if (r->tree.err == BW_ERR_NOMEM)
			return BW_ERR_NOMEM;
		if (r->tree.err != BW_OK)
			free_row(r);
	}
	return BW_OK;
}

uint64_t
bwi_live_rows_unwritten(const struct bwi_live_rows *rows, uint64_t from)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < BWI_LIVE_ROWS; i++) {
		const struct bwi_live_row *r = &rows->row[i];

		if (is_unwritten(r) && r->seq >= from && r->seq < first)
			first = r->seq;
	}
	return first;
}

void
bwi_live_rows_skip(struct bwi_live_rows *rows, uint64_t n)
{
	rows->serial += n;
}

void
bwi_live_rows_move(struct bwi_live_rows *to, struct bwi_live_rows *from)
{
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++) {
		struct bwi_live_row *r = &from->row[i], *slot;

		if (r->serial == 0)
			continue;
		r->serial += to->serial;
		slot = &to->row[r->serial % BWI_LIVE_ROWS];
		free_row(slot);
		*slot = *r;
		*r = (struct bwi_live_row){.serial = 0};
	}
	to->serial += from->serial;
	from->serial = 0;
}

const struct bwi_live_row *
bwi_live_rows_get(const struct bwi_live_rows *rows, uint64_t serial)
{
	const struct bwi_live_row *r = &rows->row[serial % BWI_LIVE_ROWS];

	return serial != 0 && r->serial == serial && r->tree.n > 0 ? r : NULL;
}

void
bwi_live_rows_free(struct bwi_live_rows *rows)
{
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++)
		free_row(&rows->row[i]);
}

bool
bwi_live_waits(const struct bw_store_row *r, int64_t ms)
{
	int64_t now = bw_realtime_ms();

	/* A time in the future is that of another clock. */
	return r->answer.status == 0 && r->event.received > now - ms &&
	       r->event.received <= now;
}

bool
bwi_live_takes(const struct bwi_event_filter *f, const struct bw_store_row *r)
{
	return bwi_store_matches(&f->store, &r->event) &&
	       bwi_event_filter_takes(f, r);
}

struct reading {
	struct bwi_live_past *past;
	const struct bwi_event_filter *filter;
	const struct bwi_live_past_range *range;
	struct bwi_live_writer writer;
	enum bw_err err;
};

static bool
take_past(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct bwi_live_past *p = reading->past;
	struct bwi_live_row *to = &p->row[p->n];

	if (r->seq <= reading->range->after)
		return false;
	if (!bwi_event_filter_takes(reading->filter, r))
		return true;
	p->more = p->n == BWI_LIVE_ROWS;
	if (p->more)
		return false;
	/* Newer ones would be sent before it. */
	if (bwi_live_waits(r, reading->range->held)) {
		bwi_live_past_free(p);
		p->waiting = true;
		return true;
	}
	bwi_live_writer_next(&reading->writer);
	bwi_live_write(&reading->writer, r, &to->tree);
	to->seq = r->seq;
	p->n++;
	reading->err = to->tree.err;
	return reading->err == BW_OK;
}

enum bw_err
bwi_live_past_read(struct bwi_live_past *p, struct bwi_store_handle *handle,
    const struct bwi_event_filter *filter,
    const struct bwi_live_past_range *range, const struct bwi_page_request *r)
{
	struct reading reading = {.past = p, .filter = filter, .range = range};
	uint64_t cursor = range->before;
	struct bw_store *store = NULL;
	enum bw_err err = bwi_store_handle_store(handle, &store, NULL);

	*p = (struct bwi_live_past){.n = 0};
	if (err != BW_OK)
		return err;
	bwi_live_writer_init(&reading.writer, r);
	/* Without a file nothing has come yet. */
	err = bwi_store_read_until(store, &filter->store, true, SIZE_MAX,
	    &cursor, bw_monotonic_ns() + MAX_READ, take_past, &reading, NULL);
	bwi_live_writer_free(&reading.writer);
	p->more = p->more || err == BW_ERR_BUSY;
	if (err == BW_ERR_BUSY || err == BW_ERR_NOFILE)
		err = BW_OK;
	return err != BW_OK ? err : reading.err;
}

void
bwi_live_past_free(struct bwi_live_past *p)
{
	for (size_t i = 0; i < p->n; i++)
		free_row(&p->row[i]);
	p->n = 0;
}
