/* People who follow a script. */
#include "sim/person/role.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"

#define ANSWERS_AFTER 3000 /* ms of ringing */
#define THINKS	      1000 /* thinking time before the first key */
#define NEXT_KEY      300
#define TALKS	      4000 /* a few words */

void
sim_role_init(struct sim_role *r)
{
	*r = (struct sim_role){
	    .rings = {.kind = SIM_ACTION_ANSWER, .after = ANSWERS_AFTER},
	    .talk_ms = 60000,
	};
}

void
sim_role_free(struct sim_role *r)
{
	for (size_t i = 0; i < r->n; i++)
		free(r->acts[i].text);
	free(r->acts);
	*r = (struct sim_role){.n = 0};
}

void
sim_role_add(
    struct sim_role *r, enum sim_act_kind kind, const char *text, int64_t after)
{
	r->acts = sim_resize(r->acts, r->n, r->n + 1, sizeof(*r->acts));
	r->acts[r->n++] = (struct sim_act){
	    .kind = kind, .text = sim_copy(text), .after = after};
}

void
sim_role_copy(struct sim_role *to, const struct sim_role *from)
{
	*to = (struct sim_role){.rings = from->rings, .talk_ms = from->talk_ms};
	for (size_t i = 0; i < from->n; i++)
		sim_role_add(to, from->acts[i].kind, from->acts[i].text,
		    from->acts[i].after);
}

bool
sim_is_keys(const char *s)
{
	return *s != '\0' && s[strspn(s, "0123456789*#ABCD")] == '\0';
}

static bool
parse_ring(struct sim_role *r, const char *word, int64_t after)
{
	static const struct {
		const char *word;
		enum sim_action_kind kind;
	} words[] = {{"answers", SIM_ACTION_ANSWER}, {"busy", SIM_ACTION_BUSY},
	    {"rejects", SIM_ACTION_REJECT}, {"absent", SIM_ACTION_NONE},
	    {"unreachable", SIM_ACTION_ERROR}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) != 0)
			continue;
		r->rings.kind = words[i].kind;
		if (after >= 0)
			r->rings.after = after;
		return true;
	}
	return false;
}

static bool
parse_act(struct sim_role *r, const char *word, int64_t after)
{
	if (*word == '\0' || strcmp(word, "silence") == 0)
		sim_role_add(r, SIM_ACT_SILENCE, NULL, after);
	else if (strcmp(word, "hangup") == 0)
		sim_role_add(r, SIM_ACT_HANGUP, NULL, after);
	else if (strncmp(word, "say=", 4) == 0)
		sim_role_add(r, SIM_ACT_SAY, word + 4, after);
	else if (sim_is_keys(word))
		sim_role_add(r, SIM_ACT_KEYS, word, after);
	else
		return false;
	return true;
}

/* Remove "@SECONDS" from the word; false if it is not a valid time. */
static bool
parse_time(char *word, int64_t *after)
{
	char *at = strrchr(word, '@'), *end;
	double seconds;

	*after = -1;
	if (at == NULL)
		return true;
	seconds = strtod(at + 1, &end);
	if (end == at + 1 || *end != '\0' || !(seconds >= 0) || seconds > 86400)
		return false;
	*at = '\0';
	*after = (int64_t)llround(seconds * 1000);
	return true;
}

static bool
parse_word(struct sim_role *r, char *word, bool first)
{
	int64_t after;

	return parse_time(word, &after) &&
	       ((first && parse_ring(r, word, after)) ||
		   parse_act(r, word, after));
}

enum bw_err
sim_role_parse(struct sim_role *r, const char *words, struct bw_error *e)
{
	char *copy = sim_copy(words), *rest = copy, *word;
	enum bw_err err = BW_OK;
	bool first = true;

	while (err == BW_OK && (word = strsep(&rest, ",")) != NULL) {
		if (!parse_word(r, word, first)) {
			err = bw_error_set(e, BW_ERR_USAGE, 0,
			    "%s: neither keys nor one of silence, hangup and "
			    "say=WORDS",
			    word);
		}
		first = false;
	}
	free(copy);
	return err;
}

static bool
ends_with_one_of(const char *keys, const char *ends)
{
	return ends != NULL && strchr(ends, keys[strlen(keys) - 1]) != NULL;
}

/* Was the previous act speech? */
static bool
just_spoke(const struct sim_role *r)
{
	return r->next > 0 && r->acts[r->next - 1].kind == SIM_ACT_SAY;
}

/* Does the next act apply now? */
static bool
act_applies(const struct sim_role *r, const struct sim_person_context *m)
{
	const struct sim_act *a = r->next < r->n ? &r->acts[r->next] : NULL;

	if (a == NULL)
		return false;
	switch (m->situation) {
	case SIM_GATHERS:
		return m->count == 0 && (a->after >= 0) == !m->prompted;
	case SIM_RECORDS:
		return (m->count == 0 || just_spoke(r)) &&
		       (a->kind != SIM_ACT_KEYS ||
			   ends_with_one_of(a->text, m->terminating));
	case SIM_TALKS:
	case SIM_CONFERS:
		return a->kind == SIM_ACT_SAY || a->kind == SIM_ACT_HANGUP;
	default:
		return a->kind == SIM_ACT_HANGUP && a->after >= 0;
	}
}

static struct sim_action
press_next(struct sim_role *r, int64_t after)
{
	const struct sim_act *a = &r->acts[r->next - 1];

	return (struct sim_action){.kind = SIM_ACTION_KEY,
	    .after = after,
	    .key = a->text[r->pressed++]};
}

static struct sim_action
begin_act(struct sim_role *r)
{
	const struct sim_act *a = &r->acts[r->next++];
	int64_t after = a->after >= 0 ? a->after : THINKS;

	r->pressed = 0;
	switch (a->kind) {
	case SIM_ACT_KEYS:
		return press_next(r, after);
	case SIM_ACT_SAY:
		return (struct sim_action){.kind = SIM_ACTION_TALK,
		    .after = after,
		    .words = a->text,
		    .lasts = TALKS};
	case SIM_ACT_HANGUP:
		return (struct sim_action){
		    .kind = SIM_ACTION_HANGUP, .after = after};
	case SIM_ACT_SILENCE:
		break;
	}
	return (struct sim_action){.kind = SIM_ACTION_NONE};
}

/* Does the current act have unpressed keys? */
static bool
has_keys_left(const struct sim_role *r)
{
	const struct sim_act *a = r->next > 0 ? &r->acts[r->next - 1] : NULL;

	return a != NULL && a->kind == SIM_ACT_KEYS &&
	       a->text[r->pressed] != '\0';
}

/* Default behaviour once the script has nothing for the situation. */
static struct sim_action
default_action(const struct sim_role *r, const struct sim_person_context *m)
{
	if (m->situation == SIM_RECORDS && m->count == 0)
		return (struct sim_action){.kind = SIM_ACTION_TALK,
		    .after = THINKS,
		    .words = "Hello, please call me back.",
		    .lasts = TALKS};
	if (m->situation == SIM_RECORDS && m->terminating != NULL &&
	    *m->terminating != '\0')
		return (struct sim_action){.kind = SIM_ACTION_KEY,
		    .after = THINKS,
		    .key = *m->terminating};
	if (m->situation == SIM_TALKS || m->situation == SIM_CONFERS)
		return (struct sim_action){
		    .kind = SIM_ACTION_HANGUP, .after = r->talk_ms};
	return (struct sim_action){.kind = SIM_ACTION_NONE};
}

static struct sim_action
next(void *arg, const struct sim_person_context *m)
{
	struct sim_role *r = arg;

	if (m->situation == SIM_RINGS)
		return r->rings;
	if (act_applies(r, m))
		return begin_act(r);
	if ((m->situation == SIM_GATHERS || m->situation == SIM_RECORDS) &&
	    m->count > 0 && has_keys_left(r))
		return press_next(r, NEXT_KEY);
	return default_action(r, m);
}

struct sim_person
sim_role_person(struct sim_role *r)
{
	return (struct sim_person){next, r, false};
}

void
sim_role_rewind(struct sim_role *r)
{
	r->next = 0;
	r->pressed = 0;
}

const struct sim_act *
sim_role_undone(const struct sim_role *r)
{
	if (r->next < r->n)
		return &r->acts[r->next];
	return has_keys_left(r) ? &r->acts[r->next - 1] : NULL;
}
