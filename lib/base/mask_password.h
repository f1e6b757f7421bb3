#ifndef BWI_BASE_MASK_PASSWORD_H
#define BWI_BASE_MASK_PASSWORD_H

#include <bwcallback/buf.h>

/* Replaces a value that must not be shown. */
#define BWI_MASK_STARS "****"

/*
 * Append text with the passwords of URLs masked, including URLs that are
 * percent-encoded or escaped for JSON. members: also mask the values of
 * attributes and members whose names end in "password".
 */
void bwi_mask_passwords(struct bw_buf *, struct bw_str, bool members);

/*
 * Overwrite the passwords of URLs in a message with '*', the length unchanged.
 */
void bwi_mask_message(char *message);

#endif
