/* bwcallback events list, follow, export: events in order. */

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/row.h>
#include <bwcallback/tools/store.h>

#include "cli/common/delivery_status.h"
#include "cli/common/event_code.h"
#include "cli/common/event_columns.h"
#include "cli/common/event_trace.h"
#include "cli/events/events.h"

/* A row as JSON: its bodies, with every byte escaped in the worst case. */
#define MAX_LINE ((size_t)BW_MAX_BODY * 8)
#define MINUTE	 INT64_C(60000000000)

/* Width of the id of one of several stores. */
#define STORE 10

struct printing {
	const struct events_options *options;
	struct bw_buf line;
	struct bw_row_decoder decoder;
	bool json;
	bool any;
};

static void
put_code(struct printing *p, const struct bw_store_row *r)
{
	struct bw_row_code c;

	if (!bw_row_code(&p->decoder, r, &c))
		return;
	bw_buf_putc(&p->line, ' ');
	events_put_code(&p->line, &c);
}

static void
put_row(struct printing *p, const struct bw_store_row *r, bool reveal)
{
	const struct bw_store_event *e = &r->event;
	struct bw_buf *b = &p->line;
	char when[32];

	events_time(when, e->received);
	if (r->store.p != NULL)
		events_cell(b, BW_MASK_WORD,
		    r->store.n > 0 ? r->store : (struct bw_str){NULL, 0}, STORE,
		    reveal);
	bw_buf_printf(b, "%8llu %s ", (unsigned long long)r->seq, when);
	events_cell(b, BW_MASK_WORD, e->family, 12, reveal);
	events_cell(b, BW_MASK_REMARK, e->type, 20, reveal);
	events_cell(b, BW_MASK_NUMBER, e->from, 13, reveal);
	events_cell(b, BW_MASK_NUMBER, e->to, 13, reveal);
	if (r->answer.status != 0)
		bw_buf_printf(b, "%3d %7.1f", r->answer.status,
		    (double)r->answer.duration / 1000);
	else
		bw_buf_puts(b, "  -       -");
	bw_buf_printf(b, " %4u ", r->deliveries);
	if (!events_put_delivery(b, r))
		events_text(b, BW_MASK_WORD,
		    e->call.p != NULL ? e->call : e->message, reveal);
	put_code(p, r);
	events_put_outcome(b, &r->answer);
	bw_buf_putc(b, '\n');
}

static void
print_heading(bool several)
{
	if (several)
		printf("%-*s ", STORE, "STORE");
	printf("%8s %-23s %-12s %-20s %-13s %-13s %3s %7s %4s %s\n", "ID",
	    "RECEIVED (UTC)", "FAMILY", "TYPE", "FROM", "TO", "ANS", "MS",
	    "CAME", "CALL, MESSAGE, VERDICT");
}

static bool
print_row(void *arg, const struct bw_store_row *r)
{
	struct printing *p = arg;

	bw_buf_reset(&p->line);
	if (p->json) {
		bw_row_json(&p->line, r, NULL,
		    p->options->reveal ? BW_ROW_REVEALED : BW_ROW_MASKED);
		bw_buf_putc(&p->line, '\n');
	} else {
		if (!p->any)
			print_heading(r->store.p != NULL);
		put_row(p, r, p->options->reveal);
	}
	p->any = true;
	return p->line.err == BW_OK &&
	       fwrite(p->line.p, 1, p->line.n, stdout) == p->line.n;
}

static void
start(struct printing *p)
{
	bw_buf_init(&p->line, MAX_LINE);
	bw_row_decoder_init(&p->decoder);
}

static enum bw_err
finish(struct printing *p, enum bw_err err, struct bw_error *e)
{
	if (err == BW_OK && p->line.err != BW_OK)
		err = bw_error_set(
		    e, p->line.err, 0, "events: %s", bw_strerror(p->line.err));
	if (err == BW_OK && fflush(stdout) != 0)
		err = bw_error_set(e, BW_ERR_IO, 0, "standard output: error");
	bw_buf_free(&p->line);
	bw_row_decoder_free(&p->decoder);
	return err;
}

static bool
pass(void *arg, const struct bw_store_row *r)
{
	(void)arg;
	(void)r;
	return true;
}

enum bw_err
events_list(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct printing p = {.options = o, .json = o->json};
	size_t limit = (size_t)o->limit;
	uint64_t cursor = 0;
	enum bw_err err;

	start(&p);
	/*
	 * Read backward to find the first, then forward: print the newest last.
	 */
	err = bw_store_read(s, &o->filter, true, limit, &cursor, pass, NULL, e);
	if (err == BW_OK && cursor > 0) {
		cursor--;
		err = bw_store_read(
		    s, &o->filter, false, limit, &cursor, print_row, &p, e);
	}
	return finish(&p, err, e);
}

static enum bw_err
export_to_sqlite(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	uint64_t n;
	enum bw_err err = bw_store_export(s, &o->filter, o->sqlite, &n, e);

	if (err == BW_OK)
		printf("%llu events exported\n", (unsigned long long)n);
	return err;
}

enum bw_err
events_export(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct printing p = {.options = o, .json = true};
	uint64_t cursor = 0;
	enum bw_err err;

	if (o->sqlite != NULL)
		return export_to_sqlite(s, o, e);
	start(&p);
	err = bw_store_read(
	    s, &o->filter, false, SIZE_MAX, &cursor, print_row, &p, e);
	return finish(&p, err, e);
}

enum bw_err
events_follow(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct printing p = {.options = o, .json = o->json};
	const struct bw_store_filter all = {.since = 0};
	uint64_t cursor = 0;
	enum bw_err err;

	start(&p);
	err = bw_store_read(s, &all, true, 1, &cursor, pass, NULL, e);
	while (err == BW_OK && p.line.err == BW_OK && ferror(stdout) == 0) {
		uint64_t before = cursor;

		err = bw_store_read(
		    s, &o->filter, false, SIZE_MAX, &cursor, print_row, &p, e);
		if (fflush(stdout) != 0 || err != BW_OK)
			break;
		/*
		 * The cursor also moves past events that the filter excludes.
		 */
		if (cursor == before)
			err = bw_store_follow(
			    s, cursor, bw_monotonic_ns() + MINUTE, e);
		if (err == BW_ERR_DEADLINE)
			err = BW_OK;
	}
	return finish(&p, err, e);
}
