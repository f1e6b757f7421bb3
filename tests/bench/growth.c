/*
 * The cost of a growing store: the rate of appending with many callers, and the
 * time of the queries of "bwcallback events", at a hundred thousand events, at
 * ten times that, and so on.
 *
 *   growth FOLDER COUNT
 *
 * Measurements are noisy, so each size is compared, in alternating rounds, with
 * a store of a hundred thousand events beside it. Half of the events are of
 * calls, half of messages, four of each; all ids are random, which is the worst
 * case for indices. The folder needs 2 kB for each event.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <bwcallback/store.h>
#include <bwcallback/tools/store.h>

#define SMALL	  UINT64_C(100000)
#define ROUNDS	  5
#define CALLERS	  64
#define LIST	  64 /* events in one append, while not measuring */
#define FILLERS	  4
#define LOOKS	  100
#define MEASURING INT64_C(2000000000) /* ns */

struct made {
	struct bw_store_event event;
	char id[64];
	char key[128];
	char thread[80];
	char from[16];
	char to[16];
	char body[800];
};

struct grown {
	char path[256];
	struct bw_store *store;
	atomic_uint_least64_t next; /* number of the next event */
	uint64_t until;
	int64_t deadline;
};

static int64_t
now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void
die(const struct bw_error *e)
{
	fprintf(stderr, "growth: %s\n", e->msg);
	exit(1);
}

/* splitmix64 */
static uint64_t
scatter(uint64_t x)
{
	x += UINT64_C(0x9e3779b97f4a7c15);
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

static struct bw_str
text(const char *s)
{
	return (struct bw_str){s, strlen(s)};
}

static bool
is_call(uint64_t n)
{
	return n / 4 % 2 == 0;
}

/* The id of the call or message of event n. */
static void
put_id(char id[64], uint64_t n)
{
	uint64_t a = scatter(n / 4), b = scatter(a);

	if (is_call(n))
		(void)snprintf(id, 64, "c-%08x-%08x-%04x-4%03x-%04x-%08x%04x",
		    (unsigned)(a >> 32), (unsigned)a, (unsigned)(b >> 48),
		    (unsigned)(b >> 36 & 0xfff), (unsigned)(b >> 16 & 0xffff),
		    (unsigned)b, (unsigned)(a >> 8 & 0xffff));
	else
		(void)snprintf(id, 64, "%016llx%013llx", (unsigned long long)a,
		    (unsigned long long)(b >> 12));
}

/* One of ten million callers and one of fifty offices. */
static void
put_numbers(struct made *m, uint64_t n)
{
	unsigned person = (unsigned)(scatter(n / 4 + 7) % 10000000);

	(void)snprintf(m->from, sizeof(m->from), "+1919%07u", person);
	(void)snprintf(m->to, sizeof(m->to), "+1919555%04u",
	    (unsigned)(scatter(n / 4 + 9) % 50));
}

static void
make(struct made *m, uint64_t n)
{
	static const char *const calls[] = {
	    "initiate", "answer", "gather", "disconnect"};
	static const char *const messages[] = {"message-received",
	    "message-sending", "message-sent", "message-delivered"};
	bool call = is_call(n);
	const char *type = call ? calls[n % 4] : messages[n % 4];
	const char *family = call ? "voice" : "messaging";
	const char *section = call ? "/voice" : "/messages";
	size_t length;

	put_id(m->id, n);
	put_numbers(m, n);
	(void)snprintf(m->key, sizeof(m->key), "%s|%s.%s:5500417:%s", section,
	    family, type, m->id);
	(void)snprintf(m->thread, sizeof(m->thread),
	    call ? "call:%s" : "between:%s", call ? m->id : m->from);
	length = (size_t)snprintf(m->body, sizeof(m->body),
	    "{\"id\":\"%s\",\"from\":\"%s\",\"type\":\"%s\",\"rest\":\"", m->id,
	    m->from, type);
	memset(m->body + length, 'x', 700 - length);
	m->event = (struct bw_store_event){
	    .received = INT64_C(1700000000000) + (int64_t)n,
	    .section = text(section),
	    .method = BW_STR("POST"),
	    .content_type = BW_STR("application/json"),
	    .family = text(family),
	    .type = text(type),
	    .key = text(m->key),
	    .user = BW_STR("bandwidth"),
	    .request = BW_STR("0011223344556677"),
	    .body = {m->body, 700},
	    .batch = 1,
	    .from = text(m->from),
	    .to = text(m->to),
	    .thread = text(m->thread),
	    .claim = 8000,
	};
	if (call)
		m->event.call = text(m->id);
	else
		m->event.message = text(m->id);
}

static void
answer(struct grown *g, const struct bw_store_result *r, bool call)
{
	static const char bxml[] =
	    "<Response><SpeakSentence>Hello. For sales press 1, for support "
	    "press 2.</SpeakSentence><Redirect redirectUrl=\"/voice\"/>"
	    "</Response>";
	struct bw_store_answer a = {
	    .status = 200,
	    .answered = INT64_C(1700000000000) + (int64_t)r->seq,
	    .duration = 800,
	};
	struct bw_error e = {0};

	if (call) {
		a.content_type = BW_STR("application/xml; charset=utf-8");
		a.body = text(bxml);
	}
	if (bw_store_record_answer(g->store, r->seq, &a, &e) != BW_OK)
		die(&e);
}

/* Append single events and wait for each, until the time is over. */
static void *
append_ones(void *arg)
{
	struct grown *g = arg;
	struct made m;

	while (now_ns() < g->deadline) {
		struct bw_store_result r;
		struct bw_error e = {0};
		uint64_t n = atomic_fetch_add(&g->next, 1);

		make(&m, n);
		if (bw_store_append(g->store, &m.event, 1,
			now_ns() + INT64_C(60000000000), &r, &e) != BW_OK)
			die(&e);
		answer(g, &r, is_call(n));
	}
	return NULL;
}

/* Append lists of events, until there are enough. */
static void *
append_lists(void *arg)
{
	struct grown *g = arg;
	struct made *m = calloc(LIST, sizeof(*m));
	struct bw_store_event events[LIST];
	struct bw_store_result r[LIST];
	uint64_t first;

	if (m == NULL)
		exit(1);
	while ((first = atomic_fetch_add(&g->next, LIST)) < g->until) {
		struct bw_error e = {0};

		for (uint64_t i = 0; i < LIST; i++) {
			make(&m[i], first + i);
			events[i] = m[i].event;
		}
		if (bw_store_append(g->store, events, LIST,
			now_ns() + INT64_C(60000000000), r, &e) != BW_OK)
			die(&e);
		for (uint64_t i = 0; i < LIST; i++)
			answer(g, &r[i], is_call(first + i));
	}
	free(m);
	return NULL;
}

static void
in_threads(struct grown *g, int n, void *(*fn)(void *))
{
	pthread_t threads[CALLERS];

	for (int i = 0; i < n; i++) {
		if (pthread_create(&threads[i], NULL, fn, g) != 0)
			exit(1);
	}
	for (int i = 0; i < n; i++)
		(void)pthread_join(threads[i], NULL);
}

static void
grow(struct grown *g, uint64_t to)
{
	g->until = to;
	in_threads(g, FILLERS, append_lists);
}

static double
append_rate(struct grown *g)
{
	uint64_t before = atomic_load(&g->next);
	int64_t start = now_ns();

	g->deadline = start + MEASURING;
	in_threads(g, CALLERS, append_ones);
	return (double)(atomic_load(&g->next) - before) * 1e9 /
	       (double)(now_ns() - start);
}

static bool
count_row(void *arg, const struct bw_store_row *r)
{
	*(size_t *)arg += r->event.body.n > 0;
	return true;
}

enum look {
	LOOK_CALL,
	LOOK_MESSAGE,
	LOOK_PERSON,
	LOOK_OFFICE,
	LOOK_NEWEST,
	LOOK_REPEATED,
	LOOK__MAX
};

static const char *const looks[LOOK__MAX] = {"of a call", "of a message",
    "of a person", "of an office", "the newest", "type of a call"};

static void
open_store(const struct grown *g, struct bw_store **s)
{
	struct bw_error e = {0};
	char url[300];

	(void)snprintf(url, sizeof(url), "sqlite:%s", g->path);
	if (bw_store_open(url, s, &e) != BW_OK)
		die(&e);
}

/*
 * Read the newest fifty events as "events list" does: open, read, close.
 * Microseconds for each.
 */
static double
look_up(struct grown *g, enum look what)
{
	uint64_t all = atomic_load(&g->next);
	int64_t start = now_ns();
	size_t rows = 0;

	for (uint64_t i = 0; i < LOOKS; i++) {
		uint64_t n = scatter(i + all) % (all - all / 10) / 8 * 8 +
			     (what == LOOK_MESSAGE ? 4 : 0);
		struct bw_store_filter f = {.since = 0};
		struct bw_store *s = NULL;
		struct bw_error e = {0};
		uint64_t cursor = 0;
		struct made m;

		make(&m, n);
		open_store(g, &s);
		if (what == LOOK_CALL || what == LOOK_REPEATED)
			f.call = m.event.call;
		if (what == LOOK_MESSAGE)
			f.message = m.event.message;
		if (what == LOOK_PERSON)
			f.number = m.event.from;
		if (what == LOOK_OFFICE)
			f.number = m.event.to;
		if (what == LOOK_REPEATED) {
			f.family = m.event.family;
			f.type = m.event.type;
		}
		if (bw_store_read(s, &f, true, 50, &cursor, count_row, &rows,
			&e) != BW_OK)
			die(&e);
		bw_store_free(s);
	}
	if (rows == 0)
		exit(1);
	return (double)(now_ns() - start) / 1e3 / LOOKS;
}

static void
open_grown(struct grown *g, const char *folder, const char *name)
{
	struct bw_error e = {0};
	char url[300];

	(void)snprintf(g->path, sizeof(g->path), "%s/%s.db", folder, name);
	(void)snprintf(url, sizeof(url), "sqlite:%s", g->path);
	if (bw_store_create(url, NULL, &e) != BW_OK)
		die(&e);
	open_store(g, &g->store);
	atomic_store(&g->next, 0);
}

static void
remove_grown(struct grown *g)
{
	static const char *const suffixes[] = {"", "-wal", "-shm"};

	bw_store_free(g->store);
	for (size_t i = 0; i < 3; i++) {
		char path[300];

		(void)snprintf(
		    path, sizeof(path), "%s%s", g->path, suffixes[i]);
		(void)unlink(path);
	}
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static void
print_row(const char *what, double *small, double *large)
{
	qsort(small, ROUNDS, sizeof(*small), compare);
	qsort(large, ROUNDS, sizeof(*large), compare);
	printf("  %-22s %10.0f %10.0f %8.2f\n", what, small[ROUNDS / 2],
	    large[ROUNDS / 2], large[ROUNDS / 2] / small[ROUNDS / 2]);
}

static void
print_size(struct grown *g)
{
	struct bw_store_stats stats;
	struct bw_error e = {0};

	if (bw_store_stats(g->store, &stats, &e) != BW_OK)
		die(&e);
	printf("\n%llu events, %.0f bytes for each\n\n",
	    (unsigned long long)stats.events,
	    (double)stats.bytes / (double)stats.events);
	printf("  %-22s %10s %10s %8s\n", "", "small", "this", "ratio");
}

static void
compare_sizes(struct grown *g, const char *folder)
{
	double rates[2][ROUNDS], times[LOOK__MAX][2][ROUNDS];
	struct grown small;

	open_grown(&small, folder, "small");
	grow(&small, SMALL);
	print_size(g);
	for (int i = 0; i < ROUNDS; i++) {
		rates[0][i] = append_rate(&small);
		rates[1][i] = append_rate(g);
		for (enum look k = 0; k < LOOK__MAX; k++) {
			times[k][0][i] = look_up(&small, k);
			times[k][1][i] = look_up(g, k);
		}
	}
	print_row("appended in a second", rates[0], rates[1]);
	for (enum look k = 0; k < LOOK__MAX; k++) {
		char title[64];

		(void)snprintf(title, sizeof(title), "us, %s", looks[k]);
		print_row(title, times[k][0], times[k][1]);
	}
	(void)fflush(stdout);
	remove_grown(&small);
}

int
main(int argc, char **argv)
{
	struct grown g;
	uint64_t count;

	if (argc != 3) {
		fputs("usage: growth FOLDER COUNT\n", stderr);
		return 64;
	}
	count = strtoull(argv[2], NULL, 10);
	open_grown(&g, argv[1], "growth");
	for (uint64_t size = SMALL; size <= count; size *= 10) {
		int64_t start = now_ns();

		grow(&g, size);
		printf("\ngrown in %.0f s\n", (double)(now_ns() - start) / 1e9);
		compare_sizes(&g, argv[1]);
	}
	remove_grown(&g);
	return 0;
}
