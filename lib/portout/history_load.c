#include "portout/history_load.h"

#include <bwcallback/tools/clock.h>

#include "event/event.h"
#include "portout/request.h"
#include "store/store.h"

#define MS	INT64_C(1000000)
#define HOUR_MS INT64_C(3600000)

struct reading {
	struct bwi_history *history;
	int64_t max_numbers; /* limit of a request that was judged */
	struct bw_str section;
	struct bw_decoder *decoder;
	struct bwi_arena arena;
	int64_t now;	     /* CLOCK_MONOTONIC, nanoseconds */
	int64_t realtime_ms; /* the same time, milliseconds since 1970 */
	int64_t deadline;
	uint64_t first; /* oldest event of the last hour; 0: none */
};

/* Called from newest to oldest, until the events are too old. */
static bool
find_first(void *arg, const struct bw_store_row *row)
{
	struct reading *r = arg;

	if (row->event.received <= r->realtime_ms - HOUR_MS)
		return false;
	r->first = row->seq;
	return true;
}

/*
 * Requests with too many numbers were not counted when they came, so they are
 * not counted here.
 */
static void
count_request(struct reading *r, const struct bw_event *event, int64_t when)
{
	struct bwi_portout_request request;
	struct bwi_history_id id;

	if (bwi_portout_request_read(&request, event, &r->arena, NULL) !=
		BW_OK ||
	    request.fault != NULL || (int64_t)request.n > r->max_numbers)
		return;
	bwi_history_identify(&id, event->raw);
	for (size_t i = 0; i < request.n; i++)
		(void)bwi_history_count(
		    r->history, &id, request.numbers[i], when);
}

static bool
count_row(void *arg, const struct bw_store_row *row)
{
	struct reading *r = arg;
	struct bw_payload in = {.content_type = row->event.content_type,
	    .body = row->event.body,
	    .hint = BW_FAMILY_PORTOUT};
	int64_t ago = r->realtime_ms - row->event.received;
	const struct bw_event *const *events = NULL;
	size_t n = 0;

	/* If the clock was set back, treat later events as if they came now. */
	if (ago < 0)
		ago = 0;
	if (ago >= HOUR_MS || !bw_str_eq(row->event.section, r->section))
		return true;
	if (bw_decode(r->decoder, &in, &events, &n, NULL) == BW_OK && n == 1)
		count_request(r, events[0], r->now - ago * MS);
	bwi_arena_reset(&r->arena);
	return true;
}

/* The first time, find where the last hour begins. */
static bool
find_start(struct reading *r, struct bw_store *s,
    const struct bw_store_filter *f, uint64_t *cursor)
{
	uint64_t back = 0;

	if (*cursor != 0)
		return true;
	if (bwi_store_read_until(s, f, true, BWI_HISTORY_MAX, &back,
		r->deadline, find_first, r, NULL) != BW_OK)
		return false;
	*cursor = r->first != 0 ? r->first - 1 : back;
	return true;
}

static uint64_t
read_rows(struct reading *r, struct bw_store *s, uint64_t cursor)
{
	const struct bw_store_filter f = {
	    .family = BW_STR("portout"), .type = BW_STR("validation")};
	enum bw_err err;

	if (!find_start(r, s, &f, &cursor))
		return cursor;
	err = bwi_store_read_until(s, &f, false, BWI_HISTORY_MAX, &cursor,
	    r->deadline, count_row, r, NULL);
	/* After a deadline the next request continues here. */
	return err == BW_OK || err == BW_ERR_BUSY ? cursor : 0;
}

void
bwi_history_load(struct bwi_history *history, struct bw_store *s,
    struct bw_str section, int64_t max_numbers, int64_t deadline)
{
	struct reading r = {.history = history,
	    .max_numbers = max_numbers,
	    .section = section,
	    .decoder = bw_decoder_new(),
	    .now = bw_monotonic_ns(),
	    .realtime_ms = bw_realtime_ms(),
	    .deadline = deadline};
	uint64_t cursor;

	if (r.decoder == NULL)
		return;
	bwi_arena_init(&r.arena);
	if (bwi_history_begin_reading(history, s, deadline, &cursor))
		bwi_history_end_reading(history, read_rows(&r, s, cursor));
	bwi_arena_free(&r.arena);
	bw_decoder_free(r.decoder);
}
