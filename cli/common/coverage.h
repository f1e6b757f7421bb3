#ifndef BWC_COMMON_COVERAGE_H
#define BWC_COMMON_COVERAGE_H

#include <stdint.h>
#include <stdio.h>

#include <bwcallback/config.h>

#include "sim/world/event_log.h"

/* Counts how often each rule of a configuration answered. Not thread-safe. */
struct coverage;

/* NULL: the configuration does not load; the findings went to the reporter. */
struct coverage *coverage_new(const char *flow, const struct bw_reporter *);
void coverage_free(struct coverage *);
/* The function of a sim_log_observer; its argument is the coverage. */
void coverage_log(void *coverage, const struct sim_log_entry *);
/* Number of rules, and number of rules that answered at least once. */
void coverage_count(const struct coverage *, size_t *rules, size_t *tried);
/* Print a line for each unused rule, "callbacks.xml:57: gather at /voice". */
void coverage_untried(const struct coverage *, FILE *, const char *before);
/* Print a line for each rule, "3 callbacks.xml:57". */
void coverage_write(const struct coverage *, FILE *);

#endif
