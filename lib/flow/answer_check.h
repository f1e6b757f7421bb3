#ifndef BWI_FLOW_ANSWER_CHECK_H
#define BWI_FLOW_ANSWER_CHECK_H

#include "flow/flow.h"

/*
 * Check the output of a program or module and make it the response: BXML for a
 * call, JSON for the emergency calling API. For any other event the output is
 * ignored and the status is that of its row. source: the program or module, for
 * messages. BW_ERR_BXML, BW_ERR_PROGRAM, BW_ERR_NOMEM; the response is then
 * unchanged but for the findings.
 */
enum bw_err bwi_answer_check_take(const char *source, const struct bw_event *,
    const struct bw_buf *, const struct bwi_handling *, struct bw_response *,
    struct bw_error *) BW_CHECK;

#endif
