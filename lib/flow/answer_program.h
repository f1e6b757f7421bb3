#ifndef BWI_FLOW_ANSWER_PROGRAM_H
#define BWI_FLOW_ANSWER_PROGRAM_H

#include "flow/rule.h"

/*
 * Answer an event by a program: the event as JSON on its standard input, the
 * answer on its standard output. For a call that is BXML, checked before it is
 * in the response; for the emergency calling API it is JSON; elsewhere what it
 * writes is not used, and its success counts. Errors as in program.h, and
 * BW_ERR_BXML; the response is then as it was.
 */
enum bw_err
bwi_answer_program(const struct bwi_section *, const struct bwi_action *,
    const struct bw_event *, const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

#endif
