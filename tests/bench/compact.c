/*
 * Compacting a closed segment: the bytes of an event before and after, the time
 * to read events, and the longest wait of appending meanwhile.
 *
 *   compact FOLDER EVENTS
 *
 * Half of the events are of calls, half of messages, four of each, with bodies
 * as Bandwidth sends them. All ids and numbers are random. The folder needs 2
 * kB for each event.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "growth.h"
#include "store/sqlite.h"
#include "store/sqlite_compact.h"

#define READS 2000
#define SEED  UINT64_C(1)

static char path[256], url[300];

static void
put_hex(char *to, uint64_t a, uint64_t b)
{
	(void)snprintf(to, 40, "%08x-%04x-%04x-%04x-%012llx",
	    (unsigned)(a >> 32), (unsigned)(a >> 16 & 0xffff),
	    (unsigned)(a & 0xffff), (unsigned)(b >> 48),
	    (unsigned long long)(b & 0xffffffffffff));
}

static void
put_time(char *to, uint64_t n)
{
	time_t t = (time_t)(RECEIVED / 1000 + (int64_t)n / 10);
	struct tm tm;
	size_t length =
	    strftime(to, 40, "%Y-%m-%dT%H:%M:%S", gmtime_r(&t, &tm));

	(void)snprintf(to + length, 40 - length, ".%03uZ",
	    (unsigned)(scatter(n + 5) % 1000));
}

static const char *const calls[] = {
    "initiate", "answer", "gather", "disconnect"};
static const char *const messages[] = {
    "message-received", "message-sending", "message-delivered", "message-read"};

static int
put_call(struct made *m, uint64_t n, const char *began, const char *now)
{
	return snprintf(m->body, sizeof(m->body),
	    "{\"eventType\":\"%s\",\"eventTime\":\"%s\",\"accountId\":"
	    "\"9900000\",\"applicationId\":"
	    "\"04e88489-df02-4e34-a0ee-27a91849555f\",\"from\":\"%s\","
	    "\"to\":\"%s\",\"direction\":\"inbound\",\"callId\":\"%s\","
	    "\"callUrl\":\"https://voice.bandwidth.com/api/v2/accounts/9900000/"
	    "calls/%s\",\"startTime\":\"%s\",\"enqueuedTime\":\"%s\",\"tag\":"
	    "\"%llx\"}",
	    calls[n % 4], now, m->from, m->to, m->id, m->id, began, began,
	    (unsigned long long)scatter(n + 11) & 0xffffff);
}

static int
put_message(struct made *m, uint64_t n, const char *began, const char *now)
{
	static const char *const words[] = {"please", "call", "me", "back",
	    "tomorrow", "about", "the", "delivery", "order", "at", "noon",
	    "thanks", "we", "will", "be", "there", "with", "your", "keys",
	    "today", "can", "you", "confirm", "this", "number", "yes", "no",
	    "appointment", "office", "monday", "invoice", "received"};
	char said[200] = "";
	size_t length = 0;

	for (uint64_t i = 0; i < 8 + scatter(n / 4) % 10; i++)
		length += (size_t)snprintf(said + length, sizeof(said) - length,
		    "%s ", words[scatter(n / 4 * 31 + i) % 32]);
	return snprintf(m->body, sizeof(m->body),
	    "[{\"type\":\"%s\",\"time\":\"%s\",\"description\":\"Incoming "
	    "message received\",\"to\":\"%s\",\"message\":{\"id\":\"%s\","
	    "\"owner\":\"%s\",\"applicationId\":"
	    "\"93de2206-9669-4e07-948d-329f4b722ee2\",\"time\":\"%s\","
	    "\"segmentCount\":1,\"direction\":\"in\",\"to\":[\"%s\"],\"from\":"
	    "\"%s\",\"text\":\"%s\"}}]",
	    messages[n % 4], now, m->to, m->id, m->to, began, m->to, m->from,
	    said);
}

/* The event of growth_events.c with another body. */
static void
make_real(struct made *m, uint64_t n)
{
	char began[40], now[40];
	int length;

	make(m, n);
	if (is_call(n)) {
		m->id[0] = 'c';
		m->id[1] = '-';
		put_hex(m->id + 2, scatter(n / 4), scatter(n / 4 + SEED));
	}
	put_time(began, n / 4 * 4);
	put_time(now, n);
	length = is_call(n) ? put_call(m, n, began, now)
			    : put_message(m, n, began, now);
	m->event.type = text(is_call(n) ? calls[n % 4] : messages[n % 4]);
	m->event.body = (struct bw_str){m->body, (size_t)length};
	(void)snprintf(m->key, sizeof(m->key), "%s|%s.%s:5500417:%s",
	    is_call(n) ? "/voice" : "/messages",
	    is_call(n) ? "voice" : "messaging", m->event.type.p, m->id);
	m->event.key = text(m->key);
	(void)snprintf(m->thread, sizeof(m->thread),
	    is_call(n) ? "call:%s" : "between:%s",
	    is_call(n) ? m->id : m->from);
	m->event.thread = text(m->thread);
	if (is_call(n))
		m->event.call = text(m->id);
	m->event.request = (struct bw_str){m->id + 2, 16};
}

static void
append(struct grown *g, uint64_t first, size_t n, int64_t *longest)
{
	static struct made made[LIST];
	struct bw_store_event events[LIST];
	struct bw_store_result r[LIST];
	struct bw_error e = {0};
	int64_t began;

	for (size_t i = 0; i < n; i++) {
		make_real(&made[i], first + i);
		events[i] = made[i].event;
	}
	began = now_ns();
	if (bw_store_append(g->store, events, n, began + INT64_C(600000000000),
		r, &e) != BW_OK)
		die(&e);
	if (now_ns() - began > *longest)
		*longest = now_ns() - began;
	for (size_t i = 0; i < n; i++)
		answer(g, &r[i], is_call(first + i));
}

static void
rotate(void)
{
	struct bwi_segments s = {.path = path};
	struct bw_error e = {0};

	if (bwi_segments_update(&s, INT64_MAX, &e) != BW_OK ||
	    bwi_segments_rotate(&s, &e) != BW_OK)
		die(&e);
	bwi_segments_close(&s);
}

static bool
count_row(void *arg, const struct bw_store_row *r)
{
	*(uint64_t *)arg += r->event.body.n;
	return true;
}

static int
compare(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static struct bw_store *
open_store(void)
{
	struct bw_store *s = NULL;
	struct bw_error e = {0};

	if (bw_store_open(url, &s, &e) != BW_OK)
		die(&e);
	return s;
}

/* Read single events anywhere in the segment: microseconds. */
static void
read_some(const char *what, uint64_t first, uint64_t n)
{
	static double took[READS];
	const struct bw_store_filter all = {.since = 0};
	struct bw_store *s = open_store();
	struct bw_error e = {0};
	uint64_t bytes = 0;

	for (size_t i = 0; i < READS; i++) {
		uint64_t cursor = first + scatter(i) % n - 1;
		int64_t began = now_ns();

		if (bw_store_read(s, &all, false, 1, &cursor, count_row, &bytes,
			&e) != BW_OK)
			die(&e);
		took[i] = (double)(now_ns() - began) / 1000;
	}
	bw_store_free(s);
	qsort(took, READS, sizeof(*took), compare);
	printf("%s: an event is read in %.0f us, 99 of 100 in %.0f us, all in "
	       "%.0f us\n",
	    what, took[READS / 2], took[READS * 99 / 100], took[READS - 1]);
}

/* The same of the events of a call. */
static void
find_some(const char *what, uint64_t n)
{
	static double took[READS];
	struct bw_store *s = open_store();
	struct bw_error e = {0};
	uint64_t bytes = 0;

	for (size_t i = 0; i < READS; i++) {
		static struct made m;
		uint64_t cursor = 0;
		struct bw_store_filter f = {.since = 0};
		int64_t began;

		make_real(&m, LIST + scatter(i) % (n / 8 - 1) * 8);
		f.call = m.event.call;
		f.message = m.event.message;
		began = now_ns();
		if (bw_store_read(s, &f, true, 50, &cursor, count_row, &bytes,
			&e) != BW_OK)
			die(&e);
		took[i] = (double)(now_ns() - began) / 1000;
	}
	bw_store_free(s);
	qsort(took, READS, sizeof(*took), compare);
	printf("%s: the events of a call are found in %.0f us\n", what,
	    took[READS / 2]);
}

static double
room(const char *end)
{
	char name[300];
	struct stat st = {.st_size = 0};

	(void)snprintf(name, sizeof(name), "%s.000002%s", path, end);
	(void)stat(name, &st);
	return (double)st.st_size;
}

struct compacting {
	atomic_bool done;
	double seconds;
	struct bw_store_compaction result;
};

static void *
compact(void *arg)
{
	struct compacting *c = arg;
	struct bw_error e = {0};
	int64_t began = now_ns();

	if (bwi_compact(path, INT64_MAX, NULL, &c->result, &e) != BW_OK)
		die(&e);
	c->seconds = (double)(now_ns() - began) / 1e9;
	atomic_store(&c->done, true);
	return NULL;
}

/* Append single events until the flag, or this time, in nanoseconds. */
static void
append_until(struct grown *g, atomic_bool *done, int64_t most, const char *what)
{
	int64_t until = now_ns() + most, longest = 0;
	static uint64_t next = UINT64_C(1) << 32;
	uint64_t n = 0;
	double seconds = (double)now_ns() / 1e9;

	while (now_ns() < until && (done == NULL || !atomic_load(done))) {
		append(g, next++, 1, &longest);
		n++;
	}
	seconds = (double)now_ns() / 1e9 - seconds;
	printf("%s: %.0f events appended in a second, the longest wait %.1f "
	       "ms\n",
	    what, (double)n / seconds, (double)longest / 1e6);
}

int
main(int argc, char **argv)
{
	struct compacting c = {.seconds = 0};
	struct grown g = {.stays_open = false};
	uint64_t n = argc > 2 ? strtoull(argv[2], NULL, 10) : 0;
	int64_t longest = 0;
	pthread_t thread;

	n -= n % LIST;
	if (n == 0)
		return 2;
	create_grown(&g, argv[1], "compact");
	(void)snprintf(path, sizeof(path), "%s", g.path);
	(void)snprintf(url, sizeof(url), "%s", g.url);
	append(&g, 0, LIST, &longest);
	rotate();
	for (uint64_t i = 0; i < n; i += LIST)
		append(&g, LIST + i, LIST, &longest);
	rotate();
	printf("before: %.0f bytes an event\n", room("") / (double)n);
	read_some("before", LIST + 1, n);
	find_some("before", n);
	append_until(&g, NULL, INT64_C(5000000000), "before");
	if (pthread_create(&thread, NULL, compact, &c) != 0)
		return 1;
	append_until(&g, &c.done, INT64_MAX / 2, "while compacting");
	(void)pthread_join(thread, NULL);
	append_until(&g, NULL, INT64_C(5000000000), "after");
	printf("after: %.0f bytes an event, compacted in %.1f s\n",
	    room(".packed") / (double)n, c.seconds);
	read_some("after", LIST + 1, n);
	find_some("after", n);
	remove_grown(&g);
	return 0;
}
