#ifndef BWI_PAGE_ACT_TOKEN_H
#define BWI_PAGE_ACT_TOKEN_H

#include "page/view.h"

/* Length of a token, with its NUL. */
#define BWI_ACT_TOKEN_SIZE 64

/*
 * What a form has to prove that it was in a page which this user loaded in the
 * last hour: an authentication code of user, password, page, action and object.
 * Its key is in a file beside the store, FILE.inspector, so that all processes
 * have the same one; for a store in memory it belongs to the process.
 * BW_ERR_IO: the key can be neither read nor made.
 */
enum bw_err bwi_act_token_make(const struct bwi_view *, const char *action,
    struct bw_str object, char out[BWI_ACT_TOKEN_SIZE]) BW_CHECK;
/* Is it one, and not expired? */
bool bwi_act_token_is(const struct bwi_view *, const char *action,
    struct bw_str object, struct bw_str token) BW_CHECK;

#endif
