#ifndef BWI_FLOW_TRACE_H
#define BWI_FLOW_TRACE_H

#include "base/response.h"
#include "base/steps.h"

/*
 * Write how an answer was made, as JSON: the rule, the error, what the program
 * said and what check found, and the time of each step. The buffer is reset
 * first. What <bwcallback/tools/trace.h> reads; absent if out of memory.
 */
struct bw_str bwi_trace_write(
    struct bw_buf *, const struct bw_response *, const struct bwi_steps *);

#endif
