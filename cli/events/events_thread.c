/* bwcallback events thread: the history of one message. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/limits.h>

#include "cli/common/event_code.h"
#include "cli/common/event_columns.h"
#include "cli/events/events.h"

#define MAX_TEXT ((size_t)BW_MAX_BODY * 8)

/* A recipient of the message, and the most advanced status reported for it. */
struct recipient {
	char *number;
	size_t n;
	int rank;
	char what[64];
};

struct thread {
	const struct events_options *options;
	struct bw_row_decoder decoder;
	bool any;
	struct recipient *recipients;
	size_t n;
	enum bw_err err;
};

/*
 * Progress of each event type. Receipts may arrive in any order, and an earlier
 * status must not replace a later one.
 */
static int
rank_of(struct bw_str type)
{
	static const char *const types[] = {"message-sending", "message-sent",
	    "message-failed", "message-delivered", "message-read"};

	for (int i = 0; i < (int)(sizeof(types) / sizeof(types[0])); i++) {
		if (bw_str_is(type, types[i]))
			return i + 1;
	}
	return 0;
}

static struct recipient *
find_recipient(struct thread *t, struct bw_str number)
{
	struct recipient *more;

	for (size_t i = 0; i < t->n; i++) {
		struct recipient *r = &t->recipients[i];

		if (bw_str_eq((struct bw_str){r->number, r->n}, number))
			return r;
	}
	more = realloc(t->recipients, (t->n + 1) * sizeof(*more));
	if (more == NULL)
		return NULL;
	t->recipients = more;
	more = &more[t->n];
	*more = (struct recipient){
	    .number = strndup(number.p, number.n), .n = number.n};
	if (more->number == NULL)
		return NULL;
	t->n++;
	return more;
}

static void
add_recipient(struct thread *t, const struct bw_store_row *row,
    const struct bw_row_code *c)
{
	int rank = rank_of(row->event.type);
	struct recipient *r;

	if (rank == 0 || row->event.to.n == 0)
		return;
	r = find_recipient(t, row->event.to);
	if (r == NULL) {
		t->err = BW_ERR_NOMEM;
		return;
	}
	if (rank < r->rank)
		return;
	r->rank = rank;
	(void)snprintf(r->what, sizeof(r->what), "%.*s%s%.*s",
	    (int)row->event.type.n, row->event.type.p, c->code.n > 0 ? " " : "",
	    (int)c->code.n, c->code.n > 0 ? c->code.p : "");
}

static void
put_member(struct bw_buf *b, const char *name, const struct bw_event *e,
    const char *member, bool reveal)
{
	events_line(b, name,
	    bw_mask_of_member((struct bw_str){member, strlen(member)}),
	    bw_row_field(e, member), reveal);
}

/* Append all values of a list, one on each line. */
static void
put_list(struct bw_buf *b, const char *name, const struct bw_event *e,
    const char *list, bool reveal)
{
	for (int i = 0;; i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "%s.%d", list, i);
		if (bw_row_field(e, path).p == NULL)
			return;
		put_member(b, i == 0 ? name : "", e, path, reveal);
	}
}

/*
 * Append the members that all events of a message repeat. Media are links only.
 */
static void
put_message(struct bw_buf *b, const struct bw_event *e, bool reveal)
{
	put_member(b, "direction", e, "message.direction", reveal);
	put_member(b, "from", e, "message.from", reveal);
	put_list(b, "to", e, "message.to", reveal);
	put_member(b, "owner", e, "message.owner", reveal);
	put_member(b, "channel", e, "message.channel", reveal);
	put_member(b, "segments", e, "message.segmentCount", reveal);
	put_member(b, "tag", e, "message.tag", reveal);
	put_list(b, "media", e, "message.media", reveal);
	put_member(b, "text", e, "message.text", reveal);
	bw_buf_putc(b, '\n');
}

static void
put_event(struct bw_buf *b, const struct bw_store_row *row,
    const struct bw_row_code *c, bool reveal)
{
	char when[32];

	events_time(when, row->event.received);
	bw_buf_printf(b, "%s %8llu ", when, (unsigned long long)row->seq);
	events_cell(b, BW_MASK_REMARK, row->event.type, 20, reveal);
	events_cell(b, BW_MASK_NUMBER, row->event.to, 13, reveal);
	if (c->code.n > 0)
		events_put_code(b, c);
	bw_buf_putc(b, '\n');
}

static bool
print_row(void *arg, const struct bw_store_row *row)
{
	struct thread *t = arg;
	bool reveal = t->options->reveal;
	struct bw_row_code c = {.code = {NULL, 0}};
	struct bw_buf b;

	bw_buf_init(&b, MAX_TEXT);
	if (!t->any) {
		events_line(
		    &b, "message", BW_MASK_WORD, row->event.message, reveal);
		if (bw_row_decode(&t->decoder, row))
			put_message(&b, t->decoder.event, reveal);
	}
	(void)bw_row_code(&t->decoder, row, &c);
	t->any = true;
	put_event(&b, row, &c, reveal);
	add_recipient(t, row, &c);
	if (b.err != BW_OK)
		t->err = b.err;
	else
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
	return t->err == BW_OK;
}

static void
print_recipients(const struct thread *t)
{
	struct bw_buf b;

	bw_buf_init(&b, SIZE_MAX);
	if (t->n > 1)
		bw_buf_putc(&b, '\n');
	for (size_t i = 0; t->n > 1 && i < t->n; i++) {
		const struct recipient *r = &t->recipients[i];

		events_cell(&b, BW_MASK_NUMBER,
		    (struct bw_str){r->number, r->n}, 13, t->options->reveal);
		events_text(&b, BW_MASK_REMARK,
		    (struct bw_str){r->what, strlen(r->what)},
		    t->options->reveal);
		bw_buf_putc(&b, '\n');
	}
	if (b.n > 0)
		fwrite(b.p, 1, b.n, stdout);
	bw_buf_free(&b);
}

static void
free_thread(struct thread *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->recipients[i].number);
	free(t->recipients);
	bw_row_decoder_free(&t->decoder);
}

enum bw_err
events_thread(
    struct bw_store *s, const struct events_options *o, struct bw_error *e)
{
	struct events_options with = *o;
	struct thread t = {.options = o};
	uint64_t cursor = 0;
	enum bw_err err;

	with.filter.message = (struct bw_str){o->argv[0], strlen(o->argv[0])};
	if (o->json)
		return events_export(s, &with, e);
	bw_row_decoder_init(&t.decoder);
	err = bw_store_read(
	    s, &with.filter, false, SIZE_MAX, &cursor, print_row, &t, e);
	if (err == BW_OK && t.err != BW_OK)
		err =
		    bw_error_set(e, t.err, 0, "thread: %s", bw_strerror(t.err));
	if (err == BW_OK && !t.any)
		err = bw_error_set(e, BW_ERR_NOTFOUND, 0,
		    "message %s: no event of it is stored", o->argv[0]);
	if (err == BW_OK)
		print_recipients(&t);
	free_thread(&t);
	return err;
}
