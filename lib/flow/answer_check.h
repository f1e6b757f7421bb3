#ifndef BWI_FLOW_ANSWER_CHECK_H
#define BWI_FLOW_ANSWER_CHECK_H

#include <bwcallback/event.h>
#include <bwcallback/response.h>

/*
 * Check what a program or a module wrote, and put it into the response: for a
 * call BXML, for the emergency calling API JSON; elsewhere it is not used, and
 * the status is the row's. who names the writer in messages. BW_ERR_BXML,
 * _PROGRAM, _NOMEM; the response is then as it was.
 */
enum bw_err bwi_answer_check_take(const char *who, const struct bw_event *,
    const struct bw_buf *, struct bw_response *, struct bw_error *) BW_CHECK;

#endif
