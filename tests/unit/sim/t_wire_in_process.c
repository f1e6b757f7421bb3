/*
 * A configuration as the application, without a server: its answers, the rules
 * that gave them, opening hours and re-deliveries.
 */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/config.h>
#include <bwcallback/tools/passwd.h>
#include <bwcallback/tools/rehearsal.h>

#include "base/request.h"
#include "base/response.h"
#include "sim/base/memory.h"
#include "sim/wire/wire.h"

#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* A Tuesday, 15:00 in UTC: 10:00 in New York, then 03:00 of Wednesday. */
#define BY_DAY	 INT64_C(1700000000000)
#define DAY_TIME (BY_DAY - INT64_C(26000000))
#define HOUR	 INT64_C(3600000)
#define BY_NIGHT (DAY_TIME + 12 * HOUR)

static const char config[] =
    "<callbacks>\n"
    "<credentials id=\"a\" realm=\"R\" file=\"passwd\"/>\n"
    "<store url=\"sqlite:events.db\"/>\n"
    "<voice path=\"/voice\" credentials=\"a\">\n"
    "<on event=\"initiate\" hours=\"Mon-Fri 09:00-17:00\" "
    "zone=\"America/New_York\"><Response><SpeakSentence>open</SpeakSentence>"
    "</Response></on>\n"
    "<on event=\"initiate\"><Response><SpeakSentence>closed</SpeakSentence>"
    "</Response></on>\n"
    "<on event=\"gather\"><exec program=\"broken\"/></on>\n"
    "<on><Response/></on>\n"
    "<fallback><Response><Hangup/></Response></fallback>\n"
    "</voice>\n"
    "<messaging path=\"/messages\"/>\n"
    "<portout path=\"/ports\"/>\n"
    "<tollfree path=\"/tfv\" hmac-key-file=\"key\"/>\n"
    "</callbacks>\n";

#define CALL(id, event) \
	"{\"eventType\":\"" event \
	"\",\"eventTime\":\"2023-11-14T15:00:00.000Z\",\"accountId\":" \
	"\"9900100\",\"applicationId\":\"a\",\"from\":\"+19195550101\"," \
	"\"to\":\"+19195550102\",\"direction\":\"inbound\",\"callId\":\"" id \
	"\",\"callUrl\":\"u\",\"startTime\":\"2023-11-14T15:00:00.000Z\"}"

static const char message[] =
    "[{\"type\":\"message-received\",\"time\":\"2023-11-14T15:00:00.000Z\","
    "\"description\":\"d\",\"to\":\"+19195550102\",\"message\":{\"id\":\"m\","
    "\"owner\":\"+19195550102\",\"applicationId\":\"a\",\"time\":\"t\","
    "\"segmentCount\":1,\"direction\":\"in\",\"to\":[\"+19195550102\"],"
    "\"from\":\"+19195550101\",\"text\":\"x\"}}]";

static const char signed_body[] =
    "{\"accountId\":\"9900100\",\"phoneNumber\":\"+18885550100\","
    "\"status\":\"VERIFIED\"}";

struct row {
	const char *name;
	struct sim_request request;
	int status;
	int line; /* line of the rule; 0: none */
	const char *body;
};

#define POST(path, b) \
	.method = "POST", .url = "http://flow.example" path, \
	.type = "application/json", .body = {(b), sizeof(b) - 1}

static const struct row rows[] = {
    {"without credentials",
	{POST("/voice", CALL("c-1", "initiate")), .time = DAY_TIME}, 401, 0,
	"missing: no credentials arrived with this request\n"},
    {"with some that are taken for right",
	{POST("/voice", CALL("c-1", "initiate")), .time = DAY_TIME,
	    .user = "x"},
	200, 5, "<Response><SpeakSentence>open</SpeakSentence></Response>"},
    {"with the right ones",
	{POST("/voice", CALL("c-2", "initiate")), .time = DAY_TIME,
	    .user = "bw", .password = "secret"},
	200, 5, "<Response><SpeakSentence>open</SpeakSentence></Response>"},
    {"with wrong ones",
	{POST("/voice", CALL("c-2", "initiate")), .time = DAY_TIME,
	    .user = "bw", .password = "Secret"},
	401, 0, "rejected: these credentials are not valid here\n"},
    {"the virtual night",
	{POST("/voice", CALL("c-3", "initiate")), .time = BY_NIGHT,
	    .user = "x"},
	200, 6, "<Response><SpeakSentence>closed</SpeakSentence></Response>"},
    {"delivered again by day",
	{POST("/voice", CALL("c-3", "initiate")), .time = DAY_TIME,
	    .user = "x"},
	200, 0, "<Response><SpeakSentence>closed</SpeakSentence></Response>"},
    {"GET",
	{.method = "GET",
	    .time = DAY_TIME,
	    .user = "x",
	    .url = "http://flow.example/voice?eventType=redirect&accountId="
		   "9900100&applicationId=a&callId=c-4"},
	200, 8, "<Response/>"},
    {"a program that does not work",
	{POST("/voice", CALL("c-5", "gather")), .time = DAY_TIME, .user = "x"},
	200, 7, "<Response><Hangup/></Response>"},
    {"an unknown path",
	{POST("/", CALL("c-5", "gather")), .time = DAY_TIME, .user = "x"}, 404,
	0, NULL},
    {"no path at all",
	{.method = "POST", .url = "http://flow.example?q", .time = DAY_TIME},
	404, 0, NULL},
    {"a message", {POST("/messages", message), .time = DAY_TIME}, 200, 0, ""},
    {"the same a day later",
	{POST("/messages", message), .time = DAY_TIME + 24 * HOUR}, 200, 0, ""},
    {"GET where there is none",
	{.method = "GET",
	    .url = "http://flow.example/messages",
	    .time = DAY_TIME},
	405, 0, NULL},
    {"signed",
	{POST("/tfv", signed_body), .time = DAY_TIME,
	    .signature_name = "x-bandwidth-signature-hmac-sha256",
	    .signature = "23a6d23201d66162b58535e4bdd754be"
			 "d927c12d3c4ca0bcf417647ac5a78a4f"},
	204, 0, ""},
    {"unsigned", {POST("/tfv", signed_body), .time = DAY_TIME}, 401, 0,
	"signature: missing or not valid for this body\n"},
};

static struct bw_str
text(const struct bw_buf *b)
{
	return (struct bw_str){b->n > 0 ? b->p : "", b->n};
}

static void
report(void *arg, const struct bw_finding *f)
{
	(void)arg;
	tap_diag("%s:%d: %s", f->file, f->line, f->text);
}

static void
write_files(void)
{
	ok(bw_passwd_set("passwd", BW_STR("bw"), BW_STR("secret"), NULL) ==
		BW_OK,
	    "a password");
	scratch_write("key", "a key of the test's own\n");
	scratch_write_program("broken", "#!/bin/sh\nexit 1\n");
	scratch_write("callbacks.xml", config);
}

static void
test_answers(struct sim_wire *w)
{
	struct sim_reply r;

	sim_reply_init(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];

		sim_wire_send(w, &row->request, &r);
		is_int(r.failure, SIM_ANSWERED, "%s: answered", row->name);
		is_int(r.status, row->status, "status");
		is_int(r.rule_line, row->line, "by the rule in line");
		ok((r.rule_file != NULL) == (row->line > 0), "of the file");
		ok((r.challenge != NULL) == (row->status == 401), "challenge");
		if (row->body != NULL)
			is_text(text(&r.body), row->body, "body");
		ok(r.fallback == (row->line == 7), "fallback or not");
		if (r.fallback)
			ok(r.reason != NULL && strstr(r.reason, "broken"),
			    "why it went out");
	}
	sim_reply_free(&r);
}

static bool
count(void *arg, const struct bw_store_row *row)
{
	unsigned *n = arg;

	n[0]++;
	n[1] += row->deliveries;
	return true;
}

static void
count_stored(struct sim_wire *w, unsigned *n)
{
	uint64_t cursor = 0;

	n[0] = n[1] = 0;
	ok(bw_store_read(sim_wire_store(w), &(struct bw_store_filter){0}, false,
	       1000, &cursor, count, n, NULL) == BW_OK,
	    "the store is read");
}

static void
test_store(struct sim_wire *w)
{
	struct sim_reply r[3];
	unsigned n[2];

	count_stored(w, n);
	is_int(n[0], 8, "events, one of them refused");
	is_int(n[1], 10, "deliveries");
	sim_wire_forget(w);
	count_stored(w, n);
	is_int(n[0], 0, "forgotten");
	for (int i = 0; i < 3; i++)
		sim_reply_init(&r[i]);
	sim_wire_send_at_once(w, &rows[4].request, r, 3);
	ok(r[0].rule_line == 6 && r[1].rule_line == 0 && r[2].rule_line == 0,
	    "once by the rule");
	ok(bw_str_eq(text(&r[0].body), text(&r[2].body)), "and the same again");
	count_stored(w, n);
	is_int(n[0], 1, "one event");
	is_int(n[1], 3, "that came three times");
	for (int i = 0; i < 3; i++)
		sim_reply_free(&r[i]);
}

static void
test_rules(struct sim_wire *w)
{
	struct bw_config *c = sim_wire_config(w);
	static const char *const events[] = {
	    "initiate", "initiate", "gather", NULL};

	for (size_t i = 0; i < 4; i++) {
		const struct bw_rule *r = bw_config_rule(c, i);

		ok(r != NULL && r->line == (int)i + 5, "rule %zu", i);
		if (r == NULL)
			continue;
		is_text(r->event, events[i], "its event");
		is_text(r->section, "/voice", "its section");
		ok(strstr(r->file, "callbacks.xml") != NULL, "its file");
	}
	ok(bw_config_rule(c, 4) == NULL, "no more");
}

/* There is an answer even if the nth allocation fails. */
static void
test_memory(struct bw_config *c)
{
	static const char body[] = CALL("c-9", "initiate");
	struct bw_request req = {
	    .method = BW_METHOD_POST,
	    .method_name = BW_STR("POST"),
	    .path = BW_STR("/voice"),
	    .body = {body, sizeof(body) - 1},
	    .content_length = sizeof(body) - 1,
	    .time = DAY_TIME,
	};
	struct bw_response resp;
	bool complete = true, failed = true;
	unsigned long n = 0;
	int made = 0;

	bwi_response_init(&resp);
	for (; failed; n++) {
		struct bw_rehearsal *r = NULL;

		tap_fail_alloc(n + 1);
		if (bw_rehearsal_new(c, &r, NULL) == BW_OK) {
			made++;
			bw_rehearsal_answer(r, BW_STR("x"), &req, &resp);
			complete = complete && resp.status == 200;
		}
		failed = tap_alloc_count() > n;
		tap_fail_alloc(0);
		bw_rehearsal_free(r);
	}
	ok(n > 9, "all of %lu allocations failed in turn", n - 1);
	ok(made > 0 && complete, "and a call was answered whenever it began");
	bwi_response_release(&resp);
	bw_rehearsal_free(NULL);
}

static void
test_broken(void)
{
	const struct bw_reporter silent = {NULL, NULL};
	struct sim_wire *w;

	scratch_write("callbacks.xml", "<callbacks>\n<oops/>\n</callbacks>\n");
	w = sim_wire_flow("callbacks.xml", &silent);
	ok(w == NULL, "a configuration with an error is no wire");
	sim_wire_free(w);
}

int
main(void)
{
	const struct bw_reporter reporter = {report, NULL};
	struct sim_wire *w;

	scratch_enter();
	write_files();
	w = sim_wire_flow("callbacks.xml", &reporter);
	ok(w != NULL, "a configuration");
	if (w != NULL) {
		test_rules(w);
		test_answers(w);
		test_store(w);
		test_memory(sim_wire_config(w));
	}
	sim_wire_free(w);
	test_broken();
	return tap_done();
}
