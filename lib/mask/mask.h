#ifndef BWI_MASK_H
#define BWI_MASK_H

#include <bwcallback/tools/mask.h>

#include "base/mask_password.h"

/*
 * The kind of an attribute of BXML, or of an element's text when attribute is
 * empty.
 */
enum bw_mask bwi_mask_of_bxml(struct bw_str element, struct bw_str attribute);

/* The bytes of a separator of digits at i, 0 when there is none. */
size_t bwi_mask_separator(struct bw_str, size_t i);

#endif
