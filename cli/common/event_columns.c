/* Masked text in columns and lines. */
#include "cli/common/event_columns.h"

#include <stdio.h>
#include <time.h>

#include <bwcallback/tools/printable.h>

enum bw_err
events_id(const char *s, uint64_t *id, struct bw_error *e)
{
	uint64_t v = 0;
	const char *p = s;

	for (; *p >= '0' && *p <= '9' && v < UINT64_MAX / 20; p++)
		v = v * 10 + (uint64_t)(*p - '0');
	if (*p != '\0' || v == 0) {
		return bw_error_set(
		    e, BW_ERR_USAGE, 0, "%s: not the number of an event", s);
	}
	*id = v;
	return BW_OK;
}

void
events_time(char out[32], int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	size_t n;

	if (ms < 0 || gmtime_r(&t, &tm) == NULL) {
		(void)snprintf(out, 32, "%s", "?");
		return;
	}
	n = strftime(out, 32, "%Y-%m-%d %H:%M:%S", &tm);
	(void)snprintf(out + n, 32 - n, ".%03d", (int)(ms % 1000));
}

void
events_age(char out[32], int64_t ms)
{
	static const struct {
		int64_t ms;
		char unit;
	} units[] = {
	    {86400000, 'd'}, {3600000, 'h'}, {60000, 'm'}, {1000, 's'}};
	size_t i = 0;

	while (i < 3 && ms < 2 * units[i].ms)
		i++;
	(void)snprintf(out, 32, "%lld%c",
	    (long long)(ms > 0 ? ms / units[i].ms : 0), units[i].unit);
}

void
events_printable(struct bw_buf *b, size_t from)
{
	struct bw_buf raw;

	if (b->err != BW_OK || b->n == from)
		return;
	bw_buf_init(&raw, b->n - from);
	bw_buf_add(&raw, b->p + from, b->n - from);
	b->n = from;
	if (raw.err == BW_OK)
		bw_printable_add(b, (struct bw_str){raw.p, raw.n});
	else
		b->err = raw.err;
	bw_buf_free(&raw);
}

void
events_text(struct bw_buf *b, enum bw_mask kind, struct bw_str s, bool reveal)
{
	size_t from = b->n;

	if (s.p == NULL)
		bw_buf_putc(b, '-');
	else
		bw_mask_add(b, kind, s, reveal);
	events_printable(b, from);
}

void
events_key(struct bw_buf *b, const struct bw_store_event *e, bool reveal)
{
	size_t from = b->n;

	bw_mask_key(b, e, reveal);
	events_printable(b, from);
}

void
events_cell(struct bw_buf *b, enum bw_mask kind, struct bw_str s, size_t width,
    bool reveal)
{
	size_t from = b->n;

	events_text(b, kind, s, reveal);
	while (b->err == BW_OK && b->n < from + width)
		bw_buf_putc(b, ' ');
	bw_buf_putc(b, ' ');
}

void
events_line(struct bw_buf *b, const char *name, enum bw_mask kind,
    struct bw_str s, bool reveal)
{
	if (s.n == 0)
		return;
	bw_buf_printf(b, "%-14s ", name);
	events_text(b, kind, s, reveal);
	bw_buf_putc(b, '\n');
}
