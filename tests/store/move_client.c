/*
 * What the test of moving stores does to a store, one process for each:
 *
 *	fill URL N		append N events of many forms, with answers, and
 *				consumers at work on them; an SQLite store gets
 *				segments of few events
 *	load URL SPOOL NAME	append, deliver again, answer and consume until
 *				standard input ends; "stored KEY" or "spooled
 *				KEY" for what was acknowledged, KEY is NAME-0
 *				and so on
 *	dump URL		"SEQ KEY STATUS DIGEST" for each event, the
 *				status of its answer and a digest of all of it;
 *				then one of the consumers
 *	work URL NAME		lease and settle all; "SEQ THREAD" in order
 *	import FROM TO		copy the events to another store, which gets
 *				segments of few events
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fixture.h"
#include "store/sqlite.h"

#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/store.h>

/* A segment of the filled store. */
#define SEGMENT 200

static struct bw_store *store;
static struct bw_error e;

static void
must(enum bw_err err)
{
	if (err != BW_OK) {
		(void)fprintf(stderr, "%s\n", e.msg);
		exit(1);
	}
}

static void
use_small_segments(struct bw_store *s)
{
	if (s->ops == &bwi_store_sqlite)
		bwi_sqlite_of(s)->maintenance.limit.events = SEGMENT;
}

static void
open_store(const char *url)
{
	must(bw_store_open(url, &store, &e));
	use_small_segments(store);
}

static struct bw_str
text(const char *s)
{
	return fixture_text(s);
}

/* Bytes that a text format would change, and texts that are empty. */
static struct bw_store_event
make_event(unsigned i, char key[32], char thread[32])
{
	struct bw_store_event v = fixture_event("message-received", key);

	(void)snprintf(key, 32, "key-%u", i);
	(void)snprintf(thread, 32, "thread-%u", i % 7);
	v.key = text(key);
	v.message = text(key);
	v.thread = text(thread);
	v.received += (int64_t)i * 3600 * 1000;
	switch (i % 5) {
	case 0:
		v.call = text("c-1");
		v.message.p = NULL;
		v.family = text("voice");
		v.body = (struct bw_str){"a\0b\377\n'\\x", 8};
		break;
	case 1:
		v.key.p = NULL;
		v.content_type.p = NULL;
		v.query = text("");
		break;
	case 2:
		v.family = text(BWI_STORE_UNPARSED);
		v.user.p = NULL;
		v.thread.p = NULL;
		break;
	case 3:
		v.batch = 3;
		v.index = 2;
		v.type = text("\1odd");
		break;
	default:
		break;
	}
	return v;
}

static struct bw_store_answer
make_answer(unsigned i)
{
	return (struct bw_store_answer){
	    .status = i % 11 == 0 ? 500 : 200,
	    .fallback = i % 13 == 0,
	    .failed = i % 11 == 0,
	    .answered = 1700000000500 + (int64_t)i,
	    .duration = i,
	    .content_type = i % 2 == 0 ? text("text/xml") : (struct bw_str){0},
	    .body = i % 3 == 0 ? text("") : text("<Response/>"),
	    .trace = i % 4 == 0 ? text("{}") : (struct bw_str){0},
	};
}

static enum bw_err
append(const struct bw_store_event *v, struct bw_store_result *r)
{
	return bw_store_append(store, v, 1, fixture_in(LONG), r, &e);
}

static bool
ignore(void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	struct bw_store_lease *out = arg;

	(void)r;
	while (out->seq != 0)
		out++;
	*out = *l;
	return true;
}

/* Lease some, and settle them in different ways. */
static void
consume(const char *name, bool all)
{
	struct bw_store_lease l[11] = {{.seq = 0}};

	if (bw_store_lease(store, name, 10, all ? 60000 : 700, ignore, l, &e) !=
	    BW_OK)
		return;
	for (size_t i = 0; l[i].seq != 0; i++) {
		enum bw_store_outcome v = l[i].seq % 9 == 0   ? BW_STORE_DEAD
					  : l[i].seq % 7 == 0 ? BW_STORE_RETRY
							      : BW_STORE_DONE;

		if (!all && i % 3 == 0)
			continue;
		if (bw_store_settle(
			store, name, &l[i], v, 10, text("why"), &e) != BW_OK)
			return;
	}
}

static void
fill(const char *url, unsigned n)
{
	const struct bw_store_filter everything = {.since = 0},
				     voice = {.family = BW_STR("voice")};
	struct bw_store_result r;

	if (strncmp(url, "sqlite:", 7) == 0)
		must(bw_store_create(url, NULL, &e));
	open_store(url);
	must(bw_store_consumer(store, "all", &everything, 0, &e));
	must(bw_store_consumer(store, "voice", &voice, 5, &e));
	for (unsigned i = 0; i < n; i++) {
		char key[32], thread[32];
		struct bw_store_event v = make_event(i, key, thread);
		struct bw_store_answer a = make_answer(i);

		must(append(&v, &r));
		if (i % 6 != 0)
			must(bw_store_record_answer_wait(
			    store, r.seq, &a, fixture_in(LONG), &e));
		if (i % 8 == 0)
			must(append(&v, &r));
		if (i % 40 == 0)
			consume("all", true);
		if (i % SEGMENT == SEGMENT - 1 &&
		    store->ops == &bwi_store_sqlite)
			must(bwi_maintain(bwi_sqlite_of(store)->path,
			    &bwi_sqlite_of(store)->maintenance.limit,
			    &bwi_sqlite_of(store)->maintenance.stop, &e));
	}
	consume("voice", false);
}

static bool
is_over(void)
{
	struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

/* What a responder does with what is never repeated. */
static void
load_one(const char *name, unsigned i)
{
	char key[32], thread[32];
	struct bw_store_event v = make_event(i, key, thread);
	struct bw_store_answer a = make_answer(i);
	struct bw_store_result r = {.seq = 0};

	(void)snprintf(key, sizeof(key), "%.10s-%u", name, i);
	v.key = v.message = text(key);
	v.family = text("numbers");
	v.received = bw_realtime_ms();
	if (append(&v, &r) == BW_OK) {
		printf("stored %s\n", key);
		/* Some before the event is copied, some after it. */
		must(bw_store_record_answer(store,
		    i % 2 == 0 || r.seq < 100 ? r.seq : r.seq - 50, &a, &e));
		if (i % 4 == 0)
			(void)append(&v, &r);
	} else {
		must(bw_store_spool(store, &v, 1, &e));
		printf("spooled %s\n", key);
	}
	(void)fflush(stdout);
}

static void
load(const char *url, const char *spool, const char *name)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	must(bwi_store_attach(url, &store, &e));
	must(bw_store_set_spool(store, spool, &e));
	for (unsigned i = 0; !is_over(); i++) {
		load_one(name, i);
		if (i % 10 == 0)
			consume("all", i % 20 == 0);
		(void)nanosleep(&pause, NULL);
	}
}

static void
print_sum(const uint8_t sum[BWI_ROW_SUM])
{
	for (size_t i = 0; i < BWI_ROW_SUM; i++)
		printf("%02x", sum[i]);
	printf("\n");
}

static bool
print_row(void *arg, const struct bw_store_row *r)
{
	uint8_t sum[BWI_ROW_SUM];

	(void)arg;
	bwi_row_sum(r, true, sum);
	printf("%llu %.*s %d ", (unsigned long long)r->seq,
	    r->event.key.p != NULL ? (int)r->event.key.n : 1,
	    r->event.key.p != NULL ? r->event.key.p : "-", r->answer.status);
	print_sum(sum);
	return true;
}

static void
dump(const char *url)
{
	const struct bw_store_filter all = {.since = 0};
	struct bwi_consumers c;
	uint64_t cursor = 0;
	uint8_t sum[BWI_ROW_SUM];

	open_store(url);
	must(bw_store_read(
	    store, &all, false, SIZE_MAX, &cursor, print_row, NULL, &e));
	bwi_consumers_init(&c);
	must(store->ops->move->get_consumers(store, &c, &e));
	bwi_consumers_sum(&c, sum);
	printf("consumers %zu ", c.n);
	print_sum(sum);
	bwi_consumers_free(&c);
}

static bool
print_lease(
    void *arg, const struct bw_store_lease *l, const struct bw_store_row *r)
{
	printf("%llu %.*s\n", (unsigned long long)l->seq,
	    r->event.thread.p != NULL ? (int)r->event.thread.n : 1,
	    r->event.thread.p != NULL ? r->event.thread.p : "-");
	return ignore(arg, l, r);
}

struct left {
	const char *name;
	uint64_t n;
};

static bool
count_left(void *arg, const struct bw_store_consumer_state *c)
{
	struct left *left = arg;

	if (bw_str_is(c->name, left->name))
		left->n = c->pending + c->ahead;
	return true;
}

/* Until nothing is left; leases of others, and delays, end meanwhile. */
static void
work(const char *url, const char *name)
{
	const struct timespec pause = {.tv_nsec = 20000000};
	struct left left = {.name = name, .n = 1};

	open_store(url);
	while (left.n > 0) {
		struct bw_store_lease l[101] = {{.seq = 0}};

		must(bw_store_lease(
		    store, name, 100, 60000, print_lease, l, &e));
		for (size_t i = 0; l[i].seq != 0; i++)
			must(bw_store_settle(store, name, &l[i], BW_STORE_DONE,
			    0, text("done"), &e));
		left.n = 0;
		must(bw_store_consumers(store, 0, count_left, &left, &e));
		(void)nanosleep(&pause, NULL);
	}
}

static void
import(const char *from, const char *to)
{
	static struct bwi_rows rows;
	struct bw_store *other;
	uint64_t at = 0;

	must(bw_store_create(to, NULL, &e));
	open_store(to);
	must(bw_store_open(from, &other, &e));
	bwi_rows_init(&rows);
	must(store->ops->move->set_state(store, BWI_MOVE_FILLING, &e));
	do {
		must(bwi_rows_read(&rows, other, at, UINT64_MAX, &e));
		/* One at a time in between, as near the end of a copy. */
		for (size_t i = 0, n; i < rows.n; i += n) {
			n = i % 3 == 0 ? 1 : rows.n - i < 90 ? rows.n - i : 90;
			must(store->ops->move->import(
			    store, &rows.row[i], n, &e));
			at = rows.row[i + n - 1].seq;
		}
	} while (rows.n > 0);
	must(store->ops->move->set_state(store, BWI_MOVE_OPEN, &e));
	bwi_rows_free(&rows);
	bw_store_free(other);
}

int
main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[1] : "";

	if (strcmp(what, "fill") == 0 && argc == 4)
		fill(argv[2], (unsigned)strtoul(argv[3], NULL, 10));
	else if (strcmp(what, "load") == 0 && argc == 5)
		load(argv[2], argv[3], argv[4]);
	else if (strcmp(what, "dump") == 0)
		dump(argv[2]);
	else if (strcmp(what, "work") == 0 && argc == 4)
		work(argv[2], argv[3]);
	else if (strcmp(what, "import") == 0 && argc == 4)
		import(argv[2], argv[3]);
	else
		return 64;
	bw_store_free(store);
	return 0;
}
