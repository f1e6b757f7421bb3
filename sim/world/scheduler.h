#ifndef SIM_WORLD_SCHEDULER_H
#define SIM_WORLD_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Virtual time and the tasks scheduled in it. Times are milliseconds since 1970
 * (UTC). Nothing sleeps: the clock stands still while a task runs, then jumps
 * to the next task. Tasks due at the same time run in the order in which they
 * were added.
 */
struct sim_scheduler;

typedef void sim_task_fn(void *arg);

struct sim_scheduler *sim_scheduler_new(int64_t start);
void sim_scheduler_free(struct sim_scheduler *);

int64_t sim_scheduler_now(const struct sim_scheduler *);

/*
 * Call fn(arg) at this time. If it is past, fn runs at the next step, never
 * before this function returns. Returns a number, never 0, for
 * sim_scheduler_cancel().
 */
uint64_t sim_scheduler_add(
    struct sim_scheduler *, int64_t when, sim_task_fn *, void *arg);
/* Cancel a task; false if it has run, was cancelled, or number is 0. */
bool sim_scheduler_cancel(struct sim_scheduler *, uint64_t number);

/* The time of the next task; false: there is none. */
bool sim_scheduler_next(const struct sim_scheduler *, int64_t *when);
/* Advance the clock to the next task and run it; false: there is none. */
bool sim_scheduler_step(struct sim_scheduler *);

#endif
