/* bwcallback consume --list-dead, --retry-dead, --drop-dead: dead letters. */
#include <stdio.h>
#include <string.h>

#include "cli/common/event_columns.h"
#include "cli/consume/consume.h"

#include <bwcallback/tools/row.h>
#include <bwcallback/tools/store.h>

struct listing {
	const struct consume_options *options;
	enum bw_err err;
};

/* Returns the first line of the text, and removes it. */
static struct bw_str
take_line(struct bw_str *text)
{
	const char *end = text->n > 0 ? memchr(text->p, '\n', text->n) : NULL;
	struct bw_str line = *text;

	if (end != NULL)
		line.n = (size_t)(end - text->p);
	if (line.n == 0 && end == NULL)
		return line;
	text->p += line.n + (end != NULL);
	text->n -= line.n + (end != NULL);
	return line;
}

/*
 * The first line of why is our reason, the rest the program's standard error.
 */
static void
print_json(struct bw_buf *b, const struct bw_store_lease *l, struct bw_str why,
    const struct bw_store_row *r, bool reveal)
{
	struct bw_str first = take_line(&why);

	bw_row_json(b, r, NULL, reveal ? BW_ROW_REVEALED : BW_ROW_MASKED);
	if (b->err != BW_OK)
		return;
	b->n--; /* remove '}' */
	bw_buf_printf(b, ",\"tries\":%u,\"why\":", l->tries);
	bw_row_text_json(b, BW_MASK_REMARK, first, reveal);
	if (why.n > 0) {
		bw_buf_puts(b, ",\"stderr\":");
		bw_row_text_json(b, BW_MASK_REMARK, why, reveal);
	}
	bw_buf_puts(b, "}\n");
}

static void
print_line(struct bw_buf *b, const struct bw_store_lease *l, struct bw_str why,
    const struct bw_store_row *r, bool reveal)
{
	char when[32];

	events_time(when, r->event.received);
	bw_buf_printf(
	    b, "%8llu  %s %6u  ", (unsigned long long)l->seq, when, l->tries);
	events_text(b, BW_MASK_WORD, r->event.family, reveal);
	bw_buf_putc(b, '.');
	events_text(b, BW_MASK_REMARK, r->event.type, reveal);
	bw_buf_putc(b, ' ');
	events_text(b, BW_MASK_NUMBER, r->event.from, reveal);
	bw_buf_puts(b, "  ");
	events_text(b, BW_MASK_REMARK, take_line(&why), reveal);
	bw_buf_putc(b, '\n');
	while (why.n > 0) {
		bw_buf_printf(b, "%8s  | ", "");
		events_text(b, BW_MASK_REMARK, take_line(&why), reveal);
		bw_buf_putc(b, '\n');
	}
}

static bool
print_dead(void *arg, const struct bw_store_lease *l, struct bw_str why,
    const struct bw_store_row *r)
{
	struct listing *listing = arg;
	const struct consume_options *o = listing->options;
	struct bw_buf b;

	if (why.p == NULL)
		why = (struct bw_str){"", 0};
	bw_buf_init(&b, 16 << 20);
	if (o->json)
		print_json(&b, l, why, r, o->reveal);
	else
		print_line(&b, l, why, r, o->reveal);
	if (b.err == BW_OK)
		fwrite(b.p, 1, b.n, stdout);
	listing->err = b.err;
	bw_buf_free(&b);
	return listing->err == BW_OK;
}

enum bw_err
consume_list_dead(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	struct listing listing = {.options = o, .err = BW_OK};
	enum bw_err err;

	if (!o->json)
		printf("%8s  %-23s %6s  %s\n", "ID", "RECEIVED", "TRIES",
		    "TYPE, FROM, WHY");
	err = bw_store_dead(s, o->name, print_dead, &listing, e);
	if (err == BW_OK && listing.err != BW_OK)
		err = bw_error_set(e, listing.err, 0, "dead letters: %s",
		    bw_strerror(listing.err));
	return err;
}

/* Do something to the dead letter with this number, or to all. */
static enum bw_err
do_to_dead(struct bw_store *s, const struct consume_options *o, const char *id,
    enum bw_err (*what)(struct bw_store *, const char *name, uint64_t seq,
	size_t *n, struct bw_error *),
    const char *words, struct bw_error *e)
{
	uint64_t seq = 0;
	enum bw_err err = BW_OK;
	size_t n;

	if (strcmp(id, "all") != 0)
		err = events_id(id, &seq, e);
	if (err == BW_OK)
		err = what(s, o->name, seq, &n, e);
	if (err == BW_OK && n == 0 && seq != 0)
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "event %s: not a dead letter of %s", id, o->name);
	if (err == BW_OK)
		printf("%zu %s\n", n, words);
	return err;
}

enum bw_err
consume_retry_dead(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	return do_to_dead(
	    s, o, o->retry, bw_store_revive, "will be tried again", e);
}

enum bw_err
consume_drop_dead(
    struct bw_store *s, const struct consume_options *o, struct bw_error *e)
{
	return do_to_dead(s, o, o->drop, bw_store_drop_dead, "dropped", e);
}
