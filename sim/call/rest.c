/* REST actions. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/conference.h"
#include "sim/call/recording.h"
#include "sim/call/rest.h"

/* What will be done as soon as the agenda comes to it. */
struct sim_action {
	struct sim_action *next; /* in the switchboard */
	struct sim_call *call;
	struct sim_conference *conference;
	struct sim_targets places;
	char *tag;
	struct sim_document *document;
};

static int
report(struct sim_world *w, const char *about, const char *what, int status)
{
	char *text = sim_format("%s: %d", what, status);

	sim_world_log(w, &(struct sim_log_entry){
			     .kind = SIM_LOG_STATE,
			     .call = about,
			     .name = "REST",
			     .text = text,
			 });
	free(text);
	return status;
}

static struct sim_action *
enter(struct sim_world *w, sim_task_fn *fn)
{
	struct sim_call_list *s = sim_call_list(w);
	struct sim_action *a = sim_alloc(sizeof(*a));

	a->next = s->actions;
	s->actions = a;
	sim_scheduler_add(w->scheduler, sim_world_now(w), fn, a);
	return a;
}

void
sim_actions_free(struct sim_action *list)
{
	while (list != NULL) {
		struct sim_action *a = list;

		list = a->next;
		sim_targets_free(&a->places);
		sim_document_free(a->document);
		free(a->tag);
		free(a);
	}
}

/* A status that says no, or 0. Legs made by Forward and Refer are nobody's. */
static int
refuse(const struct sim_call *c)
{
	if (c == NULL || c->kind == SIM_CALL_SILENT)
		return SIM_REST_UNKNOWN;
	if (!sim_call_is_up(c))
		return SIM_REST_CONFLICT;
	return 0;
}

static int
refuse_change(const struct sim_call *c)
{
	int status = refuse(c);

	if (status == 0 && c->kind != SIM_CALL_IN && c->answered == 0)
		status = SIM_REST_CONFLICT;
	return status;
}

static void
complete(void *arg)
{
	struct sim_action *a = arg;
	bool rings = a->call->kind != SIM_CALL_IN && a->call->answered == 0;

	sim_call_end(a->call, rings ? "cancel" : "hangup", NULL);
}

int
sim_rest_complete(struct sim_world *w, const char *id)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = refuse(c);

	if (status == 0) {
		enter(w, complete)->call = c;
		status = SIM_REST_OK;
	}
	return report(w, id, "POST call, state=completed", status);
}

static void
redirect(void *arg)
{
	struct sim_action *a = arg;

	if (!sim_call_is_up(a->call))
		return;
	if (a->tag != NULL)
		sim_call_set_tag(a->call, a->tag);
	sim_interpreter_stop(a->call);
	sim_interpreter_fetch(a->call, "redirect", &a->places, NULL);
}

int
sim_rest_redirect(
    struct sim_world *w, const char *id, const struct sim_redirect *r)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = refuse_change(c);
	struct sim_action *a;

	if (status == 0) {
		a = enter(w, redirect);
		a->call = c;
		a->tag = sim_copy(r->tag);
		sim_targets_set(&a->places, &r->primary, &r->fallback);
		status = SIM_REST_OK;
	}
	return report(w, id, "POST call, redirectUrl", status);
}

/* A document that no URL has given; NULL: it is invalid. */
static struct sim_document *
read_document(struct sim_world *w, const char *about, const char *answering,
    struct bw_str document)
{
	struct sim_answer answer;
	struct sim_document *d;

	sim_answer_init(&answer);
	answer.type = sim_copy("application/xml");
	bw_buf_str(&answer.body, document);
	d = sim_document_read(w,
	    &(struct sim_reading){
		.about = about,
		.event = "bxml",
		.answering = answering,
		.otherwise = "the request is refused: 400",
	    },
	    &answer);
	sim_answer_free(&answer);
	return d;
}

static void
play(void *arg)
{
	struct sim_action *a = arg;
	struct sim_document *d = a->document;

	if (!sim_call_is_up(a->call))
		return;
	a->document = NULL;
	sim_interpreter_stop(a->call);
	sim_interpreter_document(a->call, d);
}

static int
put_bxml(struct sim_world *w, struct sim_call *c, struct bw_str document)
{
	struct sim_document *d = read_document(w, c->id, NULL, document);
	struct sim_action *a;

	if (d == NULL)
		return SIM_REST_BAD;
	a = enter(w, play);
	a->call = c;
	a->document = d;
	return SIM_REST_DONE;
}

int
sim_rest_bxml(struct sim_world *w, const char *id, struct bw_str document)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = refuse_change(c);

	if (status == 0)
		status = put_bxml(w, c, document);
	return report(w, id, "PUT call's bxml", status);
}

int
sim_rest_endpoint(struct sim_world *w, const char *id, struct bw_str document)
{
	struct sim_call *c = sim_call_list(w)->calls;
	int status = SIM_REST_UNKNOWN;

	while (c != NULL &&
	       (c->kind != SIM_CALL_SILENT || !sim_call_is_up(c) ||
		   c->answered == 0 || strcmp(c->transfer_to, id) != 0))
		c = c->next;
	if (c != NULL)
		status = put_bxml(w, c, document);
	return report(w, id, "PUT endpoint's bxml", status);
}

/* At once: nothing that runs is touched. */
int
sim_rest_recording(struct sim_world *w, const char *id, const char *state)
{
	struct sim_call *c = sim_call_find(w, id);
	bool pause = strcmp(state, "paused") == 0;
	int status = SIM_REST_OK;

	if (refuse(c) != 0 || c->recording == NULL)
		status = SIM_REST_UNKNOWN;
	else if (!pause && strcmp(state, "recording") != 0)
		status = SIM_REST_BAD;
	else
		sim_recording_pause(c->recording, pause);
	return report(w, id, "PUT call's recording", status);
}

static void
end_conference(void *arg)
{
	struct sim_action *a = arg;

	sim_conference_end(a->conference);
}

int
sim_rest_conference_complete(struct sim_world *w, const char *id)
{
	struct sim_conference *f = sim_conference_find(w, id);

	if (f == NULL)
		return report(w, id, "POST conference, status=completed",
		    SIM_REST_UNKNOWN);
	enter(w, end_conference)->conference = f;
	return report(
	    w, f->id, "POST conference, status=completed", SIM_REST_DONE);
}

int
sim_rest_conference_redirect(
    struct sim_world *w, const char *id, const struct sim_redirect *r)
{
	struct sim_conference *f = sim_conference_find(w, id);
	struct sim_targets places = {0};

	if (f == NULL)
		return report(
		    w, id, "POST conference, redirectUrl", SIM_REST_UNKNOWN);
	sim_targets_set(&places, &r->primary, &r->fallback);
	sim_conference_redirect(f, &places);
	return report(w, f->id, "POST conference, redirectUrl", SIM_REST_DONE);
}

static void
queue(void *arg)
{
	struct sim_action *a = arg;
	struct sim_document *d = a->document;

	if (a->conference->ended)
		return;
	a->document = NULL;
	sim_conference_queue(a->conference, d);
}

int
sim_rest_conference_bxml(
    struct sim_world *w, const char *id, struct bw_str document)
{
	struct sim_conference *f = sim_conference_find(w, id);
	int status = SIM_REST_UNKNOWN;
	struct sim_document *d;
	struct sim_action *a;

	if (f != NULL) {
		d = read_document(w, f->id, "conferenceRedirect", document);
		status = d != NULL ? SIM_REST_DONE : SIM_REST_BAD;
		if (d != NULL) {
			a = enter(w, queue);
			a->conference = f;
			a->document = d;
		}
	}
	return report(w, id, "PUT conference's bxml", status);
}

int
sim_rest_member(struct sim_world *w, const char *id, const char *call,
    const struct sim_rest_member *change)
{
	struct sim_conference *f = sim_conference_find(w, id);
	struct sim_member *m =
	    f != NULL ? sim_conference_member(f, call) : NULL;
	int status = SIM_REST_DONE;

	if (m == NULL) {
		status = SIM_REST_UNKNOWN;
	} else if (change->coached != NULL &&
		   !sim_conference_coach(f, m, change->coached)) {
		status = SIM_REST_BAD;
	} else {
		if (change->mute != SIM_KEEP)
			m->mute = change->mute == SIM_ON;
		if (change->hold != SIM_KEEP)
			m->hold = change->hold == SIM_ON;
	}
	return report(w, call, "PUT conference's member", status);
}
