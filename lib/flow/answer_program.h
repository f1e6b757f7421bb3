#ifndef BWI_FLOW_ANSWER_PROGRAM_H
#define BWI_FLOW_ANSWER_PROGRAM_H

#include "flow/rule.h"

/*
 * Answer an event with a program: it gets the event as JSON on standard input
 * and writes the answer to standard output. The answer is BXML for a call,
 * which is checked, and JSON for the emergency calling API. For any other event
 * the output is ignored; only the exit status counts. Errors as in
 * os/process.h, and BW_ERR_BXML; after an error the response is unchanged.
 */
enum bw_err
bwi_answer_program(const struct bwi_section *, const struct bwi_action *,
    const struct bw_event *, const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

#endif
