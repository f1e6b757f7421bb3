#ifndef SIM_WORLD_SCHEDULER_H
#define SIM_WORLD_SCHEDULER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Virtual time: what is to happen, in order. Times are milliseconds since
 * 1970 (UTC). Nothing sleeps: the clock stands still while something happens
 * and then jumps to what comes next. What is due at one time happens in the
 * order in which it was entered.
 */
struct sim_scheduler;

typedef void sim_task_fn(void *arg);

struct sim_scheduler *sim_scheduler_new(int64_t start);
void sim_scheduler_free(struct sim_scheduler *);

int64_t sim_scheduler_now(const struct sim_scheduler *);

/*
 * Do fn(arg) when the time has come; at once, but not before this returns,
 * when it is past. The number returned, never 0, can take it back.
 */
uint64_t sim_scheduler_add(
    struct sim_scheduler *, int64_t when, sim_task_fn *, void *arg);
/* Take it back; false when it happened already or was taken back (or is 0). */
bool sim_scheduler_cancel(struct sim_scheduler *, uint64_t number);

/* When the next thing happens; false: nothing will. */
bool sim_scheduler_next(const struct sim_scheduler *, int64_t *when);
/* Move the clock there and let it happen; false: there was nothing. */
bool sim_scheduler_step(struct sim_scheduler *);

#endif
