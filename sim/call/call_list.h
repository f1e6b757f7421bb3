#ifndef SIM_CALL_LIST_H
#define SIM_CALL_LIST_H

#include "sim/call/engine.h"

struct sim_rest_task;

/* All calls, conferences and recordings of a world, including ended ones. */
struct sim_call_list {
	struct sim_call *calls; /* the newest first */
	struct sim_conference *conferences;
	struct sim_recording *recordings;
	struct sim_rest_task *rest_tasks; /* of rest.c */
	bool closing; /* the world is being freed: send nothing */
};

/* Created on first use; freed with the world. */
struct sim_call_list *sim_call_list(struct sim_world *);

/* Free a whole list. */
void sim_call_free(struct sim_call *);
void sim_conferences_free(struct sim_conference *);
void sim_recordings_free(struct sim_recording *);
void sim_rest_tasks_free(struct sim_rest_task *);

#endif
