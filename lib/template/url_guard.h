#ifndef BWI_TEMPLATE_URL_GUARD_H
#define BWI_TEMPLATE_URL_GUARD_H

#include <bwcallback/str.h>

/*
 * Where a URL goes must be the operator's decision alone: a value out of an
 * event may stand in its path or query, never in its scheme or host. These
 * look at the outline of a URL template: its literal text, with one byte for
 * each placeholder. They return NULL when no value, however chosen and
 * provided that none in the path is empty, can redirect it; else the reason.
 */
#define BWI_OUTLINE_EVENT '\x01' /* a value out of an event, encoded */
#define BWI_OUTLINE_TABLE '\x02' /* a value out of a table, as it is */

const char *bwi_url_guard_check(struct bw_str outline);
/* The same for "sip:user@host" URIs. */
const char *bwi_url_guard_check_sip(struct bw_str outline);

/* Bytes of the outline before the query: there, no value may be empty. */
size_t bwi_url_guard_path(struct bw_str outline);

#endif
