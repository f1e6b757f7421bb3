/* Compares what happens with what a scenario expects. */
#include "sim/scenario/expect.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/event.h>

#include "sim/base/memory.h"
#include "sim/deliver/deliver.h"
#include "sim/report/tally.h"

/* Maximum number of failures reported per scenario. */
#define MAX_REPORTS 10

struct sim_expectation {
	const char *file;
	const struct sim_scenario *scenario;
	size_t step; /* index of the next step */
	size_t keys; /* keys of the step pressed so far */
	bool *seen;  /* for each of sometime: it happened */
	bool fault;  /* the scenario expects a fault at the end */
	size_t reports;
	char *text;
	size_t text_n;
	FILE *out; /* to text */
	struct bw_decoder *decoder;
};

struct sim_expectation *
sim_expectation_new(const char *file, const struct sim_scenario *s)
{
	struct sim_expectation *x = sim_alloc(sizeof(*x));

	x->file = file;
	x->scenario = s;
	x->seen = sim_resize(NULL, 0, s->sometime.n, sizeof(*x->seen));
	x->decoder = bw_decoder_new();
	x->out = open_memstream(&x->text, &x->text_n);
	if (x->decoder == NULL || x->out == NULL)
		sim_no_memory();
	for (size_t i = 0; i < s->steps.n; i++) {
		const struct sim_expected *e = &s->steps.list[i];

		x->fault = x->fault || (e->kind == SIM_EXPECT_END &&
					   sim_cause_is_fault(e->text));
	}
	return x;
}

void
sim_expectation_free(struct sim_expectation *x)
{
	if (x == NULL)
		return;
	if (x->out != NULL)
		(void)fclose(x->out);
	free(x->text);
	free(x->seen);
	bw_decoder_free(x->decoder);
	free(x);
}

/* Patterns as in <on>: "a|b*". "" matches an absent or empty value. */
static bool
matches(const char *pattern, const char *value)
{
	char *copy = sim_copy(pattern), *rest = copy, *one;
	bool found = false;

	while (!found && (one = strsep(&rest, "|")) != NULL)
		found = fnmatch(one, value != NULL ? value : "", 0) == 0;
	free(copy);
	return found;
}

static bool
matches_number(const char *pattern, long n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%ld", n);
	return matches(pattern, text);
}

/* Match the whole URL, or its path. */
static bool
matches_url(const char *pattern, const char *url)
{
	const char *host = strstr(url, "://");
	const char *path =
	    host != NULL ? host + 3 + strcspn(host + 3, "/?#") : url;

	return matches(pattern, url) || matches(pattern, path);
}

/* The query of the request: that of its URL, by GET with the payload after it.
 */
static char *
query_of(const struct sim_delivery *d, bool get)
{
	const char *mark = d->url != NULL ? strchr(d->url, '?') : NULL;
	const char *own = mark != NULL ? mark + 1 : "";

	return sim_format("%.*s%s%.*s", (int)strcspn(own, "#"), own,
	    get && *own != '\0' ? "&" : "", get ? (int)d->payload->n : 0,
	    get ? d->payload->p : "");
}

static bool
matches_field(struct sim_expectation *x, const struct sim_wanted *w,
    const struct sim_delivery *d)
{
	bool get = strcmp(d->method, "GET") == 0, found = false;
	struct bw_payload in = {.get = get};
	const struct bw_event *const *events = NULL;
	struct bw_str value = {NULL, 0};
	size_t n = 0;
	char *query, *copy;

	if (d->payload == NULL)
		return false;
	query = query_of(d, get);
	in.query = (struct bw_str){query, strlen(query)};
	if (!get)
		in.body = *d->payload;
	if (bw_decode(x->decoder, &in, &events, &n, NULL) == BW_OK && n > 0) {
		(void)bw_event_get(events[0],
		    (struct bw_str){w->name, strlen(w->name)}, &value);
		copy = sim_copy_str(value);
		found = matches(w->value, copy);
		free(copy);
	}
	free(query);
	return found;
}

static bool
is_true(const char *value)
{
	return strcmp(value, "true") == 0 || strcmp(value, "1") == 0;
}

static bool
came_from_fallback(const struct sim_delivery *d)
{
	return d->fallback || (d->reply != NULL && d->reply->fallback);
}

/* Without attributes for it, the delivery must succeed without a fallback. */
static bool
matches_delivery(struct sim_expectation *x, const struct sim_expected *e,
    const struct sim_delivery *d)
{
	bool delivered = true, fallback = false, good = true;

	for (size_t i = 0; i < e->n && good; i++) {
		const struct sim_wanted *w = &e->wanted[i];

		if (strcmp(w->name, "delivered") == 0)
			delivered = is_true(w->value);
		else if (strcmp(w->name, "fallback") == 0)
			fallback = is_true(w->value);
		else if (strcmp(w->name, "url") == 0)
			good = matches_url(w->value, d->url);
		else if (strcmp(w->name, "method") == 0)
			good = matches(w->value, d->method);
		else if (strcmp(w->name, "attempts") == 0)
			good = matches_number(w->value, d->attempts);
		else if (strcmp(w->name, "answer") == 0)
			good = d->reply != NULL &&
			       matches_number(w->value, d->reply->status);
		else
			good = matches_field(x, w, d);
	}
	return good && d->delivered == delivered && !d->unasked &&
	       came_from_fallback(d) == fallback;
}

/* Does the text contain the expected one, ignoring white space? */
static bool
contains_text(const char *text, const char *wanted)
{
	char *flat = sim_copy(text != NULL ? text : "");
	size_t n = 0;
	bool found;

	for (const char *p = flat; *p != '\0'; p++) {
		bool blank = strchr(" \t\r\n", *p) != NULL;

		if (!blank || (n > 0 && flat[n - 1] != ' '))
			flat[n++] = blank ? ' ' : *p;
	}
	flat[n] = '\0';
	found = strstr(flat, wanted) != NULL;
	free(flat);
	return found;
}

static bool
entry_matches(struct sim_expectation *x, const struct sim_expected *e,
    const struct sim_log_entry *n)
{
	switch (e->kind) {
	case SIM_EXPECT_KEYS:
		return n->kind == SIM_LOG_KEY && n->text != NULL &&
		       n->text[0] == e->text[x->keys];
	case SIM_EXPECT_TALK:
		return n->kind == SIM_LOG_TALKED &&
		       contains_text(n->text, e->text);
	case SIM_EXPECT_SPEECH:
		return n->kind == SIM_LOG_SAID &&
		       contains_text(n->text, e->text);
	case SIM_EXPECT_PLAYS:
		return n->kind == SIM_LOG_PLAYED && n->text != NULL &&
		       matches_url(e->text, n->text);
	case SIM_EXPECT_WRONG:
		return n->kind == SIM_LOG_FINDING &&
		       contains_text(
			   n->finding != NULL ? n->finding->text : n->text,
			   e->text);
	case SIM_EXPECT_VERB:
		return n->kind == SIM_LOG_VERB && matches(e->text, n->name);
	case SIM_EXPECT_ANSWER:
		return n->kind == SIM_LOG_ANSWERED;
	case SIM_EXPECT_END:
		return n->kind == SIM_LOG_END &&
		       (e->text != NULL ? matches(e->text, n->name)
					: !sim_cause_is_fault(n->name));
	case SIM_EXPECT_PORTOUT_VERDICT:
		return n->kind == SIM_LOG_STATE && n->name != NULL &&
		       strcmp(n->name, e->text) == 0;
	case SIM_EXPECT_STORED:
		return false;
	case SIM_EXPECT_CALLBACK:
		break;
	}
	return n->kind == SIM_LOG_CALLBACK && n->delivery != NULL &&
	       matches(e->text, n->delivery->event) &&
	       matches_delivery(x, e, n->delivery);
}

static void
put_location(struct sim_expectation *x, int line)
{
	fprintf(x->out, "%s:%d: ", x->file, line);
}

/* Print the element as in the file. */
static void
put_expected(struct sim_expectation *x, const struct sim_expected *e)
{
	static const char *const names[] = {
	    [SIM_EXPECT_KEYS] = "presses",
	    [SIM_EXPECT_TALK] = "says",
	    [SIM_EXPECT_SPEECH] = "hears",
	    [SIM_EXPECT_PLAYS] = "plays",
	    [SIM_EXPECT_WRONG] = "wrong",
	    [SIM_EXPECT_VERB] = "verb",
	    [SIM_EXPECT_ANSWER] = "answered",
	    [SIM_EXPECT_END] = "ends",
	    [SIM_EXPECT_PORTOUT_VERDICT] = "verdict",
	    [SIM_EXPECT_STORED] = "stored",
	    [SIM_EXPECT_CALLBACK] = "callback",
	};

	put_location(x, e->line);
	fprintf(x->out, "<%s>", names[e->kind]);
	if (e->text != NULL)
		fprintf(x->out, " %s", e->text);
	for (size_t i = 0; i < e->n; i++)
		fprintf(x->out, " %s=\"%s\"", e->wanted[i].name,
		    e->wanted[i].value);
}

static bool
may_report(struct sim_expectation *x)
{
	return x->reports++ < MAX_REPORTS;
}

/* The failure, if it is the application's fault; sim_alloc'ed. */
static char *
fault_of(const struct sim_log_entry *n)
{
	const struct sim_delivery *d = n->delivery;
	const char *why;

	if (n->kind == SIM_LOG_FINDING && n->finding != NULL &&
	    n->finding->severity == BW_SEVERITY_ERROR)
		return sim_format("%s:%d:%d: %s", n->finding->file,
		    n->finding->line, n->finding->column, n->finding->text);
	if (n->kind == SIM_LOG_END && sim_cause_is_fault(n->name))
		return sim_format("the call ends: %s%s%s", n->name,
		    n->text != NULL ? ": " : "",
		    n->text != NULL ? n->text : "");
	if (n->kind != SIM_LOG_CALLBACK || d == NULL ||
	    (d->delivered && !came_from_fallback(d) && !d->unasked))
		return NULL;
	why = d->reply == NULL	      ? NULL
	      : d->reply->why != NULL ? d->reply->why
				      : d->reply->reason;
	return sim_format("%s to %s: %s%s%s", d->event, d->url,
	    !d->delivered ? "not delivered"
	    : d->unasked  ? "answered without asking for credentials"
			  : "only a fallback answered",
	    why != NULL ? ": " : "", why != NULL ? why : "");
}

static void
report_fault(struct sim_expectation *x, const struct sim_log_entry *n)
{
	char *fault = x->fault ? NULL : fault_of(n);

	if (fault != NULL && may_report(x)) {
		put_location(x, x->scenario->line);
		fprintf(x->out, "went wrong: %s\n", fault);
	}
	free(fault);
}

/* Match the next step; keys match one by one. */
static bool
advance_step(struct sim_expectation *x, const struct sim_log_entry *n)
{
	const struct sim_expected_list *l = &x->scenario->steps;

	if (x->step == l->n || !entry_matches(x, &l->list[x->step], n))
		return false;
	if (l->list[x->step].kind == SIM_EXPECT_KEYS &&
	    l->list[x->step].text[++x->keys] != '\0')
		return true;
	x->step++;
	x->keys = 0;
	return true;
}

void
sim_expectation_log(void *expectation, const struct sim_log_entry *n)
{
	struct sim_expectation *x = expectation;
	const struct sim_scenario *s = x->scenario;
	bool met = advance_step(x, n);

	for (size_t i = 0; i < s->sometime.n; i++) {
		if (entry_matches(x, &s->sometime.list[i], n))
			met = x->seen[i] = true;
	}
	for (size_t i = 0; i < s->never.n; i++) {
		if (entry_matches(x, &s->never.list[i], n) && may_report(x)) {
			put_expected(x, &s->never.list[i]);
			fputs(": happened, and must not\n", x->out);
		}
	}
	if (!met)
		report_fault(x, n);
}

/* An expected stored event and the number of matches. */
struct stored {
	struct sim_expectation *expectation;
	const struct sim_expected *expected;
	long count;
};

static bool
count_row(void *arg, const struct bw_store_row *row)
{
	struct stored *s = arg;
	const struct sim_expected *e = s->expected;
	char *url =
	    sim_format("?%.*s", (int)row->event.query.n, row->event.query.p);
	const struct sim_delivery as = {.url = url,
	    .method = bw_str_is(row->event.method, "GET") ? "GET" : "POST",
	    .payload = &row->event.body};
	char *type = sim_copy_str(row->event.type);
	bool good = matches(e->text, type);

	for (size_t i = 0; i < e->n && good; i++) {
		if (strcmp(e->wanted[i].name, "count") != 0)
			good =
			    matches_field(s->expectation, &e->wanted[i], &as);
	}
	s->count += good;
	free(type);
	free(url);
	return true;
}

static const char *
wanted_count(const struct sim_expected *e)
{
	for (size_t i = 0; i < e->n; i++) {
		if (strcmp(e->wanted[i].name, "count") == 0)
			return e->wanted[i].value;
	}
	return NULL;
}

void
sim_expectation_stored(
    struct sim_expectation *x, struct bw_store *store, bool is_flow)
{
	const struct sim_expected_list *l = &x->scenario->stored;
	const struct bw_store_filter all = {.since = 0};

	for (size_t i = 0; i < l->n; i++) {
		const char *count = wanted_count(&l->list[i]);
		struct stored s = {x, &l->list[i], 0};
		struct bw_error e = {BW_OK, 0, ""};
		uint64_t cursor = 0;
		bool seen =
		    store != NULL && bw_store_read(store, &all, false, SIZE_MAX,
					 &cursor, count_row, &s, &e) == BW_OK;

		if (seen && (count != NULL ? matches_number(count, s.count)
					   : s.count > 0))
			continue;
		if (!may_report(x))
			continue;
		put_expected(x, &l->list[i]);
		if (seen)
			fprintf(x->out, ": found %ld\n", s.count);
		else if (store == NULL)
			fputs(is_flow ? ": the flow has no <store>\n"
				      : ": the store behind a URL cannot be "
					"read; try the scenario with --flow\n",
			    x->out);
		else
			fprintf(x->out, ": %s\n", e.msg);
	}
}

static void
report_undone(struct sim_expectation *x)
{
	const struct sim_act *a = sim_role_undone(&x->scenario->role);

	/* Unused keys and words are steps, already reported as missing. */
	if (a != NULL && a->text == NULL && may_report(x)) {
		put_location(x, x->scenario->line);
		fprintf(x->out,
		    "the call was over before the caller could %s\n",
		    a->kind == SIM_ACT_HANGUP ? "hang up" : "be silent");
	}
}

const char *
sim_expectation_end(struct sim_expectation *x)
{
	const struct sim_scenario *s = x->scenario;

	if (x->step < s->steps.n && may_report(x)) {
		put_expected(x, &s->steps.list[x->step]);
		fputs(": did not happen", x->out);
		if (x->step > 0)
			fprintf(x->out, " after line %d",
			    s->steps.list[x->step - 1].line);
		putc('\n', x->out);
	}
	for (size_t i = 0; i < s->sometime.n; i++) {
		if (!x->seen[i] && may_report(x)) {
			put_expected(x, &s->sometime.list[i]);
			fputs(": never happened\n", x->out);
		}
	}
	report_undone(x);
	if (x->reports > MAX_REPORTS)
		fprintf(x->out, "and %zu more\n", x->reports - MAX_REPORTS);
	if (fflush(x->out) != 0)
		sim_no_memory();
	return x->text_n > 0 ? x->text : NULL;
}
