#ifndef BWCALLBACK_TOOLS_CLOCK_H
#define BWCALLBACK_TOOLS_CLOCK_H

/* An interface for the programs of this package: any release may change it. */

#include <stdint.h>
#include <time.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * The clocks that deadlines (bwcallback/store.h) and times of events use.
 * Neither can fail. They are there where <time.h> declares POSIX's clocks.
 */
#ifdef CLOCK_MONOTONIC

/* CLOCK_MONOTONIC in nanoseconds: what every deadline is compared with. */
static inline int64_t
bw_monotonic_ns(void)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* CLOCK_MONOTONIC in milliseconds. */
static inline int64_t
bw_monotonic_ms(void)
{
	return bw_monotonic_ns() / 1000000;
}

/* The earlier of two deadlines. */
static inline int64_t
bw_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* The time of day: milliseconds since 1970-01-01T00:00:00Z. */
static inline int64_t
bw_realtime_ms(void)
{
	struct timespec t = {0, 0};

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

#endif

#ifdef __cplusplus
}
#endif

#endif
