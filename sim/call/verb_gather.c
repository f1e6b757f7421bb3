/* Gather: collects keys or speech while prompts play. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/prompt.h"
#include "sim/call/send.h"
#include "sim/call/verbs.h"
#include "sim/call/voice_payload.h"

struct gather {
	const xmlNode *prompt; /* the next prompt */
	int repeats;	       /* remaining */
	char keys[51];	       /* maxDigits is at most 50 */
	int n;
	int most;
	const char *terminating;
	bool dtmf;
	bool speech;
	char *words; /* being spoken */
};

static void play_prompt(void *arg);

/* Complete the verb; key: the terminating digit, or 0. */
static void
finish(struct sim_call *c, char key)
{
	struct gather *g = c->state;
	json_object *members = json_object_new_object();

	sim_json_text(members, "digits", g->keys);
	sim_json_text(members, "terminatingDigit", (const char[]){key, '\0'});
	if (g->speech)
		sim_json_text(
		    members, "text", g->words != NULL ? g->words : "");
	sim_interpreter_finish(c, "gatherUrl", "gather", members);
}

static void
log_silence(struct sim_call *c, const char *which)
{
	sim_call_log(c, SIM_LOG_SILENCE, which, NULL);
}

static void
no_first_key(void *arg)
{
	struct sim_call *c = arg;
	struct gather *g = c->state;

	log_silence(c, g->dtmf ? "firstDigitTimeout" : "speechTimeout");
	if (--g->repeats > 0) {
		g->prompt = sim_node_element(c->node->children);
		sim_person_turn_round(c);
		play_prompt(c);
	} else {
		finish(c, '\0');
	}
}

static void
no_next_key(void *arg)
{
	log_silence(arg, "interDigitTimeout");
	finish(arg, '\0');
}

/* With both inputs, the longer time-out applies. */
static int64_t
silence(const struct gather *g, const xmlNode *node)
{
	int64_t ms = 0, speech;

	if (g->dtmf)
		ms = sim_attr_time(node, "firstDigitTimeout");
	if (g->speech) {
		speech = sim_attr_time(node, "speechTimeout");
		ms = speech > ms ? speech : ms;
	}
	return ms;
}

static void
wait_for_first(struct sim_call *c)
{
	sim_person_turn_prompted(c);
	sim_call_after(c, &c->timer, silence(c->state, c->node), no_first_key);
}

static void
play_prompt(void *arg)
{
	struct sim_call *c = arg;
	struct gather *g = c->state;
	const xmlNode *node = g->prompt;
	struct sim_prompt p;

	if (node == NULL) {
		wait_for_first(c);
		return;
	}
	g->prompt = sim_node_element(node->next);
	p = sim_prompt_play(c->world, c->id, node, c->document->base);
	if (p.wrong != NULL) {
		sim_call_report(c, "the call ends: application-error", p.wrong);
		sim_call_end(c, "application-error", p.wrong);
		return;
	}
	sim_call_after(c, &c->timer, p.lasts, play_prompt);
}

static bool
takes(const struct sim_call *c)
{
	return ((const struct gather *)c->state)->dtmf;
}

static void
key(struct sim_call *c, char k)
{
	struct gather *g = c->state;

	if (!g->dtmf || g->words != NULL)
		return;
	if (strchr(g->terminating, k) != NULL) {
		finish(c, k);
		return;
	}
	g->keys[g->n++] = k;
	if (g->n >= g->most)
		finish(c, '\0');
	else
		sim_call_after(c, &c->timer,
		    sim_attr_time(c->node, "interDigitTimeout"), no_next_key);
}

static void
speech_ended(void *arg)
{
	finish(arg, '\0');
}

/* Send the first half of the words as a partial result. */
static void
send_partial(struct sim_call *c, const char *words)
{
	struct sim_targets targets = {0};
	json_object *members = json_object_new_object();
	size_t n = strlen(words) / 2;

	n += strcspn(words + n, " ");
	json_object_object_add(
	    members, "text", json_object_new_string_len(words, (int)n));
	sim_targets_read(
	    &targets, c->node, "partialResultCallback", c->document->base);
	sim_send_call(c, "partialGather", &targets, members, NULL);
	sim_targets_free(&targets);
	json_object_put(members);
}

static void
talk(struct sim_call *c, const char *words, int64_t lasts)
{
	struct gather *g = c->state;

	if (!g->speech || g->n > 0 || g->words != NULL)
		return;
	g->words = sim_copy(words != NULL ? words : "");
	if (*g->words != '\0')
		send_partial(c, g->words);
	sim_call_after(c, &c->timer, lasts, speech_ended);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	struct gather *g = sim_alloc(sizeof(*g));
	const char *input = sim_attr(node, "input");

	g->prompt = sim_node_element(node->children);
	g->repeats = sim_attr_number(node, "repeatCount");
	g->most = sim_attr_number(node, "maxDigits");
	g->terminating = sim_attr(node, "terminatingDigits");
	g->dtmf = strcmp(input, "speech") != 0;
	g->speech = strcmp(input, "dtmf") != 0;
	c->state = g;
	sim_person_turn_begin(c,
	    &(struct sim_person_context){
		.situation = SIM_GATHERS,
		.verb = "Gather",
		.url = sim_attr_given(node, "gatherUrl"),
		.most = g->most,
		.terminating = *g->terminating != '\0' ? g->terminating : NULL,
		.keys = g->dtmf,
		.speech = g->speech,
		.silence = silence(g, node),
	    });
	play_prompt(c);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct gather *g = c->state;

	free(g->words);
	free(g);
}

const struct sim_verb sim_verb_gather = {
    .name = "Gather",
    .answers = true,
    .run = run,
    .takes = takes,
    .key = key,
    .talk = talk,
    .stop = stop,
};
