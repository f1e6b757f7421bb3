/* Rows as server-sent events, and as JSON. */
#include "page/live_text.h"

/* Bytes of rows that are sent at once; the newest row is, in any case. */
#define MAX_PART ((size_t)48 * 1024)

void
bwi_live_event(struct bw_buf *b, const char *name, const struct bw_buf *data)
{
	bw_buf_printf(b, "event: %s\ndata: ", name);
	bw_buf_add(b, data->p, data->n);
	bw_buf_puts(b, "\n\n");
}

static void
put_row(struct bw_buf *b, const struct bwi_live_row *r)
{
	bw_buf_printf(b, "id: %llu\n", (unsigned long long)r->seq);
	bwi_live_event(b, "row", &r->tree);
}

/* The first of the rows that are sent, and how many are left out. */
static uint64_t
first_row(const struct bwi_live_rows *rows, uint64_t after, uint64_t *left)
{
	uint64_t first = rows->serial + 1;
	size_t bytes = 0;

	*left = rows->serial - after;
	for (uint64_t i = rows->serial;
	     i > after && i + BWI_LIVE_ROWS > rows->serial; i--) {
		const struct bwi_live_row *r = bwi_live_rows_get(rows, i);

		if (r == NULL)
			continue;
		if (bytes > 0 && bytes + r->tree.n > MAX_PART)
			break;
		bytes += r->tree.n;
		first = i;
		--*left;
	}
	return first;
}

void
bwi_live_rows_events(
    const struct bwi_live_rows *rows, uint64_t after, struct bw_buf *b)
{
	uint64_t left, i = first_row(rows, after, &left);

	if (left > 0)
		bw_buf_printf(b, "event: gap\ndata: {\"rows\":%llu}\n\n",
		    (unsigned long long)left);
	for (; i <= rows->serial; i++) {
		const struct bwi_live_row *r = bwi_live_rows_get(rows, i);

		if (r != NULL)
			put_row(b, r);
	}
}

static size_t
count_past(const struct bwi_live_past *past)
{
	size_t n = 0, bytes = 0;

	while (
	    n < past->n && (n == 0 || bytes + past->row[n].tree.n <= MAX_PART))
		bytes += past->row[n++].tree.n;
	return n;
}

void
bwi_live_past_events(
    const struct bwi_live_past *past, bool say_more, struct bw_buf *b)
{
	size_t n = count_past(past);

	if (say_more && (past->more || n < past->n))
		bw_buf_puts(b, "event: gap\ndata: {}\n\n");
	while (n > 0)
		put_row(b, &past->row[--n]);
}

void
bwi_live_past_members(
    const struct bwi_live_past *past, bool say_more, struct bw_buf *b)
{
	size_t n = count_past(past);
	bool cut = say_more && (past->more || n < past->n);

	bw_buf_puts(b, "\"rows\":[");
	while (n > 0) {
		n--;
		bw_buf_add(b, past->row[n].tree.p, past->row[n].tree.n);
		bw_buf_puts(b, n > 0 ? ",\n" : "");
	}
	bw_buf_printf(b, "],\"gap\":%s", cut ? "true" : "false");
}
