#ifndef SIM_SCENARIO_EXPECT_H
#define SIM_SCENARIO_EXPECT_H

#include <bwcallback/store.h>

#include "sim/scenario/scenario.h"
#include "sim/world/event_log.h"

/*
 * Holds what happens against what a scenario says must: its steps in their
 * order, with anything in between; and that nothing goes wrong that it does
 * not say.
 */
struct sim_expectation;

struct sim_expectation *
sim_expectation_new(const char *file, const struct sim_scenario *);
void sim_expectation_free(struct sim_expectation *);
/* A sim_log_observer's function; its argument is the expectation. */
void sim_expectation_log(void *expectation, const struct sim_log_entry *);
/*
 * When all is over: what the flow has stored, NULL when that cannot be seen.
 */
void sim_expectation_stored(struct sim_expectation *, struct bw_store *);
/* And then: lines that say what is not as it should; NULL: nothing. */
const char *sim_expectation_end(struct sim_expectation *);

#endif
