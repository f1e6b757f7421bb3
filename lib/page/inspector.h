#ifndef BWI_PAGE_INSPECTOR_H
#define BWI_PAGE_INSPECTOR_H

#include "page/page.h"
#include "page/view.h"

/*
 * Is the request encrypted, or from this machine? Passwords and calls must not
 * cross a network in the clear. false: the response says so.
 */
bool bwi_inspector_admit(const struct bwi_section *, const struct bw_request *,
    struct bw_response *) BW_CHECK;

/*
 * Answer a request of a user who has signed in. false: the request is parked,
 * because enough pages are being written.
 */
bool bwi_inspector_answer(struct bwi_page *, const struct bwi_page_request *,
    struct bwi_parking *, struct bw_response *) BW_CHECK;

/* More header lines of an answer that is sent in parts. */
extern const char bwi_inspector_stream_fields[];

/* All pages, and in *n their number. */
const struct bwi_inspector_page *bwi_inspector_pages(size_t *n);

#endif
