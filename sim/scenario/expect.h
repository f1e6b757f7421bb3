#ifndef SIM_SCENARIO_EXPECT_H
#define SIM_SCENARIO_EXPECT_H

#include <bwcallback/store.h>

#include "sim/scenario/scenario.h"
#include "sim/world/event_log.h"

/*
 * Compares a simulation with a scenario: its steps must happen in order, with
 * anything in between, and nothing else may go wrong.
 */
struct sim_expectation;

struct sim_expectation *
sim_expectation_new(const char *file, const struct sim_scenario *);
void sim_expectation_free(struct sim_expectation *);
/* For sim_log_observer; the argument is the expectation. */
void sim_expectation_log(void *expectation, const struct sim_log_entry *);
/*
 * After the simulation: check the stored events. store is NULL if there is none
 * that can be read; is_flow tells the reason.
 */
void sim_expectation_stored(
    struct sim_expectation *, struct bw_store *, bool is_flow);
/* Finally: the failures, a line each; NULL: none. */
const char *sim_expectation_end(struct sim_expectation *);

#endif
