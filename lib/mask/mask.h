#ifndef BWI_MASK_H
#define BWI_MASK_H

#include <bwcallback/tools/mask.h>

#include "base/mask_password.h"

/*
 * The mask kind of a BXML attribute, or of the element's text when attribute is
 * empty.
 */
enum bw_mask bwi_mask_of_bxml(struct bw_str element, struct bw_str attribute);

/* Is it the name of a member that some callback has? */
bool bwi_mask_is_member(struct bw_str name);

/*
 * The length of what begins at i and is known to be no telephone number, or 0:
 * a date, a time, an IPv4 address, a UUID (from anywhere in it) or an amount of
 * bytes. inside: digits and a separator precede it, so only what is certain.
 */
size_t bwi_mask_known(struct bw_str, size_t i, bool inside);

/* Length of the digit separator at i; 0 when there is none. */
size_t bwi_mask_separator(struct bw_str, size_t i);

#endif
