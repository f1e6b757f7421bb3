#ifndef BWI_AUTH_JSON_CANONICAL_H
#define BWI_AUTH_JSON_CANONICAL_H

#include <bwcallback/buf.h>

/* Members of one object that are sorted; a signed callback has under ten. */
#define BWI_CANONICAL_MEMBERS 64

/*
 * Append a JSON text without the white space between its tokens, its members
 * in the order received or sorted by name. Tokens stay byte for byte as they
 * are and none comes or goes: what has the same signature in this form says
 * the same. Used to check signatures only, so it does not validate more than
 * it must to find the tokens: false, and any part of it appended, when it
 * cannot, when nesting is deeper than BW_MAX_DEPTH, or an object to be sorted
 * has more than BWI_CANONICAL_MEMBERS.
 */
bool bwi_json_canonical_add(struct bw_buf *, struct bw_str json, bool sorted);

#endif
