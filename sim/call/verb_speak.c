/* Verbs that take time and send no event: speech, files, pauses, tones. */
#include <stdlib.h>
#include <string.h>

#include "sim/call/prompt.h"
#include "sim/call/verbs.h"

static void
end_verb(void *arg)
{
	sim_interpreter_next(arg);
}

static enum sim_step
run_for(struct sim_call *c, enum sim_situation situation, int64_t lasts)
{
	if (lasts <= 0)
		return SIM_DONE;
	sim_person_turn_begin(c, &(struct sim_person_context){
				     .situation = situation,
				     .verb = c->verb->name,
				 });
	sim_call_after(c, &c->timer, lasts, end_verb);
	return SIM_RUNS;
}

static enum sim_step
run_prompt(struct sim_call *c, const xmlNode *node)
{
	struct sim_prompt p =
	    sim_prompt_play(c->world, c->id, node, c->document->base);

	if (p.wrong != NULL) {
		sim_call_report(c, "the call ends: application-error", p.wrong);
		sim_call_end(c, "application-error", p.wrong);
		return SIM_DONE;
	}
	return run_for(c, SIM_LISTENS, p.lasts);
}

static enum sim_step
run_pause(struct sim_call *c, const xmlNode *node)
{
	return run_for(c, SIM_LISTENS, sim_attr_time(node, "duration"));
}

static enum sim_step
run_ring(struct sim_call *c, const xmlNode *node)
{
	if (sim_attr_true(node, "answerCall"))
		sim_call_answer(c);
	return run_for(c, SIM_WAITS, sim_attr_time(node, "duration"));
}

/* A pause character replaces a tone and the gap after it. */
static enum sim_step
run_dtmf(struct sim_call *c, const xmlNode *node)
{
	int tone = sim_attr_number(node, "toneDuration");
	int gap = sim_attr_number(node, "toneInterval");
	char *keys = sim_node_text(node);
	int64_t lasts = 0;

	for (const char *s = keys; *s != '\0'; s++) {
		if (*s == 'W')
			lasts += 1000;
		else if (*s == ',' || *s == 'w')
			lasts += 500;
		else
			lasts += tone + gap;
	}
	free(keys);
	return run_for(c, SIM_LISTENS, lasts);
}

const struct sim_verb sim_verb_speak = {
    .name = "SpeakSentence",
    .answers = true,
    .run = run_prompt,
};
const struct sim_verb sim_verb_play = {
    .name = "PlayAudio",
    .answers = true,
    .run = run_prompt,
};
const struct sim_verb sim_verb_pause = {
    .name = "Pause",
    .may_answer = true,
    .run = run_pause,
};
const struct sim_verb sim_verb_ring = {
    .name = "Ring",
    .run = run_ring,
};
const struct sim_verb sim_verb_dtmf = {
    .name = "SendDtmf",
    .may_answer = true,
    .run = run_dtmf,
};
