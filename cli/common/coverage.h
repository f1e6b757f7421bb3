#ifndef BWC_COMMON_COVERAGE_H
#define BWC_COMMON_COVERAGE_H

#include <stdint.h>
#include <stdio.h>

#include <bwcallback/config.h>

#include "sim/world/event_log.h"

/* How often each rule of a configuration answered. For one thread at a time. */
struct coverage;

/* NULL: it does not load, which the reporter heard of. */
struct coverage *coverage_new(const char *flow, const struct bw_reporter *);
void coverage_free(struct coverage *);
/* A sim_log_observer's function; its argument is the coverage. */
void coverage_log(void *coverage, const struct sim_log_entry *);
/* How many rules there are, and how many of them answered. */
void coverage_count(const struct coverage *, size_t *rules, size_t *tried);
/* A line for each that did not, "callbacks.xml:57: gather at /voice". */
void coverage_untried(const struct coverage *, FILE *, const char *before);
/* A line for each rule, "3 callbacks.xml:57". */
void coverage_write(const struct coverage *, FILE *);

#endif
