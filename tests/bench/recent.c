/*
 * Fills a store for tests/bench/pages.py with calls and messages as they come,
 * the last one just now and the others a millisecond apart:
 *
 *   recent FOLDER EVENTS
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "growth.h"

#define SIZE 1024

/* What Bandwidth sends, as far as pages read it. */
static void
set_body(struct made *m, uint64_t n, char body[SIZE])
{
	const struct bw_store_event *e = &m->event;
	int length;

	if (is_call(n))
		length = snprintf(body, SIZE,
		    "{\"eventType\":\"%s\",\"eventTime\":\"2026-03-04T15:00:00."
		    "000Z\",\"accountId\":\"5500417\",\"applicationId\":"
		    "\"04e88489-df02-4e34-a0ee-27a91849555f\",\"from\":\"%s\","
		    "\"to\":\"%s\",\"direction\":\"inbound\",\"callId\":\"%s\","
		    "\"callUrl\":\"https://voice.bandwidth.com/api/v2/accounts/"
		    "5500417/calls/%s\",\"digits\":\"%d\",\"cause\":"
		    "\"hangup\"}",
		    e->type.p, m->from, m->to, m->id, m->id, (int)(n / 8 % 10));
	else
		length = snprintf(body, SIZE,
		    "{\"type\":\"%s\",\"time\":\"2026-03-04T15:00:00.000Z\","
		    "\"to\":\"%s\",\"description\":\"Incoming message\","
		    "\"message\":{\"id\":\"%s\",\"time\":\"2026-03-04T15:00:00."
		    "000Z\",\"from\":\"%s\",\"to\":[\"%s\"],\"text\":\"%.*s\","
		    "\"direction\":\"in\",\"segmentCount\":1}}",
		    e->type.p, m->to, m->id, m->from, m->to, 160,
		    m->event.body.p + m->event.body.n - 160);
	m->event.body = (struct bw_str){body, (size_t)length};
}

/* One of 500 answers is the fallback. */
static void
record(struct grown *g, uint64_t seq, uint64_t n, int64_t at)
{
	struct bw_store_answer a = {.status = 200,
	    .answered = at,
	    .duration = 800,
	    .fallback = n % 500 == 2};
	struct bw_error e = {0};

	if (is_call(n)) {
		a.content_type = BW_STR("application/xml; charset=utf-8");
		a.body = text(bxml);
	}
	if (bw_store_record_answer(g->store, seq, &a, &e) != BW_OK)
		die(&e);
}

static void
append(struct grown *g, uint64_t first, uint64_t n, int64_t begin)
{
	static struct made m[LIST];
	static char bodies[LIST][SIZE];
	struct bw_store_event events[LIST];
	struct bw_store_result r[LIST];
	struct bw_error e = {0};

	for (uint64_t i = 0; i < n; i++) {
		make(&m[i], first + i);
		set_body(&m[i], first + i, bodies[i]);
		m[i].event.received = begin + (int64_t)(first + i);
		events[i] = m[i].event;
	}
	if (bw_store_append(g->store, events, n,
		now_ns() + INT64_C(600000000000), r, &e) != BW_OK)
		die(&e);
	for (uint64_t i = 0; i < n; i++)
		record(g, r[i].seq, first + i, events[i].received);
}

/* The other benchmark counts stalls; this one does not measure appending. */
void
stall_add(int64_t now, int64_t took)
{
	(void)now;
	(void)took;
}

int
main(int argc, char **argv)
{
	struct grown g;
	struct timespec now;
	uint64_t count;

	if (argc != 3) {
		fputs("usage: recent FOLDER EVENTS\n", stderr);
		return 64;
	}
	count = strtoull(argv[2], NULL, 10);
	create_grown(&g, argv[1], "events");
	clock_gettime(CLOCK_REALTIME, &now);
	for (uint64_t i = 0; i < count; i += LIST)
		append(&g, i, count - i < LIST ? count - i : LIST,
		    (int64_t)now.tv_sec * 1000 - (int64_t)count);
	bw_store_free(g.store);
	return 0;
}
