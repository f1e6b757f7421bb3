/* The newest rows of a store, for the live pages. */
#include "page/live_feed.h"

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "page/event_row.h"
#include "store/store.h"

#define MS INT64_C(1000000)

/* How long one look may read, and the first one, which opens the store. */
#define MAX_READ  (100 * MS)
#define MAX_FIRST (1000 * MS)

/* An event without an answer is looked at again for so many milliseconds. */
#define MAX_AGE 60000

/*
 * A row as a tree is about 500 bytes long. Texts are cut at 2 kB; escaping may
 * take six bytes for each.
 */
#define MAX_TREE ((size_t)96 * 1024)

/* Ids and names of an event; their lengths are limited where it is decoded. */
#define MAX_TEXT ((size_t)64 * 1024)

struct bwi_live_feed *
bwi_live_feed_new(struct bwi_store_handle *store)
{
	struct bwi_live_feed *f = bwi_calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->store = store;
	bw_buf_init(&f->state, BW_MAX_PAGE);
	return f;
}

static void
free_row(struct bwi_live_row *r)
{
	if (r->text.max != 0)
		bw_buf_free(&r->text);
	if (r->tree.max != 0)
		bw_buf_free(&r->tree);
	*r = (struct bwi_live_row){.serial = 0};
}

void
bwi_live_feed_free(struct bwi_live_feed *f)
{
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++)
		free_row(&f->rows[i]);
	bw_buf_free(&f->state);
	bwi_free(f);
}

void
bwi_live_look_free(struct bwi_live_look *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++)
		free_row(&l->rows[i]);
	bw_buf_free(&l->state);
	bwi_free(l);
}

/* The texts of a row by which a filter selects. */
static struct bw_str *
text_of(struct bw_store_row *r, size_t i)
{
	struct bw_str *const texts[] = {&r->event.section, &r->event.family,
	    &r->event.type, &r->event.call, &r->event.message, &r->event.from,
	    &r->event.to};

	return i < sizeof(texts) / sizeof(texts[0]) ? texts[i] : NULL;
}

/* Copy a row without its bodies. */
static void
copy_row(struct bwi_live_row *to, const struct bw_store_row *r)
{
	size_t begin = 0;

	to->row = (struct bw_store_row){.seq = r->seq,
	    .deliveries = r->deliveries,
	    .event = {.received = r->event.received,
		.section = r->event.section,
		.family = r->event.family,
		.type = r->event.type,
		.call = r->event.call,
		.message = r->event.message,
		.from = r->event.from,
		.to = r->event.to},
	    .answer = {.status = r->answer.status,
		.fallback = r->answer.fallback,
		.failed = r->answer.failed,
		.duration = r->answer.duration}};
	bw_buf_init(&to->text, MAX_TEXT);
	for (size_t i = 0; text_of(&to->row, i) != NULL; i++)
		bw_buf_str(&to->text, *text_of(&to->row, i));
	for (size_t i = 0; text_of(&to->row, i) != NULL; i++) {
		struct bw_str *s = text_of(&to->row, i);

		if (s->p == NULL || to->text.err != BW_OK)
			continue;
		s->p = to->text.p != NULL ? to->text.p + begin : "";
		begin += s->n;
	}
}

struct reading {
	struct bwi_live_look *look;
	const struct bwi_page_request *request;
	struct bwi_event_words words;
};

static void
write_row(struct bwi_live_row *to, struct reading *reading,
    const struct bw_store_row *r)
{
	struct bwi_view v = {.request = reading->request,
	    .out = &to->tree,
	    .now = bw_realtime_ms()};

	bw_buf_init(&to->tree, MAX_TREE);
	bwi_html_tree(&v.html, v.out);
	bwi_event_row_put(&v, &reading->words, r);
}

/* The newest version of an event; NULL: it is not among the rows. */
static struct bwi_live_row *
find(struct bwi_live_feed *f, uint64_t seq)
{
	for (size_t i = 0; i < BWI_LIVE_ROWS; i++) {
		if (f->rows[i].serial != 0 && !f->rows[i].old &&
		    f->rows[i].row.seq == seq)
			return &f->rows[i];
	}
	return NULL;
}

static bool
is_same(const struct bw_store_row *a, const struct bw_store_row *b)
{
	return a->answer.status == b->answer.status &&
	       a->deliveries == b->deliveries;
}

static bool
take(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct bwi_live_look *l = reading->look;
	struct bwi_live_row *before = find(l->feed, r->seq), *to;

	if (before != NULL && is_same(&before->row, r))
		return true;
	to = &l->rows[l->n];
	to->again = before != NULL;
	write_row(to, reading, r);
	copy_row(to, r);
	l->n++;
	if (to->tree.err == BW_ERR_NOMEM || to->text.err == BW_ERR_NOMEM)
		l->err = BW_ERR_NOMEM;
	return l->err == BW_OK && l->n < BWI_LIVE_ROWS;
}

/* The event before the first one that still waits for its answer. */
static uint64_t
begin_of(const struct bwi_live_feed *f)
{
	int64_t now = bw_realtime_ms();
	uint64_t first = f->newest;

	for (size_t i = 0; i < BWI_LIVE_ROWS; i++) {
		const struct bwi_live_row *r = &f->rows[i];

		if (r->serial != 0 && !r->old && r->row.answer.status == 0 &&
		    r->row.event.received > now - MAX_AGE &&
		    r->row.seq <= first)
			first = r->row.seq - 1;
	}
	return first;
}

/* Of the first look: the rows were read in descending order. */
static void
reverse(struct bwi_live_look *l)
{
	for (size_t i = 0; i < l->n / 2; i++) {
		struct bwi_live_row r = l->rows[i];

		l->rows[i] = l->rows[l->n - 1 - i];
		l->rows[l->n - 1 - i] = r;
	}
}

static void
read_rows(struct bwi_live_look *l, const struct bwi_page_request *r)
{
	static const struct bw_store_filter all = {.since = 0};
	struct bwi_live_feed *f = l->feed;
	struct reading reading = {.look = l, .request = r};
	uint64_t cursor = f->begun ? begin_of(f) : 0;
	struct bw_store *store = NULL;
	enum bw_err err = bwi_store_handle_store(f->store, &store, NULL);

	bwi_event_words_init(&reading.words);
	if (err == BW_OK)
		err = bwi_store_read_until(store, &all, !f->begun,
		    2 * BWI_LIVE_ROWS, &cursor,
		    bw_monotonic_ns() + (f->begun ? MAX_READ : MAX_FIRST), take,
		    &reading, NULL);
	bwi_event_words_free(&reading.words);
	l->full = err == BW_ERR_BUSY || l->n == BWI_LIVE_ROWS;
	if (err != BW_OK && l->err == BW_OK)
		l->err = err;
	if (!f->begun)
		reverse(l);
}

static void
write_state(struct bwi_live_look *l, const struct bwi_page_request *r)
{
	struct bwi_view v = {
	    .request = r,
	    .out = &l->state,
	    .now = bw_realtime_ms(),
	    .begun = bw_monotonic_ns(),
	};

	v.until = v.begun + MAX_READ;
	bwi_html_tree(&v.html, v.out);
	bwi_now_write_state(&v);
	bwi_html_end_to(&v.html, 0);
}

struct bwi_live_look *
bwi_live_look(
    struct bwi_live_feed *f, const struct bwi_page_request *r, bool state)
{
	struct bwi_live_look *l = bwi_calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	l->feed = f;
	bw_buf_init(&l->state, BW_MAX_PAGE);
	read_rows(l, r);
	if (state)
		write_state(l, r);
	return l;
}

/* Move the row from the look into the feed. */
static void
take_row(struct bwi_live_feed *f, struct bwi_live_row *r)
{
	struct bwi_live_row *before = find(f, r->row.seq), *to;

	if (before != NULL)
		before->old = true;
	r->serial = ++f->serial;
	to = &f->rows[r->serial % BWI_LIVE_ROWS];
	if (to->serial != 0 && to->row.seq > f->since)
		f->since = to->row.seq;
	free_row(to);
	*to = *r;
	*r = (struct bwi_live_row){.serial = 0};
	if (to->row.seq > f->newest)
		f->newest = to->row.seq;
}

bool
bwi_live_feed_take(struct bwi_live_feed *f, struct bwi_live_look *l)
{
	bool news = l->n > 0;

	if (!f->begun && l->n > 0)
		f->since = l->full ? l->rows[0].row.seq - 1 : 0;
	for (size_t i = 0; i < l->n; i++)
		take_row(f, &l->rows[i]);
	f->begun = f->begun || l->err == BW_OK || f->newest != 0;
	if (l->state.n == 0 || l->state.err != BW_OK)
		return news;
	bw_buf_free(&f->state);
	f->state = l->state;
	bw_buf_init(&l->state, BW_MAX_PAGE);
	f->state_serial++;
	return true;
}
