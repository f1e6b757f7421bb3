#ifndef BWI_FLOW_ANSWER_MODULE_H
#define BWI_FLOW_ANSWER_MODULE_H

#include "flow/rule.h"

/*
 * Answer an event by a module's handler; what it writes is treated as what a
 * program writes. BW_ERR_PROGRAM: the handler says so, with its reason.
 * BW_ERR_DEADLINE: it returned too late. BW_ERR_BXML, _NOMEM. The response is
 * then as it was.
 */
enum bw_err
bwi_answer_module(const struct bwi_section *, const struct bwi_action *,
    const struct bw_event *, const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

#endif
