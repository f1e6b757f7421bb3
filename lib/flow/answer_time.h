#ifndef BWI_FLOW_ANSWER_TIME_H
#define BWI_FLOW_ANSWER_TIME_H

#include <stddef.h>
#include <stdint.h>

#include <bwcallback/event.h>

/* Number of parts of the histogram of durations. */
#define BWI_TIMES 16

/* The time that a request of a family took, in nanoseconds. */
void bwi_answer_time_add(enum bw_family, int64_t ns);
/*
 * *bound: the upper bound of part i, in nanoseconds; INT64_MAX for the last
 * one. Returns the number of requests in it.
 */
uint64_t bwi_answer_time_count(enum bw_family, size_t i, int64_t *bound);
/* The sum of all times. */
int64_t bwi_answer_time_sum(enum bw_family);

#endif
