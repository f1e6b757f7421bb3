#ifndef BWI_FLOW_ANSWER_MODULE_H
#define BWI_FLOW_ANSWER_MODULE_H

#include "flow/rule.h"

/*
 * Answer an event with a module's handler; its output is treated like that of a
 * program. BW_ERR_PROGRAM: the handler failed, with its reason.
 * BW_ERR_DEADLINE: it returned too late. BW_ERR_BXML, BW_ERR_NOMEM. After an
 * error the response is unchanged.
 */
enum bw_err
bwi_answer_module(const struct bwi_section *, const struct bwi_action *,
    const struct bw_event *, const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

#endif
