/* The state and the end of a call. */
#include <stdlib.h>
#include <string.h>

#include <bwcallback/tools/field.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/recording.h"
#include "sim/call/send.h"
#include "sim/call/stream.h"
#include "sim/call/voice_payload.h"

/* Timers are capped: a hostile document may ask for any time. */
#define LONGEST_WAIT (INT64_C(10) * 365 * 24 * 3600 * 1000)

const char *
sim_call_id(const struct sim_call *c)
{
	return c->id;
}

struct sim_call *
sim_call_find(struct sim_world *w, const char *id)
{
	struct sim_call *c = sim_call_list(w)->calls;

	while (c != NULL && strcmp(c->id, id) != 0)
		c = c->next;
	return c;
}

const char *
sim_call_cause(const struct sim_call *c)
{
	return c->cause;
}

bool
sim_call_is_up(const struct sim_call *c)
{
	return c->cause == NULL;
}

void
sim_call_log(const struct sim_call *c, enum sim_log_kind kind, const char *name,
    const char *text)
{
	sim_world_log(c->world,
	    &(struct sim_log_entry){
		.kind = kind, .call = c->id, .name = name, .text = text});
}

void
sim_call_report(
    const struct sim_call *c, const char *otherwise, const char *text)
{
	sim_document_report(c->world,
	    &(struct sim_reading){
		.about = c->id,
		.event = c->verb != NULL ? c->verb->name : c->pending.event,
		.otherwise = otherwise,
	    },
	    &(struct bw_finding){
		.severity =
		    otherwise != NULL ? BW_SEVERITY_ERROR : BW_SEVERITY_WARNING,
		.file = c->document != NULL && c->document->base != NULL
			    ? c->document->base
			    : "BXML",
		.line = c->node != NULL ? (int)xmlGetLineNo(c->node) : 0,
		.text = text,
	    });
}

void
sim_call_after(
    struct sim_call *c, uint64_t *slot, int64_t ms, void (*fn)(void *))
{
	struct sim_scheduler *a = c->world->scheduler;

	if (ms > LONGEST_WAIT)
		ms = LONGEST_WAIT;
	sim_scheduler_cancel(a, *slot);
	*slot = sim_scheduler_add(a, sim_scheduler_now(a) + ms, fn, c);
}

void
sim_call_set_tag(struct sim_call *c, const char *tag)
{
	free(c->tag);
	c->tag = *tag != '\0' ? sim_copy(tag) : NULL;
}

void
sim_call_answer(struct sim_call *c)
{
	if (c->answered != 0 || c->kind != SIM_CALL_IN)
		return;
	c->answered = sim_world_now(c->world);
	sim_call_log(c, SIM_LOG_ANSWERED, NULL, NULL);
}

void
sim_call_key(struct sim_call *c, char key)
{
	const struct sim_verb *verb = c->verb;
	bool taken = verb != NULL && verb->takes != NULL && verb->takes(c);

	if (!taken && c->keys.primary.url != NULL) {
		json_object *members = json_object_new_object();

		sim_json_text(members, "digit", (const char[]){key, '\0'});
		sim_send_call(c, "dtmf", &c->keys, members, NULL);
		json_object_put(members);
	}
	if (verb != NULL && verb->key != NULL)
		verb->key(c, key);
}

void
sim_ring_answered(struct sim_call *c)
{
	sim_person_turn_end(c);
	sim_scheduler_cancel(c->world->scheduler, c->ring_timer);
	c->answered = sim_world_now(c->world);
	sim_call_log(c, SIM_LOG_ANSWERED, NULL, NULL);
	c->ringing->answered(c);
}

void
sim_ring_failed(struct sim_call *c, const char *cause, const char *why)
{
	sim_person_turn_end(c);
	sim_scheduler_cancel(c->world->scheduler, c->ring_timer);
	c->ringing->failed(c, cause, why);
}

/* The SIP response code of a callee that did not take the call; 0: unknown. */
static int
sip_code(const char *cause)
{
	const struct bw_cause *known = bw_cause(cause);

	return known != NULL ? known->sip_code : 0;
}

/* Legs of Transfer send transferDisconnect instead. */
static void
send_end(struct sim_call *c)
{
	json_object *members = json_object_new_object();
	bool leg = c->kind == SIM_CALL_LEG;
	int code = sip_code(c->cause);

	json_object_object_add(members, "endTime", sim_json_time(c->ended));
	sim_json_text(members, "cause", c->cause);
	sim_json_text(members, "errorMessage", c->message);
	sim_json_text(members, "errorId", c->error_id);
	if (!leg && c->answered == 0 && code != 0) {
		json_object_object_add(
		    members, "sipResponseCode", json_object_new_int(code));
	}
	sim_send_call(c, leg ? "transferDisconnect" : "disconnect", &c->last,
	    members, NULL);
	json_object_put(members);
}

void
sim_call_end(struct sim_call *c, const char *cause, const char *message)
{
	void (*gone)(struct sim_call *) = c->gone;

	if (!sim_call_is_up(c))
		return;
	c->cause = cause;
	c->ended = sim_world_now(c->world);
	if (message != NULL) {
		c->message = sim_copy(message);
		c->error_id = sim_world_id(c->world, "");
	}
	sim_person_turn_end(c);
	sim_scheduler_cancel(c->world->scheduler, c->ring_timer);
	sim_interpreter_stop(c);
	sim_recording_stop(&c->recording);
	sim_streams_stop(c);
	if (c->kind != SIM_CALL_SILENT)
		send_end(c);
	sim_call_log(c, SIM_LOG_END, cause, c->message);
	c->gone = NULL;
	if (gone != NULL)
		gone(c);
}

void
sim_call_free(struct sim_call *c)
{
	sim_targets_free(&c->first);
	sim_targets_free(&c->last);
	sim_targets_free(&c->machine);
	sim_targets_free(&c->keys);
	sim_streams_free(c->streams);
	free(c->id);
	free(c->from);
	free(c->to);
	free(c->tag);
	free(c->sip_id);
	free(c->machine_mode);
	free(c->machine_result);
	for (size_t i = 0; i < SIM_SIP__MAX; i++)
		free(c->sip[i]);
	free(c->message);
	free(c->error_id);
	free(c->transfer_caller);
	free(c->transfer_to);
	free(c);
}
