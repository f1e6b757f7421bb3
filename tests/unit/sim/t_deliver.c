/*
 * Delivery of callbacks: the challenge, the fallback URL, time-outs, retries.
 * The application is scripted; one line sums up the exchanges.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/deliver/deliver.h"

#include "tests/tap/tap.h"

#define START	  INT64_C(1700000000000)
#define CHALLENGE "Basic realm=\"\""

/* A scripted answer. */
struct said {
	int status; /* 0: no answer, because of: */
	enum sim_failure failure;
	const char *challenge;
	const char *body;
	const char *type;
};

struct app {
	const struct said *said; /* the last one is repeated */
	size_t n;
	int requests;
	struct bw_buf sent;
	struct bw_buf bodies;
};

static void
answer(void *arg, const struct sim_request *q, struct sim_reply *r)
{
	struct app *a = arg;
	size_t i = (size_t)a->requests < a->n ? (size_t)a->requests : a->n - 1;
	const struct said *s = &a->said[i];

	a->requests++;
	bw_buf_printf(
	    &a->sent, "%s%s %s", a->sent.n > 0 ? ", " : "", q->method, q->url);
	if (q->user != NULL)
		bw_buf_printf(&a->sent, " as %s:%s", q->user,
		    q->password != NULL ? q->password : "-");
	if (q->timeout != 15000)
		bw_buf_printf(&a->sent, " in %" PRId64, q->timeout);
	if (q->time > START)
		bw_buf_printf(
		    &a->sent, " after %" PRId64, (q->time - START) / 1000);
	bw_buf_str(&a->bodies, q->body);
	r->failure = s->failure;
	r->status = s->status;
	r->took = 1000;
	r->challenge = sim_copy(s->challenge);
	r->type = sim_copy(s->type);
	if (s->failure != SIM_ANSWERED)
		r->why = sim_copy("no luck");
	if (s->body != NULL)
		bw_buf_puts(&r->body, s->body);
}

static void
observe(void *arg, const struct sim_log_entry *n)
{
	struct app *a = arg;
	const struct sim_delivery *d = n->delivery;

	switch (n->kind) {
	case SIM_LOG_CALLBACK:
		bw_buf_printf(&a->sent, ", %s%s in %d",
		    d->lost	   ? "lost"
		    : d->delivered ? "delivered"
				   : "failed",
		    d->fallback ? " at the fallback" : "", d->attempts);
		break;
	case SIM_LOG_FINDING:
		bw_buf_printf(&a->sent, ", wrong: %.20s", n->finding->text);
		break;
	default:
		break;
	}
}

struct play {
	struct app app;
	struct sim_wire *wire;
	struct sim_world *world;
	struct sim_answer answer;
};

static void
set_up(struct play *p, const struct said *said, size_t n,
    const struct sim_options *o)
{
	struct sim_log_observer observer = {observe, &p->app};

	*p = (struct play){.app = {.said = said, .n = n}};
	bw_buf_init(&p->app.sent, 65536);
	bw_buf_init(&p->app.bodies, 65536);
	p->wire = sim_wire_script(answer, &p->app);
	p->world = sim_world_new(o, p->wire, &observer, START, 7);
	sim_answer_init(&p->answer);
}

static struct bw_str
text(const struct bw_buf *b)
{
	return (struct bw_str){b->p, b->n};
}

static void
tear_down(struct play *p)
{
	sim_answer_free(&p->answer);
	sim_world_free(p->world);
	sim_wire_free(p->wire);
	bw_buf_free(&p->app.sent);
	bw_buf_free(&p->app.bodies);
}

static struct sim_options
standard(void)
{
	struct sim_options o;

	sim_options_init(&o);
	return o;
}

enum flag { /* differences from a voice callback to /a with credentials u:p */
	ASYNC = 1,
	FALLBACK = 2, /* to /b, as v:q, with GET */
	OPEN = 4,     /* without credentials */
	RETRY_SYNC = 8,
	NO_CHALLENGE = 16,
	REDIRECTS = 32, /* a 3xx counts as a success */
	GET = 64,
	NO_RETRY = 128, /* asynchronous callbacks are not retried */
	ONCE = 256,
	TWICE = 512, /* delivered twice at once */
	NO_SECRET = 1024
};

struct row {
	const char *name;
	unsigned flags;
	enum bw_family family;
	struct said said[4];
	const char *want;
};

#define YES \
	{ \
		.status = 200, .body = "<Response/>", .type = "text/xml" \
	}
#define ASKS \
	{ \
		.status = 401, .challenge = CHALLENGE \
	}
#define SAYS(s) \
	{ \
		.status = (s) \
	}
#define FAILS(f) \
	{ \
		.failure = SIM_FAILED_##f \
	}
#define A      "http://app.example/a"
#define B      "http://app.example/b"
#define POST_A "POST " A
#define AS_U   " as u:p"
/* after the challenge, which took a millisecond */
#define DANCE	POST_A ", " POST_A AS_U " in 14999"
#define UNASKED ", wrong: 200: answered withou"
#define VOICE	BW_FAMILY_VOICE

static const struct row rows[] = {
    /* The challenge. */
    {"the first comes without credentials", 0, VOICE, {ASKS, YES},
	DANCE ", delivered in 1"},
    {"no challenge", 0, VOICE, {YES}, POST_A UNASKED ", delivered in 1"},
    {"a flow needs none", NO_SECRET, VOICE, {YES}, POST_A ", delivered in 1"},
    {"open, no challenge", OPEN, VOICE, {YES}, POST_A ", delivered in 1"},
    {"open, but a challenge", OPEN, VOICE, {ASKS},
	POST_A ", wrong: 401, but this URL ha, failed in 1"},
    {"no challenge, no second request", 0, VOICE, {SAYS(401)},
	POST_A ", wrong: 401 without WWW-Auth, failed in 1"},
    {"a challenge of another kind", 0, VOICE,
	{{.status = 401, .challenge = "Bearer"}},
	POST_A ", wrong: 401 without a Basic , failed in 1"},
    {"one of several kinds", 0, VOICE,
	{{.status = 401, .challenge = "Bearer, basic realm=\"x\""}, YES},
	DANCE ", delivered in 1"},
    {"credentials that are refused", 0, VOICE, {ASKS},
	DANCE ", wrong: 401 to the request w, failed in 1"},
    {"without the challenge", NO_CHALLENGE, VOICE, {YES},
	POST_A AS_U ", delivered in 1"},
    {"a user without a password", NO_SECRET | NO_CHALLENGE, VOICE, {YES},
	POST_A " as u:-, delivered in 1"},

    /* Synchronous callbacks fail. */
    {"4xx", OPEN, VOICE, {SAYS(404)}, POST_A ", failed in 1"},
    {"5xx", OPEN, VOICE, {SAYS(500)}, POST_A ", failed in 1"},
    {"5xx after the challenge", 0, VOICE, {ASKS, SAYS(503)},
	DANCE ", failed in 1"},
    {"time-out", OPEN, VOICE, {FAILS(TIMEOUT)}, POST_A ", failed in 1"},
    {"not connected", OPEN, VOICE, {FAILS(CONNECT)}, POST_A ", failed in 1"},
    {"no such host", OPEN, VOICE, {FAILS(NAME)}, POST_A ", failed in 1"},
    {"no TLS", OPEN, VOICE, {FAILS(TLS)}, POST_A ", failed in 1"},
    {"cut", OPEN, VOICE, {FAILS(CUT)}, POST_A ", failed in 1"},
    {"3xx", OPEN, VOICE, {SAYS(302)},
	POST_A ", wrong: 302: Bandwidth does , failed in 1"},
    {"3xx is good enough, if one will", OPEN | REDIRECTS, VOICE, {SAYS(302)},
	POST_A ", wrong: 302: Bandwidth does , delivered in 1"},
    {"1xx is no answer", OPEN, VOICE, {SAYS(101)}, POST_A ", failed in 1"},
    {"again, if one will", OPEN | RETRY_SYNC, VOICE, {FAILS(CONNECT), YES},
	POST_A ", " POST_A ", delivered in 2"},
    {"but not after a time-out", OPEN | RETRY_SYNC, VOICE,
	{FAILS(TIMEOUT), YES}, POST_A ", failed in 1"},

    /* The fallback, with its method and credentials. */
    {"not needed", OPEN | FALLBACK, VOICE, {YES}, POST_A ", delivered in 1"},
    {"after 5xx", OPEN | FALLBACK, VOICE, {SAYS(500), ASKS, YES},
	POST_A ", GET " B "?e=1, GET " B
	       "?e=1 as v:q in 14999, delivered at the fallback in 2"},
    {"after a time-out", OPEN | FALLBACK, VOICE, {FAILS(TIMEOUT), YES},
	POST_A ", GET " B "?e=1" UNASKED ", delivered at the fallback in 2"},
    {"after no connection", OPEN | FALLBACK, VOICE, {FAILS(CONNECT), YES},
	POST_A ", GET " B "?e=1" UNASKED ", delivered at the fallback in 2"},
    {"after 401 without a challenge", FALLBACK, VOICE, {SAYS(401), YES},
	POST_A ", wrong: 401 without WWW-Auth, GET " B "?e=1" UNASKED
	       ", delivered at the fallback in 2"},
    {"fails, too", OPEN | FALLBACK, VOICE, {SAYS(500)},
	POST_A ", GET " B "?e=1, failed at the fallback in 2"},
    {"of a conference", OPEN | FALLBACK, BW_FAMILY_CONFERENCE,
	{SAYS(500), SAYS(200)},
	POST_A ", GET " B "?e=1" UNASKED ", delivered at the fallback in 2"},

    /* Asynchronous callbacks fail. */
    {"event delivered", ASYNC | OPEN, VOICE, {SAYS(204)},
	POST_A ", delivered in 1"},
    {"event refused", ASYNC | OPEN, VOICE, {SAYS(500)}, POST_A ", lost in 1"},
    {"event, no connection", ASYNC | OPEN, VOICE, {FAILS(CONNECT), SAYS(200)},
	POST_A ", " POST_A " after 1, delivered in 2"},
    {"event, no connection twice", ASYNC | OPEN, VOICE, {FAILS(CONNECT)},
	POST_A ", " POST_A " after 1, lost in 2"},
    {"event, no connection, no retry", ASYNC | OPEN | NO_RETRY, VOICE,
	{FAILS(CONNECT)}, POST_A ", lost in 1"},
    {"event, time-out", ASYNC | OPEN, VOICE, {FAILS(TIMEOUT)},
	POST_A ", lost in 1"},
    {"event with the challenge", ASYNC, VOICE, {ASKS, SAYS(204)},
	DANCE ", delivered in 1"},
    {"event, no connection, fallback", ASYNC | OPEN | FALLBACK, VOICE,
	{FAILS(CONNECT), FAILS(CONNECT), SAYS(200)},
	POST_A ", " POST_A " after 1, GET " B "?e=1 after 1" UNASKED
	       ", delivered at the fallback in 3"},
    {"conference event", ASYNC | OPEN, BW_FAMILY_CONFERENCE, {FAILS(CONNECT)},
	POST_A ", " POST_A " after 1, lost in 2"},
    {"an order is never sent again", ASYNC | OPEN, BW_FAMILY_NUMBERS,
	{FAILS(CONNECT)}, POST_A ", lost in 1"},
    {"nor a toll-free verification", ASYNC | OPEN, BW_FAMILY_TFV, {SAYS(503)},
	POST_A ", lost in 1"},
    {"an endpoint has a fallback", ASYNC | OPEN | FALLBACK, BW_FAMILY_BRTC,
	{SAYS(500), SAYS(200)},
	POST_A ", GET " B "?e=1" UNASKED ", delivered at the fallback in 2"},
    {"a message has 10 s and comes again", ASYNC | OPEN, BW_FAMILY_MESSAGING,
	{SAYS(500), FAILS(TIMEOUT), SAYS(404), SAYS(202)},
	POST_A " in 10000, " POST_A " in 10000 after 30, " POST_A
	       " in 10000 after 90, " POST_A
	       " in 10000 after 210, delivered in 4"},
    {"a code of authentication abroad does not", ASYNC | OPEN | ONCE,
	BW_FAMILY_MFA, {SAYS(500)}, POST_A " in 10000, lost in 1"},

    /* Forms. */
    {"GET", OPEN | GET, VOICE, {YES}, "GET " A "?e=1, delivered in 1"},
    {"emergency: 450 ms", OPEN | GET, BW_FAMILY_EMERGENCY, {SAYS(200)},
	"GET " A "?e=1 in 450, delivered in 1"},
    {"port-out: 30 s", OPEN, BW_FAMILY_PORTOUT, {SAYS(200)},
	POST_A " in 30000, delivered in 1"},
    {"twice at once", TWICE, VOICE, {ASKS, ASKS, YES},
	POST_A ", " POST_A ", " POST_A AS_U " in 14999, " POST_A AS_U
	       " in 14999, delivered in 1"},
    {"twice, without a challenge", TWICE, VOICE, {YES},
	POST_A ", " POST_A UNASKED ", delivered in 1"},
    {"an emergency has no time for a challenge", GET, BW_FAMILY_EMERGENCY,
	{SAYS(200)}, "GET " A "?e=1 as u:p in 450, delivered in 1"},
    {"an order without a challenge", ASYNC, BW_FAMILY_NUMBERS, {SAYS(204)},
	POST_A ", wrong: 204: Bandwidth takes, lost in 1"},
    {"twice, but not the same", TWICE | OPEN, VOICE, {YES, SAYS(200)},
	POST_A ", " POST_A ", wrong: the same callback, d, delivered in 1"},
};

static struct sim_callback
callback_of(const struct row *r)
{
	static const struct sim_target b = {
	    .url = "b", .method = "GET", .user = "v", .password = "q"};
	struct sim_callback c = {
	    .event = "event",
	    .about = "c-1",
	    .family = r->family,
	    .sync = (r->flags & ASYNC) == 0,
	    .once = (r->flags & ONCE) != 0,
	    .base = "http://app.example/x?y",
	    .primary = {.url = "/a"},
	    .type = "application/json",
	    .body = BW_STR("{}"),
	    .query = BW_STR("e=1"),
	};

	if ((r->flags & OPEN) == 0)
		c.primary.user = "u";
	if ((r->flags & NO_SECRET) == 0)
		c.primary.password = "p";
	if ((r->flags & FALLBACK) != 0)
		c.fallback = b;
	return c;
}

static struct sim_options
options_of(const struct row *r)
{
	struct sim_options o = standard();

	o.retry_sync = (r->flags & RETRY_SYNC) != 0;
	o.retry_async = (r->flags & NO_RETRY) == 0;
	o.challenge = (r->flags & NO_CHALLENGE) == 0;
	o.redirects_fail = (r->flags & REDIRECTS) == 0;
	o.get = (r->flags & GET) != 0;
	o.duplicates = (r->flags & TWICE) != 0 ? 2 : 1;
	return o;
}

static size_t
count(const struct said *s)
{
	size_t n = 0;

	while (n < 4 && (s[n].status != 0 || s[n].failure != SIM_ANSWERED))
		n++;
	return n;
}

static void
test_rows(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *r = &rows[i];
		struct sim_options o = options_of(r);
		struct sim_callback c = callback_of(r);
		struct play p;

		set_up(&p, r->said, count(r->said), &o);
		if (c.sync)
			sim_deliver(p.world, &c, &p.answer);
		else
			sim_deliver_with_retries(p.world, &c, 0);
		sim_world_run(p.world);
		is_text(text(&p.app.sent), r->want, "%s", r->name);
		tear_down(&p);
	}
}

/* The answer that sim_deliver() returns. */
static void
test_answer(void)
{
	static const struct said yes[] = {
	    {.status = 200, .body = "<Response/>", .type = "text/xml"}};
	static const struct said no[] = {SAYS(500)};
	static const struct said dead[] = {FAILS(TIMEOUT)};
	static const struct row r = {.flags = OPEN | FALLBACK, .family = VOICE};
	struct sim_options o = standard();
	struct sim_callback c = callback_of(&r);
	struct play p;

	set_up(&p, yes, 1, &o);
	sim_deliver(p.world, &c, &p.answer);
	ok(p.answer.delivered, "delivered");
	is_int(p.answer.status, 200, "status");
	is_str(p.answer.type, "text/xml", "type");
	is_str(p.answer.base, A, "the base is the URL, without our query");
	is_text(text(&p.answer.body), "<Response/>", "body");
	ok(p.answer.why == NULL, "and nothing to complain of");
	is_text(text(&p.app.bodies), "{}", "the body that went");
	tear_down(&p);

	set_up(&p, no, 1, &o);
	sim_deliver(p.world, &c, &p.answer);
	ok(!p.answer.delivered, "not delivered");
	is_str(p.answer.why, "status 500", "why");
	is_str(p.answer.base, B, "the URL of the last request");
	tear_down(&p);

	set_up(&p, dead, 1, &o);
	c.primary.url = "ftp://app.example/";
	c.fallback.url = NULL;
	sim_deliver(p.world, &c, &p.answer);
	is_int(p.app.requests, 0, "no request");
	is_str(p.answer.why, "ftp://app.example/: not a URL", "why");
	is_text(text(&p.app.sent), ", wrong: ftp://app.example/: , failed in 1",
	    "is told");
	tear_down(&p);

	set_up(&p, dead, 1, &o);
	c.family = BW_FAMILY_MESSAGING;
	sim_deliver_with_retries(p.world, &c, 0);
	sim_world_run(p.world);
	is_text(text(&p.app.sent), ", wrong: ftp://app.example/: , lost in 1",
	    "what cannot be asked is not asked again");
	tear_down(&p);
}

/* A day of retries takes no real time. */
static void
test_day(void)
{
	static const struct said no[] = {SAYS(500)};
	static const struct row r = {
	    .flags = OPEN | ASYNC, .family = BW_FAMILY_MESSAGING};
	struct sim_options o = standard();
	struct sim_callback c = callback_of(&r);
	struct play p;
	int64_t hours;

	set_up(&p, no, 1, &o);
	sim_deliver_with_retries(p.world, &c, 0);
	sim_world_run(p.world);
	hours = (sim_world_now(p.world) - START) / 3600000;
	is_int(hours, 23, "the last within 24 hours, and at most an hour less");
	ok(p.app.requests > 24, "%d tries", p.app.requests);
	tear_down(&p);
}

/* A world is freed while tasks are pending. */
static void
test_leave(void)
{
	static const struct said no[] = {SAYS(500)};
	static const struct row r = {
	    .flags = ASYNC, .family = BW_FAMILY_MESSAGING};
	struct sim_options o = standard();
	struct sim_callback c = callback_of(&r);
	struct play p;

	set_up(&p, no, 1, &o);
	sim_deliver_with_retries(p.world, &c, 0);
	sim_deliver_with_retries(p.world, &c, 5);
	sim_deliver_with_retries(p.world, &c, 9);
	ok(sim_scheduler_step(p.world->scheduler), "the first of three");
	is_int(p.app.requests, 1, "was asked");
	tear_down(&p);
}

static void
order_of(void *arg, const struct sim_log_entry *n)
{
	struct bw_buf *b = arg;

	if (n->kind == SIM_LOG_CALLBACK)
		bw_buf_puts(b, n->name);
}

static void
take_all(void *arg, const struct sim_request *q, struct sim_reply *r)
{
	(void)arg;
	(void)q;
	r->status = 200;
}

static void
play_eight(struct bw_buf *out, bool reorder, uint64_t seed)
{
	static const char *const names[] = {
	    "a", "b", "c", "d", "e", "f", "g", "h"};
	static const struct row r = {.flags = OPEN | ASYNC, .family = VOICE};
	struct sim_options o = standard();
	struct sim_log_observer observer = {order_of, out};
	struct sim_callback c = callback_of(&r);
	struct sim_wire *wire = sim_wire_script(take_all, NULL);
	struct sim_world *w;

	o.reorder = reorder;
	w = sim_world_new(&o, wire, &observer, START, seed);
	bw_buf_init(out, 100);
	for (int i = 0; i < 8; i++) {
		c.event = names[i];
		sim_deliver_with_retries(w, &c, 0);
	}
	sim_world_run(w);
	sim_world_free(w);
	sim_wire_free(wire);
}

static void
test_order(void)
{
	struct bw_buf in, out, again;

	play_eight(&in, false, 1);
	play_eight(&out, true, 1);
	play_eight(&again, true, 1);
	is_text(text(&in), "abcdefgh", "in order");
	is_int((long long)out.n, 8, "all of them, out of order");
	ok(memcmp(in.p, out.p, 8) != 0, "out of order");
	ok(memcmp(out.p, again.p, 8) == 0, "the same again from one seed");
	bw_buf_free(&in);
	bw_buf_free(&out);
	bw_buf_free(&again);
}

static void
test_url(void)
{
	static const struct {
		const char *base, *reference, *want;
	} urls[] = {
	    /* RFC 3986 §5.4, where applicable to http */
	    {"http://a/b/c/d;p?q", "g", "http://a/b/c/g"},
	    {"http://a/b/c/d;p?q", "./g", "http://a/b/c/g"},
	    {"http://a/b/c/d;p?q", "g/", "http://a/b/c/g/"},
	    {"http://a/b/c/d;p?q", "/g", "http://a/g"},
	    {"http://a/b/c/d;p?q", "//g", "http://g/"},
	    {"http://a/b/c/d;p?q", "?y", "http://a/b/c/d;p?y"},
	    {"http://a/b/c/d;p?q", "g?y", "http://a/b/c/g?y"},
	    {"http://a/b/c/d;p?q", "g#s", "http://a/b/c/g"},
	    {"http://a/b/c/d;p?q", ";x", "http://a/b/c/;x"},
	    {"http://a/b/c/d;p?q", "", "http://a/b/c/d;p?q"},
	    {"http://a/b/c/d;p?q", ".", "http://a/b/c/"},
	    {"http://a/b/c/d;p?q", "..", "http://a/b/"},
	    {"http://a/b/c/d;p?q", "../g", "http://a/b/g"},
	    {"http://a/b/c/d;p?q", "../../g", "http://a/g"},
	    {"http://a/b/c/d;p?q", "../../../g", "http://a/g"},
	    {"http://a/b/c/d;p?q", "./../g", "http://a/b/g"},
	    {"http://a/b/c/d;p?q", "g;x=1/../y", "http://a/b/c/y"},
	    {"http://a/b/c/d;p?q", "g?y/../x", "http://a/b/c/g?y/../x"},
	    {"https://a:8443/b", "/c?d=e:f", "https://a:8443/c?d=e:f"},
	    {"http://a/b", "https://c.example/d", "https://c.example/d"},
	    {"http://a/b", "HTTPS://c.example/d", "https://c.example/d"},
	    {NULL, "http://c.example/d", "http://c.example/d"},
	    {NULL, "/d", NULL},
	    {NULL, "d", NULL},
	    {NULL, "", NULL},
	    {"http://a/b", "ftp://c.example/d", NULL},
	    {"http://a/b", "mailto:x@c.example", NULL},
	    {"http://a/b", "javascript:alert(1)", NULL},
	    {"http://a/b", "http://", NULL},
	    {"http://a/b", "a b", "http://a/a%20b"},
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		char *url = sim_url_resolve(urls[i].base, urls[i].reference);

		is_str(url, urls[i].want, "%s and %s",
		    urls[i].base != NULL ? urls[i].base : "nothing",
		    urls[i].reference);
		free(url);
	}
}

static void
test_world(void)
{
	struct sim_options o = standard();
	struct sim_world *a = sim_world_new(&o, NULL, NULL, START, 3);
	struct sim_world *b = sim_world_new(&o, NULL, NULL, START, 3);
	struct sim_world *c = sim_world_new(&o, NULL, NULL, START, 4);
	char *ids[3] = {
	    sim_world_id(a, "c"), sim_world_id(b, "c"), sim_world_id(c, "c")};

	is_int(
	    (long long)strlen(ids[0]), 38, "the length of an id: %s", ids[0]);
	ok(ids[0][0] == 'c' && ids[0][16] == '4', "a version 4 UUID");
	is_str(ids[0], ids[1], "the same from the same seed");
	ok(strcmp(ids[0], ids[2]) != 0, "another from another");
	is_int((long long)strlen(a->account), 7, "an account");
	is_int((long long)strlen(a->application), 36, "an application");
	for (int i = 0; i < 3; i++)
		free(ids[i]);
	sim_world_free(a);
	sim_world_free(b);
	sim_world_free(c);
	sim_wire_free(NULL);
}

int
main(void)
{
	test_rows();
	test_answer();
	test_day();
	test_leave();
	test_order();
	test_url();
	test_world();
	return tap_done();
}
