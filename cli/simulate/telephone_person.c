/* bwcallback simulate telephone: the caller and the people who are called. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/base/printable.h"

#include "cli/simulate/telephone.h"

#define THINKS	 1000 /* ms of the call for each answer */
#define NEXT_KEY 300
#define TALKS	 4000
#define A_MINUTE 60000

static struct sim_action
deed(enum sim_action_kind kind, int64_t after)
{
	return (struct sim_action){.kind = kind, .after = after};
}

static struct sim_action
nothing(void)
{
	return deed(SIM_ACTION_NONE, 0);
}

static void
begin_question(const struct telephone *t, const char *what)
{
	printf("{\"t\":%" PRId64 ",\"kind\":\"want\",\"what\":\"%s\"",
	    t->now - t->begin, what);
}

static void
put_text(const char *name, const char *value)
{
	printf(",\"%s\":", name);
	sim_printable_json_text(stdout, value);
}

static void
end_question(void)
{
	puts("}");
	(void)fflush(stdout);
}

static void
ask_caller(struct telephone *t, const struct sim_person_context *m)
{
	static const char *const names[] = {[SIM_GATHERS] = "keys",
	    [SIM_RECORDS] = "speech",
	    [SIM_TALKS] = "talk",
	    [SIM_CONFERS] = "talk"};

	t->now = m->time;
	begin_question(t, names[m->situation]);
	if (m->situation == SIM_GATHERS)
		printf(",\"keys\":%s,\"speech\":%s,\"max\":%d,\"pressed\":%d",
		    m->keys ? "true" : "false", m->speech ? "true" : "false",
		    m->most, m->count);
	if (m->terminating != NULL)
		put_text("terminating", m->terminating);
	if (m->silence > 0)
		printf(",\"timeout\":%.10g", (double)m->silence / 1000);
	end_question();
}

/* Keep the keys: the next line may be read before they are pressed. */
static bool
take_keys(struct telephone *t)
{
	const char *keys = telephone_member(t, "keys");

	if (keys == NULL || strlen(keys) > TELEPHONE_MAX_KEYS ||
	    !sim_is_keys(keys))
		return false;
	memcpy(t->keys, keys, strlen(keys) + 1);
	t->pressed = 0;
	return true;
}

static struct sim_action
press(struct telephone *t, int64_t after)
{
	return (struct sim_action){.kind = SIM_ACTION_KEY,
	    .after = after,
	    .key = t->keys[t->pressed++]};
}

static struct sim_action
talk(struct telephone *t, const char *words, int64_t lasts)
{
	free(t->words);
	t->words = sim_copy(words);
	return (struct sim_action){.kind = SIM_ACTION_TALK,
	    .after = THINKS,
	    .words = t->words,
	    .lasts = lasts};
}

/* What the line says; false: it is not possible. */
static bool
understand(struct telephone *t, const struct sim_person_context *m,
    struct sim_action *to)
{
	const char *what = telephone_member(t, "do");
	bool listened =
	    m->situation == SIM_GATHERS || m->situation == SIM_RECORDS;

	if (strcmp(what, "hangup") == 0) {
		*to = deed(SIM_ACTION_HANGUP, THINKS);
	} else if (strcmp(what, "wait") == 0) {
		*to = m->situation == SIM_CONFERS ? talk(t, "", A_MINUTE)
						  : nothing();
	} else if (strcmp(what, "press") == 0 && listened && take_keys(t)) {
		*to = press(t, THINKS);
	} else if (strcmp(what, "say") == 0 && listened &&
		   telephone_member(t, "text") != NULL) {
		*to = talk(t, telephone_member(t, "text"), TALKS);
	} else {
		return false;
	}
	return true;
}

/* Is the caller to be asked? While the prompts play, they are listened to. */
static bool
is_turn(const struct sim_person_context *m)
{
	switch (m->situation) {
	case SIM_GATHERS:
		return m->count > 0 || m->prompted;
	case SIM_RECORDS:
	case SIM_TALKS:
	case SIM_CONFERS:
		return true;
	default:
		return false;
	}
}

static struct sim_action
caller_next(void *arg, const struct sim_person_context *m)
{
	struct telephone *t = arg;
	struct sim_action a;

	if (!is_turn(m))
		return nothing();
	if (m->situation == SIM_GATHERS && m->count > 0 &&
	    t->keys[t->pressed] != '\0')
		return press(t, NEXT_KEY);
	for (;;) {
		ask_caller(t, m);
		if (!telephone_read(t))
			return deed(SIM_ACTION_HANGUP, 0);
		if (understand(t, m, &a))
			return a;
		telephone_refuse(t,
		    "possible are press with keys, say with text, wait and "
		    "hangup");
	}
}

struct sim_person
telephone_caller(struct telephone *t)
{
	return (struct sim_person){caller_next, t, true};
}

/* The behaviour of a called person by its name; NULL: unknown name. */
static const struct sim_action *
answer_of(const struct telephone *t)
{
	static const struct {
		const char *word;
		struct sim_action action;
	} words[] = {
	    {"answers", {.kind = SIM_ACTION_ANSWER, .after = 3000}},
	    {"busy", {.kind = SIM_ACTION_BUSY, .after = THINKS}},
	    {"rejects", {.kind = SIM_ACTION_REJECT, .after = THINKS}},
	    {"unreachable", {.kind = SIM_ACTION_ERROR, .after = THINKS}},
	    {"absent", {.kind = SIM_ACTION_NONE}},
	};
	const char *does = telephone_member(t, "does");

	for (size_t i = 0; does != NULL && i < sizeof(words) / sizeof(*words);
	     i++) {
		if (strcmp(words[i].word, does) == 0 &&
		    strcmp(telephone_member(t, "do"), "callee") == 0)
			return &words[i].action;
	}
	return NULL;
}

static struct sim_action
ring(struct telephone *t, const struct sim_person_context *m)
{
	const struct sim_action *a = NULL;

	while (a == NULL) {
		t->now = m->time;
		begin_question(t, "callee");
		put_text("number", m->number != NULL ? m->number : "");
		end_question();
		if (!telephone_read(t))
			return nothing();
		a = answer_of(t);
		if (a == NULL)
			telephone_refuse(t,
			    "possible is callee, which does: answers, busy, "
			    "rejects, unreachable or absent");
	}
	return *a;
}

/* After answering, they behave as in other simulated calls. */
static struct sim_action
callee_next(void *arg, const struct sim_person_context *m)
{
	struct telephone *t = arg;
	struct sim_person usual = sim_role_person(&t->callee);

	return m->situation == SIM_RINGS ? ring(t, m)
					 : usual.next(usual.arg, m);
}

static struct sim_person
find(void *arg, const char *number)
{
	(void)number;
	return (struct sim_person){callee_next, arg, false};
}

struct sim_people
telephone_callees(struct telephone *t)
{
	return (struct sim_people){find, t};
}

static bool
ask_about_program(void *arg, const char *program)
{
	struct telephone *t = arg;
	const char *does;

	for (;;) {
		begin_question(t, "program");
		put_text("name", program);
		printf(",\"may\":%s", t->options->programs ? "true" : "false");
		end_question();
		if (!telephone_read(t))
			return false;
		does = telephone_member(t, "does");
		if (strcmp(telephone_member(t, "do"), "program") == 0 &&
		    does != NULL) {
			if (strcmp(does, "fallback") == 0)
				return false;
			if (strcmp(does, "run") == 0 && t->options->programs)
				return true;
		}
		telephone_refuse(
		    t, t->options->programs
			   ? "possible is program, which does: run or fallback"
			   : "possible is program, which does: fallback");
	}
}

struct sim_permission
telephone_permission(struct telephone *t)
{
	return (struct sim_permission){ask_about_program, t};
}
