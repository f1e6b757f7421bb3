#ifndef BWI_PAGE_H
#define BWI_PAGE_H

#include <bwcallback/limits.h>

#include "base/parking.h"
#include "flow/flow.h"

struct bw_store_write;
struct bwi_play;
struct bwi_live;

/* The answer to a request for a page of the operator, while it is made. */
struct bwi_page {
	struct bw_buf text;
	struct bw_buf location; /* of a redirection, with a NUL */
	bool probing; /* <health> has asked the stores to do something: */
	struct bw_store_write *probes[BW_MAX_STORES]; /* NULL: none, or done */
	bool away[BW_MAX_STORES];		      /* it could not do it */
	int64_t until;	       /* how long to wait for them */
	struct bwi_play *play; /* what the answer waits for; NULL: nothing */
	struct bwi_live *live; /* the reader that the answer is for, or NULL */
};

struct bwi_page_request {
	struct bw_config *config;
	const struct bwi_section *section;
	const struct bw_request *request;
	unsigned parked; /* requests that wait in this process */
};

void bwi_page_init(struct bwi_page *);
/* Release everything; the page can be used again. */
void bwi_page_reset(struct bwi_page *);

/*
 * Answer with the page of the section. The response refers to memory of the
 * page. false: the request is parked; call this again.
 */
bool bwi_page_answer(struct bwi_page *, const struct bwi_page_request *,
    struct bwi_parking *, struct bw_response *) BW_CHECK;

#endif
