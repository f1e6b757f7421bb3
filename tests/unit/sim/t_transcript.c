/* Transcripts of simulations, with hostile text escaped. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/printable.h"
#include "sim/deliver/deliver.h"
#include "sim/report/tally.h"
#include "sim/report/transcript.h"

#include "tests/tap/tap.h"

static const struct {
	const char *text;
	size_t n;
	const char *plain, *json;
} rows[] = {
    {"plain", sizeof("plain") - 1, "plain", "\"plain\""},
    {"a\nb\tc\r", sizeof("a\nb\tc\r") - 1, "a b c ",
	"\"a\\u000ab\\u0009c\\u000d\""},
    {"\033[2J\a", sizeof("\033[2J\a") - 1, "\\u{1b}[2J\\u{7}",
	"\"\\u001b[2J\\u0007\""},
    {"\302\233x", sizeof("\302\233x") - 1, "\\u{9b}x", "\"\\u009bx\""},
    {"\xe2\x80\xae evil", sizeof("\xe2\x80\xae evil") - 1, "\\u{202e} evil",
	"\"\\u202e evil\""},
    {"caf\xc3\xa9", sizeof("caf\xc3\xa9") - 1, "caf\xc3\xa9", "\"caf\\u00e9\""},
    {"\xf0\x9f\x98\x80", sizeof("\xf0\x9f\x98\x80") - 1, "\xf0\x9f\x98\x80",
	"\"\\ud83d\\ude00\""},
    {"\xff\xc3", sizeof("\xff\xc3") - 1, "\\xff\\xc3", "\"\\ufffd\\ufffd\""},
    {"\xc0\xaf", sizeof("\xc0\xaf") - 1, "\\xc0\\xaf", "\"\\ufffd\\ufffd\""},
    {"\xed\xa0\x80", sizeof("\xed\xa0\x80") - 1, "\\xed\\xa0\\x80",
	"\"\\ufffd\\ufffd\\ufffd\""},
    {"\xf4\x90\x80\x80", sizeof("\xf4\x90\x80\x80") - 1, "\\xf4\\x90\\x80\\x80",
	"\"\\ufffd\\ufffd\\ufffd\\ufffd\""},
    {"\"\\\0", sizeof("\"\\\0") - 1, "\"\\\\u{0}", "\"\\\"\\\\\\u0000\""},
    {NULL, 0, "", "null"},
};

static void
test_plain(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *text = NULL;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		sim_printable(f, (struct bw_str){rows[i].text, rows[i].n});
		(void)fflush(f);
		is_str(text, rows[i].plain, "row %zu on a terminal", i);
		rewind(f);
		sim_printable_json(f, (struct bw_str){rows[i].text, rows[i].n});
		(void)fclose(f);
		is_str(text, rows[i].json, "and as JSON");
		free(text);
	}
}

static const char gathered[] =
    "{\"eventType\":\"gather\",\"callId\":\"c-1\",\"digits\":\"2\","
    "\"terminatingDigit\":\"\",\"tag\":\"sales\"}";
static const struct bw_str payload = {gathered, sizeof(gathered) - 1};
static const struct sim_reply good = {.status = 200, .took = 1200};
static const struct sim_reply challenge = {.status = 401, .took = 300};
static char refused[] = "connection refused";
static const struct sim_reply no_answer = {
    .failure = SIM_FAILED_CONNECT, .why = refused};
static char slow[] = "program bin/x: deadline passed";
static const struct sim_reply fallback = {
    .status = 200, .took = 8000, .fallback = true, .reason = slow};
static const struct sim_request request = {
    .method = "POST", .url = "https://a.example/voice"};
static const struct sim_delivery delivered = {.event = "gather",
    .about = "c-1",
    .sync = true,
    .delivered = true,
    .attempts = 1,
    .url = "https://a.example/voice",
    .method = "POST",
    .payload = &payload,
    .reply = &good};
static const struct sim_delivery answered = {.event = "gather",
    .sync = true,
    .delivered = true,
    .attempts = 1,
    .url = "https://b.example/v",
    .method = "POST",
    .payload = &payload,
    .reply = &fallback};
static const struct sim_delivery lost = {.event = "dis\033connect",
    .lost = true,
    .attempts = 2,
    .url = "https://a.example",
    .method = "GET",
    .reply = &no_answer};
static const struct bw_finding finding = {.severity = BW_SEVERITY_ERROR,
    .file = "answer",
    .line = 1,
    .column = 5,
    .text = "<Spek> is no verb"};

static const struct sim_log_entry entries[] = {
    {SIM_LOG_CALL, 1000, "c-1", .text = "inbound"},
    {SIM_LOG_REQUEST, 1000, "c-1", .request = &request, .reply = &challenge},
    {SIM_LOG_REQUEST, 1000, "c-1", .request = &request, .reply = &good},
    {SIM_LOG_CALLBACK, 1000, "c-1", .delivery = &delivered},
    {SIM_LOG_FINDING, 1000, "c-1", .finding = &finding},
    {SIM_LOG_ANSWERED, 1500, "c-1", .text = NULL},
    {SIM_LOG_VERB, 1500, "c-1", .name = "SpeakSentence"},
    {SIM_LOG_SAID, 1500, "c-1",
	.text = "Press \xe2\x80\xae"
		"1."},
    {SIM_LOG_VERB, 61500, "c-1", .name = "Transfer"},
    {SIM_LOG_KEY, 62500, "c-1", .text = "2"},
    {SIM_LOG_KEY, 62900, "c-1", .text = "#"},
    {SIM_LOG_CALL, 63000, "c-2", .text = "outbound"},
    {SIM_LOG_KEY, 63000, "c-2", .text = "3"},
    {SIM_LOG_KEY, 63000, "c-1", .text = "4"},
    {SIM_LOG_REQUEST, 63000, "c-1", .request = &request, .reply = &no_answer},
    {SIM_LOG_REQUEST, 63000, "c-1", .request = &request, .reply = &no_answer},
    {SIM_LOG_CALLBACK, 63000, "c-2", .delivery = &lost},
    {SIM_LOG_CALLBACK, 63000, "c-1", .delivery = &answered},
    {SIM_LOG_END, 7201000, "c-1", .name = "callback-error"},
};

static const char sent[] =
    "    0:00.0  inbound call\n"
    "    0:00.0  gather (digits 2, tag sales)      POST /voice  401 200"
    "  1.5 ms\n"
    "    0:00.0      error: answer:1:5: <Spek> is no verb\n"
    "    0:00.5    answered\n"
    "    0:00.5    hears     \"Press \\u{202e}1.\"\n"
    "    1:00.5    Transfer\n"
    "    1:01.5    presses   2 #\n"
    "    1:02.0 [2] outbound call\n"
    "    1:02.0 [2]   presses   3\n"
    "    1:02.0    presses   4\n"
    "    1:02.0 [2] dis\\u{1b}connect                  GET "
    "https://a.example  not connected not connected, 2 attempts  0.0 ms\n"
    "    1:02.0 [2]     connection refused\n"
    "    1:02.0 [2]     lost: not retried any more\n"
    "    1:02.0  gather (digits 2, tag sales)      POST "
    "https://b.example/v   0.0 ms\n"
    "    1:02.0      the flow's fallback answered: program bin/x: deadline "
    "passed\n"
    "  2:00:00  the call ends: callback-error\n";

static char *
transcript(bool colour)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	struct sim_transcript *s = sim_transcript_new(f, colour);

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		sim_transcript_log(s, &entries[i]);
	sim_transcript_free(s);
	(void)fclose(f);
	return text;
}

static void
test_story(void)
{
	char *plain = transcript(false), *colour = transcript(true);

	is_str(plain, sent, "the transcript");
	ok(strchr(plain, '\033') == NULL, "has no colour");
	ok(strstr(colour, "\033[1;31merror: \033[0m") != NULL,
	    "on a terminal it has");
	ok(strstr(colour, "\\u{1b}connect") != NULL, "but none from outside");
	free(plain);
	free(colour);
}

static void
test_json(void)
{
	char *text = NULL;
	size_t n, lines = 0;
	FILE *f = open_memstream(&text, &n);

	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		sim_transcript_json(f, &entries[i]);
	(void)fclose(f);
	for (const char *p = text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	is_int((long long)lines, sizeof(entries) / sizeof(entries[0]),
	    "a line for each");
	ok(strstr(text, "{\"time\":63000,\"kind\":\"asked\",\"call\":\"c-1\","
			"\"ask\":{\"method\":\"POST\","
			"\"url\":\"https://a.example/voice\"},"
			"\"reply\":{\"result\":\"not connected\","
			"\"why\":\"connection refused\",\"status\":0,") != NULL,
	    "with the request");
	ok(strstr(text, "\"finding\":{\"severity\":\"error\","
			"\"file\":\"answer\",\"line\":1,\"column\":5,"
			"\"text\":\"<Spek> is no verb\"}}\n") != NULL,
	    "and the finding");
	ok(strstr(text, "\"payload\":\"{\\\"eventType\\\":") != NULL,
	    "and payloads");
	free(text);
}

static void
test_tally(void)
{
	struct sim_tally t = {0}, twice = {0};

	ok(!sim_tally_is_wrong(&t), "nothing is not wrong");
	for (size_t i = 0; i < sizeof(entries) / sizeof(entries[0]); i++)
		sim_tally_log(&t, &entries[i]);
	sim_tally_add(&twice, &t);
	sim_tally_add(&twice, &t);
	is_int((long long)twice.calls, 4, "calls");
	is_int((long long)twice.ended, 2, "ended");
	is_int((long long)twice.requests, 8, "asks");
	is_int((long long)twice.callbacks, 6, "callbacks");
	is_int((long long)twice.failed, 2, "failed");
	is_int((long long)twice.fallbacks, 2, "fallbacks");
	is_int((long long)twice.errors, 2, "errors");
	is_int((long long)twice.warnings, 0, "warnings");
	is_int((long long)twice.broken, 2, "broken calls");
	ok(sim_tally_is_wrong(&t), "that is wrong");
	ok(!sim_cause_is_fault("busy") && !sim_cause_is_fault(NULL) &&
		sim_cause_is_fault("invalid-bxml"),
	    "causes");
}

int
main(void)
{
	test_plain();
	test_story();
	test_json();
	test_tally();
	return tap_done();
}
