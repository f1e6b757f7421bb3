/*
 * Record, which waits for its recording, and StartRecording and so on, which do
 * not.
 */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/recording.h"
#include "sim/call/verbs.h"

struct record {
	struct sim_recording *recording;
	uint64_t silence_timer; /* or the end of speech */
};

static void
finish(struct sim_call *c)
{
	struct record *r = c->state;
	const struct sim_recording *made = r->recording;
	json_object *members;

	sim_recording_stop(&r->recording);
	members = sim_recording_members(made);
	json_object_object_add(
	    members, "channels", json_object_new_int(made->channels));
	sim_interpreter_finish(
	    c, "recordCompleteUrl", "recordComplete", members);
}

static void
max_duration_passed(void *arg)
{
	sim_call_log(arg, SIM_LOG_SILENCE, "maxDuration", NULL);
	finish(arg);
}

static void
silence_passed(void *arg)
{
	sim_call_log(arg, SIM_LOG_SILENCE, "silenceTimeout", NULL);
	finish(arg);
}

static void
start_silence_timer(void *arg)
{
	struct sim_call *c = arg;
	struct record *r = c->state;
	int64_t ms = sim_attr_time(c->node, "silenceTimeout");

	if (ms > 0)
		sim_call_after(c, &r->silence_timer, ms, silence_passed);
}

static void
key(struct sim_call *c, char k)
{
	if (strchr(sim_attr(c->node, "terminatingDigits"), k) != NULL)
		finish(c);
}

static void
talk(struct sim_call *c, const char *words, int64_t lasts)
{
	struct record *r = c->state;

	(void)words;
	sim_call_after(c, &r->silence_timer, lasts, start_silence_timer);
}

static enum sim_step
run(struct sim_call *c, const xmlNode *node)
{
	struct record *r = sim_alloc(sizeof(*r));
	const char *keys = sim_attr(node, "terminatingDigits");

	c->state = r;
	sim_recording_start(&r->recording, c, NULL, node, c->document->base);
	sim_person_turn_begin(
	    c, &(struct sim_person_context){
		   .situation = SIM_RECORDS,
		   .verb = "Record",
		   .url = sim_attr_given(node, "recordCompleteUrl"),
		   .terminating = *keys != '\0' ? keys : NULL,
		   .silence = sim_attr_time(node, "silenceTimeout"),
	       });
	sim_call_after(c, &c->timer, sim_attr_time(node, "maxDuration"),
	    max_duration_passed);
	start_silence_timer(c);
	return SIM_RUNS;
}

static void
stop(struct sim_call *c)
{
	struct record *r = c->state;

	sim_scheduler_cancel(c->world->scheduler, r->silence_timer);
	sim_recording_stop(&r->recording);
	free(r);
}

/* A second recording is ignored while the first one runs. */
static enum sim_step
run_start(struct sim_call *c, const xmlNode *node)
{
	if (c->recording != NULL)
		sim_call_report(c, NULL,
		    "StartRecording: ignored: a recording is already running");
	else
		sim_recording_start(
		    &c->recording, c, NULL, node, c->document->base);
	return SIM_DONE;
}

static enum sim_step
run_pause(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_recording_pause(c->recording, true);
	return SIM_DONE;
}

static enum sim_step
run_resume(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_recording_pause(c->recording, false);
	return SIM_DONE;
}

static enum sim_step
run_stop(struct sim_call *c, const xmlNode *node)
{
	(void)node;
	sim_recording_stop(&c->recording);
	return SIM_DONE;
}

const struct sim_verb sim_verb_record = {
    .name = "Record",
    .answers = true,
    .run = run,
    .key = key,
    .talk = talk,
    .stop = stop,
};
const struct sim_verb sim_verb_start_recording = {
    .name = "StartRecording",
    .may_answer = true,
    .run = run_start,
};
const struct sim_verb sim_verb_pause_recording = {
    .name = "PauseRecording",
    .run = run_pause,
};
const struct sim_verb sim_verb_resume_recording = {
    .name = "ResumeRecording",
    .run = run_resume,
};
const struct sim_verb sim_verb_stop_recording = {
    .name = "StopRecording",
    .run = run_stop,
};
