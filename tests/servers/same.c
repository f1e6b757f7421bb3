/*
 * The same simulations over HTTP and with the configuration in this process:
 *
 *	same URL CONFIG PASSWORD-FILE
 *
 * URL is that of a server with that configuration and an empty store. The logs
 * of both must be the same to the byte.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/finding.h>

#include "base/request.h"
#include "sim/base/memory.h"
#include "sim/call/call.h"
#include "sim/family/message.h"
#include "sim/family/order.h"
#include "sim/family/portout.h"

#include "tests/tap/tap.h"

#define START INT64_C(1700000000000)

/* One application, and the log of its simulation. */
struct side {
	struct sim_wire *wire;
	struct bw_buf log;
};

static const char *base;
static char *password;

static char *
url_of(const char *path)
{
	return sim_format("%s%s", base, path);
}

static void
log_exchange(struct bw_buf *b, const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;

	bw_buf_printf(b, "%s %s%s%s: %d %d %s%s%s ", n->request->method,
	    n->request->url, n->request->user != NULL ? " as " : "",
	    n->request->user != NULL ? n->request->user : "", (int)r->failure,
	    r->status, r->type != NULL ? r->type : "-",
	    r->challenge != NULL ? ", challenge" : "",
	    r->retry_after >= 0 ? ", later" : "");
	bw_buf_str(b, (struct bw_str){r->body.p, r->body.n});
	bw_buf_putc(b, '\n');
}

static void
observe(void *arg, const struct sim_log_entry *n)
{
	struct bw_buf *b = &((struct side *)arg)->log;

	switch (n->kind) {
	case SIM_LOG_REQUEST:
		log_exchange(b, n);
		break;
	case SIM_LOG_CALLBACK:
		bw_buf_printf(b, "%s %s in %d\n", n->name,
		    n->delivery->delivered ? "delivered" : "not delivered",
		    n->delivery->attempts);
		break;
	case SIM_LOG_FINDING:
		bw_buf_printf(b, "wrong: %s\n", n->finding->text);
		break;
	default:
		bw_buf_printf(b, "%d %s %s\n", (int)n->kind,
		    n->name != NULL ? n->name : "",
		    n->text != NULL ? n->text : "");
		break;
	}
}

/* A callback of a call, with its own body. */
struct post {
	const char *path;
	const char *fallback; /* NULL: none */
	const char *event;
	const char *call;
	const char *more;  /* additional members */
	const char *whole; /* the body, instead of members */
	bool get;
	bool open;  /* send no credentials */
	bool wrong; /* send wrong credentials */
};

static char *
body_of(const struct post *p)
{
	if (p->whole != NULL)
		return sim_copy(p->whole);
	return sim_format("{\"eventType\":\"%s\",\"eventTime\":"
			  "\"2023-11-14T15:00:00.000Z\",\"accountId\":"
			  "\"9900100\",\"applicationId\":\"a\",\"from\":"
			  "\"+19195550101\",\"to\":\"+19195550102\","
			  "\"direction\":\"inbound\",\"callId\":\"%s\"%s}",
	    p->event, p->call, p->more != NULL ? p->more : "");
}

static void
deliver(struct sim_world *w, const struct post *p)
{
	char *body = body_of(p), *url = url_of(p->path);
	char *query = sim_format("eventType=%s&accountId=9900100&applicationId="
				 "a&from=%%2B19195550101&callId=%s",
	    p->event != NULL ? p->event : "", p->call != NULL ? p->call : "");
	char *fallback = p->fallback != NULL ? url_of(p->fallback) : NULL;
	struct sim_callback c = {
	    .event = p->event != NULL ? p->event : "unknown",
	    .about = p->call,
	    .family = BW_FAMILY_VOICE,
	    .sync = true,
	    .primary = {url, p->get ? "GET" : "POST",
		p->open ? NULL : "bandwidth", p->wrong ? "x" : password},
	    .fallback = {fallback, "POST", "bandwidth", password},
	    .type = "application/json",
	    .body = {body, strlen(body)},
	    .query = {query, strlen(query)},
	};
	struct sim_answer a;

	sim_answer_init(&a);
	sim_deliver(w, &c, &a);
	sim_answer_free(&a);
	free(body);
	free(url);
	free(query);
	free(fallback);
}

static const struct post posts[] = {
    {"/voice", .event = "initiate", .call = "c-1"},
    {"/voice", .event = "initiate", .call = "c-1"},
    {"/voice", .event = "answer", .call = "c-2", .get = true},
    {"/voice", .event = "initiate", .call = "c-3", .wrong = true},
    {"/voice", .event = "initiate", .call = "c-3", .open = true},
    {"/voice", .event = "redirect", .call = "c-3"},
    {"/voice", .event = "disconnect", .call = "c-3"},
    {"/voice", .event = "conferenceCreated", .call = "c-3"},
    {"/voice/menu", .event = "gather", .call = "c-4",
	.more = ",\"digits\":\"1\""},
    {"/voice/menu", .event = "gather", .call = "c-4",
	.more = ",\"digits\":\"9\""},
    {"/voice/nobody", .event = "initiate", .call = "c-5"},
    {"/voice/nobody", "/voice", .event = "initiate", .call = "c-5"},
    {"/messages", .event = "initiate", .call = "c-6", .get = true},
    {"/voice", .whole = "{\"eventType\":"},
    {"/voice", .whole = ""},
    {"/messages", .whole = "[]"},
    {"/messages", .whole = "[{\"type\":"},
    {"/messages", .whole = "[{\"type\":\"message-of-tomorrow\"}]"},
    {"/orders", .whole = "<Notification><Wh"},
    {"/portout", .whole = "<PortOutVal"},
    {"/portout", .whole = "{}"},
};

static void
play_posts(struct sim_world *w)
{
	for (size_t i = 0; i < sizeof(posts) / sizeof(posts[0]); i++)
		deliver(w, &posts[i]);
}

/* Send a body larger than any limit. */
static void
play_flood(struct sim_world *w)
{
	struct post p = {"/messages", .event = "message-received"};
	char *body = sim_alloc(300001);

	memset(body, 'x', 300000);
	p.whole = body;
	deliver(w, &p);
	free(body);
}

static struct sim_target
target_of(char *url)
{
	return (struct sim_target){url, NULL, "bandwidth", password};
}

static void
play_families(struct sim_world *w)
{
	static const char *const to[] = {"+19195550102", "+19195550103"};
	char *urls[] = {url_of("/messages"), url_of("/orders"),
	    url_of("/portout"), url_of("/voice")};
	struct sim_message m = {.target = target_of(urls[0]),
	    .to = to,
	    .nto = 2,
	    .ours = 2,
	    .error = 4720};
	struct sim_order o = {.target = target_of(urls[1]), .type = "portins"};
	struct sim_portout p = {.target = target_of(urls[2]), .pon = "P-1"};
	struct sim_portout astray = {.target = target_of(urls[3])};

	sim_message_in(w, &m, 0);
	sim_message_out(w, &m, 0);
	sim_order(w, &o, 0);
	sim_portout(w, &p, 0);
	sim_portout(w, &astray, 10);
	sim_world_run(w);
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		free(urls[i]);
}

/* Press 1, get transferred, and hang up after a minute. */
static struct sim_action
next(void *arg, const struct sim_person_context *m)
{
	(void)arg;
	switch (m->situation) {
	case SIM_RINGS:
		return (struct sim_action){
		    .kind = SIM_ACTION_ANSWER, .after = 9};
	case SIM_GATHERS:
		return (struct sim_action){
		    .kind = SIM_ACTION_KEY, .after = 900, .key = '1'};
	case SIM_TALKS:
		return (struct sim_action){
		    .kind = SIM_ACTION_HANGUP, .after = 60000};
	default:
		return (struct sim_action){.kind = SIM_ACTION_NONE};
	}
}

static struct sim_person
find(void *arg, const char *number)
{
	(void)arg;
	(void)number;
	return (struct sim_person){next, NULL, false};
}

static void
play_call(struct sim_world *w)
{
	char *url = url_of("/voice");
	const struct sim_person person = {next, NULL, false};
	const struct sim_people people = {find, NULL};
	struct sim_call_options o = {
	    .from = "+19195550101",
	    .to = "+19195550102",
	    .first = target_of(url),
	    .last = target_of(url),
	};

	sim_call_in(w, &o, &person, &people, 0);
	sim_world_run(w);
	free(url);
}

static void
play(struct side *s, void (*fn)(struct sim_world *), uint64_t seed, int copies)
{
	struct sim_log_observer observer = {observe, s};
	struct sim_options o;
	struct sim_world *w;

	sim_options_init(&o);
	o.duplicates = copies;
	bw_buf_reset(&s->log);
	w = sim_world_new(&o, s->wire, &observer, START, seed);
	fn(w);
	sim_world_free(w);
}

static void
print(const char *which, struct bw_str text)
{
	tap_diag("%s: %.*s", which, (int)(text.n < 300 ? text.n : 300), text.p);
}

static void
compare(struct side *sides, const char *name, void (*fn)(struct sim_world *),
    uint64_t seed, int copies)
{
	struct bw_str a, b;
	size_t i = 0;

	play(&sides[0], fn, seed, copies);
	play(&sides[1], fn, seed, copies);
	a = (struct bw_str){sides[0].log.p, sides[0].log.n};
	b = (struct bw_str){sides[1].log.p, sides[1].log.n};
	ok(a.n > 0 && sides[0].log.err == BW_OK, "%s, %d at once", name,
	    copies);
	if (!ok(bw_str_eq(a, b), "the same without a server")) {
		while (i < a.n && i < b.n && a.p[i] == b.p[i])
			i++;
		i -= i < 100 ? i : 100;
		print("HTTP", (struct bw_str){a.p + i, a.n - i});
		print("flow", (struct bw_str){b.p + i, b.n - i});
	}
}

int
main(int argc, char **argv)
{
	const struct bw_reporter silent = {NULL, NULL};
	struct side sides[2];
	size_t n;

	if (argc != 4)
		return 64;
	base = argv[1];
	password = tap_read_file(argv[3], &n);
	password[strcspn(password, "\n")] = '\0';
	sides[0].wire = sim_wire_http();
	sides[1].wire = sim_wire_flow(argv[2], &silent);
	bw_buf_init(&sides[0].log, 4 * 1024 * 1024);
	bw_buf_init(&sides[1].log, 4 * 1024 * 1024);
	compare(sides, "callbacks", play_posts, 1, 1);
	compare(sides, "a flood", play_flood, 2, 1);
	compare(sides, "messages, orders and port-outs", play_families, 3, 1);
	compare(sides, "messages, orders and port-outs", play_families, 4, 4);
	compare(sides, "a call", play_call, 5, 1);
	compare(sides, "a call", play_call, 6, 3);
	for (int i = 0; i < 2; i++) {
		sim_wire_free(sides[i].wire);
		bw_buf_free(&sides[i].log);
	}
	free(password);
	return tap_done();
}
