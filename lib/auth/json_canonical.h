#ifndef BWI_AUTH_JSON_CANONICAL_H
#define BWI_AUTH_JSON_CANONICAL_H

#include <bwcallback/buf.h>

/* Most members of an object to be sorted; a signed callback has under ten. */
#define BWI_CANONICAL_MEMBERS 64

/*
 * Append a JSON text without white space between tokens, its members as
 * received or sorted by name. Tokens are copied byte for byte; none is added or
 * dropped, so texts with the same canonical form mean the same. Used only to
 * check signatures, so it validates only what it needs to find the tokens.
 * False, with part of the text appended, when the tokens cannot be found,
 * nesting is deeper than BW_MAX_DEPTH, or an object to be sorted has more than
 * BWI_CANONICAL_MEMBERS members.
 */
bool bwi_json_canonical_add(struct bw_buf *, struct bw_str json, bool sorted);

#endif
