/* Finds faults and branches in one call. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/explore/fault_finder.h"

/* Limits per call: more only occur in a loop. */
#define MAX_FAULTS    16
#define MAX_BRANCHES  400
#define MAX_POSITIONS 400
/* Limit of the stored speech. */
#define MAX_SPOKEN 16384
/* A caller hangs up after this much silence, ms. */
#define MAX_QUIET 30000
/*
 * A loop is this many callbacks without an action of the caller, with the
 * current position this many times among the last ones.
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
	*a = (struct sim_fault_finder){
	    .options = options, .hangup_time = INT64_MAX};
	bw_buf_init(&a->spoken, MAX_SPOKEN);
}

void
sim_fault_finder_free(struct sim_fault_finder *a)
{
	for (size_t i = 0; i < a->faults_n; i++)
		free(a->faults[i].text);
	free(a->faults);
	free(a->branches);
	free(a->positions);
	free(a->call);
	free(a->refusal);
	bw_buf_free(&a->spoken);
}

/* Takes ownership of the text. */
static void
add_fault(struct sim_fault_finder *a, enum sim_fault_kind kind,
    const struct sim_position *position, char *text)
{
	if (a->closed || a->faults_n == MAX_FAULTS) {
		free(text);
		return;
	}
	a->faults = sim_resize(
	    a->faults, a->faults_n, a->faults_n + 1, sizeof(*a->faults));
	a->faults[a->faults_n++] = (struct sim_fault){
	    .kind = kind, .position = *position, .text = text};
}

static void
add_branch(struct sim_fault_finder *a, enum sim_branch_kind kind,
    const char *what, struct sim_branch b)
{
	uint64_t h = sim_position_number(&a->caller_at);

	if (kind == SIM_BRANCH_WHISPER)
		h = sim_hash_int(h, sim_position_number(&a->other_at));
	if (a->closed || a->branches_n == MAX_BRANCHES)
		return;
	if (a->branches_n % 16 == 0) {
		a->branches = sim_resize(a->branches, a->branches_n,
		    a->branches_n + 16, sizeof(*a->branches));
	}
	h = sim_hash_int(h, (uint64_t)kind);
	b.kind = kind;
	b.hash = sim_hash_text(
	    h, (struct bw_str){what, what != NULL ? strlen(what) : 0});
	a->branches[a->branches_n++] = b;
}

static void
add_position(struct sim_fault_finder *a, const struct sim_position *s)
{
	if (a->closed || a->positions_n == MAX_POSITIONS)
		return;
	if (a->positions_n % 16 == 0) {
		a->positions = sim_resize(a->positions, a->positions_n,
		    a->positions_n + 16, sizeof(*a->positions));
	}
	a->positions[a->positions_n++] = *s;
}

static char *
text_of(struct bw_buf *b)
{
	char *text = sim_copy_str((struct bw_str){b->p, b->n});

	bw_buf_free(b);
	return text;
}

/* List the positions of the loop. */
static char *
describe_loop(const struct sim_fault_finder *a)
{
	struct bw_buf b;
	size_t n = 1;

	bw_buf_init(&b, 4096);
	bw_buf_puts(&b, "an idle caller loops for ever: ");
	while (n < SIM_LOOP_WINDOW && n < a->idle &&
	       !sim_position_same(&a->loop[(a->idle - 1 - n) % SIM_LOOP_WINDOW],
		   &a->caller_at))
		n++;
	for (size_t i = n; i > 0; i--) {
		sim_position_write(
		    &a->loop[(a->idle - i) % SIM_LOOP_WINDOW], &b);
		bw_buf_puts(&b, i > 1 ? ", " : "");
	}
	return text_of(&b);
}

/* A position that identifies the loop, independent of where it was entered. */
static struct sim_position
loop_start(const struct sim_fault_finder *a)
{
	struct sim_position first = a->caller_at;

	for (size_t i = 0; i < SIM_LOOP_WINDOW && i < a->idle; i++) {
		const struct sim_position *s =
		    &a->loop[(a->idle - 1 - i) % SIM_LOOP_WINDOW];

		if (i > 0 && sim_position_same(s, &a->caller_at))
			break;
		if (s->line < first.line ||
		    (s->line == first.line && strcmp(s->path, first.path) < 0))
			first = *s;
	}
	return first;
}

static void
find_loop(struct sim_fault_finder *a)
{
	size_t rounds = 0;
	struct sim_position position;

	a->loop[a->idle++ % SIM_LOOP_WINDOW] = a->caller_at;
	if (a->idle < MAX_IDLE)
		return;
	for (size_t i = 0; i < SIM_LOOP_WINDOW && i < a->idle; i++)
		rounds += sim_position_same(&a->loop[i], &a->caller_at);
	if (rounds < MAX_ROUNDS)
		return;
	position = loop_start(a);
	add_fault(a, SIM_FAULT_LOOP, &position, describe_loop(a));
	a->closed = a->stop_call = true;
}

/* The text for a failed answer. */
static char *
describe_refusal(const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;

	if (r->failure != SIM_ANSWERED)
		return sim_copy(r->why != NULL ? r->why : "no answer");
	if (r->status != 401)
		return sim_format("%d", r->status);
	if (r->challenge == NULL)
		return sim_copy("401 without a challenge: the platform sends "
				"no second request with credentials");
	if (n->request->user == NULL)
		return sim_copy("401: no credentials are set for this URL");
	return sim_format("401: the credentials of user %s are not accepted",
	    n->request->user);
}

static void
on_request(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;
	struct sim_position s;

	if (a->wire_fault) {
		a->wire_fault = false;
		a->wire_fault_hit = true;
		return;
	}
	sim_position_set(&s, n->name, n->request->url, r);
	if (r->failure == SIM_ANSWERED && r->status >= 200 && r->status < 300) {
		add_position(a, &s);
		if (r->fallback) {
			add_fault(a, SIM_FAULT_FALLBACK, &s,
			    sim_format("the fallback is sent: %s",
				r->reason != NULL ? r->reason : "no reason"));
		}
		return;
	}
	free(a->refusal);
	a->refusal = describe_refusal(n);
	a->refused_at = s;
}

static bool
is_main(const struct sim_fault_finder *a, const char *call)
{
	return call == NULL || a->call == NULL || strcmp(call, a->call) == 0;
}

/*
 * Append the rule whose answer contained the failing URL. Takes ownership of
 * the text.
 */
static char *
add_origin(
    const struct sim_fault_finder *a, const struct sim_delivery *d, char *text)
{
	const struct sim_position *from =
	    is_main(a, d->about) ? &a->caller_at : &a->other_at;
	char *more;

	if (*from->file == '\0' || strcmp(d->event, "disconnect") == 0)
		return text;
	more =
	    sim_format("%s; %s:%d gave the URL", text, from->file, from->line);
	free(text);
	return more;
}

static void
on_callback(struct sim_fault_finder *a, const struct sim_delivery *d)
{
	bool well = d->delivered && !d->fallback;

	if (d->attempts > 0)
		add_branch(a, SIM_BRANCH_CALLBACK, d->event,
		    (struct sim_branch){.index = a->request_number});
	if (a->refusal != NULL && !well) {
		add_fault(a, SIM_FAULT_CALLBACK, &a->refused_at,
		    add_origin(a, d, a->refusal));
		a->refusal = NULL;
	} else if (d->attempts == 0 && !d->delivered) {
		struct sim_position s;

		sim_position_set(&s, d->event, d->url, NULL);
		add_fault(a, SIM_FAULT_CALLBACK, &s,
		    sim_format("not a valid URL: %s",
			d->url != NULL ? d->url : "none"));
	}
	free(a->refusal);
	a->refusal = NULL;
	if (d->unasked) {
		struct sim_position s;

		sim_position_set(&s, d->event, d->url, d->reply);
		add_fault(a, SIM_FAULT_UNASKED, &s,
		    sim_copy("a web server answered in place of the "
			     "application, or nothing checks credentials"));
	}
	if (!d->delivered || !d->sync)
		return;
	if (!is_main(a, d->about)) {
		sim_position_set(&a->other_at, d->event, d->url, d->reply);
		return;
	}
	sim_position_set(&a->caller_at, d->event, d->url, d->reply);
	a->verbs = false;
	find_loop(a);
}

/* Duration of speech in milliseconds. */
static int64_t
speech_ms(const struct sim_fault_finder *a, const char *text)
{
	int64_t words = 0;

	for (const char *p = text; *p != '\0'; p++)
		words += *p != ' ' && (p[1] == ' ' || p[1] == '\0');
	return a->options->words_per_minute > 0
		   ? words * 60000 / a->options->words_per_minute
		   : 0;
}

static void
add_audio(
    struct sim_fault_finder *a, const struct sim_log_entry *n, int64_t lasts)
{
	a->audible_until = n->time + lasts;
	a->audible = true;
	a->pending = NULL;
	a->alone = false;
	if (n->kind == SIM_LOG_SAID && n->text != NULL) {
		bw_buf_puts(&a->spoken, n->text);
		bw_buf_putc(&a->spoken, ' ');
	}
}

/* Report silence that lasted too long. */
static void
check_silence(struct sim_fault_finder *a, int64_t now)
{
	int64_t quiet = now - a->audible_until;

	if (a->listens && a->answered && quiet > MAX_QUIET) {
		add_fault(a, SIM_FAULT_SILENCE, &a->caller_at,
		    sim_format("the caller hears nothing for %lld seconds",
			(long long)(quiet / 1000)));
	}
	if (a->audible_until < now)
		a->audible_until = now;
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
		a->pending = "nobody took the call";
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

/* The flow ended an answered call: was the caller informed? */
static void
check_end(struct sim_fault_finder *a)
{
	if (!a->audible) {
		add_fault(a, SIM_FAULT_MUTE, &a->caller_at,
		    sim_copy("the caller never heard anything"));
		return;
	}
	if (a->pending == NULL)
		return;
	if (!a->joined && strncmp(a->pending, "nobody", 6) == 0) {
		add_fault(a, SIM_FAULT_CUT, &a->caller_at,
		    sim_copy("nobody took the call, and it ends without a "
			     "prompt for the caller"));
	} else if (a->verbs && !a->hung_up) {
		add_fault(a, SIM_FAULT_CUT, &a->caller_at,
		    sim_format("the document, and the call, end after %s "
			       "without a prompt",
			a->pending));
	}
}

static void
on_end(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	const char *cause = n->name != NULL ? n->name : "unknown";
	bool left = n->time >= a->hangup_time;

	if (a->alone) {
		add_fault(a, SIM_FAULT_ALONE, &a->caller_at,
		    sim_copy("alone in a conference, where nothing is heard"));
	}
	if (is_fatal(cause)) {
		if (a->faults_n == 0 && !a->wire_fault_hit)
			add_fault(a, SIM_FAULT_ERROR, &a->caller_at,
			    sim_format("the call ends: %s", cause));
	} else if (!left && a->answered && strcmp(cause, "hangup") == 0) {
		check_end(a);
	}
	a->listens = false;
}

static void
reset_idle(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	a->idle = 0;
	a->audible_until = n->time;
}

static void
on_call(struct sim_fault_finder *a, const struct sim_log_entry *n)
{
	switch (n->kind) {
	case SIM_LOG_ANSWERED:
		a->answered = true;
		a->audible_until = n->time;
		break;
	case SIM_LOG_VERB:
		begin_verb(a, n->name);
		add_branch(a, SIM_BRANCH_HANGUP, n->name,
		    (struct sim_branch){.most = 0});
		break;
	case SIM_LOG_SAID:
		add_audio(a, n, speech_ms(a, n->text != NULL ? n->text : ""));
		break;
	case SIM_LOG_PLAYED:
		add_audio(a, n, a->options->audio);
		break;
	case SIM_LOG_KEY:
		reset_idle(a, n);
		a->pending = "a key was pressed";
		break;
	case SIM_LOG_TALKED:
		reset_idle(a, n);
		a->pending = "the caller spoke";
		break;
	case SIM_LOG_SILENCE:
		if (a->pending == NULL)
			a->pending = "silence";
		break;
	case SIM_LOG_ACTION:
		reset_idle(a, n);
		break;
	case SIM_LOG_END:
		on_end(a, n);
		break;
	default:
		break;
	}
}

/* After a failed answer, the finding is about that answer and more precise. */
static void
on_error(struct sim_fault_finder *a, const char *text)
{
	if (a->refusal == NULL) {
		add_fault(a, SIM_FAULT_BXML, &a->caller_at, sim_copy(text));
		return;
	}
	free(a->refusal);
	a->refusal = sim_copy(text);
}

void
sim_fault_finder_log(void *finder, const struct sim_log_entry *n)
{
	struct sim_fault_finder *a = finder;

	if (n->kind == SIM_LOG_CALL && a->call == NULL)
		a->call = sim_copy(n->call);
	switch (n->kind) {
	case SIM_LOG_REQUEST:
		on_request(a, n);
		return;
	case SIM_LOG_CALLBACK:
		on_callback(a, n->delivery);
		return;
	case SIM_LOG_FINDING:
		if (n->finding->severity == BW_SEVERITY_ERROR)
			on_error(a, n->finding->text);
		return;
	default:
		break;
	}
	if (is_main(a, n->call)) {
		check_silence(a, n->time);
		on_call(a, n);
	} else if (a->confers &&
		   (n->kind == SIM_LOG_SAID || n->kind == SIM_LOG_PLAYED)) {
		add_audio(a, n, 0);
	}
}

void
sim_fault_finder_caller(struct sim_fault_finder *a,
    const struct sim_person_context *c, size_t index)
{
	struct sim_branch b = {.index = index, .most = c->most};

	if (c->terminating != NULL)
		b.terminating = *c->terminating;
	switch (c->situation) {
	case SIM_GATHERS:
		if (c->count == 0 && !c->prompted)
			add_branch(a, SIM_BRANCH_MOVE, c->tag, b);
		break;
	case SIM_RECORDS:
		if (c->count == 0)
			add_branch(a, SIM_BRANCH_RECORD, c->tag, b);
		break;
	case SIM_TALKS:
		a->joined = a->audible = true;
		a->pending = NULL;
		a->idle = 0;
		add_branch(a, SIM_BRANCH_HANGUP, "talks", b);
		break;
	case SIM_CONFERS:
		a->alone = !a->confers && (a->pending != NULL || !a->audible);
		a->confers = true;
		add_branch(a, SIM_BRANCH_HANGUP, "confers", b);
		break;
	default:
		add_branch(a, SIM_BRANCH_HANGUP, c->verb, b);
		break;
	}
}

void
sim_fault_finder_callee(
    struct sim_fault_finder *a, const struct sim_person_context *c)
{
	struct sim_branch b = {.most = c->most};
	size_t n = strlen(c->number);

	if (n >= sizeof(b.number))
		return;
	memcpy(b.number, c->number, n);
	if (c->situation == SIM_RINGS)
		add_branch(a, SIM_BRANCH_CALLEE, c->number, b);
	else if (c->situation == SIM_GATHERS && c->count == 0 && !c->prompted)
		add_branch(a, SIM_BRANCH_WHISPER, c->number, b);
}
