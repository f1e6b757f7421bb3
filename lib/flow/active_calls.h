#ifndef BWI_FLOW_ACTIVE_CALLS_H
#define BWI_FLOW_ACTIVE_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bwcallback/str.h>

/*
 * The calls in progress of which this process has received an event. A call
 * without an end is one until so many milliseconds after its last event.
 */
#define BWI_CALL_SILENCE INT64_C(600000)

/*
 * An event of a call; ends: it is the last one but for what is delivered later,
 * such as a transcription. now: any clock, in milliseconds. Any thread may call
 * this; it takes a lock for a few instructions.
 */
void bwi_active_calls_add(struct bw_str id, bool ends, int64_t now);
size_t bwi_active_calls(int64_t now);

#endif
