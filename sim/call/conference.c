/* Conferences: their members, and their end. */
#include <stdlib.h>
#include <string.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"
#include "sim/call/conference.h"
#include "sim/call/conference_event.h"
#include "sim/call/recording.h"

/* A conference lasts at most a day (Programmable Voice, Conference). */
#define LONGEST (INT64_C(24) * 3600 * 1000)

struct sim_conference *
sim_conference_find(struct sim_world *w, const char *name)
{
	struct sim_conference *f = sim_call_list(w)->conferences;

	while (f != NULL && (f->ended || (strcmp(f->name, name) != 0 &&
					     strcmp(f->id, name) != 0)))
		f = f->next;
	return f;
}

static void
end_after_limit(void *arg)
{
	sim_conference_end(arg);
}

/*
 * The verb that creates the conference sets its options; later members do not
 * change them.
 */
static struct sim_conference *
new_conference(struct sim_call *c, const xmlNode *node, const char *name)
{
	struct sim_conference *f = sim_alloc(sizeof(*f));
	struct sim_call_list *s = sim_call_list(c->world);
	int64_t timeout = sim_attr_time(node, "callbackTimeout");

	f->world = c->world;
	f->id = sim_world_id(c->world, "conf");
	f->name = sim_copy(name);
	f->tag = sim_copy(c->tag);
	f->timeout = timeout > 0 ? timeout : c->timeout;
	f->started = sim_world_now(c->world);
	f->limit_timer = sim_scheduler_add(
	    c->world->scheduler, f->started + LONGEST, end_after_limit, f);
	sim_targets_read(
	    &f->targets, node, "conferenceEventUrl", c->document->base);
	f->next = s->conferences;
	s->conferences = f;
	sim_conference_send(f, "conferenceCreated", NULL, NULL);
	return f;
}

struct sim_member *
sim_conference_member(struct sim_conference *f, const char *call)
{
	struct sim_member *m = f->members;

	while (m != NULL && strcmp(m->call->id, call) != 0)
		m = m->next;
	return m;
}

bool
sim_conference_coach(
    struct sim_conference *f, struct sim_member *m, const char *ids)
{
	for (struct sim_member *o = f->members; o != NULL; o = o->next) {
		if (o != m && o->coached != NULL && *ids != '\0')
			return false;
	}
	free(m->coached);
	m->coached = *ids != '\0' ? sim_copy(ids) : NULL;
	return true;
}

bool
sim_conference_join(struct sim_call *c, const xmlNode *node)
{
	const char *coached = sim_attr_given(node, "callIdsToCoach");
	char *name = sim_node_text(node);
	struct sim_conference *f = sim_conference_find(c->world, name);
	struct sim_member *m;

	if (f == NULL)
		f = new_conference(c, node, name);
	free(name);
	if (f->n >= SIM_CONFERENCE_MOST)
		return false;
	m = sim_alloc(sizeof(*m));
	m->call = c;
	m->mute = sim_attr_true(node, "mute");
	m->hold = sim_attr_true(node, "hold");
	m->next = f->members;
	f->members = m;
	f->n++;
	c->state = f;
	if (coached != NULL && !sim_conference_coach(f, m, coached))
		sim_call_report(
		    c, NULL, "Conference: another member is already the coach");
	sim_conference_send(f, "conferenceMemberJoin", c, NULL);
	return true;
}

static void
finish(struct sim_conference *f)
{
	f->ended = true;
	sim_scheduler_cancel(f->world->scheduler, f->limit_timer);
	sim_conference_stop_playing(f);
	sim_recording_stop(&f->recording);
	sim_conference_send(f, "conferenceCompleted", NULL, NULL);
}

void
sim_conference_leave(struct sim_conference *f, struct sim_call *c)
{
	struct sim_member **link = &f->members, *m;

	while (*link != NULL && (*link)->call != c)
		link = &(*link)->next;
	m = *link;
	if (m == NULL)
		return;
	*link = m->next;
	free(m->coached);
	free(m);
	f->n--;
	sim_conference_send(f, "conferenceMemberExit", c, NULL);
	if (f->n == 0)
		finish(f);
}

void
sim_conference_end(struct sim_conference *f)
{
	while (f->members != NULL)
		sim_interpreter_next(f->members->call);
}

void
sim_conference_redirect(struct sim_conference *f, struct sim_targets *targets)
{
	sim_conference_send(f, "conferenceRedirect", NULL, targets);
}

void
sim_conferences_free(struct sim_conference *list)
{
	while (list != NULL) {
		struct sim_conference *f = list;

		list = f->next;
		sim_conference_drop_events(f);
		sim_conference_stop_playing(f);
		sim_targets_free(&f->targets);
		free(f->id);
		free(f->name);
		free(f->tag);
		free(f);
	}
}
