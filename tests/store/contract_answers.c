/* The contract: answers that are known before their events are handled. */
#include <string.h>

#include "contract.h"

#include <bwcallback/tools/store.h>

/* An answer that is known beforehand is recorded with its event. */
static void
test_known_answers(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	const struct bw_store_result *got;
	struct bw_store_write *p;
	struct bw_store_result r;

	reset_store();
	event.answer = (struct bw_store_answer){
	    .status = 202,
	    .fallback = true,
	    .answered = 1700000000500,
	    .duration = 77,
	    .content_type = BW_STR("text/plain"),
	    .body = BW_STR("known"),
	};
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_NEW, "%s: known: new", url);
	event.answer.status = 500;
	p = submit(&event, &got);
	is_int(got->fate, BW_STORE_ANSWERED, "%s: known: answered", url);
	is_int(got->answer.status, 202, "%s: known: the first", url);
	is_int(got->answer.fallback, true, "%s: known: fallback", url);
	is_int(got->answer.answered, 1700000000500, "%s: known: time", url);
	is_int(got->answer.duration, 77, "%s: known: duration", url);
	is_text(got->answer.content_type, "text/plain", "%s: known: type", url);
	is_text(got->answer.body, "known", "%s: known: body", url);
	bw_store_write_free(p, false);
	answer(r.seq, 204, NULL, NULL);
	p = submit(&event, &got);
	is_int(got->answer.status, 202, "%s: known: it stands", url);
	bw_store_write_free(p, false);

	/* Of a re-delivery whose first delivery has none, it is ignored. */
	event.key = BW_STR("k-2");
	event.answer.status = 0;
	(void)fixture_append(s, &event, &r);
	event.answer.status = 200;
	(void)fixture_append(s, &event, &r);
	is_int(r.fate, BW_STORE_RUNNING, "%s: known: too late", url);
	answer(r.seq, 204, NULL, NULL);
	p = submit(&event, &got);
	is_int(got->answer.status, 204, "%s: known: the other", url);
	bw_store_write_free(p, false);
}

static bool
count_answers(void *arg, const struct bw_store_row *r)
{
	*(int *)arg += r->answer.status == 201 + r->event.index &&
		       bw_str_is(r->answer.body, "x") &&
		       r->event.answer.status == 0;
	return true;
}

/* Answers of a list are stored with all of its events, or not at all. */
static void
test_known_answers_of_lists(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store_event events[3];
	struct bw_store_result r[3];
	uint64_t cursor = 0;
	int n = 0;

	reset_store();
	for (int i = 0; i < 3; i++) {
		events[i] = fixture_event("message-sent", NULL);
		events[i].batch = 3;
		events[i].index = i;
		events[i].answer = (struct bw_store_answer){
		    .status = 201 + i, .body = BW_STR("x")};
	}
	must(bw_store_append(s, events, 3, fixture_in(LONG), r, &e));
	must(bw_store_read(s, &all, false, 9, &cursor, count_answers, &n, &e));
	is_int(n, 3, "%s: known: each of a list", url);
}

static bool
take_answer(void *arg, const struct bw_store_row *r)
{
	struct bw_buf *b = arg;

	bw_buf_reset(b);
	bw_buf_printf(b, "%d %d %d ", r->answer.status, r->answer.failed,
	    r->answer.fallback);
	bw_buf_str(b, r->answer.body);
	bw_buf_putc(b, ' ');
	bw_buf_str(
	    b, r->answer.trace.p != NULL ? r->answer.trace : BW_STR("none"));
	return true;
}

/* The answer to the only event. */
static void
check_stored(const char *want, const char *name)
{
	const struct bw_store_filter all = {.since = 0};
	uint64_t cursor = 0;
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	must(bw_store_read(s, &all, false, 9, &cursor, take_answer, &b, &e));
	bw_buf_putc(&b, '\0');
	is_str(b.p, want, "%s: %s", url, name);
	bw_buf_free(&b);
}

/* A trace is stored with its answer, whether that is known beforehand or not.
 */
static void
test_traces(void)
{
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_answer later = {
	    .status = 204, .trace = BW_STR("{\"us\":{}}")};
	struct bw_store_result r;

	reset_store();
	event.answer = (struct bw_store_answer){.status = 200,
	    .body = BW_STR("b"),
	    .trace = BW_STR("{\"rule\":\"x:1\"}")};
	(void)fixture_append(s, &event, &r);
	check_stored("200 0 0 b {\"rule\":\"x:1\"}", "known: its trace");

	reset_store();
	event.answer = (struct bw_store_answer){.status = 0};
	(void)fixture_append(s, &event, &r);
	must(bw_store_record_answer_wait(
	    s, r.seq, &later, fixture_in(LONG), &e));
	check_stored("204 0 0  {\"us\":{}}", "later: its trace");
}

static void
check_fate(const struct bw_store_event *event, enum bw_store_fate fate,
    int status, const char *name)
{
	const struct bw_store_result *got;
	struct bw_store_write *p = submit(event, &got);

	is_int(got->fate, fate, "%s: %s", url, name);
	if (fate == BW_STORE_ANSWERED)
		is_int(got->answer.status, status, "%s: status", url);
	bw_store_write_free(p, false);
}

static void
record(uint64_t seq, int status, bool failed, const char *body)
{
	const struct bw_store_answer a = {
	    .status = status, .failed = failed, .body = fixture_text(body)};

	must(bw_store_record_answer_wait(s, seq, &a, fixture_in(LONG), &e));
}

static bool
add_unanswered(void *arg, const struct bw_store_count *c)
{
	*(uint64_t *)arg += c->unanswered;
	return true;
}

/* A failure is stored, but a re-delivery is handled; then it is replaced. */
static void
test_failed(void)
{
	const struct bw_store_filter all = {.since = 0};
	struct bw_store_event event = fixture_event("message-sent", "k-1");
	struct bw_store_result r;
	uint64_t n = 0;

	reset_store();
	event.claim = 0;
	(void)fixture_append(s, &event, &r);
	record(r.seq, 500, true, "first");
	check_stored("500 1 0 first none", "failed: is stored");
	must(bw_store_count(s, &all, add_unanswered, &n, &e));
	is_int((long long)n, 1, "%s: failed: counts as unanswered", url);
	check_fate(&event, BW_STORE_TAKEN, 0, "failed: handled again");
	record(r.seq, 503, true, "");
	check_stored("503 1 0  none", "failed: by another failure");
	record(r.seq, 200, false, "good");
	check_stored("200 0 0 good none", "failed: replaced");
	check_fate(&event, BW_STORE_ANSWERED, 200, "failed: now answered");
	record(r.seq, 500, true, "late");
	check_stored("200 0 0 good none", "failed: does not replace an answer");
}

/* Answers by number: event i has the i-th. The last event has none. */
static const struct bw_store_answer kinds[] = {
    {.status = 200, .duration = 5},
    {.status = 200, .fallback = true, .duration = 7},
    {.status = 404, .failed = true, .duration = 2000000},
    {.status = 204, .duration = 2000001},
    {.status = 503, .failed = true, .duration = 1},
    {.status = 200, .fallback = true, .failed = true, .duration = 3000000},
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const struct {
	struct bw_store_filter f;
	const char *want; /* the numbers of their answers */
} selections[] = {
    {{.failed = true}, "1 2 4 5 "},
    {{.fallback = true}, "1 5 "},
    {{.slow = 1}, "0 1 2 3 4 5 "},
    {{.slow = 6}, "1 2 3 5 "},
    {{.slow = 2000000}, "2 3 5 "},
    {{.slow = 2000001}, "3 5 "},
    {{.statuses = {204}}, "3 "},
    {{.statuses = {503, 204, 404}}, "2 3 4 "},
    {{.statuses = {503, 404}}, "2 4 "},
    {{.statuses = {500}}, ""},
    {{.fallback = true, .slow = 2000000}, "5 "},
    {{.failed = true, .statuses = {200}}, "1 5 "},
    {{.failed = true, .call = {"c-1", 3}}, "1 5 "},
    {{.failed = true, .type = {"dtmf", 4}}, "2 4 "},
    {{.failed = true, .number = {"+19195550101", 12}, .since = 1700000000003},
	"4 5 "},
    {{.slow = 6, .until = 1700000000003}, "1 2 "},
    {{.fallback = true, .family = {"voice", 5}}, ""},
};

static bool
add_kind(void *arg, const struct bw_store_row *r)
{
	bw_buf_printf(
	    arg, "%lld ", (long long)(r->event.received - 1700000000000));
	return true;
}

static bool
add_events(void *arg, const struct bw_store_count *c)
{
	*(uint64_t *)arg += c->events;
	return true;
}

static char *
reversed(const char *want)
{
	static char text[32];
	size_t n = strlen(want);

	for (size_t i = 0; i < n; i += 2)
		(void)memcpy(text + i, want + n - 2 - i, 2);
	text[n] = '\0';
	return text;
}

static void
check_selection(size_t i, const char *what)
{
	const struct bw_store_filter *f = &selections[i].f;
	const char *want = selections[i].want;
	uint64_t n = 0;
	struct bw_buf b;

	for (int newest = 0; newest < 2; newest++) {
		uint64_t cursor = 0;

		bw_buf_init(&b, 4096);
		must(bw_store_read(
		    s, f, newest != 0, 99, &cursor, add_kind, &b, &e));
		bw_buf_putc(&b, '\0');
		is_str(b.p, newest ? reversed(want) : want, "%s: %s: %zu", url,
		    what, i);
		bw_buf_free(&b);
	}
	must(bw_store_count(s, f, add_events, &n, &e));
	is_int((long long)n, (long long)strlen(want) / 2, "%s: %s: count %zu",
	    url, what, i);
}

static void
check_selections(const char *what)
{
	for (size_t i = 0; i < sizeof(selections) / sizeof(selections[0]); i++)
		check_selection(i, what);
}

/* Among the newest events, and among many. */
static void
test_selections(void)
{
	struct bw_store_event event = fixture_event("message-sent", NULL);
	struct bw_store_event other = fixture_event("other", NULL);
	struct bw_store_result r;

	reset_store();
	for (size_t i = 0; i <= KINDS; i++) {
		event.received = 1700000000000 + (int64_t)i;
		event.type = i % 2 ? BW_STR("message-sent") : BW_STR("dtmf");
		event.call = i % 2 ? BW_STR("c-1") : BW_STR("c-2");
		(void)fixture_append(s, &event, &r);
		if (i < KINDS)
			must(bw_store_record_answer_wait(
			    s, r.seq, &kinds[i], fixture_in(LONG), &e));
	}
	check_selections("new");
	other.received = 1700000000100;
	other.answer.status = 201;
	other.from = BW_STR("+19195550177");
	for (int i = 0; i < 1500; i++)
		(void)fixture_append(s, &other, &r);
	for (size_t i = 0; i < sizeof(selections) / sizeof(selections[0]);
	     i++) {
		if (selections[i].f.slow != 1)
			check_selection(i, "old");
	}
	is_int(bw_store_consumer(s, "c", &selections[0].f, 0, &e), BW_ERR_USAGE,
	    "%s: not for a consumer", url);
	e = (struct bw_error){0};
}

void
contract_answers(void)
{
	test_selections();
	test_known_answers();
	test_traces();
	test_failed();
	test_known_answers_of_lists();
}
