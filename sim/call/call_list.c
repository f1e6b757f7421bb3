/* The list of calls of a world. */
#include <stdlib.h>

#include "sim/base/memory.h"
#include "sim/call/call_list.h"

static void
free_all(void *arg)
{
	struct sim_call_list *s = arg;

	/* End what still runs, so that it frees its state. */
	s->closing = true;
	for (struct sim_call *c = s->calls; c != NULL; c = c->next) {
		c->world->observer.fn = NULL;
		sim_call_end(c, "cancel", NULL);
	}
	while (s->calls != NULL) {
		struct sim_call *c = s->calls;

		s->calls = c->next;
		sim_call_free(c);
	}
	sim_conferences_free(s->conferences);
	sim_recordings_free(s->recordings);
	sim_rest_tasks_free(s->rest_tasks);
	free(s);
}

struct sim_call_list *
sim_call_list(struct sim_world *w)
{
	if (w->call_list == NULL) {
		w->call_list = sim_alloc(sizeof(*w->call_list));
		sim_world_own(w, free_all, w->call_list);
	}
	return w->call_list;
}
