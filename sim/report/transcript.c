/* Writes readable transcripts. */
#include "sim/report/transcript.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/mask.h>

#include "sim/base/hash.h"
#include "sim/base/memory.h"
#include "sim/base/printable.h"
#include "sim/deliver/deliver.h"

#define BOLD   "1"
#define RED    "1;31"
#define GREEN  "32"
#define YELLOW "33"
#define CYAN   "36"

/*
 * Exchanges shown per callback, usually 401 and 200; further ones are omitted.
 */
#define MAX_REQUESTS 8

struct exchange {
	enum sim_failure failure;
	int status;
};

/* The retries of a callback that fail for the same reason. */
struct retries {
	uint64_t hash; /* of the event and the reason */
	size_t n;
};

struct sim_transcript {
	FILE *out;
	bool colour;
	bool masked;
	bool begun;
	int64_t start;
	char *origin; /* scheme and host of the first callback: omitted in later
			 lines */
	char **calls; /* ids in the order of appearance */
	size_t n;
	struct retries *retries; /* of each of them */
	struct exchange requests[MAX_REQUESTS];
	size_t requests_n;
	int64_t took;
	size_t
	    key_call; /* the call whose keys are on the current line; 0: none */
};

struct sim_transcript *
sim_transcript_new(FILE *out, bool colour)
{
	struct sim_transcript *s = sim_alloc(sizeof(*s));

	s->out = out;
	s->colour = colour;
	return s;
}

void
sim_transcript_free(struct sim_transcript *s)
{
	if (s == NULL)
		return;
	for (size_t i = 0; i < s->n; i++)
		free(s->calls[i]);
	free(s->calls);
	free(s->retries);
	free(s->origin);
	free(s);
}

void
sim_transcript_mask(struct sim_transcript *s)
{
	s->masked = true;
}

/* Print a value of this kind; passwords are always masked. */
static void
put_value(FILE *out, enum bw_mask kind, struct bw_str value, bool masked)
{
	struct bw_buf b;

	bw_buf_init(&b, SIZE_MAX);
	bw_mask_add(&b, kind, value, !masked);
	if (b.err != BW_OK)
		sim_no_memory();
	sim_printable(out, (struct bw_str){b.p, b.n});
	bw_buf_free(&b);
}

/* The same for a terminated string; NULL prints nothing. */
static void
put_masked(const struct sim_transcript *s, enum bw_mask kind, const char *text)
{
	if (text != NULL)
		put_value(s->out, kind, (struct bw_str){text, strlen(text)},
		    s->masked);
}

static void
paint_masked(const struct sim_transcript *s, const char *colour,
    enum bw_mask kind, const char *text)
{
	if (s->colour)
		fprintf(s->out, "\033[%sm", colour);
	put_masked(s, kind, text);
	if (s->colour)
		fputs("\033[0m", s->out);
}

/* Print text of the simulator's own. */
static void
paint(const struct sim_transcript *s, const char *colour, const char *text)
{
	paint_masked(s, colour, BW_MASK_WORD, text);
}

/* The number of a known call; 0: unknown. */
static size_t
known_call(const struct sim_transcript *s, const char *id)
{
	for (size_t i = 0; i < s->n; i++) {
		if (strcmp(s->calls[i], id) == 0)
			return i + 1;
	}
	return 0;
}

/* The number of a call, from 1; a new call gets the next number. */
static size_t
call_number(struct sim_transcript *s, const char *id)
{
	size_t known = known_call(s, id);

	if (known > 0)
		return known;
	s->calls = sim_resize(s->calls, s->n, s->n + 1, sizeof(*s->calls));
	s->retries =
	    sim_resize(s->retries, s->n, s->n + 1, sizeof(*s->retries));
	s->calls[s->n++] = sim_copy(id);
	return s->n;
}

static struct retries *
retries_of(struct sim_transcript *s, const char *id)
{
	size_t number = call_number(s, id); /* may move the list */

	return &s->retries[number - 1];
}

/* The time, " 0:06.1 ", and the number of a further call, "[2]". */
static void
put_begin(
    struct sim_transcript *s, const struct sim_log_entry *n, const char *indent)
{
	int64_t tenths = (n->time - s->start) / 100;
	size_t number = n->call != NULL ? call_number(s, n->call) : 1;

	if (tenths < 36000)
		fprintf(s->out, "%5" PRId64 ":%02" PRId64 ".%" PRId64,
		    tenths / 600, tenths / 10 % 60, tenths % 10);
	else
		fprintf(s->out, "%3" PRId64 ":%02" PRId64 ":%02" PRId64,
		    tenths / 36000, tenths / 600 % 60, tenths / 10 % 60);
	if (number > 1)
		fprintf(s->out, " [%zu] %s", number, indent);
	else
		fprintf(s->out, "  %s", indent);
}

static void
put_quoted(struct sim_transcript *s, const struct sim_log_entry *n,
    const char *what, enum bw_mask kind)
{
	put_begin(s, n, "  ");
	fprintf(s->out, "%-10s\"", what);
	put_masked(s, kind, n->text);
	fputs("\"\n", s->out);
}

static void
add_request(struct sim_transcript *s, const struct sim_log_entry *n)
{
	const struct sim_reply *r = n->reply;

	if (r == NULL)
		return;
	if (s->requests_n < MAX_REQUESTS)
		s->requests[s->requests_n++] =
		    (struct exchange){r->failure, r->status};
	s->took += r->took;
}

static void
put_exchange(struct sim_transcript *s, const struct exchange *x)
{
	const char *colour = x->status >= 200 && x->status < 300 ? GREEN
			     : x->status == 401			 ? CYAN
								 : RED;
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", x->status);
	putc(' ', s->out);
	if (x->failure != SIM_ANSWERED)
		paint(s, RED, sim_failure_name(x->failure));
	else
		paint(s, colour, text);
}

/* The URL without the origin of the first callback. */
static const char *
short_url(struct sim_transcript *s, const char *url)
{
	const char *host = strstr(url, "://");
	size_t n = host != NULL ? 3 + strcspn(host + 3, "/?#") : 0;

	n = host != NULL ? (size_t)(host - url) + n : 0;
	if (s->origin == NULL)
		s->origin = sim_copy_str((struct bw_str){url, n});
	if (strncmp(url, s->origin, n) == 0 && strlen(s->origin) == n &&
	    url[n] != '\0')
		return url + n;
	return url;
}

struct fields {
	FILE *out;
	bool masked;
	size_t n;
};

static void
put_field(void *arg, const char *name, struct bw_str value)
{
	struct fields *f = arg;
	const char *dot = strrchr(name, '.');

	if (value.n == 0 && strcmp(name, "digits") != 0)
		return;
	fprintf(f->out, "%s%s ", f->n++ == 0 ? " (" : ", ",
	    dot != NULL ? dot + 1 : name);
	if (value.n > 60)
		value.n = 60;
	if (value.n == 0)
		putc('-', f->out);
	put_value(f->out,
	    bw_mask_of_member((struct bw_str){name, strlen(name)}), value,
	    f->masked);
}

/* "gather (digits 2)". */
static char *
describe(const struct sim_transcript *s, const struct sim_delivery *d)
{
	struct fields f = {.masked = s->masked};
	char *text = NULL;
	size_t n;

	f.out = open_memstream(&text, &n);
	if (f.out == NULL)
		sim_no_memory();
	sim_printable_text(f.out, d->event);
	if (d->payload != NULL)
		sim_delivery_fields(d, put_field, &f);
	if (f.n > 0)
		putc(')', f.out);
	if (fclose(f.out) != 0)
		sim_no_memory();
	return text;
}

static void
put_outcome(struct sim_transcript *s, const struct sim_log_entry *n,
    const struct sim_delivery *d)
{
	const struct sim_reply *r = d->reply;

	if (r != NULL && r->fallback) {
		put_begin(s, n, "    ");
		paint(s, RED,
		    r->web_server ? "the web server's fallback answered"
				  : "the flow's fallback answered");
		fputs(r->reason != NULL ? ": " : "", s->out);
		put_masked(s, BW_MASK_REMARK, r->reason);
		putc('\n', s->out);
	}
	if (!d->delivered && r != NULL && r->why != NULL) {
		put_begin(s, n, "    ");
		paint_masked(s, RED, BW_MASK_REMARK, r->why);
		putc('\n', s->out);
	}
	if (!d->delivered || d->fallback) {
		put_begin(s, n, "    ");
		paint(s, RED,
		    d->fallback ? "only the fallback URL answered"
		    : d->lost	? "lost: not retried any more"
				: "not delivered");
		putc('\n', s->out);
	}
}

static void
put_callback(struct sim_transcript *s, const struct sim_log_entry *n)
{
	const struct sim_delivery *d = n->delivery;
	char *text = describe(s, d);
	size_t width = strlen(text);

	put_begin(s, n, "");
	paint(s, CYAN, text);
	fprintf(s->out, "%*s%s ", width < 34 ? (int)(34 - width) : 1, "",
	    d->method);
	put_masked(s, BW_MASK_URL, short_url(s, d->url));
	free(text);
	putc(' ', s->out);
	for (size_t i = 0; i < s->requests_n; i++)
		put_exchange(s, &s->requests[i]);
	if (d->attempts > 1)
		fprintf(s->out, ", %d attempts", d->attempts);
	fprintf(s->out, "  %.1f ms\n", (double)s->took / 1000);
	s->requests_n = 0;
	s->took = 0;
	if (n->call != NULL)
		retries_of(s, n->call)->n = 0;
	put_outcome(s, n, d);
}

static void
put_finding(struct sim_transcript *s, const struct sim_log_entry *n)
{
	const struct bw_finding *f = n->finding;
	bool error = f == NULL || f->severity == BW_SEVERITY_ERROR;

	put_begin(s, n, "    ");
	paint(s, error ? RED : YELLOW, error ? "error: " : "warning: ");
	if (f != NULL && f->file != NULL && f->line > 0) {
		sim_printable_text(s->out, f->file);
		fprintf(s->out, ":%d:%d: ", f->line, f->column);
	}
	put_masked(s, BW_MASK_SPEECH, f != NULL ? f->text : n->text);
	putc('\n', s->out);
}

/* How to mask the target of a verb. */
static enum bw_mask
mask_of_verb(const char *verb)
{
	static const struct {
		const char *verb;
		enum bw_mask kind;
	} kinds[] = {{"Transfer", BW_MASK_NUMBER}, {"Forward", BW_MASK_NUMBER},
	    {"Refer", BW_MASK_NUMBER}, {"Redirect", BW_MASK_URL},
	    {"StartStream", BW_MASK_URL}, {"StartTranscription", BW_MASK_URL},
	    {"StopStream", BW_MASK_REMARK},
	    {"StopTranscription", BW_MASK_REMARK},
	    {"Conference", BW_MASK_REMARK}, {"Bridge", BW_MASK_WORD}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(verb, kinds[i].verb) == 0)
			return kinds[i].kind;
	}
	return BW_MASK_KEYS;
}

/* Verbs without log entries of their own. */
static void
put_verb(struct sim_transcript *s, const struct sim_log_entry *n)
{
	static const char *const silent_verbs[] = {
	    "SpeakSentence", "PlayAudio", "PhoneNumber", "SipUri"};

	for (size_t i = 0; i < sizeof(silent_verbs) / sizeof(silent_verbs[0]);
	     i++) {
		if (strcmp(n->name, silent_verbs[i]) == 0)
			return;
	}
	put_begin(s, n, "  ");
	sim_printable_text(s->out, n->name);
	fputs(n->text != NULL ? "  " : "", s->out);
	put_masked(s, mask_of_verb(n->name), n->text);
	putc('\n', s->out);
}

/* Successive keys share a line. */
static void
put_key(struct sim_transcript *s, const struct sim_log_entry *n)
{
	if (s->key_call == 0) {
		put_begin(s, n, "  ");
		fputs("presses  ", s->out);
	}
	putc(' ', s->out);
	paint(s, BOLD, s->masked ? "*" : n->text);
	s->key_call = n->call != NULL ? call_number(s, n->call) : 1;
}

static void
put_end(struct sim_transcript *s, const struct sim_log_entry *n)
{
	put_begin(s, n, "");
	paint(s, BOLD, "the call ends: ");
	paint(s, BOLD, n->name);
	fputs(n->text != NULL ? ": " : "", s->out);
	put_masked(s, BW_MASK_REMARK, n->text);
	putc('\n', s->out);
}

static void
put_call(struct sim_transcript *s, const struct sim_log_entry *n)
{
	put_begin(s, n, "");
	paint(s, BOLD, n->text != NULL ? n->text : "");
	paint(s, BOLD, " call");
	putc('\n', s->out);
}

/* Show the number of a call; ids of recordings are omitted. */
static void
put_state(struct sim_transcript *s, const struct sim_log_entry *n)
{
	size_t other = n->name != NULL ? known_call(s, n->name) : 0;

	put_begin(s, n, "  ");
	if (other > 0)
		fprintf(s->out, "[%zu] ", other);
	put_masked(s, BW_MASK_SPEECH, n->text);
	putc('\n', s->out);
}

static void
put_other(struct sim_transcript *s, const struct sim_log_entry *n)
{
	static const char *const words[] = {
	    [SIM_LOG_ANSWERED] = "answered  ",
	    [SIM_LOG_PLAYED] = "plays     ",
	    [SIM_LOG_SILENCE] = "silence   ",
	    [SIM_LOG_ACTION] = "",
	    [SIM_LOG_RETRY] = "retry     ",
	};
	const char *object = n->text != NULL ? n->text : n->name;

	put_begin(s, n, "  ");
	fprintf(s->out, "%.*s", object != NULL ? 10 : 8, words[n->kind]);
	put_masked(
	    s, n->kind == SIM_LOG_PLAYED ? BW_MASK_URL : BW_MASK_WORD, object);
	putc('\n', s->out);
}

/*
 * Print the first retry, and that more follow. The reason is in parentheses,
 * after the pause.
 */
static void
put_retry(struct sim_transcript *s, const struct sim_log_entry *n)
{
	const char *why = n->text != NULL ? strchr(n->text, '(') : NULL;
	uint64_t hash = 0;
	struct retries *r;

	if (n->call == NULL || why == NULL ||
	    strncmp(n->text, "again", 5) != 0) {
		put_other(s, n);
		return;
	}
	hash = sim_hash_text(hash, (struct bw_str){why, strlen(why)});
	if (n->name != NULL)
		hash = sim_hash_text(
		    hash, (struct bw_str){n->name, strlen(n->name)});
	r = retries_of(s, n->call);
	if (r->n == 0 || r->hash != hash)
		*r = (struct retries){.hash = hash};
	if (++r->n == 1) {
		put_other(s, n);
	} else if (r->n == 2) {
		put_begin(s, n, "  ");
		fputs("retry     and so on, for the same reason\n", s->out);
	}
}

/* Does the entry leave the line of keys open? */
static bool
continues_keys(const struct sim_transcript *s, const struct sim_log_entry *n)
{
	return n->kind == SIM_LOG_REQUEST ||
	       (n->kind == SIM_LOG_KEY &&
		   (n->call == NULL || known_call(s, n->call) == s->key_call));
}

void
sim_transcript_log(void *transcript, const struct sim_log_entry *n)
{
	struct sim_transcript *s = transcript;

	if (!s->begun)
		s->start = n->time;
	s->begun = true;
	if (s->key_call != 0 && !continues_keys(s, n)) {
		putc('\n', s->out);
		s->key_call = 0;
	}
	switch (n->kind) {
	case SIM_LOG_CALL:
		put_call(s, n);
		break;
	case SIM_LOG_VERB:
		put_verb(s, n);
		break;
	case SIM_LOG_SAID:
		put_quoted(s, n, "hears", BW_MASK_SPEECH);
		break;
	case SIM_LOG_TALKED:
		put_quoted(s, n, "says", BW_MASK_HIDDEN);
		break;
	case SIM_LOG_KEY:
		put_key(s, n);
		break;
	case SIM_LOG_REQUEST:
		add_request(s, n);
		break;
	case SIM_LOG_CALLBACK:
		put_callback(s, n);
		break;
	case SIM_LOG_FINDING:
		put_finding(s, n);
		break;
	case SIM_LOG_STATE:
		put_state(s, n);
		break;
	case SIM_LOG_RETRY:
		put_retry(s, n);
		break;
	case SIM_LOG_END:
		put_end(s, n);
		break;
	default:
		put_other(s, n);
		break;
	}
}
