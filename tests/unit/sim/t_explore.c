/* Exploring: applications with one fault each, and some without. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/explore/explore.h"
#include "sim/explore/shrink.h"

#include "tests/tap/tap.h"

/*
 * A scripted answer to an event at a path whose payload contains a text. The
 * first match is used; without a match the answer is 404.
 */
struct rule {
	const char *path;
	const char *event;
	const char *with; /* NULL: anything */
	const char *answer;
};

#define MENU \
	"<Gather gatherUrl='/menu' maxDigits='1'><SpeakSentence>Press 1 or " \
	"2.</SpeakSentence></Gather>"
#define BYE  "<SpeakSentence>Goodbye.</SpeakSentence><Hangup/>"
#define R(x) "<Response>" x "</Response>"

static const struct {
	const char *name;
	struct rule rules[6];
	const char *kind;  /* of the only fault; NULL: no fault */
	const char *words; /* the shortest script for it */
} apps[] = {
    {"a menu",
	{{"/", "initiate", NULL, R(MENU)}, {"/menu", "gather", NULL, R(BYE)}},
	NULL, NULL},
    {"one key leads to nonsense",
	{{"/", "initiate", NULL, R(MENU)},
	    {"/menu", "gather", "\"digits\":\"2\"", R("<Says/>")},
	    {"/menu", "gather", NULL, R(BYE)}},
	"bxml", "2"},
    {"one key leads nowhere",
	{{"/", "initiate", NULL, R(MENU)},
	    {"/menu", "gather", "\"digits\":\"1\"",
		R("<Redirect redirectUrl='/nowhere'/>")},
	    {"/menu", "gather", NULL, R(BYE)}},
	"callback", "1"},
    {"silence leads back for ever",
	{{"/", "initiate", NULL, R(MENU)},
	    {"/menu", "gather", "\"digits\":\"\"", R(MENU)},
	    {"/menu", "gather", NULL, R(BYE)}},
	"loop", ""},
    {"redirects that never end",
	{{"/", "initiate", NULL, R(MENU)},
	    {"/menu", "gather", "\"digits\":\"#\"",
		R("<Redirect redirectUrl='/a'/>")},
	    {"/a", "redirect", NULL, R("<Redirect redirectUrl='/b'/>")},
	    {"/b", "redirect", NULL, R("<Redirect redirectUrl='/a'/>")},
	    {"/menu", "gather", NULL, R(BYE)}},
	"loop", "#"},
    {"a code behind a code",
	{{"/", "initiate", NULL, R(MENU)},
	    {"/menu", "gather", "\"digits\":\"1\"",
		R("<Gather gatherUrl='/code' maxDigits='4'><SpeakSentence>"
		  "Enter 4711 for news.</SpeakSentence></Gather>")},
	    {"/menu", "gather", NULL, R(BYE)},
	    {"/code", "gather", "\"4711\"", R("<Hangup")},
	    {"/code", "gather", NULL, R(BYE)}},
	"bxml", "1,4711"},
    {"a long pause",
	{{"/", "initiate", NULL,
	    R("<SpeakSentence>Wait.</SpeakSentence><Pause "
	      "duration='90'/>" BYE)}},
	"silence", ""},
    {"not a word",
	{{"/", "initiate", NULL, R("<Pause duration='2'/><Hangup/>")}}, "mute",
	""},
    {"a recording, and then nothing",
	{{"/", "initiate", NULL,
	    R("<SpeakSentence>Speak now.</SpeakSentence><Record/>")}},
	"cut", ""},
    {"a Gather without gatherUrl",
	{{"/", "initiate", NULL,
	    R("<Gather maxDigits='1'><SpeakSentence>Press "
	      "1.</SpeakSentence></Gather>")}},
	"cut", ""},
    {"no callee answers",
	{{"/", "initiate", NULL,
	     R("<SpeakSentence>One moment.</SpeakSentence><Transfer "
	       "transferCompleteUrl='/after'><PhoneNumber>+19195550111"
	       "</PhoneNumber></Transfer>")},
	    {"/after", "transferComplete", "\"cause\":\"busy\"",
		R("<Hangup/>")},
	    {"/after", "transferComplete", "\"cause\":\"hangup\"",
		R("<Hangup/>")},
	    {"/after", "transferComplete", NULL, R(BYE)}},
	"cut", ""},
    {"alone, in silence",
	{{"/", "initiate", NULL, R("<Conference>room</Conference>")}}, "alone",
	""},
    {"a fallback URL that leads nowhere",
	{{"/", "initiate", NULL,
	     R("<Gather gatherUrl='/menu' gatherFallbackUrl='/lost' "
	       "maxDigits='1'><SpeakSentence>Press 1.</SpeakSentence>"
	       "</Gather>")},
	    {"/menu", "gather", NULL, R(BYE)}},
	"callback", ""},
};

static bool
holds(const struct sim_request *request, const char *text)
{
	return text == NULL || memmem(request->body.p, request->body.n, text,
				   strlen(text)) != NULL;
}

static int64_t took; /* each answer, in microseconds */

static void
answer(void *arg, const struct sim_request *request, struct sim_reply *r)
{
	const struct rule *rules = arg;
	const char *path = strchr(strstr(request->url, "://") + 3, '/');
	char event[64];

	r->took = took;
	r->status = 204;
	if (strcmp(path, "/end") == 0)
		return;
	r->status = 404;
	for (size_t i = 0; i < 6 && rules[i].path != NULL; i++) {
		(void)snprintf(event, sizeof(event), "\"eventType\":\"%s\"",
		    rules[i].event);
		if (strcmp(path, rules[i].path) != 0 ||
		    !holds(request, event) || !holds(request, rules[i].with))
			continue;
		r->status = 200;
		r->type = strdup("application/xml");
		bw_buf_puts(&r->body, rules[i].answer);
		return;
	}
}

static const struct rule *playing;

static struct sim_wire *
make_wire(void *arg)
{
	union {
		const struct rule *in;
		void *out;
	} rules = {playing};

	(void)arg;
	return sim_wire_script(answer, rules.out);
}

static void
explore(const struct rule *rules, size_t threads, struct sim_exploration *e)
{
	const struct sim_entry_point entry_point = {
	    .call = {.from = "+19195550142",
		.to = "+19195550100",
		.first = {.url = "https://x.invalid/"},
		.last = {.url = "https://x.invalid/end"}}};
	struct sim_explore_options o = {.wire = make_wire,
	    .entry_points = &entry_point,
	    .entry_points_n = 1,
	    .start = INT64_C(1767225600000),
	    .seed = 1,
	    .callers = 1000,
	    .threads = threads};

	*e = (struct sim_exploration){.played = 0};
	sim_options_init(&o.world);
	playing = rules;
	ok(sim_explore(&o, e), "explored");
}

static char *
words_of(const struct sim_caller *c)
{
	struct bw_buf b;

	bw_buf_init(&b, 4096);
	sim_caller_words(c, &b);
	return b.p;
}

static void
test_apps(void)
{
	for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		struct sim_exploration e;
		size_t want = apps[i].kind != NULL ? 1 : 0;

		explore(apps[i].rules, 1, &e);
		is_int((long long)e.findings_n, (long long)want, "%s",
		    apps[i].name);
		for (size_t k = 0; k < e.findings_n; k++) {
			const struct sim_finding *f = &e.findings[k];
			char *words = words_of(&f->caller);

			tap_diag("%s: %s: %s: %s (%zu)", apps[i].name,
			    sim_fault_word(f->fault.kind), words, f->fault.text,
			    f->met);
			if (k < want) {
				is_str(sim_fault_word(f->fault.kind),
				    apps[i].kind, "%s: its kind", apps[i].name);
				is_str(words, apps[i].words, "%s: the way",
				    apps[i].name);
			}
			free(words);
		}
		sim_exploration_free(&e);
	}
}

/* Both explorations found the same faults with the same callers. */
static void
are_same(const struct sim_exploration *a, const struct sim_exploration *b,
    const char *name)
{
	size_t same = 0;

	is_int((long long)a->states, (long long)b->states, "%s: as many points",
	    name);
	is_int((long long)a->findings_n, (long long)b->findings_n,
	    "%s: as many findings", name);
	for (size_t k = 0; k < a->findings_n && k < b->findings_n; k++) {
		same += memcmp(&a->findings[k].caller, &b->findings[k].caller,
			    sizeof(struct sim_caller)) == 0 &&
			a->findings[k].met == b->findings[k].met;
	}
	is_int((long long)same, (long long)b->findings_n,
	    "%s: the same callers", name);
}

/*
 * Three threads find the same, and so does a machine on which every answer
 * takes long.
 */
static void
test_same(void)
{
	for (size_t i = 0; i < sizeof(apps) / sizeof(apps[0]); i++) {
		struct sim_exploration one, three, slow;

		explore(apps[i].rules, 1, &one);
		explore(apps[i].rules, 3, &three);
		are_same(&three, &one, apps[i].name);
		took = 5000000;
		explore(apps[i].rules, 1, &slow);
		took = 0;
		are_same(&slow, &one, apps[i].name);
		sim_exploration_free(&one);
		sim_exploration_free(&three);
		sim_exploration_free(&slow);
	}
}

/* Keys come from rules, from tables and from speech. */
static void
test_lexicon(void)
{
	static const struct {
		const char *attribute;
		const char *value;
		const char *keys; /* the expected lexicon */
		size_t minutes;
	} rows[] = {
	    {"digits", "1|22|", "1 22", 0},
	    {"digits", "9*", "9* 9 95", 0},
	    {"cause", "busy|timeout", "", 0},
	    {"hours", "Mon-Fri 09:00-17:30, Sat 09:00-12:00", "", 3},
	    {NULL, "Press 1 for sales, two or the star key; call 9195550100",
		"1 2 *", 0},
	    {NULL, "", "", 0},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct bw_str value = {rows[i].value, strlen(rows[i].value)};
		struct sim_lexicon l = {.minutes_n = 0};
		struct bw_buf b;

		if (rows[i].attribute != NULL)
			sim_lexicon_match(&l, rows[i].attribute, value);
		else
			sim_lexicon_add(&l, value);
		bw_buf_init(&b, 4096);
		for (size_t k = 0; k < l.keys.n; k++) {
			bw_buf_puts(&b, k > 0 ? " " : "");
			bw_buf_puts(&b, l.keys.words[k]);
		}
		bw_buf_putc(&b, '\0');
		is_str(b.p, rows[i].keys, "keys in \"%s\"", rows[i].value);
		is_int((long long)l.minutes_n, (long long)rows[i].minutes,
		    "times in \"%s\"", rows[i].value);
		bw_buf_free(&b);
		sim_lexicon_free(&l);
	}
}

/* The script of a caller in the syntax of sim_role_parse(). */
static void
test_words(void)
{
	const struct sim_move keys = sim_move_make(SIM_MOVE_KEYS, "12#", -1);
	const struct sim_move say = sim_move_make(SIM_MOVE_SAY, "yes", -1);
	const struct sim_move leave =
	    sim_move_make(SIM_MOVE_HANGUP, NULL, 2500);
	struct sim_caller c;
	struct bw_buf b;
	char *words;

	sim_caller_init(&c, 0, 0);
	sim_caller_move(&c, 1, &keys);
	sim_caller_move(&c, 2, &say);
	sim_caller_move(&c, 3, &leave);
	sim_caller_move(&c, SIM_MAX_MOVES, &leave);
	words = words_of(&c);
	is_str(words, "silence,12#,say=yes,hangup@2.500", "a caller");
	free(words);
	sim_caller_callee(&c, "+19195550111", "busy");
	sim_caller_callee(&c, "+19195550112", NULL);
	sim_caller_callee_keys(&c, "+19195550112", "1");
	bw_buf_init(&b, 100);
	for (size_t i = 0; i < c.callees_n; i++) {
		bw_buf_reset(&b);
		sim_callee_words(&c.callees[i], &b);
		is_str(b.p, i == 0 ? "busy" : "answers,1", "callee %zu", i);
	}
	bw_buf_free(&b);
}

int
main(void)
{
	test_apps();
	test_same();
	test_lexicon();
	test_words();
	return tap_done();
}
