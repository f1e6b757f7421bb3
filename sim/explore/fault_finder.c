/* Listens to one call: what was bad about it, and where else it could go. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/explore/fault_finder.h"

/* Most of each in one call: there are ever the same few, or it is a loop. */
#define MAX_FAULTS    16
#define MAX_CROSSINGS 400
#define MAX_SPOTS     400
/* What is kept of what was said. */
#define MAX_HEARD 16384
/* Who hears nothing for so long hangs up, or thinks they were hung up on. */
#define MAX_QUIET 30000
/*
 * So many callbacks without anything done by the caller, and the same place
 * so many times among them, make a loop.
 */
#define MAX_IDLE   24
#define MAX_ROUNDS 4

static const struct {
	const char *word;
	const char *meaning;
} kinds[] = {
#define FAULT(name, word, meaning) [SIM_FAULT_##name] = {word, meaning},
#include "sim/explore/faults.def"
#undef FAULT
};

const char *
sim_fault_word(enum sim_fault_kind kind)
{
	return kinds[kind].word;
}

const char *
sim_fault_meaning(enum sim_fault_kind kind)
{
	return kinds[kind].meaning;
}

void
sim_fault_finder_init(
    struct sim_fault_finder *a, const struct sim_options *options)
{
	*a = (struct sim_fault_finder){.options = options, .leaves = INT64_MAX};
	bw_buf_init(&a->heard, MAX_HEARD);
}

void
sim_fault_finder_free(struct sim_fault_finder *a)
{
	for (size_t i = 0; i < a->faults_n; i++)
		free(a->faults[i].text);
	free(a->faults);
	free(a->crossings);
	free(a->spots);
	free(a->call);
	free(a->refusal);
	bw_buf_free(&a->heard);
}

/* Takes the text over. */
static void
find(struct sim_fault_finder *a, enum sim_fault_kind kind,
    const struct sim_position *place, char *text)
{
	if (a->over || a->faults_n == MAX_FAULTS) {
		free(text);
		return;
	}
	a->faults = sim_resize(
	    a->faults, a->faults_n, a->faults_n + 1, sizeof(*a->faults));
	a->faults[a->faults_n++] =
	    (struct sim_fault){.kind = kind, .place = *place, .text = text};
}

static void
cross(struct sim_fault_finder *a, enum sim_crossing_kind kind, const char *what,
    struct sim_crossing c)
{
	uint64_t h = sim_position_number(&a->here);

	if (kind == SIM_CROSSING_WHISPER)
		h = sim_hash_int(h, sim_position_number(&a->there));
	if (a->over || a->crossings_n == MAX_CROSSINGS)
		return;
	if (a->crossings_n % 16 == 0) {
		a->crossings = sim_resize(a->crossings, a->crossings_n,
		    a->crossings_n + 16, sizeof(*a->crossings));
	}
	h = sim_hash_int(h, (uint64_t)kind);
	c.kind = kind;
	c.place = sim_hash_text(
	    h, (struct bw_str){what, what != NULL ? strlen(what) : 0});
	a->crossings[a->crossings_n++] = c;
}

static void
come_to(struct sim_fault_finder *a, const struct sim_position *s)
{
	if (a->over || a->spots_n == MAX_SPOTS)
		return;
	if (a->spots_n % 16 == 0) {
		a->spots = sim_resize(
		    a->spots, a->spots_n, a->spots_n + 16, sizeof(*a->spots));
	}
	a->spots[a->spots_n++] = *s;
}

static char *
text_of(struct bw_buf *b)
{
	char *text = sim_copy_str((struct bw_str){b->p, b->n});

	bw_buf_free(b);
	return text;
}

/* Which places the circle goes through, from here to here. */
static char *
describe_circle(const struct sim_fault_finder *a)
{
	struct bw_buf b;
	size_t n = 1;

	bw_buf_init(&b, 4096);
	bw_buf_puts(&b, "who does nothing goes round for ever: ");
	while (n < SIM_CIRCLE && n < a->idle &&
	       !sim_position_same(
		   &a->circle[(a->idle - 1 - n) % SIM_CIRCLE], &a->here))
		n++;
	for (size_t i = n; i > 0; i--) {
		sim_position_write(&a->circle[(a->idle - i) % SIM_CIRCLE], &b);
		bw_buf_puts(&b, i > 1 ? ", " : "");
	}
	return text_of(&b);
}

/* The place of a circle that is the same wherever one enters it. */
static struct sim_position
first_of_circle(const struct sim_fault_finder *a)
{
	struct sim_position first = a->here;

	for (size_t i = 0; i < SIM_CIRCLE && i < a->idle; i++) {
		const struct sim_position *s =
		    &a->circle[(a->idle - 1 - i) % SIM_CIRCLE];

		if (i > 0 && sim_position_same(s, &a->here))
			break;
		if (s->line < first.line ||
		    (s->line == first.line && strcmp(s->path, first.path) < 0))
			first = *s;
	}
	return first;
}

static void
look_for_circle(struct sim_fault_finder *a)
{
	size_t rounds = 0;
	struct sim_position place;

	a->circle[a->idle++ % SIM_CIRCLE] = a->here;
	if (a->idle < MAX_IDLE)
		return;
	for (size_t i = 0; i < SIM_CIRCLE && i < a->idle; i++)
		rounds += sim_position_same(&a->circle[i], &a->here);
	if (rounds < MAX_ROUNDS)
		return;
	place = first_of_circle(a);
	find(a, SIM_FAULT_LOOP, &place, describe_circle(a));
	a->over = a->enough = true;
}

/* What is to be said about an answer that is none. */
static char *
describe_refusal(const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;

	if (r->failure != SIM_ANSWERED)
		return sim_copy(r->why != NULL ? r->why : "no answer");
	if (r->status != 401)
		return sim_format("%d", r->status);
	if (r->challenge == NULL)
		return sim_copy("401, and no challenge: the platform does not "
				"come back with credentials");
	if (n->ask->user == NULL)
		return sim_copy("401: the URL is called without credentials");
	return sim_format(
	    "401: the credentials of user %s are not taken", n->ask->user);
}

static void
hear_of_ask(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;
	struct sim_position s;

	if (a->wire_fault) {
		a->wire_fault = false;
		a->harmed = true;
		return;
	}
	sim_position_set(&s, n->name, n->ask->url, r);
	if (r->failure == SIM_ANSWERED && r->status >= 200 && r->status < 300) {
		come_to(a, &s);
		if (r->fallback) {
			find(a, SIM_FAULT_FALLBACK, &s,
			    sim_format("the fallback goes out: %s",
				r->reason != NULL ? r->reason : "no reason"));
		}
		return;
	}
	free(a->refusal);
	a->refusal = describe_refusal(n);
	a->refused = s;
}

static bool
is_main(const struct sim_fault_finder *a, const char *call)
{
	return call == NULL || a->call == NULL || strcmp(call, a->call) == 0;
}

/* Whose answer had the URL that led to the refusal; takes the text over. */
static char *
add_origin(
    const struct sim_fault_finder *a, const struct sim_delivery *d, char *text)
{
	const struct sim_position *from =
	    is_main(a, d->about) ? &a->here : &a->there;
	char *more;

	if (*from->file == '\0' || strcmp(d->event, "disconnect") == 0)
		return text;
	more =
	    sim_format("%s; %s:%d gave the URL", text, from->file, from->line);
	free(text);
	return more;
}

static void
hear_of_callback(struct sim_fault_finder *a, const struct sim_delivery *d)
{
	bool well = d->delivered && !d->fallback;

	if (d->attempts > 0)
		cross(a, SIM_CROSSING_CALLBACK, d->event,
		    (struct sim_crossing){.index = a->asked});
	if (a->refusal != NULL && !well) {
		find(a, SIM_FAULT_CALLBACK, &a->refused,
		    add_origin(a, d, a->refusal));
		a->refusal = NULL;
	} else if (d->attempts == 0 && !d->delivered) {
		struct sim_position s;

		sim_position_set(&s, d->event, d->url, NULL);
		find(a, SIM_FAULT_CALLBACK, &s,
		    sim_format("there is no such URL: %s",
			d->url != NULL ? d->url : "none"));
	}
	free(a->refusal);
	a->refusal = NULL;
	if (!d->delivered || !d->sync)
		return;
	if (!is_main(a, d->about)) {
		sim_position_set(&a->there, d->event, d->url, d->reply);
		return;
	}
	sim_position_set(&a->here, d->event, d->url, d->reply);
	a->verbs = false;
	look_for_circle(a);
}

/* How long the words of it take. */
static int64_t
speech(const struct sim_fault_finder *a, const char *text)
{
	int64_t words = 0;

	for (const char *p = text; *p != '\0'; p++)
		words += *p != ' ' && (p[1] == ' ' || p[1] == '\0');
	return a->options->words_per_minute > 0
		   ? words * 60000 / a->options->words_per_minute
		   : 0;
}

static void
hear(struct sim_fault_finder *a, const struct sim_log_entry *n, int64_t lasts)
{
	a->heard_until = n->time + lasts;
	a->audible = true;
	a->open = NULL;
	a->alone = false;
	if (n->kind == SIM_LOG_SAID && n->text != NULL) {
		bw_buf_puts(&a->heard, n->text);
		bw_buf_putc(&a->heard, ' ');
	}
}

/* Has it been quiet until now for too long? */
static void
listen(struct sim_fault_finder *a, int64_t now)
{
	int64_t quiet = now - a->heard_until;

	if (a->listens && a->answered && quiet > MAX_QUIET) {
		find(a, SIM_FAULT_SILENCE, &a->here,
		    sim_format("the caller hears nothing for %lld seconds",
			(long long)(quiet / 1000)));
	}
	if (a->heard_until < now)
		a->heard_until = now;
}

static void
begin_verb(struct sim_fault_finder *a, const char *verb)
{
	a->verbs = true;
	a->listens = strcmp(verb, "Pause") == 0 || strcmp(verb, "Gather") == 0;
	a->hung_up = strcmp(verb, "Hangup") == 0;
	if (strcmp(verb, "Ring") == 0)
		a->audible = true;
	if (strcmp(verb, "Transfer") == 0 || strcmp(verb, "Bridge") == 0) {
		a->open = "nobody took the call";
		a->joined = false;
	}
}

static bool
is_fatal(const char *cause)
{
	static const char *const causes[] = {
	    "callback-error", "invalid-bxml", "application-error"};

	for (size_t i = 0; i < sizeof(causes) / sizeof(causes[0]); i++) {
		if (strcmp(cause, causes[i]) == 0)
			return true;
	}
	return false;
}

/* The flow ended an answered call: did the caller learn so? */
static void
judge_end(struct sim_fault_finder *a)
{
	if (!a->audible) {
		find(a, SIM_FAULT_MUTE, &a->here,
		    sim_copy("the caller never heard anything"));
		return;
	}
	if (a->open == NULL)
		return;
	if (!a->joined && strncmp(a->open, "nobody", 6) == 0) {
		find(a, SIM_FAULT_CUT, &a->here,
		    sim_copy("nobody took the call, and it ends without a "
			     "word to the caller"));
	} else if (a->verbs && !a->hung_up) {
		find(a, SIM_FAULT_CUT, &a->here,
		    sim_format("the document ends after %s, and with it the "
			       "call, without a word",
			a->open));
	}
}

static void
hear_of_end(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	const char *cause = n->name != NULL ? n->name : "unknown";
	bool left = n->time >= a->leaves;

	if (a->alone) {
		find(a, SIM_FAULT_ALONE, &a->here,
		    sim_copy("alone in a conference, where nothing is heard"));
	}
	if (is_fatal(cause)) {
		if (a->faults_n == 0 && !a->harmed)
			find(a, SIM_FAULT_ERROR, &a->here,
			    sim_format("the call ends: %s", cause));
	} else if (!left && a->answered && strcmp(cause, "hangup") == 0) {
		judge_end(a);
	}
	a->listens = false;
}

static void
act(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	a->idle = 0;
	a->heard_until = n->time;
}

static void
hear_of_call(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	switch (n->kind) {
	case SIM_LOG_ANSWERED:
		a->answered = true;
		a->heard_until = n->time;
		break;
	case SIM_LOG_VERB:
		begin_verb(a, n->name);
		cross(a, SIM_CROSSING_MOMENT, n->name,
		    (struct sim_crossing){.most = 0});
		break;
	case SIM_LOG_SAID:
		hear(a, n, speech(a, n->text != NULL ? n->text : ""));
		break;
	case SIM_LOG_PLAYED:
		hear(a, n, a->options->audio);
		break;
	case SIM_LOG_KEY:
		act(a, n);
		a->open = "a key was pressed";
		break;
	case SIM_LOG_TALKED:
		act(a, n);
		a->open = "the caller spoke";
		break;
	case SIM_LOG_SILENCE:
		if (a->open == NULL)
			a->open = "silence";
		break;
	case SIM_LOG_DEED:
		act(a, n);
		break;
	case SIM_LOG_END:
		hear_of_end(a, n);
		break;
	default:
		break;
	}
}

/* While a callback is refused, it is about that, and says it better. */
static void
hear_of_error(struct sim_fault_finder *a, const char *text)
{
	if (a->refusal == NULL) {
		find(a, SIM_FAULT_BXML, &a->here, sim_copy(text));
		return;
	}
	free(a->refusal);
	a->refusal = sim_copy(text);
}

void
sim_fault_finder_log(void *audit, const struct sim_log_entry *n)
{
	struct sim_fault_finder *a = audit;

	if (n->kind == SIM_LOG_CALL && a->call == NULL)
		a->call = sim_copy(n->call);
	switch (n->kind) {
	case SIM_LOG_ASKED:
		hear_of_ask(a, n);
		return;
	case SIM_LOG_CALLBACK:
		hear_of_callback(a, n->delivery);
		return;
	case SIM_LOG_WRONG:
		if (n->finding->severity == BW_SEVERITY_ERROR)
			hear_of_error(a, n->finding->text);
		return;
	default:
		break;
	}
	if (is_main(a, n->call)) {
		listen(a, n->time);
		hear_of_call(a, n);
	} else if (a->confers &&
		   (n->kind == SIM_LOG_SAID || n->kind == SIM_LOG_PLAYED)) {
		hear(a, n, 0);
	}
}

void
sim_fault_finder_moment(
    struct sim_fault_finder *a, const struct sim_moment *m, size_t index)
{
	struct sim_crossing c = {.index = index, .most = m->most};

	if (m->terminating != NULL)
		c.terminating = *m->terminating;
	switch (m->situation) {
	case SIM_GATHERS:
		if (m->count == 0 && !m->prompted)
			cross(a, SIM_CROSSING_MOVE, m->tag, c);
		break;
	case SIM_RECORDS:
		if (m->count == 0)
			cross(a, SIM_CROSSING_RECORD, m->tag, c);
		break;
	case SIM_TALKS:
		a->joined = a->audible = true;
		a->open = NULL;
		a->idle = 0;
		cross(a, SIM_CROSSING_MOMENT, "talks", c);
		break;
	case SIM_CONFERS:
		a->alone = !a->confers && (a->open != NULL || !a->audible);
		a->confers = true;
		cross(a, SIM_CROSSING_MOMENT, "confers", c);
		break;
	default:
		cross(a, SIM_CROSSING_MOMENT, m->verb, c);
		break;
	}
}

void
sim_fault_finder_callee(struct sim_fault_finder *a, const struct sim_moment *m)
{
	struct sim_crossing c = {.most = m->most};
	size_t n = strlen(m->number);

	if (n >= sizeof(c.number))
		return;
	memcpy(c.number, m->number, n);
	if (m->situation == SIM_RINGS)
		cross(a, SIM_CROSSING_CALLEE, m->number, c);
	else if (m->situation == SIM_GATHERS && m->count == 0 && !m->prompted)
		cross(a, SIM_CROSSING_WHISPER, m->number, c);
}
