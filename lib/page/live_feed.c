/*
 * What comes into a store, for the live pages. No page shows more than the
 * newest rows, so when more comes, the rows before these are not read at all,
 * unless a reader has a filter, which may take few of them.
 */
#include "page/live_feed.h"

#include <string.h>

#include <bwcallback/limits.h>
#include <bwcallback/tools/clock.h>

#include "base/alloc.h"
#include "store/store.h"
#include "store/store_handle.h"

#define MS INT64_C(1000000)

/* How long one look may read, and the first one, which opens the store. */
#define MAX_READ  (100 * MS)
#define MAX_FIRST (1000 * MS)

/* A look that is behind by more events leaves rows out, whatever the filter. */
#define MAX_BEHIND 50000

/* Of so many newest events, those without an answer are known from the start.
 */
#define FIRST_ROWS 200

/*
 * Most answers are recorded this soon after their event, in milliseconds. A
 * look ends before an event that may get its answer at once: its row would be
 * sent twice.
 */
#define MAX_HELD 100

/* An event without an answer is looked at again for so many milliseconds. */
#define MAX_AGE 60000

/* So many events between two that wait are read with them. */
#define MAX_STEP 64

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

void
bwi_live_feed_free(struct bwi_live_feed *f)
{
	bw_buf_free(&f->state);
	bwi_free(f);
}

struct bwi_live_channel *
bwi_live_feed_channel(struct bwi_live_feed *f, struct bwi_params *p,
    struct bwi_event_filter *filter)
{
	struct bwi_live_channel *c = f->channels;

	while (c != NULL && !bwi_live_channel_is(c, p))
		c = c->next;
	if (c == NULL) {
		c = bwi_live_channel_new(p, filter);
		if (c == NULL)
			return NULL;
		c->next = f->channels;
		f->channels = c;
	}
	c->users++;
	return c;
}

void
bwi_live_feed_release(struct bwi_live_feed *f, struct bwi_live_channel *c)
{
	struct bwi_live_channel **at = &f->channels;

	if (--c->users > 0)
		return;
	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	bwi_live_channel_free(c);
}

struct bwi_live_look *
bwi_live_look_new(struct bwi_live_feed *f)
{
	struct bwi_live_look *l = bwi_calloc(1, sizeof(*l));
	size_t n = 0;

	if (l == NULL)
		return NULL;
	for (struct bwi_live_channel *c = f->channels; c != NULL; c = c->next)
		n++;
	l->found = bwi_calloc(n, sizeof(*l->found));
	if (l->found == NULL) {
		bwi_free(l);
		return NULL;
	}
	l->feed = f;
	l->seen = f->seen;
	bw_buf_init(&l->state, BW_MAX_PAGE);
	for (struct bwi_live_channel *c = f->channels; c != NULL; c = c->next) {
		c->users++;
		l->found[l->n++].channel = c;
	}
	return l;
}

void
bwi_live_look_free(struct bwi_live_look *l)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->n; i++) {
		bwi_live_rows_free(&l->found[i].rows);
		bwi_live_feed_release(l->feed, l->found[i].channel);
	}
	bw_buf_free(&l->state);
	bwi_free(l->found);
	bwi_free(l);
}

struct reading {
	struct bwi_live_look *look;
	struct bwi_live_writer writer;
	uint64_t from; /* a channel without a filter takes those after it */
	size_t i;      /* the next one of those that wait */
	uint64_t next; /* event whose row is to be written */
};

/* Remember that an event waits for its answer; the oldest one gives way. */
static void
add_waiting(struct bwi_live_waiting *w, uint64_t seq)
{
	if (w->n == BWI_LIVE_WAITING) {
		w->n--;
		memmove(w->seq, w->seq + 1, w->n * sizeof(w->seq[0]));
	}
	w->seq[w->n++] = seq;
}

/*
 * Give a row to each channel that takes it. It is written later, if it is still
 * among the newest of one.
 */
static void
offer(struct reading *reading, const struct bw_store_row *r)
{
	struct bwi_live_look *l = reading->look;
	bool skip = r->seq > l->feed->seen && r->seq <= reading->from;

	for (size_t i = 0; i < l->n; i++) {
		struct bwi_live_found *f = &l->found[i];

		if (f->channel->all && skip)
			bwi_live_rows_skip(&f->rows, 1);
		else if (bwi_live_takes(&f->channel->filter, r))
			bwi_live_rows_add(&f->rows, r->seq);
	}
}

static bool
take_new(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct bwi_live_look *l = reading->look;

	if (bwi_live_waits(r, MAX_HELD))
		return false;
	offer(reading, r);
	l->seen = r->seq;
	if (bwi_live_waits(r, MAX_AGE))
		add_waiting(&l->waiting, r->seq);
	return true;
}

static bool
take_last(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg = r->seq;
	return false;
}

static enum bw_err
read_store(struct bw_store *store, bool newest_first, size_t max,
    uint64_t cursor, int64_t time, bw_store_row_fn *fn, void *arg)
{
	static const struct bw_store_filter all = {.since = 0};

	return bwi_store_read_until(store, &all, newest_first, max, &cursor,
	    bw_monotonic_ns() + time, fn, arg, NULL);
}

/* Are there channels with a filter? */
static bool
selects(const struct bwi_live_look *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!l->found[i].channel->all)
			return true;
	}
	return false;
}

/* Begin after an event, and leave out the rows up to it. */
static void
jump(struct bwi_live_look *l, uint64_t to)
{
	for (size_t i = 0; i < l->n; i++)
		bwi_live_rows_skip(&l->found[i].rows, to - l->seen);
	l->seen = to;
}

static enum bw_err
read_new(struct reading *reading, struct bw_store *store)
{
	struct bwi_live_look *l = reading->look;
	uint64_t last = 0;
	enum bw_err err =
	    read_store(store, true, 1, 0, MAX_READ, take_last, &last);

	if (err != BW_OK || last <= l->seen)
		return err;
	l->many = last - l->seen > BWI_LIVE_ROWS;
	reading->from = l->many ? last - BWI_LIVE_ROWS : l->seen;
	if (l->many && (!selects(l) || last - l->seen > MAX_BEHIND))
		jump(l, reading->from);
	err = read_store(
	    store, false, SIZE_MAX, l->seen, MAX_READ, take_new, reading);
	return err == BW_ERR_BUSY ? BW_OK : err; /* the next look goes on */
}

/* An event that waits, or comes soon before the next one that does. */
static bool
take_waiting(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct bwi_live_look *l = reading->look;
	const struct bwi_live_waiting *w = &l->feed->waiting;

	while (reading->i < w->n && w->seq[reading->i] < r->seq)
		reading->i++; /* it was removed */
	if (reading->i < w->n && w->seq[reading->i] == r->seq) {
		reading->i++;
		if (r->answer.status != 0)
			offer(reading, r);
		else if (bwi_live_waits(r, MAX_AGE))
			add_waiting(&l->waiting, r->seq);
	}
	return reading->i < w->n && w->seq[reading->i] <= r->seq + MAX_STEP;
}

/* Read the events that waited again: they may have their answer now. */
static enum bw_err
read_waiting(struct reading *reading, struct bw_store *store)
{
	struct bwi_live_look *l = reading->look;
	const struct bwi_live_waiting *w = &l->feed->waiting;
	enum bw_err err = BW_OK;

	while (reading->i < w->n && err == BW_OK) {
		size_t before = reading->i;

		err = read_store(store, false, SIZE_MAX, w->seq[before] - 1,
		    MAX_READ, take_waiting, reading);
		if (err == BW_OK && reading->i == before)
			reading->i = w->n; /* there are no more events */
	}
	while (reading->i < w->n)
		add_waiting(&l->waiting, w->seq[reading->i++]);
	return err == BW_ERR_BUSY ? BW_OK : err;
}

/* The first event from one on whose row some channel has not written yet. */
static uint64_t
next_unwritten(const struct bwi_live_look *l, uint64_t from)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < l->n; i++) {
		uint64_t seq = bwi_live_rows_unwritten(&l->found[i].rows, from);

		if (seq < first)
			first = seq;
	}
	return first;
}

static bool
write_row(void *arg, const struct bw_store_row *r)
{
	struct reading *reading = arg;
	struct bwi_live_look *l = reading->look;

	if (r->seq < reading->next)
		return true;
	bwi_live_writer_next(&reading->writer);
	for (size_t i = 0; i < l->n && l->err == BW_OK; i++)
		l->err =
		    bwi_live_rows_write(&l->found[i].rows, &reading->writer, r);
	reading->next = next_unwritten(l, r->seq + 1);
	return l->err == BW_OK && reading->next <= r->seq + MAX_STEP;
}

/* Write the rows that were found. */
static enum bw_err
write_rows(struct reading *reading, struct bw_store *store)
{
	struct bwi_live_look *l = reading->look;
	enum bw_err err = BW_OK;

	reading->next = next_unwritten(l, 0);
	while (reading->next != UINT64_MAX && err == BW_OK && l->err == BW_OK) {
		uint64_t before = reading->next;

		err = read_store(store, false, SIZE_MAX, before - 1, MAX_READ,
		    write_row, reading);
		if (reading->next == before) /* it was removed */
			reading->next = next_unwritten(l, before + 1);
	}
	return err;
}

/* Of the newest events, newest first: which is the last one, and which wait. */
static bool
take_first(void *arg, const struct bw_store_row *r)
{
	struct bwi_live_look *l = arg;
	struct bwi_live_waiting *w = &l->waiting;

	if (r->seq > l->seen)
		l->seen = r->seq;
	if (bwi_live_waits(r, MAX_AGE)) {
		memmove(w->seq + 1, w->seq, w->n * sizeof(w->seq[0]));
		w->seq[0] = r->seq;
		w->n++;
	}
	return w->n < BWI_LIVE_WAITING;
}

static void
read_rows(struct bwi_live_look *l, const struct bwi_page_request *r)
{
	struct reading reading = {.look = l};
	struct bw_store *store = NULL;
	enum bw_err err = bwi_store_handle_store(l->feed->store, &store, NULL);

	bwi_live_writer_init(&reading.writer, r);
	if (err == BW_OK && !l->feed->begun) {
		err = read_store(
		    store, true, FIRST_ROWS, 0, MAX_FIRST, take_first, l);
	} else if (err == BW_OK) {
		err = read_waiting(&reading, store);
		if (err == BW_OK)
			err = read_new(&reading, store);
		if (err == BW_OK)
			err = write_rows(&reading, store);
	}
	bwi_live_writer_free(&reading.writer);
	if (l->err == BW_OK)
		l->err = err;
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

void
bwi_live_look(
    struct bwi_live_look *l, const struct bwi_page_request *r, bool state)
{
	read_rows(l, r);
	if (state)
		write_state(l, r);
}

void
bwi_live_feed_take(struct bwi_live_feed *f, struct bwi_live_look *l)
{
	for (size_t i = 0; i < l->n; i++)
		bwi_live_rows_move(
		    &l->found[i].channel->rows, &l->found[i].rows);
	f->seen = l->seen;
	f->waiting = l->waiting;
	f->begun = f->begun || l->err == BW_OK || f->seen != 0;
	if (l->state.n == 0 || l->state.err != BW_OK)
		return;
	bw_buf_free(&f->state);
	f->state = l->state;
	bw_buf_init(&l->state, BW_MAX_PAGE);
	f->state_serial++;
}
