#ifndef BWI_TEMPLATE_URL_GUARD_H
#define BWI_TEMPLATE_URL_GUARD_H

#include <bwcallback/str.h>

/*
 * Only the operator may decide where a URL leads: a value from an event may
 * stand in its path or query, never in its scheme or host. These functions
 * check the outline of a URL template: its literal text with one byte for each
 * placeholder. They return NULL if no value can redirect the URL, provided that
 * values in the path are not empty; otherwise the reason.
 */
#define BWI_OUTLINE_EVENT '\x01' /* value of an event, encoded */
#define BWI_OUTLINE_TABLE '\x02' /* value of a table, verbatim */

const char *bwi_url_guard_check(struct bw_str outline);
/* The same for "sip:user@host" URIs. */
const char *bwi_url_guard_check_sip(struct bw_str outline);

/* Length of the outline before the query, where values must not be empty. */
size_t bwi_url_guard_path(struct bw_str outline);

#endif
