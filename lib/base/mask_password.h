#ifndef BWI_BASE_MASK_PASSWORD_H
#define BWI_BASE_MASK_PASSWORD_H

#include <bwcallback/buf.h>

/* What stands for a value of which nothing is shown. */
#define BWI_MASK_STARS "****"

/*
 * Append text without the passwords of URLs in it, also when the URLs are
 * percent-encoded or in JSON. members: nor those of attributes and members
 * whose names end in "password".
 */
void bwi_mask_passwords(struct bw_buf *, struct bw_str, bool members);

/* Overwrite the passwords of URLs in a message with '*', each to its end. */
void bwi_mask_message(char *message);

#endif
