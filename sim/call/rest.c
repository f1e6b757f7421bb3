/* Requests to the REST API. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/conference.h"
#include "sim/call/recording.h"
#include "sim/call/rest.h"

/* A request whose effect is scheduled. */
struct sim_rest_task {
	struct sim_rest_task *next; /* in the call list */
	struct sim_call *call;
	struct sim_conference *conference;
	struct sim_targets targets;
	char *tag;
	struct sim_document *document;
};

static int
log_status(struct sim_world *w, const char *about, const char *what, int status)
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

static struct sim_rest_task *
add_task(struct sim_world *w, sim_task_fn *fn)
{
	struct sim_call_list *s = sim_call_list(w);
	struct sim_rest_task *a = sim_alloc(sizeof(*a));

	a->next = s->rest_tasks;
	s->rest_tasks = a;
	sim_scheduler_add(w->scheduler, sim_world_now(w), fn, a);
	return a;
}

void
sim_rest_tasks_free(struct sim_rest_task *list)
{
	while (list != NULL) {
		struct sim_rest_task *a = list;

		list = a->next;
		sim_targets_free(&a->targets);
		sim_document_free(a->document);
		free(a->tag);
		free(a);
	}
}

/* An error status, or 0. Legs of Forward and Refer are not accessible. */
static int
refusal_status(const struct sim_call *c)
{
	if (c == NULL || c->kind == SIM_CALL_SILENT)
		return SIM_REST_UNKNOWN;
	if (!sim_call_is_up(c))
		return SIM_REST_CONFLICT;
	return 0;
}

static int
change_refusal_status(const struct sim_call *c)
{
	int status = refusal_status(c);

	if (status == 0 && c->kind != SIM_CALL_IN && c->answered == 0)
		status = SIM_REST_CONFLICT;
	return status;
}

static void
do_complete(void *arg)
{
	struct sim_rest_task *a = arg;
	bool rings = a->call->kind != SIM_CALL_IN && a->call->answered == 0;

	sim_call_end(a->call, rings ? "cancel" : "hangup", NULL);
}

int
sim_rest_complete(struct sim_world *w, const char *id)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = refusal_status(c);

	if (status == 0) {
		add_task(w, do_complete)->call = c;
		status = SIM_REST_OK;
	}
	return log_status(w, id, "POST call, state=completed", status);
}

static void
do_redirect(void *arg)
{
	struct sim_rest_task *a = arg;

	if (!sim_call_is_up(a->call))
		return;
	if (a->tag != NULL)
		sim_call_set_tag(a->call, a->tag);
	sim_interpreter_stop(a->call);
	sim_interpreter_fetch(a->call, "redirect", &a->targets, NULL);
}

int
sim_rest_redirect(
    struct sim_world *w, const char *id, const struct sim_redirect *r)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = change_refusal_status(c);
	struct sim_rest_task *a;

	if (status == 0) {
		a = add_task(w, do_redirect);
		a->call = c;
		a->tag = sim_copy(r->tag);
		sim_targets_set(&a->targets, &r->primary, &r->fallback);
		status = SIM_REST_OK;
	}
	return log_status(w, id, "POST call, redirectUrl", status);
}

/* Read a document from a request; NULL: it is invalid. */
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
do_play(void *arg)
{
	struct sim_rest_task *a = arg;
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
	struct sim_rest_task *a;

	if (d == NULL)
		return SIM_REST_BAD;
	a = add_task(w, do_play);
	a->call = c;
	a->document = d;
	return SIM_REST_DONE;
}

int
sim_rest_bxml(struct sim_world *w, const char *id, struct bw_str document)
{
	struct sim_call *c = sim_call_find(w, id);
	int status = change_refusal_status(c);

	if (status == 0)
		status = put_bxml(w, c, document);
	return log_status(w, id, "PUT call's bxml", status);
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
	return log_status(w, id, "PUT endpoint's bxml", status);
}

/* Takes effect at once: no running verb is affected. */
int
sim_rest_recording(struct sim_world *w, const char *id, const char *state)
{
	struct sim_call *c = sim_call_find(w, id);
	bool pause = strcmp(state, "paused") == 0;
	int status = SIM_REST_OK;

	if (refusal_status(c) != 0 || c->recording == NULL)
		status = SIM_REST_UNKNOWN;
	else if (!pause && strcmp(state, "recording") != 0)
		status = SIM_REST_BAD;
	else
		sim_recording_pause(c->recording, pause);
	return log_status(w, id, "PUT call's recording", status);
}

static void
do_end_conference(void *arg)
{
	struct sim_rest_task *a = arg;

	sim_conference_end(a->conference);
}

int
sim_rest_conference_complete(struct sim_world *w, const char *id)
{
	struct sim_conference *f = sim_conference_find(w, id);

	if (f == NULL)
		return log_status(w, id, "POST conference, status=completed",
		    SIM_REST_UNKNOWN);
	add_task(w, do_end_conference)->conference = f;
	return log_status(
	    w, f->id, "POST conference, status=completed", SIM_REST_DONE);
}

int
sim_rest_conference_redirect(
    struct sim_world *w, const char *id, const struct sim_redirect *r)
{
	struct sim_conference *f = sim_conference_find(w, id);
	struct sim_targets targets = {0};

	if (f == NULL)
		return log_status(
		    w, id, "POST conference, redirectUrl", SIM_REST_UNKNOWN);
	sim_targets_set(&targets, &r->primary, &r->fallback);
	sim_conference_redirect(f, &targets);
	return log_status(
	    w, f->id, "POST conference, redirectUrl", SIM_REST_DONE);
}

static void
do_queue(void *arg)
{
	struct sim_rest_task *a = arg;
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
	struct sim_rest_task *a;

	if (f != NULL) {
		d = read_document(w, f->id, "conferenceRedirect", document);
		status = d != NULL ? SIM_REST_DONE : SIM_REST_BAD;
		if (d != NULL) {
			a = add_task(w, do_queue);
			a->conference = f;
			a->document = d;
		}
	}
	return log_status(w, id, "PUT conference's bxml", status);
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
		if (change->mute != SIM_UNCHANGED)
			m->mute = change->mute == SIM_ON;
		if (change->hold != SIM_UNCHANGED)
			m->hold = change->hold == SIM_ON;
	}
	return log_status(w, call, "PUT conference's member", status);
}
