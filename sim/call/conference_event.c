/* Sends the events of conferences and reads their answers. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/conference_event.h"
#include "sim/call/send.h"
#include "sim/call/voice_payload.h"

static json_object *
payload_of(
    const struct sim_conference *f, const char *event, const struct sim_call *c)
{
	json_object *o = json_object_new_object();

	sim_json_text(o, "eventType", event);
	json_object_object_add(
	    o, "eventTime", sim_json_time(sim_world_now(f->world)));
	sim_json_text(o, "conferenceId", f->id);
	sim_json_text(o, "name", f->name);
	if (c != NULL) {
		sim_json_text(o, "callId", c->id);
		sim_json_text(o, "from", c->from);
		sim_json_text(o, "to", c->to);
	}
	sim_json_text(o, "tag", f->tag);
	return o;
}

static void
send(struct sim_conference *f, const char *event,
    const struct sim_targets *targets, json_object *payload,
    struct sim_answer *answer)
{
	if (targets->primary.url == NULL ||
	    ++f->callbacks > f->world->options.most_callbacks)
		return;
	sim_send(f->world,
	    &(struct sim_sending){
		.event = event,
		.about = f->id,
		.family = BW_FAMILY_CONFERENCE,
		.targets = targets,
		.payload = payload,
		.timeout = f->timeout,
	    },
	    answer);
}

/*
 * Failed events are ignored; a document with a verb that is not allowed is
 * refused as a whole.
 */
static void
take_answer(struct sim_conference *f, const char *event,
    const struct sim_answer *answer)
{
	struct sim_document *d;

	if (!answer->delivered || answer->body.n == 0 || f->ended)
		return;
	d = sim_document_read(f->world,
	    &(struct sim_reading){
		.about = f->id,
		.event = event,
		.answering = event,
		.otherwise = "the conference ignores it",
	    },
	    answer);
	if (d != NULL)
		sim_conference_queue(f, d);
}

static void
deliver_event(struct sim_conference *f, const struct sim_conference_event *e)
{
	bool sync = strcmp(e->event, "conferenceCompleted") != 0;
	json_object *payload = payload_of(f, e->event, e->call);
	struct sim_answer answer;

	sim_answer_init(&answer);
	send(f, e->event, e->targets != NULL ? e->targets : &f->targets,
	    payload, sync ? &answer : NULL);
	take_answer(f, e->event, &answer);
	sim_answer_free(&answer);
	json_object_put(payload);
}

static void
event_free(struct sim_conference_event *e)
{
	if (e->targets != NULL)
		sim_targets_free(e->targets);
	free(e->targets);
	free(e);
}

static void
deliver_events(void *arg)
{
	struct sim_conference *f = arg;

	f->events_timer = 0;
	while (f->events != NULL) {
		struct sim_conference_event *e = f->events;

		f->events = e->next;
		deliver_event(f, e);
		event_free(e);
	}
}

/*
 * Sent a millisecond later, so that a call's own last event precedes
 * conferenceMemberExit.
 */
void
sim_conference_send(struct sim_conference *f, const char *event,
    struct sim_call *c, struct sim_targets *targets)
{
	struct sim_conference_event *e = sim_alloc(sizeof(*e)), **link;

	e->event = event;
	e->call = c;
	if (targets != NULL) {
		e->targets = sim_alloc(sizeof(*e->targets));
		sim_targets_move(e->targets, targets);
	}
	for (link = &f->events; *link != NULL; link = &(*link)->next)
		continue;
	*link = e;
	if (f->events_timer == 0)
		f->events_timer = sim_scheduler_add(f->world->scheduler,
		    sim_world_now(f->world) + 1, deliver_events, f);
}

void
sim_conference_drop_events(struct sim_conference *f)
{
	while (f->events != NULL) {
		struct sim_conference_event *e = f->events;

		f->events = e->next;
		event_free(e);
	}
}

void
sim_conference_recorded(struct sim_conference *f,
    const struct sim_targets *targets, json_object *members)
{
	json_object *o = payload_of(f, "conferenceRecordingAvailable", NULL);

	sim_json_text(o, "accountId", f->world->account);
	sim_json_merge(o, members);
	send(f, "conferenceRecordingAvailable", targets, o, NULL);
	json_object_put(o);
}
