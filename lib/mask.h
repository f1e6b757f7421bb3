#ifndef BWI_MASK_H
#define BWI_MASK_H

#include <bwcallback/tools/mask.h>

/* What stands for a value of which nothing is shown. */
#define BWI_MASK_STARS "****"

/*
 * The kind of an attribute of BXML, or of an element's text when attribute is
 * empty.
 */
enum bw_mask bwi_mask_of_bxml(struct bw_str element, struct bw_str attribute);

/*
 * Append text without the passwords of URLs in it, also when the URLs are
 * percent-encoded or in JSON. members: nor those of attributes and members
 * whose names end in "password".
 */
void bwi_mask_passwords(struct bw_buf *, struct bw_str, bool members);

/* The bytes of a separator of digits at i, 0 when there is none. */
size_t bwi_mask_separator(struct bw_str, size_t i);

#endif
