/* Requests that wait are parked: one thread answers all of them. */
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bwcallback/callback.h>
#include <bwcallback/tools/clock.h>
#include <bwcallback/tools/parked.h>

#include "base/request.h"
#include "base/response.h"
#include "tests/support/scratch.h"
#include "tests/tap/tap.h"

#define HUNG 40

static const char config_text[] =
    "<callbacks>\n"
    "<store url='sqlite:events.db'/>\n"
    "<voice path='/voice' deadline='15s'>"
    "<on event='initiate'><exec program='hung' timeout='14s'/></on>"
    "<on event='gather'><Response><Hangup/></Response></on>"
    "<fallback><Response><Pause/></Response></fallback></voice>\n"
    "<numbers path='/hung' deadline='60s'>"
    "<on><exec program='hung' timeout='60s'/></on></numbers>\n"
    "<numbers path='/orders'/>\n"
    "<portout path='/portout'/>\n"
    "</callbacks>\n";

/* A request in flight. */
struct flight {
	struct bw_callback_context *context;
	struct bw_request *request;
	struct bw_response response;
	char uri[64];
	char body[512];
	const char *env[4];
	atomic_int woken;
	bool done;
};

static struct bw_config *config;

static void
wake(void *arg, bool elsewhere)
{
	struct flight *f = arg;

	(void)elsewhere;
	atomic_fetch_add(&f->woken, 1);
}

static void
start(struct flight *f, const char *path, const char *body)
{
	const struct bw_waker waker = {.wake = wake, .arg = f};
	struct bw_error e = {0};

	f->context = bw_callback_context_new();
	f->request = bw_request_new();
	bwi_response_init(&f->response);
	(void)snprintf(f->uri, sizeof(f->uri), "REQUEST_URI=%s", path);
	(void)snprintf(f->body, sizeof(f->body), "%s", body);
	f->env[0] = "REQUEST_METHOD=POST";
	f->env[1] = f->uri;
	f->env[2] = body[0] == '<' ? "CONTENT_TYPE=application/xml"
				   : "CONTENT_TYPE=application/json";
	f->env[3] = NULL;
	if (bw_request_from_env(f->request, f->env, &e) != BW_OK)
		printf("Bail out! %s\n", e.msg);
	bw_request_set_body(
	    f->request, (struct bw_str){f->body, strlen(f->body)});
	bw_request_set_id(f->request, BW_STR("test"));
	bw_request_set_arrived(f->request, bw_monotonic_ns());
	atomic_store(&f->woken, 0);
	f->done = bw_callback_begin(
	    f->context, config, f->request, &f->response, &waker);
}

static void
end(struct flight *f)
{
	bw_callback_context_free(f->context);
	bw_request_free(f->request);
	bwi_response_release(&f->response);
}

/* What a server does between two waits: commit, and continue what it woke. */
static void
turn_around(struct flight *f, size_t n)
{
	(void)bw_store_commit_waiting();
	for (size_t i = 0; i < n; i++) {
		if (!f[i].done && atomic_exchange(&f[i].woken, 0) > 0)
			f[i].done = bw_callback_continue(f[i].context);
	}
}

/* Until its program runs: then it waits for descriptors. */
static void
until_program(struct flight *f)
{
	unsigned turn = 0;

	while (!f->done && bw_callback_parked(f->context)->nfds == 0 &&
	       tap_poll(&turn))
		turn_around(f, 1);
}

static void
until_done(struct flight *f)
{
	unsigned turn = 0;

	while (!f->done && tap_poll(&turn)) {
		(void)bw_store_commit_waiting();
		f->done = bw_callback_continue(f->context);
	}
}

static struct bw_str
body_of(const struct bw_response *r)
{
	return r->prepared.p != NULL ? r->prepared
				     : (struct bw_str){r->body.p, r->body.n};
}

static void
answered(struct flight *f, const char *what, int status, const char *part)
{
	struct bw_str body = body_of(&f->response);

	ok(f->done, "%s: it is answered", what);
	is_int(f->response.status, status, "%s: status", what);
	ok(part == NULL || (body.n > 0 && memmem(body.p, body.n, part,
					      strlen(part)) != NULL),
	    "%s: the answer", what);
}

static const char portout[] =
    "<PortOutValidationRequest><PON>P-1</PON><TelephoneNumbers>"
    "<TelephoneNumber>9195550192</TelephoneNumber></TelephoneNumbers>"
    "</PortOutValidationRequest>";

/*
 * Orders wait for a program that hangs. On the same thread a port-out gets
 * its verdict, an order its 2xx and a call its BXML.
 */
static void
test_hung_program(struct flight *hung)
{
	struct flight other = {0};
	char body[256];
	size_t waits = 0;

	for (int i = 0; i < HUNG; i++) {
		(void)snprintf(body, sizeof(body),
		    "<Notification><Status>COMPLETE</Status><OrderId>h-%d"
		    "</OrderId><OrderType>orders</OrderType></Notification>",
		    i);
		start(&hung[i], "/hung", body);
	}
	until_program(&hung[0]);
	turn_around(hung, HUNG);
	for (int i = 0; i < HUNG; i++)
		waits += !hung[i].done;
	is_int((long long)waits, HUNG, "orders wait");

	start(&other, "/portout", portout);
	until_done(&other);
	answered(&other, "a port-out beside them", 200,
	    "<Portable>false</Portable>");
	end(&other);
	start(&other, "/orders",
	    "<Notification><Status>COMPLETE</Status><OrderId>o-1</OrderId>"
	    "<OrderType>orders</OrderType></Notification>");
	until_done(&other);
	answered(&other, "an order beside them", 200, NULL);
	end(&other);
	start(&other, "/voice",
	    "{\"eventType\":\"gather\",\"callId\":\"c-2\",\"digits\":\"1\"}");
	until_done(&other);
	answered(&other, "a call beside them", 200, "<Hangup/>");
	end(&other);
}

/* The call's own program hangs: at the end of the process it is not awaited. */
static void
test_giving_up(void)
{
	struct flight call = {0};

	start(
	    &call, "/voice", "{\"eventType\":\"initiate\",\"callId\":\"c-1\"}");
	until_program(&call);
	ok(!call.done, "a call waits for its program");
	bw_callback_give_up(call.context);
	until_done(&call);
	answered(&call, "a call that is given up", 200, "<Pause/>");
	ok(call.response.fallback, "with the fallback");
	end(&call);
}

/* The programs end, and each order is answered, one place after the other. */
static void
test_program_ends(struct flight *hung)
{
	unsigned turn = 0;
	size_t left = HUNG;

	scratch_write("gate", "");
	while (left > 0 && tap_poll(&turn)) {
		left = 0;
		turn_around(hung, HUNG);
		for (int i = 0; i < HUNG; i++) {
			/* in place of the events of its descriptors */
			if (!hung[i].done &&
			    bw_callback_parked(hung[i].context)->nfds > 0)
				wake(&hung[i], false);
			left += !hung[i].done;
		}
	}
	is_int((long long)left, 0, "orders that still wait");
	for (int i = 0; i < HUNG; i++) {
		is_int(hung[i].response.status, 200, "order %d", i);
		end(&hung[i]);
	}
}

int
main(void)
{
	static struct flight hung[HUNG];
	struct bw_error e = {0};

	scratch_enter();
	scratch_write("callbacks.xml", config_text);
	scratch_write_program("hung",
	    "#!/bin/sh\n"
	    "while [ ! -e gate ]; do sleep 0.1; done\n");
	bw_programs_limit(8);
	if (bw_config_load("callbacks.xml", &config, NULL, &e) != BW_OK) {
		printf("Bail out! %s\n", e.msg);
		return 1;
	}
	test_hung_program(hung);
	test_giving_up();
	test_program_ends(hung);
	bw_config_unref(config);
	return tap_done();
}
