/*
 * The whole life of a request, from CGI variables to the answer, also with each
 * allocation failing in turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <bwcallback/callback.h>
#include <bwcallback/limits.h>
#include <bwcallback/tools/passwd.h>

#include "base/request.h"
#include "base/response.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* "bandwidth:open sesame" in Base64, and a wrong password. */
#define GOOD  "HTTP_AUTHORIZATION=Basic YmFuZHdpZHRoOm9wZW4gc2VzYW1l"
#define WRONG "HTTP_AUTHORIZATION=Basic YmFuZHdpZHRoOndyb25n"

#define TEN(s)	   s s s s s s s s s s
#define HUNDRED(s) TEN(TEN(s))
#define TAGS	   HUNDRED("{tag}")

static const char config_text[] =
    "<callbacks>\n"
    "<credentials id='c' realm='the realm' file='passwd'/>\n"
    "<voice path='/voice' credentials='c'>\n"
    "<on event='initiate'><Response><Gather gatherUrl='/voice/menu'>"
    "<SpeakSentence>Hello {from}</SpeakSentence></Gather></Response></on>\n"
    "<on event='gather' digits='1'><Response><Transfer>"
    "<PhoneNumber>+19195550101</PhoneNumber></Transfer></Response></on>\n"
    "<on event='gather' digits='2'><exec program='good'/></on>\n"
    "<on event='gather' digits='3'><exec program='bad'/></on>\n"
    "<on event='gather' digits='4'><exec program='broken'/></on>\n"
    "<on event='gather' digits='6'><exec program='endless'/></on>\n"
    "<on event='gather' digits='7'><Response>"
    "<SpeakSentence>" TAGS "</SpeakSentence></Response></on>\n"
    "<fallback><Response><SpeakSentence>Sorry</SpeakSentence></Response>"
    "</fallback>\n"
    "</voice>\n"
    "<voice path='/open'/>\n"
    "<messaging path='/messages' credentials='c'/>\n"
    "<messaging path='/endless' credentials='c'>"
    "<on><exec program='endless'/></on></messaging>\n"
    "<numbers path='/orders' credentials='c'/>\n"
    "<portout path='/portout' credentials='c'/>\n"
    "</callbacks>\n";

static void
set_up(void)
{
	struct bw_error e = {0};

	scratch_enter();
	scratch_write("callbacks.xml", config_text);
	scratch_write_program("good",
	    "#!/bin/sh\n"
	    "printf '\\357\\273\\277<Response><Hangup/></Response>'\n");
	scratch_write_program("bad",
	    "#!/bin/sh\n"
	    "echo '<Response><Hangover/></Response>'\n");
	scratch_write_program("broken", "#!/bin/sh\nexit 3\n");
	scratch_write_program("endless", "#!/bin/sh\nexec cat /dev/zero\n");
	if (bw_passwd_set("passwd", BW_STR("bandwidth"), BW_STR("open sesame"),
		&e) != BW_OK) {
		printf("Bail out! passwd: %s\n", e.msg);
		exit(1);
	}
}

static void
print_finding(void *arg, const struct bw_finding *f)
{
	(void)arg;
	tap_diag("%s:%d: %s", f->file, f->line, f->text);
}

static struct bw_config *
load(void)
{
	struct bw_reporter reporter = {.fn = print_finding};
	struct bw_config *config = NULL;
	struct bw_error e = {0};

	if (bw_config_load("callbacks.xml", &config, &reporter, &e) != BW_OK)
		printf("Bail out! %s\n", e.msg);
	return config;
}

#define GATHER(digits) \
	"{\"eventType\":\"gather\",\"eventTime\":\"2026-03-01T10:00:00Z\"," \
	"\"accountId\":\"9900100\",\"from\":\"+19195550110\"," \
	"\"callId\":\"c-1\",\"digits\":\"" digits "\"}"
#define MESSAGE(type) \
	"{\"type\":\"" type "\",\"time\":\"2026-03-01T10:00:00Z\"," \
	"\"message\":{\"id\":\"m1\",\"to\":[\"+19195550110\"]}}"

static const struct test {
	const char *name;
	const char *method;
	const char *uri;
	const char *auth;
	const char *body;
	int status;
	const char *answer; /* text in the body; NULL: none */
	bool fallback;
} tests[] = {
    {"no credentials", "POST", "/voice", NULL, GATHER("1"), 401, "missing",
	false},
    {"an empty header is no header", "POST", "/voice",
	"HTTP_AUTHORIZATION=", GATHER("1"), 401, "missing", false},
    {"wrong credentials", "POST", "/voice", WRONG, GATHER("1"), 401, "rejected",
	false},
    {"no such path", "POST", "/voices", GOOD, GATHER("1"), 404, "no such path",
	false},
    {"initiate", "POST", "/voice", GOOD,
	"{\"eventType\":\"initiate\",\"callId\":\"c-1\",\"from\":\"<&>\"}", 200,
	"<SpeakSentence>Hello &lt;&amp;&gt;</SpeakSentence>", false},
    {"gather 1", "POST", "/voice", GOOD, GATHER("1"), 200,
	"<PhoneNumber>+19195550101</PhoneNumber>", false},
    {"gather by GET", "GET", "/voice?eventType=gather&callId=c&digits=1", GOOD,
	"", 200, "<Transfer>", false},
    {"gather 2: a program", "POST", "/voice", GOOD, GATHER("2"), 200,
	"<Hangup/>", false},
    {"gather 3: a program's unknown verb", "POST", "/voice", GOOD, GATHER("3"),
	200, "Sorry", true},
    {"gather 4: a program that fails", "POST", "/voice", GOOD, GATHER("4"), 200,
	"Sorry", true},
    {"gather 5: no rule", "POST", "/voice", GOOD, GATHER("5"), 200, "Sorry",
	true},
    {"gather 6: a program that writes too much", "POST", "/voice", GOOD,
	GATHER("6"), 200, "Sorry", true},
    {"gather 7: too much for an answer", "POST", "/voice", GOOD,
	"{\"eventType\":\"gather\",\"callId\":\"c\",\"digits\":\"7\","
	"\"tag\":\"" HUNDRED("0123456789") "\"}",
	200, "Sorry", true},
    {"too much from a program is not the sender's fault", "POST", "/endless",
	GOOD, "[" MESSAGE("message-received") "]", 500, "program failed",
	false},
    {"an event without a waiting call", "POST", "/voice", GOOD,
	"{\"eventType\":\"disconnect\",\"callId\":\"c-1\"}", 204, NULL, false},
    {"an event of an unknown type", "POST", "/voice", GOOD,
	"{\"eventType\":\"teleport\",\"accountId\":\"9\",\"callId\":\"c-1\"}",
	200, "Sorry", true},
    {"a section without credentials or rules", "POST", "/open", NULL,
	GATHER("1"), 200, "<Response>", true},
    {"malformed", "POST", "/voice", GOOD, "{\"eventType\":", 400,
	"malformed input", false},
    {"no body", "POST", "/voice", GOOD, "", 400, "malformed input", false},
    {"a message", "POST", "/messages", GOOD,
	"[" MESSAGE("message-received") "]", 200, NULL, false},
    {"two messages", "POST", "/messages", GOOD,
	"[" MESSAGE("message-received") "," MESSAGE("message-sent") "]", 200,
	NULL, false},
    {"no message at all", "POST", "/messages", GOOD, "[]", 200, NULL, false},
    {"a malformed message", "POST", "/messages", GOOD, "[{]", 400,
	"malformed input", false},
    {"a message on a voice path", "POST", "/voice", GOOD,
	"[" MESSAGE("message-received") "]", 200, NULL, false},
    {"messages do not come by GET", "GET", "/messages", GOOD, "", 405,
	"this path accepts POST", false},
    {"PUT", "PUT", "/voice", GOOD, GATHER("1"), 405, "this path accepts GET",
	false},
    {"OPTIONS", "OPTIONS", "/voice", NULL, "", 204, NULL, false},
    {"HEAD without credentials", "HEAD", "/voice", NULL, "", 401, "missing",
	false},
    {"HEAD", "HEAD", "/voice", GOOD, "", 204, NULL, false},
    {"an order", "POST", "/orders", GOOD,
	"<Notification><OrderType>portins</OrderType><OrderId>o</OrderId>"
	"</Notification>",
	200, NULL, false},
    {"a port-out", "POST", "/portout", GOOD,
	"<PortOutValidationRequest><PON>p</PON></PortOutValidationRequest>",
	200, "<Portable>false</Portable>", false},
    {"an empty list is no consent", "POST", "/portout", GOOD, "[]", 200,
	"<Portable>false</Portable>", true},
    {"a port-out without credentials", "POST", "/portout", NULL, "[]", 401,
	"missing", false},
    {"a wrong password is no consent", "POST", "/portout", WRONG,
	"<PortOutValidationRequest><PON>p</PON></PortOutValidationRequest>",
	200, "<Portable>false</Portable>", true},
    {"malformed credentials are no consent", "POST", "/portout",
	"HTTP_AUTHORIZATION=Basic *", "x", 200, "<Portable>false</Portable>",
	true},
    {"a port-out by GET is no consent", "GET", "/portout", GOOD, "", 200,
	"<Portable>false</Portable>", true},
    {"nor by PUT", "PUT", "/portout", GOOD, "", 200,
	"<Portable>false</Portable>", true},
    {"a port-out by GET without credentials", "GET", "/portout", NULL, "", 401,
	"missing", false},
    {"HEAD of a port-out is no consent", "HEAD", "/portout", GOOD, "", 200,
	"<Portable>false</Portable>", true},
    {"OPTIONS of a port-out with credentials", "OPTIONS", "/portout", GOOD, "",
	200, "<Portable>false</Portable>", true},
    {"OPTIONS of a port-out", "OPTIONS", "/portout", NULL, "", 204, NULL,
	false},
    {"a malformed port-out is no consent", "POST", "/portout", GOOD, "<PortOut",
	200, "<Portable>false</Portable>", true},
};

/* Room for the longest header line of a test, and for the others. */
struct fixture {
	char method[64];
	char uri[256];
	const char *env[8];
	struct bw_request req;
};

static void
make_request(struct fixture *f, const struct test *t)
{
	struct bw_error e = {0};
	size_t n = 0;

	(void)snprintf(
	    f->method, sizeof(f->method), "REQUEST_METHOD=%s", t->method);
	(void)snprintf(f->uri, sizeof(f->uri), "REQUEST_URI=%s", t->uri);
	f->env[n++] = f->method;
	f->env[n++] = f->uri;
	f->env[n++] = "CONTENT_TYPE=application/json";
	if (t->auth != NULL)
		f->env[n++] = t->auth;
	f->env[n] = NULL;
	if (bw_request_from_env(&f->req, f->env, &e) != BW_OK)
		printf("Bail out! %s: %s\n", t->name, e.msg);
	f->req.body = (struct bw_str){t->body, strlen(t->body)};
	f->req.id = BW_STR("test");
	{
		struct timespec now;

		(void)clock_gettime(CLOCK_MONOTONIC, &now);
		f->req.arrived = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
	}
}

static struct bw_str
body_of(const struct bw_response *r)
{
	return r->prepared.p != NULL ? r->prepared
				     : (struct bw_str){r->body.p, r->body.n};
}

static bool
holds(struct bw_str body, const char *part)
{
	if (part == NULL)
		return body.n == 0;
	return body.n >= strlen(part) &&
	       memmem(body.p, body.n, part, strlen(part)) != NULL;
}

static void
test_answers(struct bw_config *config)
{
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_response r;

	bwi_response_init(&r);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		const struct test *t = &tests[i];
		struct fixture f;
		struct bw_str body;

		make_request(&f, t);
		bw_callback_answer(w, config, &f.req, &r);
		body = body_of(&r);
		is_int(r.status, t->status, "%s: status", t->name);
		if (!ok(holds(body, t->answer), "%s: answer", t->name))
			tap_diag("got: %.*s", (int)body.n, body.p);
		is_int(r.fallback, t->fallback, "%s: fallback", t->name);
		if (r.why.msg[0] != '\0')
			tap_diag("%s", r.why.msg);
	}
	bwi_response_release(&r);
	bw_callback_context_free(w);
}

static void
test_body_limits(struct bw_config *config)
{
	static const struct test t = {
	    "", "POST", "/voice", GOOD, GATHER("1"), 0, NULL, false};
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_response r;
	struct fixture f;

	bwi_response_init(&r);
	make_request(&f, &t);
	f.req.content_length = (int64_t)f.req.body.n + 1;
	bw_callback_answer(w, config, &f.req, &r);
	is_int(r.status, 400, "a body shorter than its Content-Length");
	ok(holds(body_of(&r), "input ends early"), "says so");
	f.req.content_length = (int64_t)f.req.body.n;
	bw_callback_answer(w, config, &f.req, &r);
	is_int(r.status, 200, "the right length");
	f.req.body_too_large = true;
	bw_callback_answer(w, config, &f.req, &r);
	is_int(r.status, 413, "a body that was cut");
	bwi_response_release(&r);
	bw_callback_context_free(w);
}

/* One answer in which the nth allocation fails; false when none did. */
static bool
answer_short_of_memory(
    struct bw_config *config, const struct test *t, unsigned long nth)
{
	struct bw_callback_context *w;
	struct bw_response r;
	struct fixture f;
	bool failed, clean;

	bwi_response_init(&r);
	make_request(&f, t);
	tap_fail_alloc(nth);
	w = bw_callback_context_new();
	if (w != NULL)
		bw_callback_answer(w, config, &f.req, &r);
	failed = tap_alloc_count() >= nth;
	tap_fail_alloc(0);
	clean =
	    w == NULL || r.status == t->status || r.status == 503 || r.fallback;
	clean = clean && (w == NULL || r.status == 204 || t->answer == NULL ||
			     body_of(&r).n != 0);
	if (failed || !clean)
		ok(clean, "%s: allocation %lu fails: %d", t->name, nth,
		    w != NULL ? r.status : 0);
	bw_callback_context_free(w);
	bwi_response_release(&r);
	return failed;
}

static void
test_no_memory(struct bw_config *config)
{
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		unsigned long nth = 1;

		while (answer_short_of_memory(config, &tests[i], nth))
			nth++;
	}
}

/* A CGI program whose configuration cannot be loaded. */
static void
test_unconfigured(void)
{
	static const struct {
		const char *body;
		int status;
		const char *holds;
	} rows[] = {
	    {"<PortOutValidationRequest/>", 200, "<Code>7598</Code>"},
	    {"<PortOutValidationRequest><PON>", 200, "<Code>7598</Code>"},
	    {"<x>\xff PortOutValidationRequest", 200, "<Code>7598</Code>"},
	    {"<PortOut", 500, "configuration error"},
	    {"{\"eventType\":\"initiate\",\"accountId\":\"1\","
	     "\"callId\":\"c\"}",
		200, "<SpeakSentence>"},
	    {"[]", 500, "configuration error"},
	    {"", 500, "configuration error"},
	};
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_error why = {BW_OK, 0, ""};
	struct bw_response r;

	(void)bw_error_set(&why, BW_ERR_CONFIG, 0, "it does not load");
	bwi_response_init(&r);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct test t = {
		    "", "POST", "/x", NULL, rows[i].body, 0, NULL, false};
		struct fixture f;

		make_request(&f, &t);
		bw_callback_answer_without_config(w, &f.req, &why, &r);
		is_int(
		    r.status, rows[i].status, "unconfigured: %s", rows[i].body);
		ok(holds(body_of(&r), rows[i].holds), "unconfigured: %s",
		    rows[i].holds);
	}
	bwi_response_release(&r);
	bw_callback_context_free(w);
}

/*
 * A changed password file is read by an authenticated request, at most once a
 * second.
 */
static void
test_warning(struct bw_config *config)
{
	static const struct test t = {
	    "", "POST", "/voice", GOOD, GATHER("1"), 0, NULL, false};
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_error warning = {0};
	struct bw_response r;
	struct fixture f;
	bool warned = false;
	unsigned turn = 0;

	bwi_response_init(&r);
	make_request(&f, &t);
	ok(!bw_config_take_warning(config, &warning), "no warning");
	scratch_write("passwd", "bandwidth:open sesame\n");
	while (!warned && tap_poll(&turn)) {
		make_request(&f, &t);
		bw_callback_answer(w, config, &f.req, &r);
		warned = bw_config_take_warning(config, &warning);
	}
	ok(warned, "a malformed password file causes a warning");
	is_int(warning.code, BW_ERR_SYNTAX, "%s", warning.msg);
	ok(strstr(warning.msg, "sesame") == NULL, "without its content");
	ok(!bw_config_take_warning(config, &warning), "once");
	is_int(r.status, 200, "the old users are still valid");
	bwi_response_release(&r);
	bw_callback_context_free(w);
}

int
main(void)
{
	struct bw_config *config;

	set_up();
	config = load();
	if (config == NULL)
		return 1;
	test_answers(config);
	test_body_limits(config);
	test_no_memory(config);
	test_unconfigured();
	test_warning(config);
	bw_config_unref(config);
	return tap_done();
}
