/* The contract: reading. */
#include <stdio.h>
#include <string.h>

#include "contract.h"

#include <bwcallback/tools/store.h>

static void
check_row(const struct bw_store_row *r)
{
	const struct bw_store_event *v = &r->event;

	is_int(v->received, 1700000000000, "%s: received", url);
	is_text(v->section, "/messages", "%s: section", url);
	is_text(v->method, "POST", "%s: method", url);
	is_text(v->content_type, "application/json", "%s: type", url);
	is_text(v->family, "messaging", "%s: family", url);
	is_text(v->type, "message-received", "%s: type", url);
	is_text(v->key, "k", "%s: key", url);
	is_text(v->user, "bandwidth", "%s: user", url);
	is_text(v->request, "r-1", "%s: request", url);
	ok(v->body.n == 5 && memcmp(v->body.p, "a\0b\xff'", 5) == 0,
	    "%s: any bytes", url);
	is_int(v->batch, 3, "%s: batch", url);
	is_int(v->index, 2, "%s: index", url);
	is_text(v->call, NULL, "%s: no call", url);
	is_text(v->message, "m-1", "%s: message", url);
	is_text(v->from, "+19195550101", "%s: from", url);
	is_text(v->to, "", "%s: an empty number", url);
	is_text(v->thread, "t-1", "%s: thread", url);
	ok(v->query.n == 8 && memcmp(v->query.p, "a=\xff&b='\"", 8) == 0,
	    "%s: query, any bytes", url);
	is_int(r->deliveries, 1, "%s: deliveries", url);
	is_int(r->answer.status, 0, "%s: no answer", url);
}

static bool
check_one(void *arg, const struct bw_store_row *r)
{
	++*(int *)arg;
	check_row(r);
	return true;
}

static void
test_fields(void)
{
	const struct bw_store_filter all = {0};
	struct bw_store_event event = fixture_event("message-received", "k");
	struct bw_store_result r;
	uint64_t cursor = 0;
	int n = 0;

	reset_store();
	event.body = (struct bw_str){"a\0b\xff'", 5};
	event.batch = 3;
	event.index = 2;
	event.to = BW_STR("");
	event.thread = BW_STR("t-1");
	event.query = BW_STR("a=\xff&b='\"");
	(void)fixture_append(s, &event, &r);
	is_int(bw_store_read(s, &all, false, 10, &cursor, check_one, &n, &e),
	    BW_OK, "%s: read", url);
	is_int(n, 1, "%s: one row", url);
	is_int((long long)cursor, (long long)r.seq, "%s: cursor", url);
}

static bool
add_seq(void *arg, const struct bw_store_row *r)
{
	uint64_t *list = arg;

	list[++list[0]] = r->seq;
	return list[0] < 3;
}

static void
test_cursor(void)
{
	const struct bw_store_filter all = {0};
	uint64_t seqs[5], list[6] = {0}, cursor = 0;
	struct bw_store_result r;

	reset_store();
	for (int i = 0; i < 5; i++) {
		struct bw_store_event event = fixture_event("dtmf", NULL);

		(void)fixture_append(s, &event, &r);
		seqs[i] = r.seq;
	}
	must(bw_store_read(s, &all, false, 2, &cursor, add_seq, list, &e));
	is_int((long long)list[0], 2, "%s: at most two", url);
	is_int((long long)list[1], (long long)seqs[0], "%s: the oldest", url);
	list[0] = 0;
	must(bw_store_read(s, &all, false, 9, &cursor, add_seq, list, &e));
	is_int((long long)list[0], 3, "%s: the rest", url);
	is_int((long long)list[1], (long long)seqs[2], "%s: from there", url);
	is_int((long long)cursor, (long long)seqs[4], "%s: to the end", url);

	cursor = 0;
	list[0] = 0;
	must(bw_store_read(s, &all, true, 2, &cursor, add_seq, list, &e));
	is_int((long long)list[1], (long long)seqs[4], "%s: newest", url);
	list[0] = 0;
	must(bw_store_read(s, &all, true, 9, &cursor, add_seq, list, &e));
	is_int((long long)list[1], (long long)seqs[2], "%s: backwards", url);
	is_int((long long)list[0], 3, "%s: the callback stops it", url);

	e = (struct bw_error){0};
	is_int(bw_store_follow(s, seqs[3], 0, &e), BW_OK, "%s: more", url);
	is_int(bw_store_follow(s, seqs[4], fixture_in(0), &e), BW_ERR_DEADLINE,
	    "%s: no more", url);
}

/* BW_STR for static initializers. */
#define TEXT(s) \
	{ \
		s, sizeof(s) - 1 \
	}

static const struct {
	const char *what;
	struct bw_store_filter f;
	size_t n;
} filters[] = {
    {"nothing", {.since = 0}, 3},
    {"family", {.family = TEXT("voice")}, 1},
    {"type", {.type = TEXT("message-sent")}, 2},
    {"call", {.call = TEXT("c-1")}, 1},
    {"message", {.message = TEXT("m-1")}, 2},
    {"from", {.number = TEXT("+19195550101")}, 3},
    {"to", {.number = TEXT("+19195550109")}, 1},
    {"since", {.since = 2000}, 2},
    {"until", {.until = 2000}, 1},
    {"since and until", {.since = 2000, .until = 3000}, 1},
    {"two", {.family = TEXT("messaging"), .since = 3000}, 1},
    {"none", {.family = TEXT("voice"), .type = TEXT("message-sent")}, 0},
    {"quotes", {.family = TEXT("' OR 1 --")}, 0},
};

static void
test_filters(void)
{
	struct bw_store_event event = fixture_event("message-sent", NULL);
	struct bw_store_result r;

	reset_store();
	event.received = 1000;
	(void)fixture_append(s, &event, &r);
	event.received = 3000;
	event.to = BW_STR("+19195550109");
	(void)fixture_append(s, &event, &r);
	event = fixture_event("answer", NULL);
	event.received = 2000;
	event.family = BW_STR("voice");
	event.call = BW_STR("c-1");
	event.message.p = NULL;
	event.message.n = 0;
	(void)fixture_append(s, &event, &r);
	for (size_t i = 0; i < sizeof(filters) / sizeof(filters[0]); i++) {
		is_int((long long)fixture_count(s, &filters[i].f),
		    (long long)filters[i].n, "%s: filter: %s", url,
		    filters[i].what);
	}
}

struct counts {
	int n;
	char text[256];
};

static bool
add_count(void *arg, const struct bw_store_count *c)
{
	struct counts *to = arg;
	size_t used = strlen(to->text);

	to->n++;
	(void)snprintf(to->text + used, sizeof(to->text) - used,
	    "%.*s.%.*s %llu %llu %llu;", (int)c->family.n, c->family.p,
	    (int)c->type.n, c->type.p, (unsigned long long)c->events,
	    (unsigned long long)c->deliveries,
	    (unsigned long long)c->unanswered);
	return true;
}

static void
test_statistics(void)
{
	const struct bw_store_filter all = {0};
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_stats stats;
	struct counts counts = {0};
	struct bw_store_result r;

	reset_store();
	is_int(bw_store_stats(s, &stats, &e), BW_OK, "%s: stats", url);
	is_int((long long)stats.events, 0, "%s: empty", url);
	(void)fixture_append(s, &event, &r);
	(void)fixture_append(s, &event, &r);
	answer(r.seq, 200, NULL, NULL);
	event = fixture_event("message-received", "k-2");
	event.received += 5;
	(void)fixture_append(s, &event, &r);
	is_int(bw_store_count(s, &all, add_count, &counts, &e), BW_OK,
	    "%s: count", url);
	is_str(counts.text,
	    "messaging.message-received 1 1 1;messaging.message-sent 1 2 0;",
	    "%s: by family and type", url);
	must(bw_store_stats(s, &stats, &e));
	is_int((long long)stats.events, 2, "%s: events", url);
	is_int((long long)stats.last, (long long)r.seq, "%s: last", url);
	is_int(stats.newest - stats.oldest, 5, "%s: oldest and newest", url);
	ok(stats.bytes > 0, "%s: bytes", url);
}

void
contract_reading(void)
{
	test_fields();
	test_cursor();
	test_filters();
	test_statistics();
}
