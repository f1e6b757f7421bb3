/* Plays calls against scripted applications. */
#include "sim_fixture.h"
#include "base/request.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include <json-c/json.h>

#include "sim/base/memory.h"
#include "sim/world/assumptions.h"
#include "sim_fixture_cast.h"

#include "tests/tap/tap.h"

#define CALLER "+19195550111"
#define CALLED "+19195550100"

struct line {
	const char *p;
	size_t n;
	bool used;
};

struct play {
	const struct fixture *fixture;
	struct sim_world *world;
	struct sim_call *first;
	struct line app[64];
	size_t napp;
	struct fixture_cast cast;
	struct bw_buf sent; /* callbacks, as lines "event {payload}" */
	struct bw_buf log;  /* log entries, one per line */
	char user[20];	    /* of the last request */
	bool bad;	    /* a payload lacks documented members */
};

static struct play *playing;

static size_t
split(const char *text, struct line *lines, size_t most)
{
	size_t n = 0;

	while (text != NULL && *text != '\0' && n < most) {
		size_t len = strcspn(text, "\n");

		lines[n++] = (struct line){text, len, false};
		text += len + (text[len] == '\n');
	}
	return n;
}

/* A member by dotted name, in nested objects or in a query; NULL: absent. */
static const char *
member(json_object *o, const char *name)
{
	json_object *flat;
	char part[64];
	size_t n;

	if (json_object_object_get_ex(o, name, &flat))
		return json_object_get_string(flat);
	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		snprintf(part, sizeof(part), "%.*s", (int)n, name);
		if (!json_object_is_type(o, json_type_object) ||
		    !json_object_object_get_ex(o, part, &o))
			return NULL;
	}
	return json_object_get_string(o);
}

/* Equal, where '_' in want also matches a blank. */
static bool
is_wanted(const char *value, const char *want)
{
	for (; *want != '\0'; want++, value++) {
		if (*value != *want && (*want != '_' || *value != ' '))
			return false;
	}
	return *value == '\0';
}

/* One "name=value", "name!" or "name~". */
static bool
condition_holds(json_object *o, const char *s, size_t n)
{
	char text[300], *end;
	const char *value;

	snprintf(text, sizeof(text), "%.*s", (int)n, s);
	end = strpbrk(text, "=!~");
	if (end == NULL) {
		tap_diag("not a condition: %s", text);
		return false;
	}
	s = end + 1;
	n = (size_t)(*end);
	*end = '\0';
	value = member(o, text);
	if (n == '!')
		return value == NULL;
	if (n == '~')
		return value != NULL;
	return value != NULL && is_wanted(value, s);
}

/* Does a line "event name=value ..." match the payload? */
static bool
line_fits(struct line l, const char *event, json_object *o)
{
	size_t n = strcspn(l.p, " \n");

	if (n > l.n)
		n = l.n;
	if ((strlen(event) != n || memcmp(event, l.p, n) != 0) && *l.p != '*')
		return false;
	for (;;) {
		while (n < l.n && l.p[n] == ' ')
			n++;
		if (n >= l.n)
			return true;
		size_t len = strcspn(l.p + n, " \n");

		if (len > l.n - n)
			len = l.n - n;
		if (!condition_holds(o, l.p + n, len))
			return false;
		n += len;
	}
}

static const char *
event_of(json_object *o)
{
	const char *event = member(o, "eventType");

	if (event == NULL)
		event = member(o, "event");
	return event != NULL ? event : "?";
}

static json_object *
query_object(const char *url)
{
	json_object *o = json_object_new_object();
	const char *s = strchr(url, '?');

	for (s = s != NULL ? s + 1 : ""; *s != '\0';) {
		char name[100], value[600];
		size_t n = strcspn(s, "="), v = 0;

		snprintf(name, sizeof(name), "%.*s", (int)n, s);
		for (s += n + 1; *s != '\0' && *s != '&'; s++) {
			unsigned byte;

			if (*s == '%' && sscanf(s + 1, "%2x", &byte) == 1) {
				value[v++] = (char)byte;
				s += 2;
			} else {
				value[v++] = *s;
			}
		}
		value[v] = '\0';
		s += *s == '&';
		json_object_object_add(o, name, json_object_new_string(value));
	}
	return o;
}

/* Replace "TARGET" by the first call's id. */
static void
add_answer(struct bw_buf *out, const char *s, size_t n)
{
	static const char word[] = "TARGET";
	size_t len = sizeof(word) - 1;

	for (; n > 0; s++, n--) {
		if (n >= len && memcmp(s, word, len) == 0) {
			bw_buf_puts(out, sim_call_id(playing->first));
			s += len - 1;
			n -= len - 1;
		} else {
			bw_buf_putc(out, *s);
		}
	}
}

/* The answer: a whole document, or the content of <Response>. */
static void
reply_document(
    struct sim_reply *r, const char *type, struct bw_str text, bool wrap)
{
	r->type = sim_copy(type);
	bw_buf_puts(&r->body, wrap ? "<Response>" : "");
	add_answer(&r->body, text.p, text.n);
	bw_buf_puts(&r->body, wrap ? "</Response>" : "");
}

static void
reply_typed(struct sim_reply *r, const char *s, size_t n)
{
	const char *blank = memchr(s, ' ', n);
	size_t len = blank != NULL ? (size_t)(blank - s) : n;
	char *type = sim_copy_str((struct bw_str){s, len});

	len += blank != NULL;
	reply_document(
	    r, type, (struct bw_str){s + len, n - len}, s[len] == '<');
	free(type);
}

static void
reply_with(struct sim_reply *r, const char *answer, size_t n)
{
	r->failure = SIM_ANSWERED;
	r->status = 200;
	if (*answer == '<' || *answer == '=') {
		size_t skip = *answer == '=';

		reply_document(r, "application/xml",
		    (struct bw_str){answer + skip, n - skip}, skip == 0);
	} else if (*answer == ':') {
		reply_typed(r, answer + 1, n - 1);
	} else if (isdigit((unsigned char)*answer)) {
		r->status = (answer[0] - '0') * 100 + (answer[1] - '0') * 10 +
			    (answer[2] - '0');
	} else {
		r->failure = *answer == 'r'   ? SIM_FAILED_CONNECT
			     : *answer == 's' ? SIM_FAILED_TIMEOUT
					      : SIM_FAILED_CUT;
		r->why = sim_copy("no answer");
	}
}

static void
answer(void *arg, const struct sim_request *ask, struct sim_reply *r)
{
	struct play *p = arg;
	json_object *o;

	if (strcmp(ask->method, "GET") == 0)
		o = query_object(ask->url);
	else
		o = json_tokener_parse(ask->body.p);
	sim_reply_reset(r);
	r->status = 204;
	for (size_t i = 0; i < p->napp; i++) {
		struct line l = p->app[i];
		const char *arrow = strstr(l.p, " -> ");

		if (l.used || arrow == NULL)
			continue;
		l.n = (size_t)(arrow - l.p);
		if (!line_fits(l, event_of(o), o))
			continue;
		p->app[i].used = *l.p != '*';
		arrow += 4;
		reply_with(
		    r, arrow, p->app[i].n - (size_t)(arrow - p->app[i].p));
		break;
	}
	json_object_put(o);
}

static void
take_callback(struct play *p, const struct sim_log_entry *n)
{
	const struct sim_delivery *d = n->delivery;
	struct bw_str payload = *d->payload;
	json_object *o;
	char *text;

	if (strcmp(d->method, "GET") == 0) {
		text = sim_format("?%.*s", (int)payload.n, payload.p);
		o = query_object(text);
	} else {
		text = sim_copy_str(payload);
		o = json_tokener_parse(text);
		if (!fixture_fields_good(event_of(o), text))
			p->bad = true;
	}
	json_object_object_add(
	    o, "@url", json_object_new_string(d->url != NULL ? d->url : ""));
	json_object_object_add(o, "@method", json_object_new_string(d->method));
	if (*p->user != '\0')
		json_object_object_add(
		    o, "@user", json_object_new_string(p->user));
	json_object_object_add(o, "@lost", json_object_new_boolean(d->lost));
	bw_buf_printf(&p->sent, "%s %s\n", event_of(o),
	    json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	free(text);
}

static void
put_entry(struct bw_buf *out, const struct sim_log_entry *n)
{
	static const char *const kinds[] = {"call", "answered", "verb", "said",
	    "played", "key", "talked", "silence", "deed", "asked", "callback",
	    "wrong", "later", "state", "end"};

	bw_buf_puts(out, kinds[n->kind]);
	if (n->name != NULL)
		bw_buf_printf(out, " %s", n->name);
	if (n->text != NULL)
		bw_buf_printf(out, " %s", n->text);
	if (n->finding != NULL)
		bw_buf_printf(out, " (%s)", n->finding->text);
	bw_buf_putc(out, '\n');
}

static void
observe(void *arg, const struct sim_log_entry *n)
{
	struct play *p = arg;

	if (n->kind == SIM_LOG_REQUEST)
		(void)snprintf(p->user, sizeof(p->user), "%s",
		    n->request->user != NULL ? n->request->user : "");
	if (n->kind == SIM_LOG_CALLBACK)
		take_callback(p, n);
	if (n->kind != SIM_LOG_REQUEST)
		put_entry(&p->log, n);
}

static void
set_options(const struct fixture *s, struct sim_options *o)
{
	const char *a = s->assume;

	sim_options_init(o);
	o->challenge = false;
	o->get = s->get;
	while (a != NULL && *a != '\0') {
		char one[100];
		struct bw_error error = {0};
		size_t n = strcspn(a, " ");

		snprintf(one, sizeof(one), "%.*s", (int)n, a);
		if (sim_assumption_set(o, one, &error) != BW_OK)
			tap_diag("%s", error.msg);
		a += n + (a[n] == ' ');
	}
}

static struct sim_call *
begin(struct play *p)
{
	const struct fixture *s = p->fixture;
	const char *machine = s->machine;
	char mode[10];
	struct sim_call_options o = {
	    .from = s->from != NULL ? s->from
		    : s->outbound   ? CALLED
				    : CALLER,
	    .to = s->outbound ? CALLER : CALLED,
	    .first = {.url = "http://app.example/v"},
	    .fallback = {.url = s->fallback ? "http://fb.example/f" : NULL},
	    .last = {.url = s->no_status ? NULL : "http://app.example/s"},
	    .tag = s->tag,
	    .sip = {[SIM_SIP_STIR_SHAKEN] = s->stir_shaken,
		[SIM_SIP_DIVERSION] = s->diversion},
	    .queued = s->queued,
	    .machine_url = {.url = "http://app.example/m"},
	};
	struct sim_people people = fixture_cast_people(&p->cast);
	struct sim_person person = fixture_cast_first(&p->cast);

	if (s->caller != NULL)
		person = *s->caller;
	if (machine != NULL) {
		snprintf(mode, sizeof(mode), "%.*s", (int)strcspn(machine, " "),
		    machine);
		o.machine_detection = mode;
		o.machine = strchr(machine, ' ') + 1;
	}
	if (s->outbound)
		return sim_call_out(p->world, &o, &person, &people, 0);
	return sim_call_in(p->world, &o, &person, &people, 0);
}

struct sim_call *
fixture_call(struct sim_world *w, const char *actions, int64_t after)
{
	struct sim_call_options o = {
	    .from = "+19195550122",
	    .to = CALLED,
	    .first = {.url = "http://app.example/v"},
	    .last = {.url = "http://app.example/s"},
	};
	struct sim_people people = fixture_cast_people(&playing->cast);
	struct sim_person person = fixture_cast_add(&playing->cast, actions);

	return sim_call_in(w, &o, &person, &people, after);
}

static void
run(const struct fixture *s, struct play *p, uint64_t seed)
{
	struct sim_log_observer observer = {observe, p};
	struct sim_wire *wire = sim_wire_script(answer, p);
	struct sim_options o;

	*p = (struct play){.fixture = s};
	playing = p;
	bw_buf_init(&p->sent, 1 << 24);
	bw_buf_init(&p->log, 1 << 24);
	p->napp = split(s->app, p->app, 64);
	fixture_cast_read(&p->cast, s->people);
	set_options(s, &o);
	p->world =
	    sim_world_new(&o, wire, &observer, INT64_C(1770000000123), seed);
	p->first = begin(p);
	if (s->more != NULL)
		s->more(p->world, p->first);
	sim_world_run(p->world);
	if (s->after != NULL)
		s->after(p->world, p->first);
	sim_world_free(p->world);
	sim_wire_free(wire);
	fixture_cast_free(&p->cast);
	bw_buf_putc(&p->sent, '\0');
	bw_buf_putc(&p->log, '\0');
}

/* Compare the callbacks with the expected lines. */
static bool
callbacks_match(struct play *p)
{
	static struct line got[1200];
	struct line want[100];
	size_t nwant = split(p->fixture->want, want, 100);
	size_t ngot = split(p->sent.p, got, 1200), w = 0;
	bool any = false;

	for (size_t g = 0; g < ngot; g++) {
		char *event = sim_copy_str(
		    (struct bw_str){got[g].p, strcspn(got[g].p, " ")});
		json_object *o =
		    json_tokener_parse(got[g].p + strlen(event) + 1);
		bool fits;

		while (w < nwant && memcmp(want[w].p, "...", 3) == 0) {
			any = true;
			w++;
		}
		fits = w < nwant && line_fits(want[w], event, o);
		json_object_put(o);
		free(event);
		if (!fits && !any) {
			tap_diag("callback %zu does not match: %.*s", g + 1,
			    w < nwant ? (int)want[w].n : 9,
			    w < nwant ? want[w].p : "(nothing)");
			return false;
		}
		if (fits) {
			w++;
			any = false;
		}
	}
	while (w < nwant && memcmp(want[w].p, "...", 3) == 0)
		w++;
	if (w < nwant)
		tap_diag("missing callback: %.*s", (int)want[w].n, want[w].p);
	return w >= nwant;
}

/* Each line must be a prefix of a log line, in order. */
static bool
log_matches(struct play *p)
{
	struct line want[100];
	size_t nwant = split(p->fixture->log, want, 100);
	const char *s = p->log.p;

	for (size_t w = 0; w < nwant; w++) {
		while (*s != '\0' && strncmp(s, want[w].p, want[w].n) != 0)
			s += strcspn(s, "\n") + 1;
		if (*s == '\0') {
			tap_diag("missing in the log: %.*s", (int)want[w].n,
			    want[w].p);
			return false;
		}
		s += strcspn(s, "\n") + 1;
	}
	return true;
}

static void
show(const char *label, const char *text)
{
	struct line lines[40];
	size_t n = split(text, lines, 40);

	tap_diag("%s", label);
	for (size_t i = 0; i < n; i++)
		tap_diag("  %.*s", (int)lines[i].n, lines[i].p);
}

void
fixture_play(const struct fixture *s, size_t n)
{
	struct play p;
	bool good;

	run(s, &p, 1 + n);
	good = callbacks_match(&p);
	good = log_matches(&p) && good;
	if (!ok(good && !p.bad, "%s", s->name)) {
		show("callbacks:", p.sent.p);
		show("log:", p.log.p);
	}
	bw_buf_free(&p.sent);
	bw_buf_free(&p.log);
}

void
fixture_rows(const struct fixture *rows, size_t n)
{
	for (size_t i = 0; i < n; i++)
		fixture_play(&rows[i], i);
}

char *
fixture_log(const struct fixture *s, uint64_t seed)
{
	struct play p;
	char *text;

	run(s, &p, seed);
	text = sim_format("%s%s", p.sent.p, p.log.p);
	bw_buf_free(&p.sent);
	bw_buf_free(&p.log);
	return text;
}
