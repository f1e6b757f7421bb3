/*
 * Requests of bwcallback doctor are answered after authentication and have no
 * effects; and what doctor reads of a configuration.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/callback.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/config.h>
#include <bwcallback/tools/passwd.h>
#include <bwcallback/tools/probe.h>

#include "base/request.h"
#include "base/response.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

/* "bandwidth:open sesame" in Base64, and a wrong password. */
#define GOOD  "Basic YmFuZHdpZHRoOm9wZW4gc2VzYW1l"
#define WRONG "Basic YmFuZHdpZHRoOndyb25n"

#define REFUSAL "<Portable>false</Portable>"

static const char config_text[] =
    "<callbacks mount='/bw'>\n"
    "<credentials id='c' realm='the realm' file='passwd'/>\n"
    "<login url='https://callbacks.example.com' user='u' "
    "password-file='password'/>\n"
    "<store url='sqlite:events.db'/>\n"
    "<voice path='/voice' credentials='c'>"
    "<on><exec program='mark'/></on></voice>\n"
    "<voice path='/open'/>\n"
    "<messaging path='/messages' credentials='c'>"
    "<on><exec program='mark'/></on></messaging>\n"
    "<portout path='/portout' credentials='c'><notify program='mark'/>"
    "<subscribers file='subscribers.csv'/></portout>\n"
    "<tollfree path='/tfv' hmac-key-file='key'/>\n"
    "<health path='/health' credentials='c'/>\n"
    "</callbacks>\n";

static const struct test {
	const char *name;
	const char *type;
	const char *method;
	const char *path;
	const char *auth;
	int status;
	const char *body;
	bool readable;
} tests[] = {
    {"no credentials", BW_PROBE, "POST", "/bw/voice", NULL, 401, "missing",
	true},
    {"wrong ones", BW_PROBE, "POST", "/bw/voice", WRONG, 401, "rejected", true},
    {"right ones", BW_PROBE, "POST", "/bw/voice", GOOD, 200,
	"probe: voice body=5 path=9 query=3\n", true},
    {"a section without credentials", BW_PROBE, "POST", "/bw/open", NULL, 200,
	"probe: voice body=5 path=8 query=3\n", true},
    {"messages", BW_PROBE, "POST", "/bw/messages", GOOD, 200,
	"probe: messaging body=5 path=12 query=3\n", true},
    {"a port-out gets its verdict", BW_PROBE, "POST", "/bw/portout", GOOD, 200,
	REFUSAL, true},
    {"and what arrived", BW_PROBE, "POST", "/bw/portout", GOOD, 200,
	"<!-- probe: portout body=5 path=11 query=3 -->\n", true},
    {"a port-out with wrong credentials", BW_PROBE, "POST", "/bw/portout",
	WRONG, 200, "</PortOutValidationResponse>", true},
    {"no such path", BW_PROBE, "POST", "/bw/tax", GOOD, 404, "no such path",
	true},
    {"no signature", BW_PROBE, "POST", "/bw/tfv", NULL, 401, "signature", true},
    {"a page takes no callbacks", BW_PROBE, "POST", "/bw/health", GOOD, 405,
	"GET, HEAD", true},
    {"nothing readable", BW_PROBE_OUTAGE, "POST", "/bw/voice", GOOD, 200,
	"unreadable", false},
    {"nothing readable from a port-out", BW_PROBE_OUTAGE, "POST", "/bw/portout",
	GOOD, 200, "unreadable", false},
    {"but not for anybody", BW_PROBE_OUTAGE, "POST", "/bw/voice", NULL, 401,
	"missing", true},
    {"nor where anybody may ask", BW_PROBE_OUTAGE, "POST", "/bw/open", NULL,
	200, "probe: voice", true},
};

static void
make_request(struct bw_request *r, const struct test *t)
{
	*r = (struct bw_request){
	    .id = BW_STR("test"),
	    .method = BW_METHOD_POST,
	    .method_name = {t->method, strlen(t->method)},
	    .path = {t->path, strlen(t->path)},
	    .query = BW_STR("x=1"),
	    .content_type = {t->type, strlen(t->type)},
	    .content_length = -1,
	    /* Not decodable: decoding it would be noticed. */
	    .body = BW_STR("proof"),
	    .arrived = bw_monotonic_ns(),
	};
	if (t->auth != NULL)
		r->authorization = (struct bw_str){t->auth, strlen(t->auth)};
}

static bool
is_answer(const struct bw_response *r, const struct test *t)
{
	struct bw_str body = r->prepared.p != NULL
				 ? r->prepared
				 : (struct bw_str){r->body.p, r->body.n};

	if (t->body == NULL)
		return body.n == 0;
	return body.n != 0 &&
	       memmem(body.p, body.n, t->body, strlen(t->body)) != NULL;
}

/* The answer as it is written. */
static bool
is_readable(const struct bw_response *r)
{
	struct bw_buf out;
	bool readable;

	bw_buf_init(&out, 65536);
	bw_response_write(r, &out);
	readable = out.n > 11 && out.p[8] >= '1' && out.p[8] <= '5';
	bw_buf_free(&out);
	return readable;
}

static void
test_answers(struct bw_config *config, struct bw_callback_context *w)
{
	struct bw_response r;

	bwi_response_init(&r);
	for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		const struct test *t = &tests[i];
		struct bw_request req;

		make_request(&req, t);
		bw_callback_answer(w, config, &req, &r);
		is_int(r.status, t->status, "%s: status", t->name);
		ok(is_answer(&r, t), "%s: answer", t->name);
		is_int(is_readable(&r), t->readable, "%s: readable", t->name);
	}
	ok(access("marked", F_OK) != 0, "no program was run");
	ok(access("events.db", F_OK) != 0, "no store was opened");
	bwi_response_release(&r);
}

/* This test can fail: a callback runs the program and is stored. */
static void
test_callback(struct bw_config *config, struct bw_callback_context *w)
{
	struct test t = {
	    "", "text/plain", "POST", "/bw/portout", GOOD, 0, NULL, true};
	struct bw_request req;
	struct bw_response r;
	unsigned turn = 0;

	bwi_response_init(&r);
	make_request(&req, &t);
	bw_callback_answer(w, config, &req, &r);
	/* It does not wait long for its store, which is made all the same. */
	while (access("events.db", F_OK) != 0 && tap_poll(&turn))
		;
	ok(access("events.db", F_OK) == 0, "what is no probe is stored");
	bwi_response_release(&r);
}

static void
test_no_memory(struct bw_config *config, struct bw_callback_context *w,
    const struct test *t)
{
	struct bw_response r;
	struct bw_request req;
	bool failed = true;

	for (unsigned long nth = 1; failed; nth++) {
		bwi_response_init(&r);
		make_request(&req, t);
		tap_fail_alloc(nth);
		bw_callback_answer(w, config, &req, &r);
		failed = tap_alloc_count() >= nth;
		tap_fail_alloc(0);
		ok(r.status == 200 || r.status == 503,
		    "allocation %lu fails: %d", nth, r.status);
		ok(r.prepared.n != 0 || r.body.n != 0, "and has a body");
		bwi_response_release(&r);
	}
}

static void
add_name(void *arg, const char *file)
{
	char *all = arg;

	(void)snprintf(all + strlen(all), 256 - strlen(all), "%s ", file);
}

static void
test_sections(const struct bw_config *config)
{
	static const struct {
		const char *path, *element, *realm;
	} want[] = {
	    {"/health", "health", "the realm"},
	    {"/messages", "messaging", "the realm"},
	    {"/open", "voice", NULL},
	    {"/portout", "portout", "the realm"},
	    {"/tfv", "tollfree", NULL},
	    {"/voice", "voice", "the realm"},
	};
	size_t n = sizeof(want) / sizeof(want[0]);
	struct bw_section s;
	char all[256] = "";

	for (size_t i = 0; i < n; i++) {
		if (!ok(bw_config_section(config, i, &s), "section %zu", i))
			continue;
		ok(bw_str_is(s.mount, "/bw"), "its mount point");
		ok(bw_str_is(s.path, want[i].path), "%s", want[i].path);
		is_str(s.element, want[i].element, "what it is");
		is_int(s.page, i == 0, "whether it is a page");
		ok(want[i].realm == NULL ? s.realm.p == NULL
					 : bw_str_is(s.realm, want[i].realm),
		    "its realm");
	}
	ok(!bw_config_section(config, n, &s), "no more");
	bw_config_secrets(config, add_name, all);
	is_str(all, "subscribers.csv key password passwd ", "its secrets");
}

int
main(void)
{
	const struct bw_reporter quiet = {.fn = NULL};
	struct bw_config *config = NULL;
	struct bw_callback_context *w = bw_callback_context_new();
	struct bw_error e = {0};

	scratch_enter();
	scratch_write("callbacks.xml", config_text);
	scratch_write("password", "open sesame\n");
	scratch_write("key", "0123456789abcdef0123456789abcdef\n");
	scratch_write("subscribers.csv",
	    "Telephone Number,Account Number,PIN,ZIP\n9195550100,7,1,27601\n");
	scratch_write_program("mark", "#!/bin/sh\n: >marked\n");
	if (w == NULL ||
	    bw_passwd_set("passwd", BW_STR("bandwidth"), BW_STR("open sesame"),
		&e) != BW_OK ||
	    bw_config_load("callbacks.xml", &config, &quiet, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		return 1;
	}
	test_sections(config);
	test_answers(config, w);
	test_no_memory(config, w, &tests[2]);
	test_no_memory(config, w, &tests[5]);
	test_callback(config, w);
	bw_callback_context_free(w);
	bw_config_unref(config);
	return tap_done();
}
