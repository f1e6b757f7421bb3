#ifndef BWI_CALLBACK_METHOD_H
#define BWI_CALLBACK_METHOD_H

#include "flow/flow.h"

/*
 * May the request go on? false: its method was OPTIONS, and it is answered, or
 * the path does not accept it, and the error says so.
 */
bool bwi_method_check(const struct bwi_section *, const struct bw_request *,
    struct bw_response *, struct bw_error *) BW_CHECK;

#endif
